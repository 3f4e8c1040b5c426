"""Telephone numbers as people write them, and which of them the council texts with."""

from __future__ import annotations

from collections.abc import Iterable

import phonenumbers

REGION = "GB"


def mobile(written: str, countries: Iterable[str]) -> str | None:
    """The mobile number in E.164 however it was written, or None for what is no mobile number of these countries (ISO 3166).

    Ofcom's numbers for drama count, which are given to nobody and so are not "valid".
    """
    try:
        number = phonenumbers.parse(written, REGION)
    except phonenumbers.NumberParseException:
        return None
    home = {phonenumbers.country_code_for_region(country) for country in countries}
    if number.country_code not in home or not phonenumbers.is_possible_number(number):
        return None
    british = number.country_code == phonenumbers.country_code_for_region(REGION)
    if british:
        fits = str(number.national_number).startswith("7") and len(str(number.national_number)) == 10
    else:
        fits = phonenumbers.number_type(number) in {phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE}
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)) if fits else None
