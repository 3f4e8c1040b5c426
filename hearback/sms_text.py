"""Text messages as Twilio counts them: GSM-7 where possible, choices as numbers."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from itertools import accumulate
from typing import Protocol

from hearback.graphemes import graphemes

# GSM 03.38, default alphabet and extension table (the latter count two).
BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENDED = frozenset("^{}\\[~]|€\f")
ONE_GSM, MANY_GSM, ONE_UCS2, MANY_UCS2 = 160, 153, 70, 67
_SIGNS = {
    "'": "‘’‚‛′´`ʹʻʼʽˈˊˋ", '"': "“”„‟″«»〝〞", "-": "‐‑‒–—―−⁃", "*": "•‣◦∙●▪■·", "...": "…", "/": "⁄∕", "<": "‹", ">": "›",
    "x": "×", "->": "→", "!!": "‼", "fi": "ﬁ", "fl": "ﬂ", "ff": "ﬀ", "ffi": "ﬃ", "ffl": "ﬄ", "st": "ﬆ", "\n": "\v\u0085\u2028\u2029",
    " ": "\t\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000",
    "": "\u200b\u2060\ufeff\u00ad",
}  # fmt: skip
PLAIN = str.maketrans({sign: plain for plain, signs in _SIGNS.items() for sign in signs})
FRACTIONS = str.maketrans({"¼": "1/4", "½": "1/2", "¾": "3/4", "⅓": "1/3", "⅔": "2/3"})


class Titled(Protocol):
    """What can be picked from a reply."""

    @property
    def title(self) -> str: ...


def plain(text: str) -> str:
    """The text with typographic characters made plain, so that one curly quote does not double the price. Letters stay as they are."""
    text = unicodedata.normalize("NFC", text).translate(PLAIN)
    spaced = (
        f" {letter}" if ord(letter) in FRACTIONS and before.isdigit() else letter for before, letter in zip(f" {text}", text, strict=False)
    )
    return "".join(spaced).translate(FRACTIONS)


def render(text: str, choices: Sequence[Titled] = ()) -> str:
    """A reply as a text message, its choices numbered."""
    lines = [text, *(f"{number} {choice.title}" for number, choice in enumerate(choices, 1))]
    return plain("\n".join(lines)).strip()


def is_gsm(text: str) -> bool:
    return all(letter in BASIC or letter in EXTENDED for letter in text)


def ends(text: str) -> list[int]:
    """Where a text may be cut: after each of what readers see as one character."""
    return list(accumulate(len(one) for one in graphemes(text)))


def segments(text: str) -> int:
    """How many parts the network sends, each of which costs."""
    if is_gsm(text):
        return _parts([2 if letter in EXTENDED else 1 for letter in text], ONE_GSM, MANY_GSM)
    return _parts([len(one.encode("utf-16-le")) // 2 for one in graphemes(text)], ONE_UCS2, MANY_UCS2)


def _parts(sizes: list[int], one: int, many: int) -> int:
    """A character is never split between parts, as Twilio's own calculator has it."""
    if sum(sizes) <= one:
        return 1
    parts, used = 1, 0
    for size in sizes:
        if used + size > many:
            parts, used = parts + 1, 0
        used += size
    return parts
