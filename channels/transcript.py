"""A conversation as a text that the citizen can keep, in their language, with the times of the council's clocks."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from channels.calls import sentence
from engagement.values import Message
from hearback import dates, profile

AUTHORS = {
    "citizen": "utter_author_citizen",
    "bot": "utter_author_bot",
    "staff": "utter_author_staff",
    "system": "utter_author_system",
}


def of(said: Sequence[Message], language: str) -> str:
    council = profile.name(language)
    names = {author: sentence(response, language, council=council) for author, response in AUTHORS.items()}
    parts = [sentence("utter_transcript", language, council=council)]
    for day, lines in groupby(said, key=lambda one: dates.full_day(one.created_at, language)):
        parts.append(day)
        parts += [_line(one, one.by or names[one.author], language) for one in lines]
    return "\r\n\r\n".join(parts) + "\r\n"


def _line(one: Message, author: str, language: str) -> str:
    lines = [f"{dates.hour(one.created_at, language)} {author}: {one.text}", *(f"- {choice.title}" for choice in one.choices)]
    photo = sentence("utter_photo_shared", language)
    if one.text != photo:
        lines += [photo for medium in one.media if medium.get("photo")]
    return "\r\n".join("\r\n".join(lines).splitlines())
