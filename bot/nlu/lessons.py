"""What the council's own data teaches the intents: citizens' phrases for services, answers and dangers are examples too."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import yaml

from bot.own_tasks import OWN_TASK
from hearback import profile

DANGER = "danger.yml"


def dangers() -> dict[str, dict[str, list[str]]]:
    """{kind: {sure: words in a row that mean it, examples: what citizens say}}."""
    found: dict[str, dict[str, list[str]]] = yaml.safe_load((profile.FOLDER / DANGER).read_text(encoding="utf-8"))
    return found


def lessons() -> Iterator[tuple[str, str]]:
    """(sentence, intent) pairs."""
    for code, phrases in profile.service_phrases().items():
        yield from ((phrase, OWN_TASK.get(code, "report_problem")) for phrase in phrases)
    for phrases in profile.information_phrases().values():
        yield from ((phrase, "ask_information") for phrase in phrases)
    for kind in dangers().values():
        yield from ((phrase, "report_danger") for phrase in kind["examples"])


def fingerprint() -> str:
    """Changes when the phrases do."""
    return profile.fingerprint() + hashlib.sha256((profile.FOLDER / DANGER).read_bytes()).hexdigest()


def reviewed(examples: Iterable[Any], kind: str) -> dict[str, list[str]]:
    """What colleagues taught: {code: sentences} of the training examples whose metadata names a service, information or need."""
    found: dict[str, list[str]] = {}
    for one in examples:
        about = (one.get("metadata") or {}).get("intent")
        if isinstance(about, dict) and about.get(kind):
            found.setdefault(str(about[kind]), []).append(str(one.get("text")))
    return found


def joined(known: Mapping[str, Iterable[str]], more: Mapping[str, Iterable[str]]) -> dict[str, list[str]]:
    """Both, each code's sentences together."""
    return {code: [*known.get(code, ()), *more.get(code, ())] for code in (*known, *(code for code in more if code not in known))}
