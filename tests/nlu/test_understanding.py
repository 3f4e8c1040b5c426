"""The trained assistant on wording that training never saw. A figure that drops below its floor fails."""

import json
from pathlib import Path

import pytest
import yaml

from bot.nlu import check, report, sentences
from bot.nlu.report import Parse
from bot.nlu.spelling import Spelling
from hearback.training import current, train

FLOORS = yaml.safe_load((Path(__file__).parent / "floors.yml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def parse() -> Parse:
    """parse(texts) → what the current model makes of each."""
    if current() is None:
        assert train() == 0
    return report.loaded()[0]


@pytest.fixture(scope="module")
def figures(parse: Parse) -> dict[str, float]:
    pairs = report.held_out()
    texts, right = [text for text, _ in pairs], [intent for _, intent in pairs]
    measured = report.intent_figures(right, report.intents_of(parse, texts))
    some = slice(None, None, 3)
    slipped = report.intents_of(parse, [report.mistyped(text) for text in texts[some]])
    measured["intent_two_typos"] = report.intent_figures(right[some], slipped)["intent"]
    return measured | report.service_figures(parse) | report.entity_figures(parse)


@pytest.mark.parametrize("name", FLOORS)
def test_no_figure_falls(figures: dict[str, float], name: str) -> None:
    assert figures[name] >= FLOORS[name] - 0.01, "run `make nlu-report` to see what is confused"


def test_the_language_data_is_in_order() -> None:
    wrong = [sentence for sentence in check.complaints() if "is taught too" not in sentence]
    assert wrong == [], "run `make nlu-check`"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("i can smell gas", "gas"),
        ("live wires hanging out of the lamp post", "electricity"),
        ("the house next door is on fire", "fire"),
        ("there's a man with a knife outside the shop", "crime"),
        ("I want to kill myself", "self_harm"),
        ("my husband is hitting me", "abuse"),
        ("he's collapsed and he isn't breathing", "medical"),
    ],
)
def test_danger_has_a_kind(parse: Parse, text: str, kind: str) -> None:
    told = parse([text])[0]
    assert told["intent"]["name"] == "report_danger" and told["danger"]["kind"] == kind


@pytest.mark.parametrize(
    "text",
    ["weeds up to my knees all along the pavement", "gully stinks to high heaven in this heat", "someone set fire to my bin last week",
     "really juggling lessons", "juggling lessons", "just juggling", "learning to juggle", "archery", "climbing wall",
     "dying for a cup of tea",
     "dying my hair", "killing time", "falling leaves", "shooting stars", "my legs are killing me after that run"],
)  # fmt: skip
def test_what_is_no_danger(parse: Parse, text: str) -> None:
    assert "danger" not in parse([text])[0]


@pytest.mark.parametrize("text", ["I'd like to report an issue", "need to report a problem", "i've got something i want to report"])
def test_a_wish_to_report_begins_a_report(parse: Parse, text: str) -> None:
    told = parse([text])[0]["intent"]
    assert told["name"] == "report_problem" and told["confidence"] >= 0.6


def test_typing_errors_are_mended_and_other_languages_left() -> None:
    spelling = Spelling({"pothole": 9, "street": 9, "collection": 9}, {"hole"})
    assert spelling.mend("Potohle in the sreet, a hoel") == "pothole in the street, a hoel"
    assert spelling.mend("missed colelctoin") == "missed collection"
    assert spelling.mend("dziura w jezdni przed szkołą strret") == "dziura w jezdni przed szkołą strret"


def test_the_encoders_files_are_the_ones_that_were_chosen() -> None:
    for name in sentences.FILES:
        assert sentences._checked(name)


def test_understand_prints_one_object_a_line() -> None:
    import subprocess
    import sys

    lines = "there's a massive pothole outside 12 Mill Lane AD1 2BC\n\n/restart\n"
    done = subprocess.run([sys.executable, "-m", "hearback.cli", "understand"], input=lines, capture_output=True, text=True, check=True)
    first, second = (json.loads(line) for line in done.stdout.splitlines())
    assert first["intent"] == "report_problem" and first["services"][0]["code"] == "POTHOLE" and len(first["services"]) == 3
    assert ("postcode", "AD1 2BC") in {(one["entity"], one["value"]) for one in first["entities"]}
    assert second["text"] == "/restart" and len(second["services"]) == 3  # understood as words, not taken as a command
