"""`make nlu-report`: how well the current model understands wording that it never saw; writes docs/understanding/."""

from __future__ import annotations

import asyncio
import logging
import os
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from statistics import median
from typing import Any

import yaml

from bot.nlu.check import HELD_OUT, NOT_INTENTS, SHORT, TAUGHT, plain
from hearback.settings import ROOT
from hearback.training import current

OUT = ROOT / "docs" / "understanding"
TURNED_AWAY = {"out_of_scope", "nlu_fallback"}
DANGER = "report_danger"
KEYS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
MOST = 25  # pairs shown

Parse = Callable[[list[str]], list[dict[str, Any]]]


def examples(path: Path) -> list[tuple[str, str]]:
    """(sentence, intent) pairs of a language file."""
    blocks = yaml.safe_load(path.read_text(encoding="utf-8")).get("nlu", ())
    return [(line[2:], block["intent"]) for block in blocks for line in block["examples"].splitlines() if line.startswith("- ")]


def held_out() -> list[tuple[str, str]]:
    """What the training never saw; a sentence that slipped into the training too is left out."""
    taught = {plain(text) for path in TAUGHT.glob("*.yml") for text, _ in examples(path)}
    pairs = [pair for path in sorted(HELD_OUT.glob("*.yml")) if path.name not in NOT_INTENTS for pair in examples(path)]
    return [(text, intent) for text, intent in pairs if plain(text) not in taught or len(text.split()) <= SHORT]


def services() -> list[tuple[str, str]]:
    rows = yaml.safe_load((HELD_OUT / "services.yml").read_text(encoding="utf-8"))
    return [(phrase, code) for code, phrases in rows.items() for phrase in phrases]


def entities() -> list[tuple[str, dict[str, str]]]:
    rows = yaml.safe_load((HELD_OUT / "entities.yml").read_text(encoding="utf-8"))
    return [(row["text"], row["entities"] or {}) for row in rows]


def mistyped(text: str, slips: int = 2) -> str:
    """The text with typing slips: letters swapped, left out, doubled, or a neighbouring key's. The same text slips alike every time."""
    chance, letters = random.Random(text), list(text)
    for _ in range(slips):
        places = [at for at, letter in enumerate(letters) if letter.isalpha()]
        if len(places) < 2:
            break
        at, kind = chance.choice(places), chance.randrange(4)
        if kind == 0 and at + 1 < len(letters):
            letters[at], letters[at + 1] = letters[at + 1], letters[at]
        elif kind == 1:
            del letters[at]
        elif kind == 2:
            letters.insert(at, letters[at])
        else:
            letters[at] = chance.choice(_neighbours(letters[at].lower()))
    return "".join(letters)


def _neighbours(letter: str) -> str:
    for row in KEYS:
        if (at := row.find(letter)) >= 0:
            return row[max(0, at - 1) : at] + row[at + 1 : at + 2]
    return letter


def loaded() -> tuple[Parse, Path]:
    """parse(texts) with the current model, and the model's file."""
    import structlog
    from rasa.core.agent import Agent

    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    model = current()
    if model is None:
        raise SystemExit("There is no current model: run `make train` first.")
    agent = Agent.load(str(model))

    async def all_of(texts: list[str]) -> list[dict[str, Any]]:
        return [await agent.parse_message(text) for text in texts]

    return lambda texts: asyncio.run(all_of(texts)), model


def share(hits: Iterable[bool]) -> float:
    kept = list(hits)
    return sum(kept) / len(kept) if kept else 0.0


def intents_of(parse: Parse, texts: list[str]) -> list[str]:
    return [told["intent"]["name"] for told in parse(texts)]


def intent_figures(right: list[str], told: list[str]) -> dict[str, float]:
    """The floors' figures, from right and understood intents side by side."""
    pairs = list(zip(right, told, strict=True))
    return {
        "intent": share(one == other for one, other in pairs),
        "out_of_scope": share(other in TURNED_AWAY for one, other in pairs if one == "out_of_scope"),
        "in_scope_kept": share(other not in TURNED_AWAY for one, other in pairs if one != "out_of_scope"),
        "report_danger_recall": share(other == DANGER for one, other in pairs if one == DANGER),
        "report_danger_precision": share(one == DANGER for one, other in pairs if other == DANGER),
    }


def service_figures(parse: Parse) -> dict[str, float]:
    rows = services()
    ranked = [[one["code"] for one in told["services"]] for told in parse([phrase for phrase, _ in rows])]
    return {
        "service_first": share(codes[:1] == [code] for codes, (_, code) in zip(ranked, rows, strict=True)),
        "service_among_three": share(code in codes for codes, (_, code) in zip(ranked, rows, strict=True)),
    }


def entity_figures(parse: Parse) -> dict[str, float]:
    """For each kind, how many of the wanted values were found and nothing else of that kind was."""
    rows, counted, right = entities(), Counter[str](), Counter[str]()
    for (_, wanted), told in zip(rows, parse([text for text, _ in rows]), strict=True):
        found: dict[str, list[str]] = {}
        for one in told["entities"]:
            found.setdefault(one["entity"], []).append(one["value"])
        for kind, value in wanted.items():
            counted[kind] += 1
            right[kind] += value in found.get(kind, ())
    return {f"entity_{kind}": right[kind] / counted[kind] for kind in sorted(counted)}


def milliseconds(parse: Parse, texts: list[str]) -> float:
    taken = []
    for text in texts:
        begun = time.perf_counter()
        parse([text])
        taken.append((time.perf_counter() - begun) * 1000)
    return median(taken)


def main() -> int:
    from bot.nlu import picture

    parse, model = loaded()
    pairs = held_out()
    texts, right = [text for text, _ in pairs], [intent for _, intent in pairs]
    told = intents_of(parse, texts)
    figures = intent_figures(right, told)
    figures["intent_two_typos"] = share(
        one == other for one, other in zip(right, intents_of(parse, [mistyped(text) for text in texts]), strict=True)
    )
    figures |= service_figures(parse) | entity_figures(parse)
    lines = [f"| {name.replace('_', ' ')} | {value:.3f} |" for name, value in figures.items()]
    load, cores = os.getloadavg()[0], os.cpu_count()
    lines.append(f"| milliseconds a message, median, at a load of {load:.1f} on {cores} cores | {milliseconds(parse, texts[::10]):.1f} |")
    lines.append(f"| model, MB | {model.stat().st_size / 1e6:.1f} |")
    confused = Counter((one, other) for one, other in zip(right, told, strict=True) if one != other).most_common(MOST)
    OUT.mkdir(parents=True, exist_ok=True)
    picture.draw(OUT / "confusion.png", right, told)
    (OUT / "README.md").write_text(
        "# How well Hearback understands\n\n"
        f"`make nlu-report` writes this page. {len(pairs)} sentences in `tests/nlu/` that training never saw.\n\n"
        "| | |\n|---|---|\n" + "\n".join(lines) + "\n\n![Right and understood intents](confusion.png)\n\n"
        "## Most confused\n\n| right | understood | times |\n|---|---|---|\n"
        + "\n".join(f"| {one} | {other} | {times} |" for (one, other), times in confused)
        + "\n"
    )
    print((OUT / "README.md").read_text())  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
