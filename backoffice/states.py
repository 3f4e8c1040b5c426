"""What a state of a request or update, as given, says in our words."""

from __future__ import annotations

from dataclasses import dataclass

from hearback.back_office import folded, word_of

PLAIN = ("open", "closed")  # all that GeoReport knows
CLOSED = ("done", "not_ours", "no_action", "duplicate")


@dataclass(frozen=True, kw_only=True)
class State:
    """`word` is ours, None where neither the state nor `status` is known; `given` is the state as given where it is finer than `PLAIN`."""

    word: str | None
    given: str | None = None


def state_of(given: str | None, *, status: str | None = None) -> State:
    """The state that was given in words or codes; `status`, open or closed where it is known, tells what an unknown one means."""
    finer = given.strip()[:80] if given and folded(given) and folded(given) not in PLAIN else None
    plain = status if finer or not given else given
    by_status = {"open": "open", "closed": "done"}.get(folded(plain or ""))
    known = word_of(finer) if finer else None
    if known and status in PLAIN and (known in CLOSED) != (status == "closed"):
        known = None  # a request that is closed is not in progress, whatever its finer state was left at
    return State(word=known or by_status, given=finer)
