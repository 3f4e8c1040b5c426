"""Shares, intervals and money, against values from elsewhere."""

from collections import Counter
from fractions import Fraction

import pytest

from engagement.measures.values import Cost, Days, Ratio, rounded, wilson


@pytest.mark.parametrize(
    ("numerator", "denominator", "low", "high"),
    [
        # R's binom.wilson, and Newcombe 1998 (Statistics in Medicine 17, 857-872), table I.
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
        (29, 29, 0.8830, 1.0),
    ],
)
def test_the_interval_is_wilsons(numerator: int, denominator: int, low: float, high: float) -> None:
    assert wilson(numerator, denominator) == pytest.approx((low, high), abs=5e-5)


def test_of_nothing_anything_may_be_true() -> None:
    assert wilson(0, 0) == (0.0, 1.0)


def test_a_share_of_fewer_than_ten_is_not_shown_but_its_numbers_are() -> None:
    few, enough = Ratio(4, 9), Ratio(4, 10)
    assert (few.value, few.interval, few.enough) == (None, (None, None), False)
    assert (few.numerator, few.denominator) == (4, 9)
    assert enough.value == 0.4 and enough.enough


def test_money_is_rounded_once_and_half_a_penny_goes_up() -> None:
    assert [rounded(Fraction(number, 1000), 2) for number in (5, 15, 25, 1004, -5)] == [0.01, 0.02, 0.03, 1.0, -0.01]
    third = Cost(Fraction(10, 3) * 3, Fraction(4))
    assert (third.numerator, third.value) == (10.0, 2.5)


def test_a_cost_of_nothing_has_no_value() -> None:
    assert Cost(Fraction(500), Fraction(0)).value is None


def test_the_median_lies_in_the_middle_or_between_the_two_middle_ones() -> None:
    assert Days(Counter({24: 5, 48: 1, 240: 5})).value == 2.0
    assert Days(Counter({24: 5, 72: 5})).value == 2.0
    assert Days(Counter({24: 9})).value is None
