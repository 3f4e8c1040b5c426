"""Measures a model on the held-out sets, line by line, so that two models can be laid side by side."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import yaml

from backoffice import catalogue
from bot.nlu import report
from bot.nlu.check import HELD_OUT
from bot.nlu.report import share
from bot.outcome_words import answer_in
from bot.own_tasks import OWN_TASK
from hearback.settings import Settings

SOME = slice(None, None, 3)  # of the sentences with typing slips, which tell the same for a third of the time
QUESTION = {"id": 1, "reference": "ASH-104233", "service": "POTHOLE", "subject": "request"}
LANGUAGES = ("cy", "pl")
NEEDED = ("floors.yml", "services.yml", "entities.yml", "outcome_answers.yml", *(f"languages/{code}.yml" for code in LANGUAGES))
Parsed = dict[str, Any]
# {figures: {name: share}, recall: {intent, or "service CODE": [right, of]}, lines: [[set, text, right, told]]}
Measured = dict[str, Any]


def missing() -> list[str]:
    """The held-out files that this installation does not have."""
    return [name for name in NEEDED if not (HELD_OUT / name).is_file()]


def held_out_fingerprint() -> str:
    """Changes when the held-out sets do, what they are measured with, or the services that the back office offers."""
    paths = [*sorted(HELD_OUT.rglob("*.yml")), Path(__file__), Path(report.__file__)]
    offered = repr(sorted(catalogue.read(Settings.from_environ().home).entries)).encode()
    return hashlib.sha256(b"".join([*(path.read_bytes() for path in paths), offered])).hexdigest()


def floors() -> dict[str, float]:
    return dict(yaml.safe_load((HELD_OUT / "floors.yml").read_text(encoding="utf-8")))


class Reader:
    """A model that understands lines."""

    def __init__(self, model: Path) -> None:
        import structlog
        from rasa.core.agent import Agent

        structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
        self._agent = Agent.load(str(model))
        self._known: dict[tuple[str, str], Parsed] = {}

    def read(self, texts: Iterable[str], language: str = "en") -> list[Parsed]:
        return asyncio.run(self._read(list(texts), language))

    async def _read(self, texts: list[str], language: str) -> list[Parsed]:
        from rasa.core.channels.channel import UserMessage

        for text in texts:
            if (text, language) not in self._known:
                message = UserMessage(text, metadata={"language": language})
                self._known[text, language] = dict(await self._agent.processor.parse_message(message))
        return [self._known[text, language] for text in texts]


def measure(reader: Reader, say: Callable[[str], None] = lambda step: None) -> Measured:
    """Every held-out set."""
    pairs = report.held_out()
    texts, right = [text for text, _ in pairs], [intent for _, intent in pairs]
    say("intents")
    told = [_intent(one) for one in reader.read(texts)]
    lines = [["intents", *one] for one in zip(texts, right, told, strict=True)]
    figures = report.intent_figures(right, told)
    say("typing errors")
    slipped = [report.mistyped(text) for text in texts[SOME]]
    heard = [_intent(one) for one in reader.read(slipped)]
    lines += [["typos", *one] for one in zip(slipped, right[SOME], heard, strict=True)]
    figures["intent_two_typos"] = share(one == other for one, other in zip(right[SOME], heard, strict=True))
    say("services")
    figures |= report.service_figures(reader.read) | report.entity_figures(reader.read)
    services = report.services()
    ranked = reader.read([phrase for phrase, _ in services])
    lines += [["services", phrase, code, _service(one)] for (phrase, code), one in zip(services, ranked, strict=True)]
    say("answers to the outcome question")
    figures |= _outcomes(reader, lines)
    say("Welsh and Polish")
    for code in LANGUAGES:
        figures |= _language(reader, code, lines)
    recall: dict[str, list[int]] = {}
    whats = [(intent, intent, heard_as) for intent, heard_as in zip(right, told, strict=True)]
    # What is said of one service is a small set of its own: a batch that turns a few of its sentences hardly moves the whole.
    whats += [
        (f"service {code}", OWN_TASK.get(code, "report_problem"), _intent(one)) for (_, code), one in zip(services, ranked, strict=True)
    ]
    for name, intent, heard_as in whats:
        counted = recall.setdefault(name, [0, 0])
        counted[0] += _same(intent, heard_as)
        counted[1] += 1
    lines += [["wishes", phrase, what, heard] for (phrase, _), (_, what, heard) in zip(services, whats[len(pairs) :], strict=True)]
    return {"figures": {name: round(value, 5) for name, value in figures.items()}, "recall": recall, "lines": lines}


def _outcomes(reader: Reader, lines: list[list[str]]) -> dict[str, float]:
    rows, figures = yaml.safe_load((HELD_OUT / "outcome_answers.yml").read_text(encoding="utf-8")), {}
    others: list[bool] = []
    for language, answers in rows.items():
        hits: list[bool] = []
        for right, said in answers.items():
            for line, parsed in zip(said, reader.read(said, language), strict=True):
                told = answer_in(line, parsed, QUESTION) or "none"
                lines.append(["outcomes", line, right, told])
                (others if right == "none" else hits).append(told == right)
        figures[f"outcome_answers_{language}"] = share(hits)
    figures["outcome_others_left"] = share(others)
    return figures


def _language(reader: Reader, code: str, lines: list[list[str]]) -> dict[str, float]:
    rows = yaml.safe_load((HELD_OUT / "languages" / f"{code}.yml").read_text(encoding="utf-8"))["intents"]
    pairs = [(line, intent) for intent, said in rows.items() for line in said]
    told = [_intent(one) for one in reader.read([line for line, _ in pairs], code)]
    lines += [[code, line, intent, one] for (line, intent), one in zip(pairs, told, strict=True)]
    danger = [one == intent for (_, intent), one in zip(pairs, told, strict=True) if intent == report.DANGER]
    return {f"intent_{code}": share(one == intent for (_, intent), one in zip(pairs, told, strict=True)), f"danger_{code}": share(danger)}


def _intent(parsed: Parsed) -> str:
    return str((parsed.get("intent") or {}).get("name"))


def _service(parsed: Parsed) -> str:
    return str(next((one["code"] for one in parsed.get("services") or ()), None))


def _same(right: str, told: str) -> bool:
    return told == right or (right == "out_of_scope" and told in report.TURNED_AWAY)
