"""Personal details in a citizen's words: found, masked, and told apart from references and postcodes, which stay."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import phonenumbers

EMAIL = re.compile(r"[a-z0-9._%+'-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)+", re.IGNORECASE)
NATIONAL_INSURANCE = re.compile(r"\b[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d\d ?\d\d ?\d\d ?[A-D]\b", re.IGNORECASE)
CARD = re.compile(r"\b(?:\d[ -]?){12,18}\d\b")
CASE = re.compile(r"\bC[ -]{0,2}(\d{6})\b", re.IGNORECASE)  # our reference of a complaint, which phonenumbers takes for a number
REGION = "GB"
# The country code in full, as people write it: 0044 7700 …, +44 (0)7700 …, 447700 …
COUNTRY = re.compile(r"(?<![\d+])(?:\+44|0044|44)[\s.-]*(?:\(0\)[\s.-]*)?(?=[1-9](?:[\s.-]?\d){8,9}(?!\d))")
LOOSE_MOBILE = re.compile(r"(?<![\d+])0(?:[\s.-]?\d){10}(?!\d)")


@dataclass(frozen=True, order=True)
class Personal:
    """A detail at [start, end) of a text. `value` is E.164 for a phone, lower case for an e-mail address."""

    start: int
    end: int
    kind: str  # phone, email, national_insurance, card
    value: str


def find(text: str) -> list[Personal]:
    """Every personal detail in a text, in order, without overlaps."""
    found = [Personal(m.start(), m.end(), "email", m.group().lower().rstrip(".")) for m in EMAIL.finditer(text)]
    found += [Personal(m.start(), m.end(), "card", m.group()) for m in CARD.finditer(text) if luhn(m.group())]
    found += [Personal(m.start(), m.end(), "national_insurance", m.group()) for m in NATIONAL_INSURANCE.finditer(text)]
    found += _phones(text)
    cases = [match.span(1) for match in CASE.finditer(text)]
    found = [one for one in found if (one.start, one.end) not in cases]
    kept: list[Personal] = []
    for one in sorted(found, key=lambda one: (one.start, one.start - one.end)):
        if not kept or one.start >= kept[-1].end:
            kept.append(one)
    return kept


def _phones(text: str) -> list[Personal]:
    found = []
    for match in phonenumbers.PhoneNumberMatcher(text, REGION, leniency=phonenumbers.Leniency.POSSIBLE):
        number = phonenumbers.format_number(match.number, phonenumbers.PhoneNumberFormat.E164)
        if _british(match.raw_string) and plausible(number):
            found.append(Personal(match.start, match.end, "phone", number))
    for pattern in (COUNTRY, LOOSE_MOBILE):
        for hit in pattern.finditer(text):
            end = hit.end()
            if pattern is COUNTRY:
                rest = re.match(r"[1-9](?:[\s.-]?\d){8,9}", text[hit.end() :])
                assert rest is not None
                end += rest.end()
            digits = re.sub(r"\D", "", text[hit.end() : end] if pattern is COUNTRY else hit.group()[1:])
            if plausible(f"+44{digits}"):
                found.append(Personal(hit.start(), end, "phone", f"+44{digits}"))
    return found


def _british(raw: str) -> bool:
    return raw.lstrip("( ").startswith(("0", "+"))


def plausible(number: str) -> bool:
    """Whether an E.164 number can be a phone; Ofcom's numbers for drama count."""
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return False
    whole = phonenumbers.is_possible_number_with_reason(parsed) == phonenumbers.ValidationResult.IS_POSSIBLE
    return whole and (parsed.country_code != 44 or str(parsed.national_number)[0] in "1237")


def luhn(text: str) -> bool:
    """Whether digits carry a payment card's check digit."""
    digits = [int(digit) for digit in text if digit.isdigit()][::-1]
    doubled = [digit if place % 2 == 0 else (digit * 2 - 9 if digit > 4 else digit * 2) for place, digit in enumerate(digits)]
    return len(digits) >= 13 and sum(doubled) % 10 == 0


def mask(text: str, keep: Callable[[Personal], None] = lambda one: None) -> str:
    """The text with personal details hidden; `keep` is called with each phone number and e-mail address."""
    parts, at = [], 0
    for one in find(text):
        if one.kind in {"phone", "email"}:
            keep(one)
        parts += [text[at : one.start], shown(one.kind, one.value)]
        at = one.end
    return "".join([*parts, text[at:]])


def masked(value: Any) -> Any:
    """The same with every text in it masked, however deep in lists and mappings."""
    if isinstance(value, dict):
        return {name: masked(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [masked(one) for one in value]
    return mask(value) if isinstance(value, str) else value


def shown(kind: str, value: str) -> str:
    """How a detail is shown to those who need not see it."""
    if kind == "email":
        name, _, host = value.partition("@")
        return f"{name[0]}•••@{host}"
    return f"•••{value[-3:]}" if kind == "phone" else "•••"
