"""Needs in a citizen's words find the services of the directory. A figure that drops below its floor fails."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from backoffice.sandbox.directory import load_directory
from backoffice.support import Support
from bot.nlu.sentences import embed
from bot.nlu.support import SupportMatcher
from hearback import profile

ROWS = yaml.safe_load((Path(__file__).parent / "support.yml").read_text(encoding="utf-8"))
FIRST, AMONG_THREE = 0.7, 0.85
IN_OTHER_LANGUAGES = yaml.safe_load((Path(__file__).parent / "languages" / "support.yml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def services() -> dict[str, Support]:
    read = (Support.read(row) for row in load_directory().services)
    return {one.id: one for one in read if one}


@pytest.fixture(scope="module")
def matcher(services: dict[str, Support]) -> SupportMatcher:
    matcher = SupportMatcher(profile.needs())
    matcher.learn(services)
    return matcher


@pytest.mark.parametrize("rows", [ROWS, IN_OTHER_LANGUAGES], ids=["English", "Welsh and Polish"])
def test_needs_find_their_services(matcher: SupportMatcher, services: dict[str, Support], rows: list[dict[str, Any]]) -> None:
    found = [([services[id].name for id, _ in matcher.scores(row["said"], embed(row["said"]))[:3]], row["help"]) for row in rows]
    assert sum(names[0] in wanted for names, wanted in found) / len(found) >= FIRST
    assert sum(bool(set(names) & set(wanted)) for names, wanted in found) / len(found) >= AMONG_THREE


def test_each_service_of_the_rows_is_offered(services: dict[str, Support]) -> None:
    assert {name for row in ROWS for name in row["help"]} <= {one.name for one in services.values()}


@pytest.mark.parametrize(
    ("said", "service"),
    [("dw i angen bwyd", "Food bank"), ("does dim bwyd gen i", "Food bank"), ("cyngor ar ddyled", "Debt advice"),
     ("potrzebuję jedzenia", "Food bank"), ("nie mam nic do jedzenia", "Food bank"), ("porada w sprawie długów", "Debt advice")],
)  # fmt: skip
def test_who_is_short_of_food_or_in_debt_finds_help_in_welsh_and_polish(
    matcher: SupportMatcher, services: dict[str, Support], said: str, service: str
) -> None:
    assert services[matcher.scores(said, embed(said))[0][0]].name == service


@pytest.mark.parametrize("said", ["I need help", "can anyone help me please", "find some support", "help"])
def test_help_without_a_need_is_seen(matcher: SupportMatcher, said: str) -> None:
    assert matcher.need(embed(said))[0] == "unsaid"


@pytest.mark.parametrize(
    ("said", "need"), [("he frightens me and won't let me out", "domestic_abuse"), ("I can't stop betting on horses", "gambling")]
)
def test_needs_with_a_helpline_are_seen(matcher: SupportMatcher, said: str, need: str) -> None:
    assert matcher.need(embed(said))[0] == need


def test_a_directory_without_taxonomy_is_matched_by_its_words() -> None:
    matcher = SupportMatcher(profile.needs())
    assert matcher.scores("anything", embed("anything")) == []
    plain = {
        "a": Support(id="a", name="Ashdown foodbank", description="Emergency parcels for people who cannot afford to eat."),
        "b": Support(id="b", name="Swim for all", description="Swimming lessons for adults."),
    }
    matcher.learn(plain)
    assert matcher.scores("I have no food", embed("I have no food"))[0][0] == "a"


def test_every_need_is_in_the_directory_or_has_a_helpline(services: dict[str, Support]) -> None:
    terms = {term for one in services.values() for term in one.terms}
    for need in profile.needs().values():
        assert set(need.terms) <= terms or need.helpline, need.id
        assert need.helpline is None or need.helpline in profile.helplines()
