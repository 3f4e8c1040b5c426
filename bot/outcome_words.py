"""Whether a citizen's words answer "Is it done?", and how. Pure: what the assistant made of them comes with them."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from hearback import profile

ANSWERS = ("not_mine", "partly", "not_fixed", "fixed")
UNSAID = "unsaid"
IN_A_WORD = {"affirm": "fixed", "deny": "not_fixed"}  # as an answer to this question
SURE, SURE_TOGETHER = 0.3, 0.5
REQUESTS = frozenset("report_problem report_missed_bin report_repair order_bin book_bulky_waste".split())


def answer_in(words: str, parsed: dict[str, Any], question: dict[str, Any]) -> str | None:
    """fixed, partly, not_fixed or not_mine; None where the words are about something else, such as danger or another request.

    `parsed` is what Rasa made of the words; `question` is {id, reference, service (its code), subject}.
    """
    intent, confidence = _intent(parsed)
    named = {one["value"] for one in parsed.get("entities") or () if one["entity"] == "reference"}
    if intent == "report_danger" or words.rstrip().endswith("?") or named - {question.get("reference")}:
        return None
    said = _plain(words)
    if (short := _short(said)) is not None:
        return None if short == UNSAID else short
    if confidence >= SURE:
        if intent.startswith("outcome_"):
            return intent.removeprefix("outcome_")
        if intent in IN_A_WORD:
            return IN_A_WORD[intent]
        if intent in REQUESTS and _same_again(said, parsed, question):
            return "not_fixed"
    return _likely(parsed) if intent == "nlu_fallback" else None


def _intent(parsed: dict[str, Any]) -> tuple[str, float]:
    intent = parsed.get("intent") or {}
    return str(intent.get("name") or ""), float(intent.get("confidence") or 0.0)


def _likely(parsed: dict[str, Any]) -> str | None:
    """The likeliest answer where the words are unclear and yet hardly anything but an answer."""
    ranked = [(one["name"], one["confidence"]) for one in parsed.get("intent_ranking") or () if one["name"].startswith("outcome_")]
    if not ranked or sum(confidence for _, confidence in ranked) < SURE_TOGETHER:
        return None
    return str(max(ranked, key=lambda one: one[1])[0]).removeprefix("outcome_")


def _same_again(said: str, parsed: dict[str, Any], question: dict[str, Any]) -> bool:
    """Whether a request is the one that was asked about, said not to be done: "bin still not emptied"."""
    services: list[dict[str, Any]] = list(parsed.get("services") or ())
    same = bool(services) and services[0].get("code") == question.get("service")
    return same and any(f" {word} " in f" {said} " for word in _still())


def _short(said: str) -> str | None:
    """What a short answer says by its own words, without those around it."""
    words, known, around = said.split(), _known(), _around()
    begin, end = _begin(words, around), _end(words, around)
    tries = (words, words[begin:], words[begin:end])
    return next((known[said] for said in (" ".join(one) for one in tries) if said in known), None)


def _begin(words: list[str], around: frozenset[str]) -> int:
    return next((at for at, word in enumerate(words) if word not in around), len(words))


def _end(words: list[str], around: frozenset[str]) -> int:
    return next((at for at in range(len(words), 0, -1) if words[at - 1] not in around), 0)


def _plain(words: str) -> str:
    return " ".join(re.findall(r"[^\W_]+", words.casefold().replace("'", "").replace("’", "")))


@lru_cache(maxsize=1)
def _known() -> dict[str, str]:
    """Whole answers by their words, of all languages: citizens mix them."""
    rows = profile.outcome_words().values()
    return {_plain(words): answer for answer in (*ANSWERS[::-1], UNSAID) for row in rows for words in row.get(answer, ())}


@lru_cache(maxsize=1)
def _around() -> frozenset[str]:
    return frozenset(word for row in profile.outcome_words().values() for word in row["around"])


@lru_cache(maxsize=1)
def _still() -> frozenset[str]:
    return frozenset(word for row in profile.outcome_words().values() for word in row["still"])
