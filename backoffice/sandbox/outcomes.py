"""Our proposal for Open311: how requests came out for their citizens. See docs/open311_outcomes.md."""

from __future__ import annotations

from typing import Any

from backoffice.records import OUTCOMES
from backoffice.sandbox import intake
from backoffice.sandbox.answers import Refused
from backoffice.sandbox.council import Council, written
from backoffice.sandbox.intake import Form, moment
from backoffice.sandbox.store import Row, reference

CHANNELS = ("web", "sms", "whatsapp", "email", "phone", "other")
NEEDED = ("outcome_id", "service_request_id", "outcome", "reported_datetime")
MOST_ROUNDS = 1000


def shown_outcome(row: Row) -> dict[str, Any]:
    names = ("outcome_id", "outcome", "reported_datetime", "channel", "round")
    return {"service_request_id": reference(row["number"]), **{name: row[name] for name in names}}


def keep(council: Council, form: Form) -> tuple[str, Any]:
    """Keep what a citizen said; the same outcome_id again is the same answer, or what it was changed to."""
    wrong = [f"{name} is missing." for name in NEEDED if not form.one(name)] + intake.check_texts(form)
    channel, round_ = form.one("channel") or "other", form.one("round") or "1"
    if form.one("outcome") not in ("", *OUTCOMES):
        wrong.append(f"outcome must be one of {', '.join(OUTCOMES)}.")
    if channel not in CHANNELS:
        wrong.append(f"channel must be one of {', '.join(CHANNELS)}.")
    if not (round_.isascii() and round_.isdigit() and 1 <= int(round_[:9]) <= MOST_ROUNDS):
        wrong.append("round must be a number from 1.")
    if wrong:
        raise Refused(400, *wrong)
    row = council.request(form.one("service_request_id"))
    at = written(moment("reported_datetime", form.one("reported_datetime")))
    said = {"outcome": form.one("outcome"), "reported_datetime": at, "channel": channel, "round": int(round_)}
    council.store.add_outcome(row["number"], form.one("outcome_id"), said)
    return "service_request_outcomes", [{"outcome_id": form.one("outcome_id")}]


def listed(council: Council, window: tuple[str, str]) -> tuple[str, Any]:
    return "service_request_outcomes", [shown_outcome(row) for row in council.store.outcomes(*window)]
