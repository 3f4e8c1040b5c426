"""Which language a citizen writes in, or asks for. Names of people and streets, references and short answers tell nothing."""

from __future__ import annotations

import re
from functools import lru_cache
from importlib.metadata import version
from typing import Any, cast

import numpy as np

from bot.nlu.tables import tables
from hearback import profile

SURE, SURE_OF_OTHERS = 0.7, 0.95
FEWEST_WORDS, FEWEST_WORDS_OF_OTHERS = 3, 4
FEWEST_WORDS_BACK, FEWEST_WORDS_ANSWERING = 5, 12  # to English: whatever they speak, citizens answer questions with English places
SURE_OF_SCRIPT, FEWEST_LETTERS = 0.6, 2
LONGEST_WISH = 9  # words
WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
UNTELLING = re.compile(
    r"\S*\d\S*|\S+@\S+|\S+://\S+"  # numbers, postcodes, references, addresses
    r"|\b(?:heol|stryd|rhodfa|ffordd|clos|maes|l[oô]n)(?:'r|\s+yr?|\s+h[eê]n|\s+pen)\s+\w+",  # Welsh streets in lower case
    re.IGNORECASE,
)


def language_of(text: str, current: str, *, answering: bool = False) -> str | None:
    """The language to go on in, or None when this text, perhaps an answer to a question of ours, gives no reason to change."""
    found = asked_for(text) or _opening(text) or _written_in(text)
    if found == "en" and not asked_for(text) and not _returns(text, current, answering):
        return None
    return None if found == current else found


@lru_cache(maxsize=1)
def _names() -> dict[str, str]:
    return {name: code for code, words in profile.languages().items() for name in words["names"]}


@lru_cache(maxsize=1)
def _around() -> frozenset[str]:
    return frozenset(word for words in profile.languages().values() for word in words.get("around", ()))


@lru_cache(maxsize=1)
def _openings() -> dict[str, str]:
    return {opening: code for code, words in profile.languages().items() for opening in words.get("openings", ())}


@lru_cache(maxsize=1)
def _begins() -> dict[str, str]:
    return {beginning: code for code, words in profile.languages().items() for beginning in words.get("begins", ())}


def asked_for(text: str) -> str | None:
    """The language that a citizen asks for in a message of its own: "Cymraeg", "in English please", "po polsku"."""
    words = WORD.findall(text.lower())
    named = {code for word in words if (code := _names().get(word))}
    wishes = all(word in _names() or word in _around() for word in words)
    return named.pop() if len(named) == 1 and wishes and len(words) <= LONGEST_WISH else None


def _opening(text: str) -> str | None:
    said = " ".join(WORD.findall(text.lower()))
    begun = (code for beginning, code in _begins().items() if f"{said} ".startswith(f"{beginning} ") and " " in said)
    return _openings().get(said) or next(begun, None)


def _written_in(text: str) -> str | None:
    telling = UNTELLING.sub(" ", text)
    letters = [letter for letter in telling if letter.isalpha()]
    if sum(letter > "\u024f" for letter in letters) * 2 > len(letters):  # no Latin script
        code, sure = _best(" ".join(telling.split()))
        return code if sure >= SURE_OF_SCRIPT and len(letters) >= FEWEST_LETTERS else None
    words = _telling_words(text)
    if len(words) < FEWEST_WORDS:
        return None
    code, sure = _best(" ".join(words))
    if code in profile.answered_languages():
        return code if sure >= SURE else None
    return code if sure >= SURE_OF_OTHERS and len(words) >= FEWEST_WORDS_OF_OTHERS else None


def _telling_words(text: str) -> list[str]:
    """The words without names, which begin with a capital letter, unless all of the text is in capitals."""
    telling = UNTELLING.sub(" ", text)
    words = WORD.findall(telling.lower() if telling.isupper() else telling)
    return [word for at, word in enumerate(words) if at == 0 or not word[0].isupper()]


def _returns(text: str, current: str, answering: bool) -> bool:
    """Whether English words are enough to leave another language. One that we cannot answer in stays on record: English goes on anyway."""
    fewest = FEWEST_WORDS_ANSWERING if answering else FEWEST_WORDS_BACK
    return current in profile.answered_languages() and len(_telling_words(text)) >= fewest


@lru_cache(maxsize=1)
def _identifier() -> Any:
    from py3langid.langid import LanguageIdentifier

    parts = tables(f"py3langid-{version('py3langid')}", _unpacked)
    walk: dict[str, Any] = {name: memoryview(cast(Any, parts[name])) for name in ("nextmove", "output", "row")}
    identifier = LanguageIdentifier(
        parts["weights"], parts["shares"], parts["labels"].tolist(), walk["nextmove"], walk["output"], norm_probs=True, tk_row=walk["row"]
    )
    identifier.set_languages(list(profile.languages()))
    identifier._full_model = None  # the other languages
    return identifier


def _unpacked() -> dict[str, Any]:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    whole = LanguageIdentifier.from_model_file(MODEL_FILE)
    return {
        "weights": whole.nb_ptc, "shares": whole.nb_pc, "labels": np.array(whole.nb_classes),
        "nextmove": np.asarray(whole.tk_nextmove), "output": np.array(whole.tk_output, np.int32), "row": np.asarray(whole.tk_row),
    }  # fmt: skip


def _best(text: str) -> tuple[str, float]:
    """The likeliest of our languages and its share of the likelihood."""
    code, share = _identifier().rank(text)[0]
    return str(code), float(share)


def load() -> None:
    """Read the model now, so that no citizen waits for it."""
    _identifier()
