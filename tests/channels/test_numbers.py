"""The council texts with people of its countries; never with robots, hidden senders or numbers that cost extra."""

import pytest

from channels import numbers

NOBODY: frozenset[str] = frozenset()


@pytest.mark.parametrize("sender", ["+447700900123", "+447900123456", "+447911123456", "+447624123456", "+447797712345", "+441632960123"])
def test_british_numbers_and_those_of_the_islands_and_of_dramas_are_answered(sender: str) -> None:
    assert numbers.refused(sender, ours=NOBODY) is None


@pytest.mark.parametrize("sender", ["+33612345678", "+12025550123", "+353861234567", "+48512345678"])
def test_foreign_numbers_are_told_once(sender: str) -> None:
    assert numbers.refused(sender, ours=NOBODY) == "foreign"


@pytest.mark.parametrize(
    "sender",
    ["+", "AMAZON", "60123", "447700900123", "whatsapp:+447700900123", "+266696687", "+7378742833", "+2562533", "+86282452253", "+8656696",
     "+447012345678", "+449012345678", "+881612345678", "+447700900000000", "+44 7700 900123", "+４４7700900123", "+4477009001二3", ""],
)  # fmt: skip
def test_what_cannot_be_answered_or_costs_extra_never_is(sender: str) -> None:
    assert numbers.refused(sender, ours=NOBODY) == "unreachable"


def test_the_councils_own_number_is_no_citizen() -> None:
    assert numbers.refused("+447700900000", ours=frozenset({"+447700900000"})) == "unreachable"
    assert numbers.refused("+447700900001", ours=frozenset({"+447700900000"})) is None
