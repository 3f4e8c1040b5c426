"""Personal details are masked; references and postcodes are not personal."""

import pytest

from hearback.personal import find, luhn, mask


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("ring 07700 900123", "ring •••123"),
        ("+44 (0)7700 900123 ta", "•••123 ta"),
        ("Ann.Other@example.co.uk", "A•••@example.co.uk".replace("A", "a")),
        ("my NI is QQ123456C", "my NI is QQ123456C"),
        ("my NI is AB 12 34 56 C ok", "my NI is ••• ok"),
        ("card 4111-1111-1111-1111", "card •••"),
    ],
)
def test_masked(text: str, masked: str) -> None:
    assert mask(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "My reference is 123456",
        "how is C-000001 going",
        "C 012345",
        "ASH-104233 at 12 Mill Lane AD1 2BC",
        "UPRN 100023336956",
        "£1,250 on 12/11/2026",
        "1234567890123456",
    ],
)
def test_left_alone(text: str) -> None:
    assert mask(text) == text


def test_what_is_masked_is_handed_over_as_it_is_dialled() -> None:
    kept = []
    mask("07700900123 or a@b.uk", keep=kept.append)
    assert [(one.kind, one.value) for one in kept] == [("phone", "+447700900123"), ("email", "a@b.uk")]


def test_luhn() -> None:
    assert luhn("4111111111111111") and not luhn("4111111111111112") and not luhn("0000")


def test_masking_twice_is_masking_once() -> None:
    once = mask("07700 900123 and ann@example.org")
    assert mask(once) == once and find(once) == []
