"""A report in the making."""

import pytest

from backoffice.catalogue import Entry
from backoffice.records import Attribute, Service
from bot.actions.report import SKIPPED, Report
from bot.actions.report_problem import corrected_place

ENTRY = Entry(
    Service(code="POTHOLE", name="Pothole", metadata=True),
    (
        Attribute(code="size", question="How big?", datatype="singlevaluelist", required=True, values=(("s", "Small"), ("l", "Large"))),
        Attribute(code="note", question="Call 999 if…", variable=False),
        Attribute(code="where", question="Where in the road?"),
    ),
)


def test_only_what_is_missing_is_asked_and_information_is_no_question() -> None:
    report = Report(service="POTHOLE", description="pothole", place="12 Mill Lane")
    assert report.next(ENTRY) == "details" and report.question(ENTRY).code == "size"
    report.details["size"] = "l"
    assert report.question(ENTRY).code == "where"
    report.details["where"] = SKIPPED
    assert report.next(ENTRY) == "photo"
    report.photo, report.contact = "none", "none"
    assert report.next(ENTRY) == "check"
    report.check = "send"
    assert report.next(ENTRY) is None
    assert report.sent() == {"description": "pothole", "address": "12 Mill Lane", "attributes": {"size": "l"}, "media_url": None}
    assert report.shown_details(ENTRY) == [("How big?", "Large")]


def test_going_back_takes_the_latest_answers_one_by_one() -> None:
    report = Report(service="POTHOLE", place="here", details={"size": "l", "where": SKIPPED}, photo="none")
    asked = []
    for _ in range(5):
        report.back(ENTRY)
        asked.append(report.next(ENTRY))
    assert asked == ["photo", "details", "details", "place", "service"]


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
