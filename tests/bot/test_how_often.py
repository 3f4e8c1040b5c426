"""How often a citizen wishes to hear of a report: of each change, of its end alone, or not at all."""

from __future__ import annotations

from typing import Any

import pytest
from home_world import Citizen, citizen, world

from bot.actions.already_reported import NEW
from bot.actions.report_problem import ReportProblem
from bot.actions.task import SKIPPED

__all__ = ["citizen", "world"]


async def test_only_when_it_is_done_is_the_third_choice_by_text(office: Any) -> None:
    conversation = await office.web_citizen()
    here = await office.here(conversation, "", channel="sms")
    report = ReportProblem()
    assert await report.pick("contact", "done", here) and (report.contact, report.hears) == ("here", "done")


@pytest.mark.parametrize(
    ("said", "hears"),
    [
        ("07700 900123", "all"), ("07700 900123, only when it's done please", "done"), ("07700 900123 tylko gdy będzie gotowe", "done"),
        ("07700 900123 dim ond pan fydd wedi'i wneud", "done"),
    ],
)  # fmt: skip
async def test_it_can_be_said_with_the_number(office: Any, said: str, hears: str) -> None:
    report = ReportProblem()
    assert await report.take_contact(await office.here(await office.web_citizen(), said))
    assert report.contact and report.contact.isdigit() and report.hears == hears


@pytest.mark.parametrize(("contact", "hears"), [("3", "done"), ("none", "all")])
async def test_it_can_be_said_after_the_number_was_given(citizen: Citizen, contact: str, hears: str) -> None:
    kept = ReportProblem(
        service="POTHOLE", description="pothole", place="12 Mill Lane", twin=NEW, twins=[], details={"size": "larger", "where": SKIPPED},
        photo="none", contact=contact,
    ).kept()  # fmt: skip
    citizen.slots = {"tasks": [kept], "requested_slot": "answer"}
    heard = await citizen.say("only when it's done")
    assert ("only hear of this report when it is done" in heard) == (hears == "done")
    assert citizen.slots["tasks"][0]["hears"] == hears
