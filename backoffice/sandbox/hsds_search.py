"""Full-text search over services: sentences may be asked, the best match comes first."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable

from backoffice.sandbox.directory import Item

# Words of a question that say nothing about a need.
PLAIN = frozenset(
    """
    a about all am an and any anyone anywhere are at be been but by can cant cannot could do does dont for from get getting
    go going got had has have he help her him his how i ill im in is it its ive just last like local looking me more most my
    near need needs needed no not of on one or our out own people please she so some somebody someone something somewhere
    such support than that the their them there they this to us very want wants was way we were what when where which who
    will with would you your
    """.split()
)
IN_NAME, IN_TERMS, IN_TEXT = 3.0, 2.0, 1.0
KEPT = 0.35


def stems(text: str) -> list[str]:
    """The words that matter, cut so that "drinking" is "drinks" and "loneliness" is "lonely"."""
    words = re.findall(r"[^\W_]+", text.lower().replace("'", "").replace("’", ""))
    return [word[:5] if len(word) > 5 else word.removesuffix("s") if len(word) > 3 else word for word in words if word not in PLAIN]


class Search:
    """Ranks services by the words they share with a question; rare words and words in names count more."""

    def __init__(self, services: Iterable[Item]) -> None:
        self._weights = {service["id"]: _weights(service) for service in services}
        used = Counter(stem for weights in self._weights.values() for stem in weights)
        self._rarity = {stem: math.log(1 + len(self._weights) / count) for stem, count in used.items()}

    def scores(self, question: str) -> dict[str, float]:
        """Score by service id, of the services that come near the best."""
        wanted = set(stems(question))
        scores = {id: sum(weights.get(stem, 0.0) * self._rarity.get(stem, 0.0) for stem in wanted) for id, weights in self._weights.items()}
        least = max(scores.values(), default=0.0) * KEPT
        return {id: score for id, score in scores.items() if score and score >= least}


def _weights(service: Item) -> dict[str, float]:
    terms = " ".join(attribute["taxonomy_term"]["name"] for attribute in service["attributes"])
    weights: dict[str, float] = {}
    for text, weight in (
        (service["description"], IN_TEXT),
        (service["organization"]["name"], IN_TEXT),
        (terms, IN_TERMS),
        (service["name"], IN_NAME),
    ):
        weights |= {stem: max(weight, weights.get(stem, 0.0)) for stem in stems(text)}
    return weights
