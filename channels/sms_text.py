"""Text messages as phones count them: GSM-7 where possible, choices as numbers."""

from __future__ import annotations

from engagement.values import Choice

# GSM 03.38, default alphabet and extension table (the latter count two).
BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENDED = frozenset("^{}\\[~]|€\f")
PLAIN = str.maketrans(
    {
        "‘": "'", "’": "'", "‚": "'", "“": '"', "”": '"', "„": '"', "–": "-", "—": "-", "‑": "-", "…": "...", "\u00a0": " ", "\u202f": " ",
        "•": "*", "\u200b": "", "\ufeff": "", "′": "'", "″": '"', "\t": " ",
    }
)  # fmt: skip
ONE_GSM, MANY_GSM, ONE_UCS2, MANY_UCS2 = 160, 153, 70, 67


def plain(text: str) -> str:
    """The text with typographic characters made plain, so that one curly quote does not double the price."""
    return text.translate(PLAIN)


def render(text: str, choices: tuple[Choice, ...]) -> str:
    """A reply as a text message, its choices numbered."""
    lines = [text, *(f"{number} {choice.title}" for number, choice in enumerate(choices, 1))]
    return plain("\n".join(lines))


def segments(text: str) -> int:
    """How many parts the network sends, each of which costs."""
    if all(letter in BASIC or letter in EXTENDED for letter in text):
        return _parts([2 if letter in EXTENDED else 1 for letter in text], ONE_GSM, MANY_GSM)
    return _parts([len(letter.encode("utf-16-le")) // 2 for letter in text], ONE_UCS2, MANY_UCS2)


def _parts(sizes: list[int], one: int, many: int) -> int:
    """A character of two units is never split between parts."""
    if sum(sizes) <= one:
        return 1
    parts, used = 1, 0
    for size in sizes:
        if used + size > many:
            parts, used = parts + 1, 0
        used += size
    return parts
