"""Long texts that arrive as several, where the network or the phone cuts them and nobody puts them together again."""

from __future__ import annotations

from hearback.sms_text import EXTENDED, MANY_GSM, MANY_UCS2, ONE_GSM, ONE_UCS2, is_gsm

WAIT = 3.0  # real seconds from a text that looks like a part to the next one
LONG_GSM, LONG_UCS2 = 100, 50  # shorter than this is no part but the last: phones also cut between words


def units(text: str) -> tuple[int, bool]:
    """How much room a text takes on the network, and whether it fits its 7-bit alphabet."""
    if is_gsm(text):
        return sum(2 if letter in EXTENDED else 1 for letter in text), True
    return len(text.encode("utf-16-le", "surrogatepass")) // 2, False


def may_go_on(text: str) -> bool:
    """Whether the rest of this text may come as another one."""
    size, gsm = units(text)
    return size >= (LONG_GSM if gsm else LONG_UCS2)


def kept(text: str) -> str:
    """The text so that what follows can be put right behind it: a space at its end, unless it fills its part and a word was cut."""
    if not may_go_on(text) or text[-1].isspace():
        return text
    size, gsm = units(text)
    one, many = (ONE_GSM, MANY_GSM) if gsm else (ONE_UCS2, MANY_UCS2)
    return text if size == one or size % many == 0 else f"{text} "
