"""The network's own words: alone they are commands, in a sentence they are words."""

import pytest

from channels import opt_out


@pytest.mark.parametrize("said", ["STOP", "stop", " Stop ", "stop.", "Stop!", "STOPALL", "unsubscribe", "quit", "Revoke", "optout\n"])
def test_these_always_stop(said: str) -> None:
    assert opt_out.read(said) == opt_out.STOP


@pytest.mark.parametrize("said", ["END", "cancel", "Cancel."])
def test_these_stop_unless_they_answer_something(said: str) -> None:
    read = opt_out.read(said)
    assert read and read.kind == "STOP" and read.unless_busy


def test_yes_is_start_for_those_who_stopped() -> None:
    read = opt_out.read("Yes!")
    assert read and read.kind == "START" and read.if_stopped
    assert opt_out.read("start") == opt_out.read("UNSTOP") == opt_out.START
    assert opt_out.read("help") == opt_out.read("info") == opt_out.HELP


@pytest.mark.parametrize(
    "said", ["", "stop the leak", "please stop", "yes please", "cancel my report", "the end", "stop?", "st op", "help me", "1"]
)
def test_sentences_are_words(said: str) -> None:
    assert opt_out.read(said) is None


@pytest.mark.parametrize(
    ("said", "decided", "kind"), [("arrêt", "STOP", "STOP"), ("cancel", "STOP", "STOP"), ("yes", "START", "START"), ("go", "HELP", "HELP")]
)
def test_what_twilio_decided_counts(said: str, decided: str, kind: str) -> None:
    read = opt_out.read(said, decided)
    assert read and (read.kind, read.unless_busy, read.if_stopped) == (kind, False, False)


def test_a_decision_that_nobody_knows_decides_nothing() -> None:
    assert opt_out.read("hello", "MAYBE") is None
    assert opt_out.read("stop", "MAYBE") == opt_out.STOP
