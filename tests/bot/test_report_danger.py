"""Whatever the danger is, the answer begins with the number to call, and the team is told."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
import yaml

from bot.actions.report_danger import BY_KIND, ActionReportDanger
from hearback import profile
from hearback.settings import ROOT

RESPONSES = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))["responses"]
NUMBERS = profile.council()["danger_numbers"]
FIRST = {"gas": "gas", "electricity": "power"}


@pytest.mark.parametrize("kind", [*BY_KIND, None, "something new"])
async def test_the_answer_begins_with_the_right_number(office: Any, kind: str | None) -> None:
    citizen = await office.web_citizen()
    here = await office.here(citizen, "help", "report_danger")
    turn = dataclasses.replace(here.turn, danger_kind=kind)
    for _ in range(2):  # a turn that is run again tells the team once
        await ActionReportDanger().answer(here.say, turn, office.services)
    (handover,) = await office.log.review.handovers(citizen)
    assert handover["priority"] == 10 and handover["details"]["danger"] == kind
    response, values = office.said[-1]
    for variant in (one for one in RESPONSES[response] if "condition" not in one):
        assert variant["text"].format(**values).startswith(f"Call {NUMBERS[FIRST.get(kind or '', 'emergency')]} now")
        assert NUMBERS["emergency"] in variant["text"].format(**values)


@pytest.mark.parametrize(
    ("kind", "names"), [("self_harm", ("samaritans", "shout")), ("child", ("nspcc", "safeguarding")), ("collapse", ("out_of_hours",))]
)
def test_further_help_is_named(kind: str, names: tuple[str, ...]) -> None:
    for variant in RESPONSES[BY_KIND[kind]]:
        assert all(f"{{{name}}}" in variant["text"] for name in names)
