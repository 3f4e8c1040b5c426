"""Long replies as text messages: pages of a few parts each, the next one when the citizen asks for more."""

from __future__ import annotations

import re
from bisect import bisect_right

from channels import words
from engagement.values import Choice
from hearback import sms_text

# Parts that a reply may take in one text; where one letter such as ŵ or ł halves each part, one more.
WHOLE, PAGE = 3, 2
LIST = 5  # choices that make a list, which is read choice by choice: it may take a page and no more
ROOM = 48  # characters left on a page for the sentence that says how to get the next
SENTENCE = re.compile(r"(?<=[.!?:;])\s+")


def pages(text: str, choices: tuple[Choice, ...] = (), language: str = "en") -> tuple[str, ...]:
    """A reply as the texts that it is sent as; all but the last end with how to get the next. The language changes that sentence only."""
    rest, said = sms_text.render(text, choices), []
    listed = len(sms_text.render(text, ()))  # where the choices begin
    if _fits(rest, PAGE if len(choices) >= LIST else WHOLE):
        return (rest,)
    while not _fits(rest, PAGE):
        page, after = _cut(rest, PAGE, ROOM)
        in_list = bool(choices) and listed < len(page)
        said.append(f"{page}\n{words.say('utter_more_choices' if in_list else 'utter_more', 'sms', language).text}")
        listed -= len(rest) - len(after)
        rest = after
    return (*said, rest)


def pieces(text: str) -> tuple[str, ...]:
    """One text as several of a part each, which follow one another."""
    made = []
    while not _fits(text, 1):
        piece, text = _cut(text, 1, 0)
        made.append(piece)
    return (*made, text)


def _cut(text: str, parts: int, room: int) -> tuple[str, str]:
    """The longest beginning that fits with some room, ended at a line, a sentence or a word in this order, and what comes after it."""
    ends = sms_text.ends(text)
    last = ends[bisect_right(ends, False, key=lambda end: not _fits(text[:end] + "\n" * room, parts)) - 1]
    for borders in (re.compile(r"\n+"), SENTENCE, re.compile(r"\s+")):
        found = [border.start() for border in borders.finditer(text, 0, last + 1)]
        if found and found[-1] >= last // 2:
            last = found[-1]
            break
    return text[:last].rstrip(), text[last:].lstrip()


def _fits(text: str, parts: int) -> bool:
    return sms_text.segments(text) <= parts + (not sms_text.is_gsm(text))
