"""What is given to everybody singles nobody out, whatever happened."""

from collections import Counter
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from engagement.measures.registry import MEASURES, Measured, Part
from engagement.measures.values import Cost, Ratio
from engagement.open_data import ANY, COLUMNS, grouped, in_steps, measured

WORDS = st.sampled_from(("a", "b", ""))
GROUPS = st.tuples(*(WORDS for _ in COLUMNS))
FOUND = st.lists(st.tuples(GROUPS, st.integers(1, 12)), max_size=30).map(
    lambda rows: sum((Counter({group: number}) for group, number in rows), Counter())
)


@settings(max_examples=400, deadline=None)
@given(found=FOUND)
def test_no_group_is_smaller_than_five_and_nobody_is_left_out(found: Counter[Any]) -> None:
    given_out = grouped(found)
    assert all(number >= 5 for number in given_out.values())
    assert given_out.total() == (found.total() if found.total() >= 5 else 0)


@settings(max_examples=200, deadline=None)
@given(found=FOUND)
def test_a_group_says_nothing_that_is_not_so(found: Counter[Any]) -> None:
    """Each group holds no more than the outcomes that it may be of."""
    given_out = grouped(found)
    for group, number in given_out.items():
        fits = sum(have for own, have in found.items() if all(said in (ANY, is_) for said, is_ in zip(group, own, strict=True)))
        assert number <= fits


@given(parts=st.lists(st.integers(0, 60), min_size=2, max_size=6))
def test_the_rest_of_rounded_numbers_never_tells_a_number_below_five(parts: list[int]) -> None:
    """Whatever is subtracted is a multiple of five, and so are all the numbers that it may come from."""
    rest = in_steps(sum(parts)) - sum(in_steps(one) for one in parts[1:])
    assert rest % 5 == 0
    assert len({in_steps(number) for number in range(5)}) < 5


def test_numbers_go_to_the_nearest_five() -> None:
    assert [in_steps(number) for number in (0, 2, 3, 7, 8, 12.4, 12.5)] == [0, 0, 5, 5, 10, 10, 15]


def test_shares_and_costs_of_few_are_not_given() -> None:
    share = MEASURES["completion_rate"]
    parts = [Part(name="web", counted=Ratio(20, 24)), Part(name="sms", counted=Ratio(23, 27)), Part(name="whatsapp", counted=Ratio(1, 2))]
    found = Measured(measure=share, whole=Part(name=None, counted=Ratio(44, 53)), by={"channel": parts})
    whole, web, sms = measured("completion_rate", found)
    assert (whole["numerator"], whole["denominator"], whole["value"]) == (45, 55, 0.83)
    assert (web["numerator"], web["denominator"], web["value"], web["low"]) == (20, 25, None, None)
    assert (sms["value"], sms["low"], sms["high"]) == (0.85, 0.68, 0.94)
    cost: Any = Cost(pence=5200, count=1000)  # type: ignore[arg-type]
    (line,) = measured("cost_per_contact", Measured(measure=MEASURES["cost_per_contact"], whole=Part(name=None, counted=cost), by={}))
    assert (line["numerator"], line["denominator"], line["value"]) == (None, 1000, 5.0)
