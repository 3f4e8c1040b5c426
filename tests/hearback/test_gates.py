"""A candidate takes over only if nothing gets worse than the limits allow: figures as data."""

from typing import Any

import pytest

from hearback import profile
from hearback.settings import SettingsError
from hearback.teaching import gates

LIMITS: dict[str, Any] = {
    "under_floor": 1, "under_floors": {"danger": 0}, "floors": {}, "fall": 1.0, "falls": {"danger": 0.6}, "intent_fall": 8,
    "intent_sentences": 3, "batch_understood": 80, "earlier_understood": 90, "sure": 0.8, "against_sure": 10, "against_share": 60,
    "against_most": 25, "kept_models": 12,
}  # fmt: skip
FLOORS = {"intent": 0.9, "danger": 0.98}


def measured(intent: float = 0.93, danger: float = 0.99, **recall: list[int]) -> dict[str, Any]:
    return {"figures": {"intent": intent, "danger": danger}, "recall": {"report_problem": [40, 40], **recall}, "lines": []}


def reasons(
    after: dict[str, Any], *, before: dict[str, Any] | None = None, batch: list[bool] | None = None, **more: Any
) -> list[tuple[str, str]]:
    given = {"batch": batch if batch is not None else [True], "earlier": [], "against": 0, **more}
    return [(one.gate, one.name) for one in gates.failed(LIMITS, FLOORS, before or measured(), after, **given)]


def test_a_candidate_that_is_as_good_passes() -> None:
    assert reasons(measured()) == [] and reasons(measured(intent=0.96)) == []


def test_a_little_noise_passes_and_more_is_a_fall() -> None:
    assert reasons(measured(intent=0.92)) == []
    assert reasons(measured(intent=0.919)) == [("fall", "intent")]


def test_a_figure_under_its_floor_is_refused_even_where_it_fell_little() -> None:
    assert reasons(measured(intent=0.889), before=measured(intent=0.893)) == [("floor", "intent")]
    assert reasons(measured(intent=0.891), before=measured(intent=0.893)) == []


def test_danger_may_lose_one_sentence_and_nothing_under_its_floor() -> None:
    assert reasons(measured(danger=0.9845)) == []
    assert reasons(measured(danger=0.983)) == [("fall", "danger")]
    assert reasons(measured(danger=0.979), before=measured(danger=0.983)) == [("floor", "danger")]


def test_one_intent_may_not_pay_for_the_others() -> None:
    assert reasons(measured(report_problem=[37, 40])) == []  # seven and a half points
    assert reasons(measured(report_problem=[36, 40])) == [("intent", "report_problem")]
    few = measured(**{"service POTHOLE": [9, 9]})
    assert reasons(measured(**{"service POTHOLE": [7, 9]}), before=few) == []  # two sentences only
    assert reasons(measured(**{"service POTHOLE": [6, 9]}), before=few) == [("intent", "service POTHOLE")]


def test_what_is_taught_must_be_understood() -> None:
    assert reasons(measured(), batch=[True] * 8 + [False] * 2) == []
    assert reasons(measured(), batch=[True] * 7 + [False] * 3) == [("batch", "batch")]
    assert reasons(measured(), earlier=[True] * 8 + [False] * 2) == [("earlier", "earlier")]


def test_a_batch_that_contradicts_throughout_is_refused() -> None:
    assert reasons(measured(), batch=[True] * 5, against=5) == []  # a few corrections may all go against it
    assert reasons(measured(), batch=[True] * 12, against=10) == [("against", "against")]
    assert reasons(measured(), batch=[True] * 100, against=25) == []
    assert reasons(measured(), batch=[True] * 100, against=26) == [("against", "against")]


def test_a_figure_that_is_missing_counts_as_nothing() -> None:
    assert ("floor", "danger") in reasons({**measured(), "figures": {"intent": 0.93}})


def test_the_lines_that_changed_are_told_losses_first() -> None:
    before = {"lines": [["intents", "a", "x", "x"], ["intents", "b", "x", "y"], ["intents", "c", "x", "x"], ["intents", "d", "x", "y"]]}
    after = {"lines": [["intents", "a", "x", "y"], ["intents", "b", "x", "x"], ["intents", "c", "x", "x"], ["intents", "d", "x", "z"]]}
    assert [(one["text"], one["before"], one["after"]) for one in gates.changed(before, after)] == [
        ("a", "x", "y"),
        ("d", "y", "z"),
        ("b", "y", "x"),
    ]


def test_the_limits_of_the_repository_are_whole() -> None:
    assert set(LIMITS) <= set(gates.limits())


def test_a_limit_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    (tmp_path / "teaching.yml").write_text("under_floor: 1\n")
    monkeypatch.setattr(profile, "FOLDER", tmp_path)
    with pytest.raises(SettingsError, match="fall is missing"):
        gates.limits()
