"""How many SMS segments a text takes, by GSM 03.38: 160 characters or 153 a part; 70 or 67 where one character is outside it."""

from __future__ import annotations

GSM7 = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM7_TWO_UNITS = frozenset("^{}\\[~]|€\f")


def segments(text: str) -> int:
    """The number of segments, at least 1; a character that takes two units is never split over two parts."""
    if all(char in GSM7 or char in GSM7_TWO_UNITS for char in text):
        units, whole, part = [2 if char in GSM7_TWO_UNITS else 1 for char in text], 160, 153
    else:
        units, whole, part = [2 if ord(char) > 0xFFFF else 1 for char in text], 70, 67
    if sum(units) <= whole:
        return 1
    parts, room = 1, part
    for unit in units:
        if unit > room:
            parts, room = parts + 1, part
        room -= unit
    return parts
