"""How services of the directory are written down: a few lines each on the web, one line each in a text message."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from backoffice.support import Support

LONGEST = 160  # characters of a description
LINE = 66  # characters of a line in a text message: three, and what is said around them, make two segments
PLACES = 2


def on_the_web(services: Iterable[Support], near: Mapping[str, Sequence[str]] | None) -> str:
    """Name and partner, what, when, where (the nearest first), cost, how to reach it, and what is unusual now."""
    return "\n\n".join("\n".join(line for line in _lines(one, near) if line) for one in services)


def short_lines(services: Iterable[Support]) -> str:
    """Name and number; where it fits, when."""
    return "\n".join(_short(one) for one in services)


def _lines(one: Support, near: Mapping[str, Sequence[str]] | None) -> Iterator[str | None]:
    yield f"{one.name} ({one.organization})" if one.organization else one.name
    yield one.alert or (one.status.capitalize() if one.closed else None)
    yield _beginning(one.description or "")
    yield one.when
    yield "; ".join(_where(one, (near or {}).get(one.id, ())))
    yield one.cost
    yield ", ".join(way for way in (one.phone, one.email, one.url) if way)


def _where(one: Support, nearest: Sequence[str]) -> list[str]:
    places = {place.id: place.words for place in one.places}
    order = [*(id for id in nearest if id in places), *(id for id in places if id not in nearest)]
    return [places[id] for id in order[:PLACES]]


def _beginning(text: str) -> str:
    """The first sentences that fit, or what fits of the first."""
    kept = ""
    for sentence in re.split(r"(?<=[.!?])\s+", " ".join(text.split())):
        if kept and len(kept) + len(sentence) >= LONGEST:
            break
        kept = f"{kept} {sentence}".strip()
    return kept if len(kept) <= LONGEST else f"{kept[: LONGEST - 3].rsplit(' ', 1)[0]}..."


def _short(one: Support) -> str:
    way = one.phone or one.email or one.url or ""
    line = f"{one.name[: LINE - len(way) - 2]}: {way}" if way else one.name[:LINE]
    unusual = (one.alert or one.status) if one.closed else one.when
    for more in (unusual, one.status if one.closed else None):
        if more and len(line) + len(more) + 2 <= LINE:
            return f"{line}, {more}"
    return line
