"""Which of the choices that were offered a citizen's words name."""

from __future__ import annotations

import re

from engagement.values import Choice

ORDINALS = {
    word: number
    for number, names in enumerate(("one first 1st", "two second 2nd", "three third 3rd", "four fourth 4th", "five fifth 5th"), 1)
    for word in names.split()
}


def picked_choice(text: str, offered: tuple[Choice, ...]) -> Choice | None:
    """The offered choice that a citizen's words name: its number ("2", "two", "the second") or its title."""
    said = " ".join(re.findall(r"[a-z0-9']+", text.lower()))
    for one in offered:
        if said and said == " ".join(re.findall(r"[a-z0-9']+", one.title.lower())):
            return one
    numbered = re.fullmatch(r"(?:the |option |number |no |choice )?(\w+)(?: one| option)?(?: please)?", said)
    if numbered is None:
        return None
    word = numbered[1]
    place = int(word) if word.isdigit() and len(word) < 3 else ORDINALS.get(word)
    return offered[place - 1] if place and 1 <= place <= len(offered) else None
