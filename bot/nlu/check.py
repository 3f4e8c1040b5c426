"""`python -m bot.nlu.check`: says what is wrong with the language data, where, and what to do about it."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

from hearback.settings import ROOT

TAUGHT, HELD_OUT = ROOT / "data" / "nlu", ROOT / "tests" / "nlu"
NOT_INTENTS = {"services.yml", "support.yml", "entities.yml", "floors.yml", "outcome_answers.yml"}
FEWEST_TAUGHT, FEWEST_HELD_OUT = 60, 15
SHORT = 3  # words; so short a sentence may well be the same in training and in its twin


def plain(text: str) -> str:
    """The words alone: sentences that differ in signs only are the same."""
    return " ".join(re.findall(r"\w+", text.lower()))


@dataclass(frozen=True)
class Line:
    path: Path
    number: int
    intent: str
    text: str

    @property
    def plain(self) -> str:
        return plain(self.text)

    def __str__(self) -> str:
        return f"{self.path.parent.name}/{self.path.name}:{self.number}: “{self.text}”"


def lines(folder: Path) -> list[Line]:
    """Every example of a folder's language files, with its place."""
    found = []
    for path in _files(folder):
        intent = path.stem
        for number, row in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if named := re.match(r"- intent: *(\S+)", row):
                intent = named[1]
            elif example := re.match(r"    - (.+)", row):
                found.append(Line(path, number, intent, example[1]))
    return found


def complaints(taught: Path = TAUGHT, held_out: Path = HELD_OUT, domain: Path = ROOT / "domain.yml") -> list[str]:
    """A sentence for each thing that is wrong, in the order in which to mend them."""
    listed = yaml.safe_load(domain.read_text(encoding="utf-8"))["intents"]
    intents = {name if isinstance(name, str) else next(iter(name)) for name in listed}
    training, test = lines(taught), lines(held_out)
    return [
        *_twins(taught, held_out),
        *_unknown([*training, *test], intents),
        *_few(training, taught, FEWEST_TAUGHT),
        *_few(test, held_out, FEWEST_HELD_OUT),
        *_twice(training),
        *_in_both(training, test),
    ]


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("*.yml") if path.name not in NOT_INTENTS)


def _twins(taught: Path, held_out: Path) -> Iterator[str]:
    for here, there, words in ((taught, held_out, "other"), (held_out, taught, "training")):
        for path in _files(here):
            if not (there / path.name).is_file():
                yield f"{here.name}/{path.name} has no twin: write {there / path.name} with {words} wording for the same intent."


def _unknown(all_lines: list[Line], intents: set[str]) -> Iterator[str]:
    for name in sorted({line.intent for line in all_lines} - intents):
        first = next(line for line in all_lines if line.intent == name)
        yield f"{first} is under the intent {name}, which domain.yml does not list: correct the name or add it there."


def _few(found: list[Line], folder: Path, fewest: int) -> Iterator[str]:
    for path in _files(folder):
        count = sum(line.path == path for line in found)
        if count < fewest:
            yield f"{path} has {count} lines, fewer than {fewest}: add {fewest - count} that differ in wording."


def _twice(training: list[Line]) -> Iterator[str]:
    seen: dict[str, Line] = {}
    for line in training:
        before = seen.setdefault(line.plain, line)
        if before.intent != line.intent and line.plain:
            yield f"{line} is also under {before.intent} ({before.path.name}:{before.number}): keep it where README.md's table puts it."


def _in_both(training: list[Line], test: list[Line]) -> Iterator[str]:
    taught = {line.plain: line for line in training}
    for line in test:
        if (same := taught.get(line.plain)) and len(line.plain.split()) > SHORT:
            yield f"{line} is taught too ({same.path.name}:{same.number}): say it in other words in tests/nlu, or it measures nothing."


def main() -> int:
    wrong = complaints()
    for sentence in wrong:
        print(sentence)  # noqa: T201
    print(f"{len(wrong)} to mend." if wrong else "The language data is in order.")  # noqa: T201
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
