"""Several things in one message: told apart, taken one after the other."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Any

SURE = 0.6
MOST = 3
MOST_PARTS = 8  # each is understood by itself, which takes its time
SHORTEST = 12  # characters of a part that can be a need of its own
# Tasks that a citizen may ask for beside another; what a part means else belongs to the part before it.
NEEDS = frozenset(
    (
        "report_problem report_missed_bin ask_bin_day order_bin book_bulky_waste check_request update_request withdraw_request "
        "find_support ask_information report_repair make_complaint ask_my_data talk_to_person report_danger"
    ).split()
)
SENTENCE = re.compile(r"(?<=[.!?;])\s+|\n+")
JOIN = re.compile(
    r",?\s+(?:and also|also|plus|as well as that|oh and|another thing is|and another thing|and while i'?m (?:here|at it))[, ]+"
    r"|,?\s+and\s+(?=(?:can|could|when|what|how|where|who|is|are|do|my|there'?s|i'?d|i want|i need|the)\b)",
    re.IGNORECASE,
)
COMMAND = re.compile(r"\A[\s/]+")
OPENING = re.compile(r"^(?:and |oh |also |plus )+", re.IGNORECASE)
Wanted = tuple[str, str | None] | None
DANGER: Wanted = ("report_danger", None)
Parse = Callable[[str], Awaitable[dict[str, Any]]]


def as_words(text: str) -> str:
    """What a citizen wrote, without the "/" that would make Rasa read it as a payload; Rasa leaves out any space before it."""
    return COMMAND.sub("", text)


def parts_of(text: str) -> list[str]:
    """Where a message may be cut; a short part stays with the one before it."""
    parts: list[str] = []
    for part in (part for sentence in SENTENCE.split(text) for part in JOIN.split(OPENING.sub("", sentence))):
        part = as_words(part)
        if parts and len(part) < SHORTEST:
            parts[-1] = f"{parts[-1]} {part}"
        elif part:
            parts.append(part.rstrip())
    return [*parts[: MOST_PARTS - 1], " ".join(parts[MOST_PARTS - 1 :])] if len(parts) > MOST_PARTS else parts


async def needs_of(text: str, parse: Parse) -> list[str]:
    """The message as one text for each need, danger first, else in their order; one text when it holds a single need."""
    parts = parts_of(text)
    if len(parts) < 2:
        return [text]
    needs: list[tuple[Wanted, str]] = []
    for part in parts:
        wanted = _wanted(await parse(part))
        if needs and (wanted is None or needs[-1][0] in {None, wanted}):
            needs[-1] = (needs[-1][0] or wanted, f"{needs[-1][1]} {part}")
        else:
            needs.append((wanted, part))
    if not 2 <= len(needs) <= MOST or _wanted(await parse(text)) == DANGER:
        return [text]
    return [words for _, words in sorted(needs, key=lambda need: need[0] != DANGER)]


def _wanted(parsed: dict[str, Any]) -> Wanted:
    """(intent, service) of a part that asks for something of its own."""
    intent = parsed.get("intent") or {}
    name = intent.get("name")
    if name not in NEEDS or (intent.get("confidence") or 0.0) < SURE:
        return None
    services = parsed.get("services") or ()
    return name, services[0]["code"] if name == "report_problem" and services else None
