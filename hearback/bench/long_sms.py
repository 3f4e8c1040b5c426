"""`python -m hearback.bench.long_sms`: one phone's month of texts, from the signed webhook to the reply in the log.

Texts go in by the sandbox phone, whose Twilio signs and posts them; the times are those of the log's own lines.
"""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path
from statistics import median

import aiohttp

from hearback.bench.own import Own
from hearback.bench.processes import BenchError
from hearback.bench.sentences import long_script

TEXTS = 400
EARLY, LATE = slice(20, 60), slice(340, 400)
NUMBER = "+447700900456"
ANSWER_WITHIN = 30.0
ANSWERED = "SELECT count(*) FROM messages WHERE author = 'citizen' AND state = 'answered'"
TIMES = """
SELECT asked.created_at, min(said.created_at) FROM messages AS asked JOIN messages AS said ON said.reply_to = asked.id
WHERE asked.author = 'citizen' GROUP BY asked.id ORDER BY asked.id
"""


async def texted(own: Own, sandbox: str) -> list[float]:
    """Milliseconds from a text's arrival to its reply, text after text."""
    async with aiohttp.ClientSession() as session:
        with contextlib.closing(sqlite3.connect(f"file:{own.folder / 'home' / 'hearback.db'}?mode=ro", uri=True)) as log:
            for number, words in enumerate(long_script(400, TEXTS), 1):
                async with session.post(f"{sandbox}/phone/messages", json={"number": NUMBER, "text": words}) as answer:
                    if answer.status != 201:
                        raise BenchError(f"The phone answered {answer.status}.")
                until = time.monotonic() + ANSWER_WITHIN
                while log.execute(ANSWERED).fetchone()[0] < number:
                    if time.monotonic() > until:
                        raise BenchError(f"Text {number} was not answered in {ANSWER_WITHIN:.0f} s.")
                    await asyncio.sleep(0.01)
            rows = log.execute(TIMES).fetchall()
    return [(datetime.fromisoformat(replied) - datetime.fromisoformat(asked)).total_seconds() * 1000 for asked, replied in rows]


async def main() -> int:
    with tempfile.TemporaryDirectory(prefix="hearback-long-sms-") as folder:
        own = Own(Path(folder))
        try:
            await own.prepare()
            await own.start()
            took = await texted(own, f"http://127.0.0.1:{own.sandbox_port}")
        except BenchError as error:
            print(error, file=sys.stderr)  # noqa: T201
            return 1
        finally:
            await own.stop()
    early, late = median(took[EARLY]), median(took[LATE])
    print(f"Texts 20-60: {early:.0f} ms; texts 340-400: {late:.0f} ms; ratio {late / early:.2f} ({len(took)} texts answered).")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
