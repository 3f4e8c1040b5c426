"""First sentences that tell something, and those that only name a wish."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from bot.actions.ask_my_data import AskMyData, month_after
from bot.actions.give_compliment import GiveCompliment
from bot.actions.make_complaint import MakeComplaint
from bot.actions.update_request import NOT_FIXED, UpdateRequest

BARE = [
    (MakeComplaint, "I want to make a formal complaint"),
    (MakeComplaint, "how do I complain about the council?"),
    (GiveCompliment, "I'd like to give a compliment"),
    (UpdateRequest, "can I add something to my report ASH-104233"),
    (UpdateRequest, "add a photo to my report"),
    (MakeComplaint, "dw i eisiau cwyno"),
    (MakeComplaint, "hoffwn wneud cwyn ffurfiol am y cyngor"),
    (MakeComplaint, "chcę złożyć skargę"),
    (MakeComplaint, "chcialabym zlozyc skarge na urzad"),
    (GiveCompliment, "hoffwn ganmol rhywun o'r staff"),
    (GiveCompliment, "chciałbym kogoś pochwalić"),
    (UpdateRequest, "dw i eisiau ychwanegu llun at fy adroddiad"),
    (UpdateRequest, "chcę dodać zdjęcie do zgłoszenia ASH-104233"),
]
TOLD = [
    (MakeComplaint, "I want to complain, the bin man swore at my mother"),
    (GiveCompliment, "the lads on the bin round carried my nan's bin back, brilliant"),
    (UpdateRequest, "add to ASH-104616 that there's broken glass as well"),
    (MakeComplaint, "dw i eisiau cwyno, roedd y gyrrwr yn anghwrtais gyda mam"),
    (MakeComplaint, "chcę złożyć skargę, kierowca śmieciarki krzyczał na moją córkę"),
    (GiveCompliment, "mae'r criw biniau wedi bod yn garedig iawn gyda nain"),
]


@pytest.mark.parametrize(("kind", "sentence"), BARE)
async def test_a_bare_wish_is_asked_about(office: Any, kind: Any, sentence: str) -> None:
    task = kind()
    task.hear(await office.here(await office.web_citizen(), sentence))
    assert task.words is None and task.told == ""


@pytest.mark.parametrize(("kind", "sentence"), TOLD)
async def test_a_sentence_that_tells_is_not_asked_again(office: Any, kind: Any, sentence: str) -> None:
    task = kind()
    task.hear(await office.here(await office.web_citizen(), sentence))
    assert task.told == sentence


async def test_a_subject_alone_is_kept_and_what_happened_is_asked(office: Any) -> None:
    task, citizen = MakeComplaint(), await office.web_citizen()
    task.hear(await office.here(citizen, "I want to complain about the bin crew"))
    assert task.words is None
    assert await task.take_words(await office.here(citizen, "they left half of it in the road", "report_missed_bin"))
    assert task.told == "I want to complain about the bin crew\nthey left half of it in the road"


@pytest.mark.parametrize(
    ("wish", "happened"),
    [
        ("dw i eisiau cwyno", "roedd y dyn biniau yn gas iawn gyda fy mam"),
        ("chcę złożyć skargę", "śmieciarze zostawili wszystko na ulicy i się śmiali"),
    ],
)
async def test_what_follows_a_bare_wish_to_complain_is_the_complaint_even_where_it_sounds_like_praise(
    office: Any, wish: str, happened: str
) -> None:
    task, citizen = MakeComplaint(), await office.web_citizen()
    await task.begin(await office.here(citizen, wish, "make_complaint"))
    assert await office.go_on(task, await office.here(citizen, wish, "make_complaint")) == "words"
    assert office.said[-1][0] == "utter_ask_complaint"
    assert await task.take_words(await office.here(citizen, happened, "give_compliment"))
    assert task.told == happened


@pytest.mark.parametrize(
    ("sentence", "not_fixed"),
    [
        ("you said it was fixed and it isn't", True),
        ("reopen ASH-100450 please", True),
        ("marked as done but not done", True),
        ("my report says completed. it is not completed", True),
        ("the hole has come back", True),
        ("you closed my report and nothing has been done", True),
        ("there's broken glass as well", False),
        ("I put the wrong house number", False),
    ],
)
def test_words_tell_whether_it_is_not_fixed(sentence: str, not_fixed: bool) -> None:
    assert bool(NOT_FIXED.search(sentence)) is not_fixed


@pytest.mark.parametrize(
    ("sentence", "wish"),
    [
        ("what data do you hold on me", "see"),
        ("I want a copy of everything you have about me", "see"),
        ("delete my personal data", "delete"),
        ("you've got my address wrong in your records", "correct"),
        ("stop using my details for marketing", "object"),
        ("gdpr", None),
    ],
)
async def test_the_wish_about_ones_data_is_read_from_the_sentence(office: Any, sentence: str, wish: str | None) -> None:
    task = AskMyData()
    await task.begin(await office.here(await office.web_citizen(), sentence, "ask_my_data"))
    assert task.wish == wish


def test_a_month_ends_on_the_corresponding_day_or_the_last() -> None:
    assert month_after(date(2026, 11, 24)) == date(2026, 12, 24)
    assert month_after(date(2026, 12, 31)) == date(2027, 1, 31)
    assert month_after(date(2027, 1, 31)) == date(2027, 2, 28)
