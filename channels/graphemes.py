"""What readers see as one character, as Twilio divides a text before it cuts it into parts: an emoji with its skin colour is one."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

JOINER = "\u200d"
# Twilio's calculator knows the emoji of Unicode 10: https://www.unicode.org/Public/10.0.0/ucd/auxiliary/GraphemeBreakProperty.txt
PEOPLE = frozenset(map(chr, range(0x1F466, 0x1F46A)))
GLUED = PEOPLE | frozenset("♀♂⚕⚖✈❤🌈🌾🍳🎓🎤🎨🏫🏭💋💻💼🔧🔬🗨🚀🚒")
COLOURED = PEOPLE | frozenset(
    "☝⛹✊✋✌✍🎅🏂🏃🏄🏇🏊🏋🏌👂👃👆👇👈👉👊👋👌👍👎👏👐👮👰👱👲👳👴👵👶👷👸👼💁💂💃💅💆💇💪🕴🕵🕺🖐🖕🖖🙅🙆🙇🙋🙌🙍🙎🙏🚣🚴🚵🚶🛀🛌"
    "🤘🤙🤚🤛🤜🤞🤟🤦🤰🤱🤲🤳🤴🤵🤶🤷🤸🤹🤽🤾🧑🧒🧓🧔🧕🧖🧗🧘🧙🧚🧛🧜🧝"
)


def graphemes(text: str) -> Iterator[str]:
    """The characters of a text. Rules of https://unicode.org/reports/tr29/ as Twilio's calculator reads them; CR and LF stay two."""
    held = ""
    for letter in text:
        if held and not _joins(held, letter):
            yield held
            held = ""
        held += letter
    if held:
        yield held


def _joins(held: str, letter: str) -> bool:
    last = held[-1]
    if letter < "\u0300" or _breaks(last) or (len(held) > 2 and _is_flag(held[1])):
        return False  # of marks that follow a flag, Twilio's calculator takes one only
    if letter == JOINER or _is_mark(letter) or unicodedata.category(letter) == "Mc":
        return True
    if "🏻" <= letter <= "🏿":
        marked = _is_mark(last)
        return held[-2:-1] in COLOURED and held[-2:-1] != "" if marked else last in COLOURED and not any(map(_is_mark, held))
    if last == JOINER and letter in GLUED:
        return True
    return _is_flag(last) and _is_flag(letter) and not any(map(_is_flag, held[1:]))


def _is_flag(letter: str) -> bool:
    return "🇦" <= letter <= "🇿"


def _is_mark(letter: str) -> bool:
    return letter != JOINER and (
        unicodedata.category(letter) in ("Mn", "Me") or letter in "\u200c\uff9e\uff9f" or "\U000e0020" <= letter <= "\U000e007f"
    )


def _breaks(letter: str) -> bool:
    return (
        letter not in (JOINER, "\u200c")
        and unicodedata.category(letter) in ("Cc", "Zl", "Zp")
        or letter in "\u200b\u200e\u200f\u2060\ufeff\u00ad"
    )
