"""What the bench makes of its figures: percentiles, ratios, verdicts, pages."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from hearback.bench import headline, pictures, plan
from hearback.bench.client import Turns
from hearback.bench.measurements.growth import window
from hearback.bench.measurements.latency import processor
from hearback.bench.measurements.understanding import wrong
from hearback.bench.report import Found, Line, number, percentile, read, rows, verdicts, write
from hearback.bench.stock import training_of
from hearback.settings import ROOT

LATEST = ROOT / "docs" / "benchmarks" / "latest.json"
ABOUT = {"when": "2026-11-26 17:00 UTC", "machine": "a machine"}


def line(**more: Any) -> Line:
    return Line(**{"key": "latency_p50", "title": "A turn", "unit": "ms", **more})


@pytest.mark.parametrize(
    ("share", "value"), [(0.0, 1.0), (0.5, 50.5), (0.95, 95.05), (0.99, 99.01), (1.0, 100.0)]
)  # fmt: skip
def test_a_percentile_lies_between_two_values_in_proportion(share: float, value: float) -> None:
    assert percentile([float(one) for one in range(100, 0, -1)], share) == pytest.approx(value)


def test_of_nothing_there_is_no_percentile() -> None:
    assert percentile([], 0.5) is None
    assert percentile([7.0], 0.99) == 7.0


def test_a_target_holds_for_the_ratio_or_for_hearback_itself() -> None:
    assert line(hearback=4.0, stock=10.0, at_most=0.4).met is True
    assert line(hearback=4.1, stock=10.0, at_most=0.4).met is False
    assert line(hearback=49.0, stock=10.0, at_least=5).met is False
    assert line(hearback=1.5, at_most=1.5, of_itself=True).met is True
    assert line(hearback=4.0, at_most=0.4).met is None
    assert line(hearback=4.0, stock=0.0, at_most=0.4).met is None
    assert line(hearback=4.0, stock=10.0).met is None


def test_a_missed_target_is_a_sentence_that_says_by_how_much() -> None:
    missed = line(hearback=5.0, stock=10.0, at_most=0.4).missed
    assert missed == "Missed: a turn is 0.50 times stock Rasa's and was to be at most 0.4, 25% more than that."
    missed = line(title="Turns a second", hearback=40.0, stock=10.0, at_least=5).missed
    assert missed == "Missed: turns a second is 4.00 times stock Rasa's and was to be at least 5, 20% less than that."
    missed = line(title="Message 1000 against message 6", unit="times", hearback=3.0, at_most=1.5, of_itself=True).missed
    assert missed == "Missed: message 1000 against message 6 is 3.00 times and was to be at most 1.5, 100% more than that."


def test_a_target_that_nothing_is_held_against_is_not_said_to_be_met() -> None:
    met, missed, unknown = (line(hearback=1.0, stock=stock, at_most=0.4) for stock in (10.0, 1.0, None))
    assert verdicts([met]) == ["Every target was met."]
    assert verdicts([met, missed]) == [missed.missed]
    assert verdicts([met, unknown]) == ["Not measured on both sides: A turn."]
    assert verdicts([line(hearback=1.0)]) == []


def test_three_figures_are_shown_and_nothing_is_a_dash() -> None:
    assert [number(one) for one in (None, 0.0412, 3.14159, 42.66, 1234.5)] == ["-", "0.04", "3.14", "42.7", "1,234"]
    assert rows([line(hearback=2.0, at_most=0.4)]) == [("A turn, ms", "2.00", "-", "-", "ratio ≤ 0.4", "")]


def test_what_is_written_is_read_again_the_same(tmp_path: Path) -> None:
    found = Found([line(hearback=2.0, stock=10.0, at_most=0.4)], {"latency": {"hearback": [1.26, 2.0]}}, ["A note."])
    write(tmp_path, found=found, about=ABOUT, pictures=["turns.png"])
    lines, about = read(tmp_path / "latest.json")
    assert (lines, about) == (found.lines, ABOUT)
    assert json.loads((tmp_path / "latest.json").read_text())["samples"] == {"latency": {"hearback": [1.3, 2.0]}}
    page = (tmp_path / "README.md").read_text()
    for written in (
        "| A turn, ms | 2.00 | 10.0 | 0.20 | ratio ≤ 0.4 | yes |",
        "Every target was met.",
        "- A note.",
        "(turns.png)",
        "a machine",
    ):
        assert written in page


def test_readme_shows_what_the_last_run_found() -> None:
    page = (ROOT / "README.md").read_text(encoding="utf-8")
    assert headline.placed(page, headline.of(LATEST)) == page


def test_the_headline_takes_the_place_of_the_one_before() -> None:
    page = f"# Hearback\n{headline.BEGIN}\nold\n{headline.END}\nafter\n"
    block = headline.block([line(hearback=2.0, stock=10.0, at_most=0.4), line(key="kind_thanks", title="Thanks")], ABOUT)
    assert "| A turn, ms | 2.00 | 10.0 | 0.20 | ratio ≤ 0.4 | yes |" in block and "Thanks" not in block
    written = headline.placed(page, block)
    assert "old" not in written and written.endswith("\nafter\n") and headline.placed(written, block) == written
    with pytest.raises(ValueError):
        headline.placed("# Hearback", block)


def test_processor_time_is_of_all_turns_and_every_process() -> None:
    held = {
        "hearback": [
            Turns([5.0] * 10, processor={"rasa": 0.1, "channels": 0.05}), Turns([5.0] * 10, processor={"rasa": 0.1}, bench=0.02),
        ],
        "stock": [Turns([])],
    }  # fmt: skip
    found, notes = processor("latency", "with 1 citizen", held)
    assert found.hearback == pytest.approx(12.5) and found.stock is None
    assert notes == ["Processor time of a turn with 1 citizen, hearback: channels 2.5, rasa 10.0 ms; the bench itself 1.0 ms."]


def test_a_training_tells_its_component_and_epoch() -> None:
    bar = "Epochs:  {0}%|##   | {0}/100 [14:43<53:19, 40.50s/it, t_loss=10.6]"
    started = "INFO hooks - Starting to train component '{}'.\n"
    assert training_of("Epochs are not begun") == ""
    assert training_of(started.format("TEDPolicy") + bar.format(99) + started.format("RegexFeaturizer")) == "RegexFeaturizer"
    assert training_of(started.format("DIETClassifier") + bar.format(21) + bar.format(22)) == "DIETClassifier, epoch 22 of 100"


def test_the_cost_at_a_depth_is_of_the_messages_around_it() -> None:
    waited = [float(one) for one in range(1, 101)]
    assert window(waited, 60, 2) == [58, 59, 60, 61, 62]
    assert window(waited, 6, 5)[0] == 1
    assert window(waited, 101, 2) == []


def test_turning_away_by_either_way_is_right_for_what_is_out_of_scope() -> None:
    right = ["greet", "out_of_scope", "out_of_scope", "out_of_scope"]
    assert wrong(right, ["greet", "nlu_fallback", "out_of_scope", "report_problem"]) == 25
    assert wrong(["greet"], ["nlu_fallback"]) == 100
    assert wrong([], []) is None


def test_only_what_is_named_is_measured_in_the_order_of_the_bench() -> None:
    assert [part.name for part in plan.chosen(["load", "latency"])] == ["latency", "load"]
    assert [part.name for part in plan.chosen([])] == list(plan.NAMES)
    with pytest.raises(ValueError, match="speed"):
        plan.chosen(["speed"])


def test_the_whole_bench_is_planned_within_twenty_minutes_and_the_quick_one_within_four() -> None:
    assert sum(part.seconds for part in plan.PARTS) <= 20 * 60
    assert sum(part.quick for part in plan.PARTS) <= 4 * 60


def test_pictures_are_of_what_was_measured(tmp_path: Path) -> None:
    waited = {"hearback": [float(one) for one in range(1, 50)], "stock": []}
    assert pictures.draw(tmp_path, {}, "a machine") == []
    assert pictures.draw(tmp_path, {"latency": waited}, "a machine") == ["turns.png"]
    long = {"hearback": [[1.0, 2.0, 3.0]], "stock": [[9.0]]}
    assert pictures.draw(tmp_path, {"crowd_20": waited, "long_conversations": long}, "a machine") == ["turns.png", "growth.png"]
    assert (tmp_path / "growth.png").read_bytes().startswith(b"\x89PNG")
