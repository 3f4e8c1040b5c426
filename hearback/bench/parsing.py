"""Run as a file by the Python of either side: what its model makes of each sentence, and how long it takes.

`python -P parsing.py MODEL SENTENCES OUT`: SENTENCES is a JSON list of texts, OUT becomes {"told": [intent …], "milliseconds": [float …]}.
"""

from __future__ import annotations

import asyncio
import json
import logging
import sys
import time
from pathlib import Path

WARM_UP = 10


async def parse(model: str, texts: list[str]) -> dict[str, list[float] | list[str]]:
    import structlog
    from rasa.core.agent import Agent

    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    agent = Agent.load(model)
    told, milliseconds = [], []
    for text in texts[:WARM_UP]:
        await agent.parse_message(text)
    for text in texts:
        begun = time.perf_counter()
        found = await agent.parse_message(text)
        milliseconds.append((time.perf_counter() - begun) * 1000)
        told.append(str(found["intent"]["name"]))
    return {"told": told, "milliseconds": milliseconds}


if __name__ == "__main__":
    of_model, sentences, out = sys.argv[1:]
    Path(out).write_text(json.dumps(asyncio.run(parse(of_model, json.loads(Path(sentences).read_text(encoding="utf-8"))))))
