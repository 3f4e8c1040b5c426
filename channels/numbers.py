"""Whom the council texts with: numbers of its countries; never a robot, a short code or a number that costs extra."""

from __future__ import annotations

import re

import phonenumbers
from phonenumbers import PhoneNumberType

from hearback import profile
from hearback.personal import plausible

E164 = re.compile(r"\+[1-9][0-9]{6,14}")
# How Twilio writes a sender who is hidden, blocked or not known: the letters of such a word on a phone's keys.
# https://help.twilio.com/articles/223179988
NOBODY = frozenset({"+266696687", "+7378742833", "+2562533", "+8656696", "+86282452253"})
DEAR = {
    PhoneNumberType.PREMIUM_RATE, PhoneNumberType.SHARED_COST, PhoneNumberType.PERSONAL_NUMBER, PhoneNumberType.PAGER,
    PhoneNumberType.UAN, PhoneNumberType.VOICEMAIL,
}  # fmt: skip
BRITAIN, BRITISH = "GB", 44


def refused(sender: str, *, ours: frozenset[str]) -> str | None:
    """Why a sender gets no answer: "unreachable" or "foreign"; None for those whom we text with. `ours` are the council's own numbers."""
    if not E164.fullmatch(sender) or sender in NOBODY | ours:
        return "unreachable"
    try:
        number = phonenumbers.parse(sender)
    except phonenumbers.NumberParseException:
        return "unreachable"
    if phonenumbers.number_type(number) in DEAR:
        return "unreachable"
    region = phonenumbers.region_code_for_number(number)
    if number.country_code == BRITISH and region is None and plausible(sender):
        region = BRITAIN  # Ofcom's numbers for drama
    elif not phonenumbers.is_valid_number(number) or region in {None, "001"}:
        return "unreachable"
    return None if region in profile.council()["texts"]["countries"] else "foreign"


def from_abroad(phone: str) -> str:
    """The council's number as it is called from other countries."""
    return phonenumbers.format_number(phonenumbers.parse(phone, BRITAIN), phonenumbers.PhoneNumberFormat.INTERNATIONAL)
