"""The back office's states and partners in our words are the council's data, checked."""

from __future__ import annotations

from pathlib import Path

import pytest

from backoffice.sandbox.council import CLOSED_STATES, OPEN_STATES
from backoffice.states import CLOSED, State, state_of
from hearback import back_office
from hearback.settings import SettingsError


@pytest.mark.parametrize("given", ["ACTION_SCHEDULED", "Action scheduled", "action-scheduled ", "actionscheduled"])
def test_a_state_is_known_however_it_is_written(given: str) -> None:
    assert state_of(given) == State(word="scheduled", given=given.strip())


@pytest.mark.parametrize(
    ("given", "word"),
    [
        ("investigating", "accepted"), ("in progress", "accepted"), ("planned", "scheduled"), ("fixed - council", "done"),
        ("duplicate", "duplicate"), ("not responsible", "not_ours"), ("NOT_COUNCILS_RESPONSIBILITY", "not_ours"),
        ("not council's responsibility", "not_ours"), ("no further action", "no_action"), ("unable to fix", "no_action"),
        ("REOPEN", "open"), ("for triage", "open"), ("internal_referral", "open"),
    ],
)  # fmt: skip
def test_fixmystreets_states_in_our_words(given: str, word: str) -> None:
    assert state_of(given).word == word


def test_every_state_of_the_sandbox_means_open_or_closed_as_it_says() -> None:
    for state in OPEN_STATES:
        assert state_of(state).word not in (*CLOSED, None), state
    for state in CLOSED_STATES:
        assert state_of(state).word in CLOSED, state


def test_a_state_that_nobody_knows_follows_open_and_closed_and_is_kept() -> None:
    assert state_of("Gully jetted", status="closed") == State(word="done", given="Gully jetted")
    assert state_of("Gully jetted", status="open") == State(word="open", given="Gully jetted")
    assert state_of("Gully jetted") == State(word=None, given="Gully jetted")
    assert state_of(None) == state_of(" ") == State(word=None)


def test_open_and_closed_are_no_finer_states() -> None:
    assert (state_of("Closed"), state_of("OPEN")) == (State(word="done"), State(word="open"))


def test_a_closed_request_is_not_in_progress() -> None:
    assert state_of("in progress", status="closed") == State(word="done", given="in progress")
    assert state_of("fixed", status="open") == State(word="open", given="fixed")


def test_partners_and_who_is_not_in_the_table() -> None:
    assert back_office.partner_of("HOMESTEAD REPAIRS LTD") == ("Ashdown Homes", "Homestead Repairs Ltd")
    assert back_office.partner_of("Somebody Else") == ("Somebody Else", None)
    assert back_office.partner_of(None) == back_office.partner_of("") == (None, None)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("", "states is missing"),
        ("- a", "states is missing"),
        ("states: {open: open}", "partners is missing"),
        ("states: {mended: mended}\npartners: {}", "mended is mended: give one of open"),
        ("states: {mended: }\npartners: {}", "mended is None"),
        ("states: {}\npartners: {Acme: Acme}", "Acme: write it like"),
        ("states: {}\npartners: {Acme: {contractor: B}}", "Acme: write it like"),
        ("states: {}\npartners: {Acme: {partner: 5}}", "Acme: write it like"),
        ("states: {}\npartners: {Acme: {partner: A, colour: red}}", "Acme: write it like"),
    ],
)
def test_what_cannot_be_used_is_named(tmp_path: Path, text: str, named: str) -> None:
    (tmp_path / "back_office.yml").write_text(text)
    with pytest.raises(SettingsError, match=f"back_office.yml: {named}"):
        back_office.read(tmp_path / "back_office.yml")
