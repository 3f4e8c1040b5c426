"""No pattern of ours takes long over any words, however they were chosen."""

from __future__ import annotations

import ast
import re
import re._constants as constants  # type: ignore[import-not-found]
import re._parser as parser  # type: ignore[import-not-found]
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("hearback", "channels", "console", "backoffice", "engagement", "bot")
NAMES = {"compile", "search", "match", "fullmatch", "sub", "split", "findall", "finditer"}
LONGEST = 2000  # characters of a citizen's message
WITHIN = 0.5  # seconds; the longest message takes about a thousandth of that
MOST_PUMPS = 60


def patterns() -> Iterator[tuple[str, str, int]]:
    """Every pattern that stands in our code as a text: where, itself, its flags."""
    for path in sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in {f"re.{name}" for name in NAMES} and node.args:
                try:
                    text = ast.literal_eval(node.args[0])
                except ValueError:
                    continue  # made of others, which are looked at where they stand
                flags = re.IGNORECASE if "IGNORECASE" in ast.unparse(node) else 0
                if isinstance(text, str):
                    yield f"{path.relative_to(ROOT)}:{node.lineno}", text, flags | (re.VERBOSE if "VERBOSE" in ast.unparse(node) else 0)


def made_of_others() -> Iterator[tuple[str, re.Pattern[str]]]:
    """Patterns that are put together when a module is read."""
    import importlib

    for name in MODULES:
        module = importlib.import_module(name)
        for attribute, value in vars(module).items():
            for one in value if isinstance(value, tuple | list) else [value]:
                if isinstance(one, re.Pattern) and isinstance(one.pattern, str):
                    yield f"{name}.{attribute}", one


MODULES = (
    "hearback.redaction", "hearback.personal", "hearback.phones", "hearback.dates", "hearback.streets", "hearback.sms_text",
    "hearback.graphemes",
    "channels.choices", "channels.parts", "channels.webhooks", "channels.taking", "bot.needs", "bot.languages", "bot.outcome_words",
    "backoffice.records", "backoffice.georeport", "backoffice.calls", "engagement.search", "console.query", "console.access",
)  # fmt: skip


CLASSES = {constants.CATEGORY_DIGIT: "7", constants.CATEGORY_SPACE: " "}


def pieces(op: Any, value: Any) -> Iterator[str]:
    """The letters that one step of a pattern takes, and those of the steps inside it."""
    if op is constants.LITERAL:
        yield chr(value)
    elif op is constants.RANGE:
        yield chr(value[0])
    elif op is constants.CATEGORY:
        yield CLASSES.get(value, "a")
    elif op in (constants.ANY, constants.NOT_LITERAL):
        yield "a"
    elif isinstance(value, list | tuple | parser.SubPattern):
        for inside in value:
            if isinstance(inside, tuple) and len(inside) == 2 and not isinstance(inside[0], int):
                yield from pieces(*inside)
            elif isinstance(inside, list | tuple | parser.SubPattern):
                yield from pieces(None, inside)


def letters_of(pattern: str, flags: int) -> list[str]:
    """Letters of which words can be made that the pattern nearly takes."""
    return list(dict.fromkeys(pieces(None, parser.parse(pattern, flags))))


def attacks(pattern: str, flags: int) -> Iterator[str]:
    letters = letters_of(pattern, flags)[:24]
    words = ["".join(letters), *letters, *(a + b for a, b in zip(letters, letters[1:], strict=False)), "a", " ", "0", "-", "a ", "1 "]
    for word in list(dict.fromkeys(word for word in words if word))[:MOST_PUMPS]:
        pumped = (word * LONGEST)[:LONGEST]
        yield pumped
        yield pumped[:-1] + "\x00"
        yield letters[0] + pumped[:-2] + "!" if letters else pumped


def stop(*_: object) -> None:
    raise TimeoutError


def slowest(compiled: re.Pattern[str]) -> tuple[float, str]:
    """The most seconds that a search takes, and over what; stops early where one takes too long."""
    worst, over = 0.0, ""
    before = signal.signal(signal.SIGVTALRM, stop)  # of this process alone
    try:
        for words in attacks(compiled.pattern, compiled.flags & ~re.UNICODE):
            signal.setitimer(signal.ITIMER_VIRTUAL, 4 * WITHIN)
            begun = time.thread_time()
            try:
                for way in (compiled.search, compiled.fullmatch):
                    way(words)
            except TimeoutError:
                return 4 * WITHIN, words
            finally:
                signal.setitimer(signal.ITIMER_VIRTUAL, 0)
            if (took := time.thread_time() - begun) > worst:
                worst, over = took, words
            if worst > WITHIN:
                break
    finally:
        signal.signal(signal.SIGVTALRM, before)
    return worst, over


@pytest.mark.parametrize(
    ("where", "text", "flags"), list(patterns()), ids=lambda one: one if isinstance(one, str) and ".py:" in one else ""
)
def test_no_pattern_takes_long_over_any_words(where: str, text: str, flags: int) -> None:
    took, over = slowest(re.compile(text, flags))
    assert took < WITHIN, f"{where}: {took:.1f} s over {over[:60]!r}"


def test_no_pattern_that_is_made_of_others_takes_long() -> None:
    found = list(made_of_others())
    assert len(found) > 30
    late = [(where, took, over[:60]) for where, one in found for took, over in [slowest(one)] if took >= WITHIN]
    assert not late


def test_a_pattern_that_does_take_long_is_found() -> None:
    assert slowest(re.compile(r"(a+)+$"))[0] > WITHIN
