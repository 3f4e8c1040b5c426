"""The teams and their replies: whose a conversation is, how long something takes in words, and mistakes that explain themselves."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from hearback import profile
from hearback.settings import SettingsError
from hearback.teams import read_replies, read_teams, replies, teams


def test_what_was_reported_says_whose_a_conversation_is_else_the_reason_else_the_first() -> None:
    known = teams()
    assert known.for_what("talk_to_person").key == "customer_services"
    assert known.for_what("talk_to_person", "MISSEDBIN").key == "waste"
    assert known.for_what("make_complaint", "MISSEDBIN").key == "complaints"
    assert known.for_what("something new", "NOBODYS").key == "customer_services"
    assert known.of("closed long ago").key == "customer_services"


@pytest.mark.parametrize(
    ("minutes", "words"), [(0, "5 minutes"), (7, "10 minutes"), (21, "30 minutes"), (90, "90 minutes"), (91, "2 hours"), (150, "3 hours")]
)
def test_a_length_is_told_in_round_words_and_never_too_short(minutes: float, words: str) -> None:
    assert teams().length(minutes) == words
    assert teams().length(120, "pl") == "2 godz." and teams().length(10, "cy") == "10 munud"


def test_a_reply_is_filled_in_and_one_that_lacks_something_is_not_offered() -> None:
    by_id = {one.id: one for one in replies()}
    values = {"name": "Sam", "reference": "", "council": "Ashdown", "phone": "1", "hours": "9 to 5"}
    assert (
        by_id["hello"].text("cy", values) == "Helo, Sam ydw i. Dw i wedi darllen yr hyn ysgrifennoch chi. Rhowch funud i mi edrych ar hyn."
    )
    assert by_id["reference"].text("en", values) is None
    assert "ASH-1" in str(by_id["reference"].text("fr", {**values, "reference": "ASH-1"})), "English where a language has no text"


@pytest.mark.parametrize(
    ("file", "old", "new", "says"),
    [
        ("teams.yml", "told_after: 10 ", "told_after: soon ", "told_after is 'soon'"),
        (
            "teams.yml",
            'name: {en: "Waste and Recycling", cy:',
            'name: {en: "Waste and Recycling", xx:',
            "waste has no name in every language",
        ),
        ("teams.yml", "  pl: {minutes:", "  xx: {minutes:", "lengths is not complete"),
        ("replies.yml", "{phone}", "{mobile}", "call names mobile"),
    ],
)
def test_a_mistake_is_a_sentence_that_names_it(tmp_path: Path, file: str, old: str, new: str, says: str) -> None:
    for name in ("teams.yml", "replies.yml"):
        shutil.copy(profile.FOLDER / name, tmp_path)
    text = (tmp_path / file).read_text(encoding="utf-8")
    assert old in text
    (tmp_path / file).write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(SettingsError, match=says):
        read_teams(tmp_path)
        read_replies(tmp_path)
