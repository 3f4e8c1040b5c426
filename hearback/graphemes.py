"""What readers see as one character, as Twilio divides a text before cutting it into parts: an emoji with its skin colour is one."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

JOINER, NON_JOINER = "\u200d", "\u200c"
# Twilio's calculator knows the emoji of Unicode 10: https://www.unicode.org/Public/10.0.0/ucd/auxiliary/GraphemeBreakProperty.txt
PEOPLE = frozenset("👦👧👨👩")
GLUED = PEOPLE | frozenset("♀♂⚕⚖✈❤🌈🌾🍳🎓🎤🎨🏫🏭💋💻💼🔧🔬🗨🚀🚒")
COLOURED = PEOPLE | frozenset(
    "☝⛹✊✋✌✍🎅🏂🏃🏄🏇🏊🏋🏌👂👃👆👇👈👉👊👋👌👍👎👏👐👮👰👱👲👳👴👵👶👷👸👼💁💂💃💅💆💇💪🕴🕵🕺🖐🖕🖖🙅🙆🙇🙋🙌🙍🙎🙏🚣🚴🚵🚶🛀🛌"
    "🤘🤙🤚🤛🤜🤞🤟🤦🤰🤱🤲🤳🤴🤵🤶🤷🤸🤹🤽🤾🧑🧒🧓🧔🧕🧖🧗🧘🧙🧚🧛🧜🧝"
)
MARKS = frozenset(f"{NON_JOINER}\uff9e\uff9f") | frozenset(
    map(chr, range(0xE0020, 0xE0080))
)  # the last: tags, of which Wales's flag is made


def graphemes(text: str) -> Iterator[str]:
    """The characters of a text, by the rules of https://unicode.org/reports/tr29/ as Twilio's calculator reads them."""
    held = ""
    for letter in text:
        if held and not _joins(held, letter):
            yield held
            held = ""
        held += letter
    if held:
        yield held


def _joins(held: str, letter: str) -> bool:
    before = held[-1]
    if letter < "\u0300" or _stands_alone(before):
        return False
    if len(held) > 2 and _is_flag(held[1]):
        return False  # Twilio's calculator lets one mark follow a flag
    if letter == JOINER or _is_mark(letter) or unicodedata.category(letter) == "Mc":
        return True
    if "🏻" <= letter <= "🏿":
        return held[-2:-1] in COLOURED if _is_mark(before) else before in COLOURED and not any(map(_is_mark, held))
    if before == JOINER:
        return letter in GLUED
    return _is_flag(before) and _is_flag(letter) and len(held) == 1


def _is_flag(letter: str) -> bool:
    """One of the two letters of a flag."""
    return "🇦" <= letter <= "🇿"


def _is_mark(letter: str) -> bool:
    return letter in MARKS or unicodedata.category(letter) in ("Mn", "Me")


def _stands_alone(letter: str) -> bool:
    return unicodedata.category(letter) in ("Cc", "Cf", "Zl", "Zp") and letter != JOINER and letter not in MARKS
