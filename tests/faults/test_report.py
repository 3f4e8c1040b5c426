"""What the fault run says: growth of memory, times to recover, and that one wrong thing is enough."""

from __future__ import annotations

import json
from pathlib import Path

from hearback.chaos.book import Book
from hearback.chaos.faults import Played
from hearback.chaos.ledger import Line
from hearback.chaos.product import Life
from hearback.chaos.report import Report, as_json, grown, memory, recovery, verdict, write, wrongs


def report(*lines: Line, **more: object) -> Report:
    empty = {"about": {"machine": "one"}, "counts": {"seed": "7"}, "played": [], "grown": [], "complaints": [], "not_played": []}
    return Report(lines=list(lines), **{**empty, **more})  # type: ignore[arg-type]


def life(name: str, seconds: int, start: float, end: float) -> Life:
    return Life(name, [(float(at), start + (end - start) * at / seconds) for at in range(0, seconds + 1, 3)])


def test_memory_that_grows_from_the_first_third_to_the_end_is_no_success() -> None:
    flat, growing, young = life("doors", 600, 120, 125), life("rasa", 600, 300, 900), life("actions", 60, 100, 300)
    found = report(grown=grown([flat, growing, young]))
    assert [row[-1] for row in memory(found)[1:]] == ["too young to tell", "flat", "grows"]
    assert not found.adds_up and wrongs(found) == ["rasa grew from 501 to 897 MB"]


def test_of_several_lives_of_a_process_the_longest_is_told() -> None:
    (one,) = grown([life("doors", 30, 100, 100), life("doors", 300, 100, 101), life("doors", 60, 100, 100)])
    assert one.seconds == 300 and one.flat


def test_one_wrong_thing_is_enough(tmp_path: Path) -> None:
    well, wrong = Line("texts", 3, []), Line("requests", 2, ["request 1 is there twice"])
    assert verdict(report(well)) == "Everything adds up."
    assert not report(well, wrong).adds_up and not report(well, complaints=["it took 12 s to stop"]).adds_up
    write(report(well, wrong), tmp_path)
    assert "request 1 is there twice" in (tmp_path / "chaos.md").read_text()
    assert json.loads((tmp_path / "chaos.json").read_text()) == json.loads(as_json(report(well, wrong)))


def test_the_time_to_recover_is_until_a_message_is_answered_that_was_taken_after_the_fault() -> None:
    book = Book()
    for taken, answered in ((5.0, 10.1), (10.5, 13.0), (8.0, 22.0), (11.0, 12.0)):
        said = book.began("web", "a")
        said.taken, said.answered = taken, answered
    assert book.next_answer(10.0) == 2.0
    assert book.caught_up(10.0) == 12.0
    told = recovery(report(played=[Played("Rasa hangs", 1, 10, 2.0, 12.0), Played("Rasa hangs", 20, 30, 4.0, None)]))
    assert told[1] == ("Rasa hangs", "2", "3.0", "4.0", "12.0", "12.0")
