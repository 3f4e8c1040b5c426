"""Replies as WhatsApp messages through Twilio: as they are, with numbered choices, cut only where Twilio takes no more."""

from __future__ import annotations

from channels import words
from engagement.values import Choice

LONGEST = 1600  # https://www.twilio.com/docs/api/errors/21617
ROOM = 200  # for the sentence that says how to get the next page


def pages(text: str, choices: tuple[Choice, ...] = (), language: str = "en") -> tuple[str, ...]:
    """A reply as the messages that it is sent as; all but the last end with how to get the next."""
    whole = "\n".join([text, *(f"{number} {choice.title}" for number, choice in enumerate(choices, 1))]).strip()
    if len(whole) <= LONGEST:
        return (whole,)
    *said, last = pieces(whole)
    more = words.say("utter_more_choices" if choices else "utter_more", "whatsapp", language).text
    return (*(f"{page}\n{more}" for page in said), last)


def pieces(text: str) -> tuple[str, ...]:
    """A long text as several, cut at a line or a word."""
    made, most = [], LONGEST - ROOM
    while len(text) > most:
        cut = max(text.rfind("\n", most // 2, most), 0) or max(text.rfind(" ", most // 2, most), 0) or most
        made.append(text[:cut].rstrip())
        text = text[cut:].lstrip()
    return (*made, text)


def address(number: str) -> str:
    """A number (E.164) as Twilio writes it for WhatsApp."""
    return number if number.startswith("whatsapp:") else f"whatsapp:{number}"
