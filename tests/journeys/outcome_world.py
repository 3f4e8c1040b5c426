"""What the journeys of outcomes share: a report by text, its partner, and the days that pass."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from clients import ConsoleApi, Phone, Sandbox, reference_in
from stack import until
from twilio_world import Text

TUESDAY = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)
PARTNER = "Ashdown Highways"
QUESTION = "Is it?"


async def report(phone: Phone, number: int) -> str:
    """A pothole outside a house of Mill Lane, with updates; returns the reference."""
    await phone.say(f"there's a massive pothole outside {number} Mill Lane AD1 2BC", "How big is it?")
    await phone.say("3", "Where in the road")
    await phone.say("skip", "photo")
    await phone.say("1", "text you updates")
    await phone.say("1", "Send it?")
    return reference_in(await phone.say("1", "Your reference is"))


async def declared(sandbox: Sandbox, console: ConsoleApi, reference: str, *, partner: str = PARTNER) -> None:
    """The partner closes the request, and Hearback sees it."""
    await sandbox.close(reference, "Filled with tarmac.", partner)

    async def seen() -> bool:
        return bool((await console.request(reference))["declared_at"])

    await until(seen, 30, f"Hearback to see that {reference} is done")


def questions(phone: Phone, reference: str) -> list[Text]:
    return [text for text in phone.texts if QUESTION in text.body and reference in text.body]


async def asked(phone: Phone, sandbox: Sandbox, reference: str, *, before: int = 0) -> None:
    """Days pass, and the question comes."""
    await sandbox.forward("3 days")
    await until(lambda: len(questions(phone, reference)) > before, 40, f"the question about {reference}")
    phone.read = len(phone.texts)


async def reopenings(sandbox: Sandbox, reference: str) -> list[dict[str, Any]]:
    """How often the request was opened again in the back office."""
    return [one for one in await sandbox.updates() if one["service_request_id"] == reference and one["status"].lower() == "reopen"]


async def measure(console: ConsoleApi, name: str, split: str, value: str) -> dict[str, Any]:
    """One row of a measure: of a partner, a service, a channel …"""
    told = (await console.get("measures"))["measures"][name]["by"][split]
    return dict(next(row for row in told if row["name"] == value))
