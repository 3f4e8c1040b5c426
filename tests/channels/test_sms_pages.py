"""Long replies become pages: nothing is lost, no page is dear, and the numbers of choices stay."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels import words
from channels.sms_pages import ROOM, pages
from engagement.values import Choice
from hearback import sms_text

WORDS = st.lists(st.sampled_from([*"abcdefgh .,:;!?\n€|ŵ’é😀", "👨‍👩‍👧"]), max_size=60).map("".join)
MORE = re.compile(r"\n(Reply MORE for (the rest|more choices)\.)$")


def choices(*titles: str) -> tuple[Choice, ...]:
    return tuple(Choice(id=str(n), title=title, payload="/x") for n, title in enumerate(titles))


def bodies(texts: tuple[str, ...]) -> list[str]:
    """The pages without how to get the next, which all have but the last."""
    assert all(MORE.search(text) for text in texts[:-1]) and not MORE.search(texts[-1])
    return [MORE.sub("", text) for text in texts]


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


@settings(max_examples=400, deadline=None)
@given(st.lists(WORDS, max_size=30), st.lists(WORDS.filter(str.strip), max_size=14))
def test_nothing_is_lost_and_no_text_is_over_six_parts(parts: list[str], titles: list[str]) -> None:
    text, listed = "".join(parts), choices(*titles)
    made = pages(text, listed)
    assert squeezed("".join(bodies(made))) == squeezed(sms_text.render(text, listed))
    assert all(sms_text.segments(page) <= (2 if sms_text.is_gsm(page) else 3) for page in made[:-1])
    assert sms_text.segments(made[-1]) <= (3 if sms_text.is_gsm(made[-1]) else 4)
    assert made == pages(text, listed) and all(page.strip() for page in made[1:])


@settings(max_examples=100, deadline=None)
@given(st.lists(WORDS, max_size=30), st.lists(WORDS.filter(str.strip), max_size=14))
def test_the_language_changes_how_to_get_more_and_nothing_else(parts: list[str], titles: list[str]) -> None:
    made = [pages("".join(parts), choices(*titles), language) for language in ("en", "cy", "pl")]
    assert len({len(one) for one in made}) == 1
    for same in zip(*made, strict=True):
        assert len({text.rpartition("\n")[0] for text in same if same[0] != same[1]}) <= 1
        assert all(sms_text.segments(text) <= 3 + (not sms_text.is_gsm(text)) for text in same)


def test_the_numbers_of_choices_stay_and_a_choice_is_never_divided() -> None:
    titles = [f"Number {n}, a service with rather a long name in Ashdown" for n in range(1, 14)]
    made = pages("I found these near AD1 2BC.\nWhich one?", choices(*titles))
    assert len(made) == 4
    listed = [line for page in bodies(made) for line in page.splitlines()]
    assert listed == ["I found these near AD1 2BC.", "Which one?", *(f"{n} {title}" for n, title in enumerate(titles, 1))]
    assert [page.splitlines()[-1] for page in made[:-1]] == ["Reply MORE for more choices."] * 3


def test_a_text_that_runs_on_is_cut_where_a_sentence_ends() -> None:
    first, second = pages("Your bin is emptied on Monday. " * 16)
    assert first.endswith("Your bin is emptied on Monday.\nReply MORE for the rest.")
    assert second.startswith("Your bin")


def test_a_question_of_a_few_choices_may_take_three_parts_and_a_list_two() -> None:
    long = "x" * 300
    assert len(pages(long, choices("Yes, send it", "Change it"))) == 1
    assert len(pages(long, choices(*"abcde"))) == 2
    assert len(pages("x" * 459)) == 1 and len(pages("x" * 460)) == 2


@pytest.mark.parametrize("response", ["utter_more", "utter_more_choices"])
@pytest.mark.parametrize("language", ["en", "cy", "pl"])
def test_how_to_get_more_fits_in_the_room_that_is_left_for_it(response: str, language: str) -> None:
    """And makes no page dearer: it has the network's own letters in every language."""
    more = words.say(response, "sms", language).text
    assert len(more) < ROOM and sms_text.is_gsm(more)
