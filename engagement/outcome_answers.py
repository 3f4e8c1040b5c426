"""What citizens say of an outcome, asked or unasked: the latest answer counts, each is kept."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, or_, select, update

from engagement.database import reads, writes
from engagement.outcome_events import OutcomeRows, as_outcome, read_outcomes
from engagement.tables import conversations, outcome_events, outcomes, requests
from engagement.values import NO, Outcome
from hearback import asking

HEARD = timedelta(days=120)  # how long after the question an answer in other words is taken for one
LEASE = timedelta(seconds=60)
MOST_ASKED = 20  # questions of a conversation that are looked back at


def open_question(connection: Connection, conversation_id: str, now: datetime, *, turn: str = "") -> Outcome | None:
    """What was asked last in this conversation and not answered yet, also where we gave up waiting.

    `turn` is the key of the turn in hand: what it answered before it was broken off, and is run again, is open to it.
    """
    asked = (outcomes.c.asked_in == conversation_id) & (outcomes.c.asked_at > now - HEARD)
    query = read_outcomes().where(asked).order_by(outcomes.c.asked_at.desc(), outcomes.c.id.desc())
    for row in connection.execute(query.limit(MOST_ASKED)):
        if row.state in ("asked", "reminded", "silent") or (turn and _answered_by(connection, row.id, turn)):
            return as_outcome(row)
    return None


def _answered_by(connection: Connection, outcome_id: int, turn: str) -> bool:
    key = f"{outcome_id}:confirmed:{turn}"
    events = select(outcome_events.c.id).where(outcome_events.c.outcome_id == outcome_id)
    ours = (outcome_events.c.key == key) | outcome_events.c.key.startswith(f"{key}+", autoescape=True)  # or a need in it
    return connection.execute(events.where(ours).limit(1)).first() is not None


class Answers(OutcomeRows):
    @reads
    def open_question(self, connection: Connection, conversation_id: str) -> Outcome | None:
        return open_question(connection, conversation_id, self._clock.now())

    @reads
    def one(self, connection: Connection, outcome_id: int) -> Outcome | None:
        row = connection.execute(read_outcomes().where(outcomes.c.id == outcome_id)).one_or_none()
        return as_outcome(row) if row else None

    @reads
    def of_request(self, connection: Connection, request_id: int, *, turn: str = "") -> Outcome | None:
        """The round in which a request is now, or that the turn of this key answered before it was broken off."""
        rounds = read_outcomes().where(outcomes.c.request_id == request_id).order_by(outcomes.c.round.desc())
        rows = connection.execute(rounds).all()
        answered = next((row for row in rows if turn and _answered_by(connection, row.id, turn)), None)
        found = answered or (rows[0] if rows else None)
        return as_outcome(found) if found else None

    @reads
    def of_citizen(self, connection: Connection, outcome_id: int, conversation_id: str) -> Outcome | None:
        """An outcome that this conversation may answer: it was asked here, or is about what was raised here or by this number."""
        theirs = select(conversations.c.contact_id).where(conversations.c.id == conversation_id).scalar_subquery()
        mine = or_(
            outcomes.c.asked_in == conversation_id, outcomes.c.conversation_id == conversation_id, conversations.c.contact_id == theirs
        )
        query = read_outcomes().join(conversations, conversations.c.id == outcomes.c.conversation_id)
        row = connection.execute(query.where(outcomes.c.id == outcome_id, mine)).one_or_none()
        return as_outcome(row) if row else None

    @writes
    def answer(
        self, connection: Connection, outcome_id: int, answer: str, *, key: str, channel: str, words: str = "", remedy: str | None = None
    ) -> Outcome:
        """The citizen says how it came out; the same `key` (one for each turn) again changes nothing. The latest answer counts.

        With `remedy` ("reopening", "with_team") something must be done about it: the clock for that starts, and whoever said `reopening`
        has a minute for it before others try; `with_team` is told in the same breath. Who says that it is not theirs hears no more of it.
        """
        now = self._clock.now()
        row = connection.execute(select(outcomes).where(outcomes.c.id == outcome_id).with_for_update()).one()
        news = self._event(
            connection, outcome_id, key=f"{outcome_id}:confirmed:{key}"[:200], at=now, fact="confirmed", value=answer, notes=words or None,
            source="citizen", channel=channel,
        )  # fmt: skip
        if news:
            change: dict[str, Any] = {
                "state": "answered", "due_at": None, "confirmed": answer, "confirmed_at": now, "confirmed_channel": channel,
                "words": words or row.words,
            }  # fmt: skip
            if answer in NO and remedy and row.remedy is None:
                change |= {"remedy": remedy, "act_by": asking.asking().act_by(now)}
                change |= {"remedy_at": now + self._clock.lease(LEASE)} if remedy == "reopening" else {"remedy_told_at": now}
            self._change(connection, outcome_id, now, **change)
            if answer == "not_mine" and row.request_id is not None:
                connection.execute(update(requests).where(requests.c.id == row.request_id).values(updates=False, hears="none"))
        return as_outcome(connection.execute(select(outcomes).where(outcomes.c.id == outcome_id)).one())
