"""A report in the making."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from home_world import Citizen, citizen, world

from backoffice.catalogue import Catalogue, Entry
from backoffice.records import Attribute, Service
from bot.actions.already_reported import NEW
from bot.actions.place import corrected_place
from bot.actions.report_problem import ReportProblem
from bot.actions.task import SKIPPED, Here

__all__ = ["citizen", "world"]
ENTRY = Entry(
    Service(code="POTHOLE", name="Pothole", metadata=True),
    (
        Attribute(code="size", question="How big?", datatype="singlevaluelist", required=True, values=(("s", "Small"), ("l", "Large"))),
        Attribute(code="note", question="Call 999 if…", variable=False),
        Attribute(code="where", question="Where in the road?"),
    ),
)


@pytest.fixture
def here() -> Any:
    services = SimpleNamespace(
        catalogue=Catalogue({"POTHOLE": ENTRY}),
        clock=SimpleNamespace(now=lambda: datetime.now(UTC)),
        councils=SimpleNamespace(area=SimpleNamespace(elsewhere={})),
    )
    return Here(SimpleNamespace(language="en"), services, print)  # type: ignore[arg-type]


async def test_only_what_is_missing_is_asked_and_information_is_no_question(here: Any) -> None:
    report = ReportProblem(service="POTHOLE", description="pothole", place="12 Mill Lane", twin=NEW, twins=[])
    assert await report.next(here) == "details" and report.question(ENTRY).code == "size"
    report.details["size"] = "l"
    assert report.question(ENTRY).code == "where"
    report.details["where"] = SKIPPED
    assert await report.next(here) == "photo"
    report.photo, report.contact = "none", "none"
    assert await report.next(here) == "check"
    report.check = "send"
    assert await report.next(here) is None
    sent = {name: value for name, value in report.sent().items() if value is not None}
    assert sent == {"description": "pothole", "address": "12 Mill Lane", "attributes": {"size": "l"}}
    assert report.shown_details(ENTRY, here) == [("How big?", "Large")]


async def test_going_back_takes_the_latest_answers_one_by_one(here: Any) -> None:
    report = ReportProblem(service="POTHOLE", place="here", twin=NEW, twins=[], details={"size": "l", "where": SKIPPED}, photo="none")
    asked = []
    for _ in range(5):
        report.back(here)
        asked.append(await report.next(here))
    assert asked == ["photo", "details", "details", "place", "service"]


@pytest.mark.parametrize(
    ("said", "place"),
    [
        ("report a problem", ""),
        ("I want to report a problem", ""),
        ("hi, I need to report something please", ""),
        ("I'd like to report an issue on Mill Lane", "Mill Lane"),
        ("something needs fixing in my street", ""),
        ("hoffwn roi gwybod am broblem", ""),
        ("chciałabym zgłosić problem", ""),
    ],
)
async def test_a_wish_to_report_is_asked_what_the_problem_is_and_no_service_is_guessed(citizen: Citizen, said: str, place: str) -> None:
    asked = await citizen.say(said, "report_problem", services=(("REPAIR", 0.68), ("FLYPOST", 0.17), ("POTHOLE", 0.17)))
    assert "What is the problem?" in asked and citizen.choices == {}
    (kept,) = citizen.slots["tasks"]
    assert kept["description"] == "" and (place in (kept["place"] or "")) and kept["service"] is None
    await citizen.say("pothole", "report_problem", services=(("POTHOLE", 0.9),))
    (kept,) = citizen.slots["tasks"]
    assert kept["service"] == "POTHOLE" and kept["description"] == "pothole"


async def test_a_sentence_that_names_the_problem_is_not_asked_what_it_is(citizen: Citizen) -> None:
    await citizen.say("I want to report a pothole", "report_problem", services=(("POTHOLE", 0.9),))
    (kept,) = citizen.slots["tasks"]
    assert kept["service"] == "POTHOLE" and kept["description"] == "I want to report a pothole"


def test_a_report_survives_being_kept() -> None:
    report = ReportProblem(service="POTHOLE", details={"size": "l"}, offered=["POTHOLE"], misses=1)
    assert ReportProblem.of(report.kept()) == report


@pytest.mark.parametrize(
    ("before", "now", "street", "after"),
    [
        ("outside 12 Mill Lane AD1 2BC", "Mill Road", "Mill Road", "outside 12 Mill Road"),
        ("near the tesco", "Mill Road", "Mill Road", "Mill Road"),
        ("12 Mill Lane", "14 Mill Road AD1 2BD", "14 Mill Road", "14 Mill Road AD1 2BD"),
        ("High Street", "behind the Tesco on Mill Road", "Mill Road", "behind the Tesco on Mill Road"),
    ],
)
def test_a_corrected_street_keeps_the_house_and_drops_the_old_postcode(before: str, now: str, street: str, after: str) -> None:
    assert corrected_place(before, now, street) == after
