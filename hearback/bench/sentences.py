"""What the citizens of the bench say: held-out wording of intents that both assistants answer with one fixed utterance.

`KINDS` beside it are tasks that Hearback answers by an action, some with a question to the back office; stock Rasa has an utterance.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from functools import cache

import yaml

from hearback.settings import ROOT

HELD_OUT = ROOT / "tests" / "nlu"
# A conversation of six turns: greeting, two questions, a yes, thanks, goodbye.
CONVERSATION = ("greet", "help", "bot_challenge", "affirm", "thanks", "goodbye")
KINDS = ("ask_information", "out_of_scope", "find_support", "check_request")


@cache
def held_out(intent: str) -> list[str]:
    """Sentences of an intent that neither assistant was trained with."""
    for block in yaml.safe_load((HELD_OUT / f"{intent}.yml").read_text(encoding="utf-8"))["nlu"]:
        if block["intent"] == intent:
            return [line[2:] for line in block["examples"].splitlines() if line.startswith("- ")]
    raise KeyError(intent)


def scripts(seed: int) -> Iterator[list[str]]:
    """Conversations without end; the same seed gives the same ones."""
    chance = random.Random(seed)
    while True:
        yield [chance.choice(held_out(intent)) for intent in CONVERSATION]


def long_script(seed: int, length: int) -> list[str]:
    """One conversation of `length` messages."""
    texts: list[str] = []
    for script in scripts(seed):
        texts += script
        if len(texts) >= length:
            return texts[:length]
    raise AssertionError
