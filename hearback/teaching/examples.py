"""Examples as training data: what may be taught, how it is written to files of Rasa's own form, and how it is read back."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from hearback.settings import ROOT

# Which intents are about an entry of the council's catalogue, answers or needs, and what its metadata is called.
ABOUT = {"report_problem": "service", "ask_information": "information", "find_support": "need"}
ENTITIES = ("postcode", "reference", "street", "place")
HEADING = (
    "# What colleagues marked, a second colleague approved, and a training took up. Written by `hearback teach`; see README.md here.\n"
)
HELD_OUT = ROOT / "tests" / "nlu"
SHORT = 3  # words; so short a sentence may stand in training and in the held-out sets
LONGEST = 500
BRACKETS = str.maketrans("[]{}", "()()")  # Rasa reads [words](entity) and ${NAME}


@dataclass(frozen=True, order=True)
class Marked:
    """Words at [start, end) of an example that are an entity."""

    start: int
    end: int
    entity: str


@dataclass(frozen=True, kw_only=True)
class Example:
    """A sentence and what it means. `about` is a service code, an information id or a need id, where the intent has such."""

    text: str
    intent: str
    about: str | None = None
    marked: tuple[Marked, ...] = ()
    id: int | None = None


@lru_cache(maxsize=1)
def intents() -> tuple[str, ...]:
    """The domain's fixed list."""
    listed = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))["intents"]
    return tuple(name if isinstance(name, str) else next(iter(name)) for name in listed)


def tidy(text: str) -> str:
    """One line that Rasa reads as it is: no brackets, no signs that are not seen, no leading slash or dash."""
    seen = "".join(letter if unicodedata.category(letter)[0] != "C" else " " for letter in text.translate(BRACKETS))
    return " ".join(seen.split()).lstrip("/-# \u2013").strip()[:LONGEST].strip()


def plain(text: str) -> str:
    """The words alone: sentences that differ in signs only are the same."""
    return " ".join(re.findall(r"\w+", text.lower()))


def mark(text: str, words: Mapping[str, str]) -> tuple[Marked, ...]:
    """The places of {entity: words} in the text; raises LookupError with the entity whose words do not stand there, or twice for two."""
    found: list[Marked] = []
    for entity, said in words.items():
        if not (said := " ".join(said.split())):
            continue
        at = text.lower().find(said.lower())
        if at < 0 or len(text.lower()) != len(text) or any(at < one.end and one.start < at + len(said) for one in found):
            raise LookupError(entity)
        found.append(Marked(at, at + len(said), entity))
    return tuple(sorted(found))


def line(example: Example) -> str:
    """The example in training-file syntax: "hole in [Mill Road](street)"."""
    parts, at = [], 0
    for one in example.marked:
        parts += [example.text[at : one.start], f"[{example.text[one.start : one.end]}]({one.entity})"]
        at = one.end
    return "".join([*parts, example.text[at:]])


def with_examples(files: Mapping[str, str], examples: Iterable[Example]) -> dict[str, str]:
    """The reviewed files {name: text} with these examples added, each once, one file an intent."""
    blocks = {name: _blocks(text) for name, text in files.items()}
    for one in examples:
        lines = blocks.setdefault(f"{one.intent}.yml", {}).setdefault((one.intent, one.about), [])
        if line(one) not in lines:
            lines.append(line(one))
    return {name: _written(found) for name, found in sorted(blocks.items())}


def texts_of(files: Mapping[str, str]) -> list[Example]:
    """The examples of reviewed files, entities unmarked."""
    return [
        Example(text=re.sub(r"\[([^\]]+)\]\(\w+\)", r"\1", said), intent=intent, about=about)
        for text in files.values()
        for (intent, about), lines in _blocks(text).items()
        for said in lines
    ]


def _blocks(text: str) -> dict[tuple[str, str | None], list[str]]:
    found: dict[tuple[str, str | None], list[str]] = {}
    for block in (yaml.safe_load(text) or {}).get("nlu") or ():
        about = next(iter((block.get("metadata") or {}).values()), None)
        said = [row[2:].strip() for row in block["examples"].splitlines() if row.startswith("- ")]
        found.setdefault((block["intent"], about), []).extend(said)
    return found


def _written(blocks: Mapping[tuple[str, str | None], list[str]]) -> str:
    rows = [f'{HEADING}version: "3.1"\nnlu:']
    for (intent, about), lines in sorted(blocks.items(), key=lambda pair: (pair[0][0], pair[0][1] or "")):
        rows.append(f"- intent: {intent}")
        if about:
            rows.append(f"  metadata:\n    {ABOUT[intent]}: {_quoted(about)}")
        rows += ["  examples: |", *(f"    - {said}" for said in lines)]
    return "\n".join(rows) + "\n"


def _quoted(word: str) -> str:
    return str(yaml.safe_dump(word, allow_unicode=True, default_style='"')).strip()


def taught_before(folder: Path, reviewed: Mapping[str, str]) -> dict[str, set[str]]:
    """{plain sentence: intents} of the training data in a folder and of the reviewed files."""
    found: dict[str, set[str]] = {}
    for path in sorted(folder.glob("*.yml")):
        for (intent, _), lines in _blocks(path.read_text(encoding="utf-8")).items():
            for said in lines:
                found.setdefault(plain(said), set()).add(intent)
    for one in texts_of(reviewed):
        found.setdefault(plain(one.text), set()).add(one.intent)
    return found


def held_out(folder: Path = HELD_OUT) -> dict[str, set[str]]:
    """{plain sentence: what it means} of every held-out set; empty where there are none."""
    found: dict[str, set[str]] = {}
    for path in sorted(folder.rglob("*.yml")) if folder.is_dir() else ():
        for sentence, meaning in _sentences(yaml.safe_load(path.read_text(encoding="utf-8")), path.stem):
            found.setdefault(plain(sentence), set()).add(meaning)
    return found


def _sentences(value: Any, meaning: str) -> Iterable[tuple[str, str]]:
    """Every text of a held-out file, whatever its form, with the name that it stands under."""
    if isinstance(value, str):
        rows = value.splitlines()
        yield from ((row.removeprefix("- "), meaning) for row in rows if row.strip())
    elif isinstance(value, list):
        for one in value:
            yield from _sentences(one, meaning)
    elif isinstance(value, dict):
        if "intent" in value and "examples" in value:
            yield from _sentences(value["examples"], str(value["intent"]))
        elif "text" in value or "said" in value:
            yield from _sentences(value.get("text") or value.get("said"), meaning)
        else:
            for name, one in value.items():
                yield from _sentences(one, str(name))
