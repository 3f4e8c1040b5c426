"""The trained assistant on wording that training never saw. A figure that drops below its floor fails."""

import asyncio
import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from hearback.training import current, train

HERE = Path(__file__).parent
FLOORS = yaml.safe_load((HERE / "floors.yml").read_text(encoding="utf-8"))
SERVICES = yaml.safe_load((HERE / "services.yml").read_text(encoding="utf-8"))


def examples(path: Path) -> list[tuple[str, str]]:
    found = []
    for block in yaml.safe_load(path.read_text(encoding="utf-8")).get("nlu", ()):
        found += [(line[2:], block["intent"]) for line in block["examples"].splitlines() if line.startswith("- ")]
    return found


TEST = [
    pair
    for path in sorted(HERE.glob("*.yml"))
    if path.name not in {"services.yml", "entities.yml", "floors.yml"}
    for pair in examples(path)
]
TRAINING = [pair for path in sorted((HERE.parents[1] / "data" / "nlu").glob("*.yml")) for pair in examples(path)]


@pytest.fixture(scope="module")
def parse() -> Any:
    """parse(texts) → what the current model makes of each."""
    from rasa.core.agent import Agent

    if current() is None:
        assert train() == 0
    agent = Agent.load(str(current()))

    async def all_of(texts: list[str]) -> list[dict[str, Any]]:
        return [await agent.parse_message(text) for text in texts]

    return lambda texts: asyncio.run(all_of(texts))


@pytest.fixture(scope="module")
def understood(parse: Any) -> list[tuple[str, str, str]]:
    """(text, right intent, understood intent)"""
    return [(text, right, told["intent"]["name"]) for (text, right), told in zip(TEST, parse([text for text, _ in TEST]), strict=True)]


def share(hits: list[bool]) -> float:
    return sum(hits) / len(hits)


def test_intents(understood: list[tuple[str, str, str]]) -> None:
    assert share([right == told for _, right, told in understood]) >= FLOORS["intent"]


def test_danger_is_seen(understood: list[tuple[str, str, str]]) -> None:
    assert share([told == "report_danger" for _, right, told in understood if right == "report_danger"]) >= FLOORS["report_danger_recall"]


def test_what_no_council_does_is_turned_away(understood: list[tuple[str, str, str]]) -> None:
    caught = [told in {"out_of_scope", "nlu_fallback"} for _, right, told in understood if right == "out_of_scope"]
    assert share(caught) >= FLOORS["out_of_scope"]


def test_services(parse: Any) -> None:
    rows = [(phrase, code) for code, phrases in SERVICES.items() for phrase in phrases]
    ranked = [[one["code"] for one in told["services"]] for told in parse([phrase for phrase, _ in rows])]
    assert share([codes[:1] == [code] for codes, (_, code) in zip(ranked, rows, strict=True)]) >= FLOORS["service_first"]
    assert share([code in codes for codes, (_, code) in zip(ranked, rows, strict=True)]) >= FLOORS["service_among_three"]


def test_no_sentence_stands_in_training_and_in_the_test() -> None:
    def plain(text: str) -> str:
        return " ".join(re.findall(r"\w+", text.lower()))

    taught = {plain(text) for text, _ in TRAINING}
    both = [text for text, _ in TEST if plain(text) in taught and len(plain(text).split()) > 3]
    assert both == [], "these stand in both: write them in other words in tests/nlu"


def test_understand_prints_one_object_a_line() -> None:
    import subprocess
    import sys

    lines = "there's a massive pothole outside 12 Mill Lane AD1 2BC\n\n/restart\n"
    done = subprocess.run([sys.executable, "-m", "hearback.cli", "understand"], input=lines, capture_output=True, text=True, check=True)
    first, second = (json.loads(line) for line in done.stdout.splitlines())
    assert first["intent"] == "report_problem" and first["services"][0]["code"] == "POTHOLE" and len(first["services"]) == 3
    assert ("postcode", "AD1 2BC") in {(one["entity"], one["value"]) for one in first["entities"]}
    assert second["text"] == "/restart" and second["confidence"] < 1
