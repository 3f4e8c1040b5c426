"""What the bench does, in its order, and about how long each part takes on a quiet machine with two cores."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass

from hearback.bench.measurements import (
    growth,
    idle,
    installed,
    kinds,
    latency,
    learning,
    load,
    memory,
    starting,
    steady,
    understanding,
)
from hearback.bench.report import Found
from hearback.bench.stands import Size, Stands


@dataclass(frozen=True)
class Part:
    """One measurement. `standing` ones need both sides to run; `seconds` are with stock Rasa, `quick` of a quick run."""

    name: str
    title: str
    measure: Callable[[Stands, Size], Awaitable[Found]]
    standing: bool
    seconds: int
    quick: int


PARTS = (
    Part("training", "Training from nothing", learning.measure, False, 120, 0),
    Part("installed", "Weighing the environments", installed.measure, False, 30, 20),
    Part("understanding", "Understanding wording never seen", understanding.measure, False, 130, 30),
    Part("ready", "Starting and stopping", starting.measure, False, 110, 30),
    Part("rest", "Memory at rest", memory.at_rest, False, 35, 25),
    Part("latency", "One citizen", latency.measure, True, 45, 5),
    Part("load", "Crowds", load.measure, True, 155, 20),
    Part("steady", "A fixed rate", steady.measure, True, 100, 20),
    Part("growth", "Long conversations", growth.measure, True, 210, 25),
    Part("kinds", "Kinds of answers", kinds.measure, True, 20, 5),
    Part("memory", "Memory after many turns", memory.after_turns, True, 90, 15),
    Part("idle", "Open chats", idle.measure, False, 60, 25),
)
NAMES = tuple(part.name for part in PARTS)


def chosen(names: Iterable[str]) -> list[Part]:
    """The parts of these names, in the order of the bench; all where none is named. Raises ValueError for a name that is none."""
    wanted = set(names)
    if unknown := wanted - set(NAMES):
        raise ValueError(f"There is no measurement {', '.join(sorted(unknown))}; there are {', '.join(NAMES)}.")
    return [part for part in PARTS if not wanted or part.name in wanted]


def told(parts: Iterable[Part], *, quick: bool) -> str:
    """The plan in a sentence."""
    each = [(part.title, part.quick if quick else part.seconds) for part in parts]
    named = ", ".join(f"{title[0].lower()}{title[1:]}{f' {seconds} s' if seconds else ''}" for title, seconds in each)
    minutes = max(1, round(sum(seconds for _, seconds in each) / 60))
    return f"The plan, on a quiet machine with two cores about {minutes} min: {named}."
