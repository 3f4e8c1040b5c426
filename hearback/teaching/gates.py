"""Whether a candidate may take over: figures of two models, laid side by side. Nothing here reads a file or a database but the limits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import yaml

from hearback import profile
from hearback.settings import SettingsError

Measured = Mapping[str, Any]  # as bot.nlu.measuring measures: figures, recall, lines
POINT = 0.01
TINY = 1e-9
NUMBERS = (
    "under_floor", "fall", "intent_fall", "intent_sentences", "batch_understood", "earlier_understood", "sure", "against_sure",
    "against_share", "against_most", "kept_models",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Reason:
    """Why a candidate may not take over. `gate`: floor, fall, intent, batch, earlier, against; shares from 0 to 1."""

    gate: str
    name: str
    before: float | None
    after: float
    limit: float

    def as_data(self) -> dict[str, Any]:
        return asdict(self)


def limits() -> dict[str, Any]:
    """`data/council/teaching.yml`; raises SettingsError where a limit is missing."""
    read = yaml.safe_load((profile.FOLDER / "teaching.yml").read_text(encoding="utf-8"))
    for name in NUMBERS:
        if not isinstance(read, dict) or isinstance(read.get(name), bool) or not isinstance(read.get(name), int | float):
            raise SettingsError(f"data/council/teaching.yml: {name} is missing: write a number.")
    return dict(read)


def share(hits: Sequence[bool]) -> float:
    """1 where there is nothing to count."""
    return sum(hits) / len(hits) if hits else 1.0


def failed(
    limit: Mapping[str, Any],
    floors: Mapping[str, float],
    before: Measured,
    after: Measured,
    *,
    batch: Sequence[bool],
    earlier: Sequence[bool],
    against: int,
) -> list[Reason]:
    """Every gate that the candidate fails. `batch`, `earlier`: whether it understands each example; `against`: how many examples
    say that the model in use is wrong where it is sure."""
    reasons = [
        *_floors(limit, {**limit.get("floors", {}), **floors}, after),
        *_falls(limit, before, after),
        *_intents(limit, before, after),
    ]
    if (got := share(batch)) < limit["batch_understood"] * POINT - TINY:
        reasons.append(Reason(gate="batch", name="batch", before=None, after=got, limit=limit["batch_understood"] * POINT))
    if (got := share(earlier)) < limit["earlier_understood"] * POINT - TINY:
        reasons.append(Reason(gate="earlier", name="earlier", before=None, after=got, limit=limit["earlier_understood"] * POINT))
    if against >= limit["against_sure"] and against / max(len(batch), 1) > limit["against_share"] * POINT + TINY:
        reasons.append(
            Reason(gate="against", name="against", before=None, after=against / len(batch), limit=limit["against_share"] * POINT)
        )
    return reasons


def _floors(limit: Mapping[str, Any], floors: Mapping[str, float], after: Measured) -> list[Reason]:
    own = limit.get("under_floors") or {}
    return [
        Reason(gate="floor", name=name, before=None, after=after["figures"].get(name, 0.0), limit=floor)
        for name, floor in floors.items()
        if after["figures"].get(name, 0.0) < floor - own.get(name, limit["under_floor"]) * POINT - TINY
    ]


def _falls(limit: Mapping[str, Any], before: Measured, after: Measured) -> list[Reason]:
    own = limit.get("falls") or {}
    return [
        Reason(gate="fall", name=name, before=was, after=after["figures"].get(name, 0.0), limit=own.get(name, limit["fall"]) * POINT)
        for name, was in before["figures"].items()
        if was - after["figures"].get(name, 0.0) > own.get(name, limit["fall"]) * POINT + TINY
    ]


def _intents(limit: Mapping[str, Any], before: Measured, after: Measured) -> list[Reason]:
    reasons = []
    for intent, (right, of) in before["recall"].items():
        now = after["recall"].get(intent, [0, of])[0]
        fewer, enough = (right - now) / of > limit["intent_fall"] * POINT + TINY, right - now >= limit["intent_sentences"]
        if of and fewer and enough:
            reasons.append(Reason(gate="intent", name=intent, before=right / of, after=now / of, limit=limit["intent_fall"] * POINT))
    return reasons


def changed(before: Measured, after: Measured) -> list[dict[str, str]]:
    """The held-out lines that are understood otherwise than before: {set, text, right, before, after}, losses first."""
    was = {(name, text): told for name, text, _, told in before["lines"]}
    found = [
        {"set": name, "text": text, "right": right, "before": was[name, text], "after": told}
        for name, text, right, told in after["lines"]
        if was.get((name, text), told) != told
    ]
    return sorted(found, key=lambda one: (one["after"] == one["right"], one["before"] != one["right"], one["set"]))
