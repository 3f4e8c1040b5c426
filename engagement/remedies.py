"""What a "no" does: the request is opened again, or a new one names it, once; the citizen hears it, and a next round begins."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, func, select, update

from engagement.database import reads, writes
from engagement.outcome_events import OutcomeRows, as_outcome, read_outcomes
from engagement.requests import AGAIN, all_requests, as_request
from engagement.tables import conversations, outcomes, requests
from engagement.values import Conversation, Message, Outcome, Reply, Request

PAUSES = (10, 30, 60, 300, 900, 3600)  # seconds before the back office is asked again to take a "no"
LEASE = timedelta(seconds=60)


class Remedies(OutcomeRows):
    _speak: Callable[..., list[Message]]

    @writes
    def take_remedies(self, connection: Connection, limit: int = 20) -> list[tuple[Outcome, Request]]:
        """A "no" that the back office has not taken yet: each is the caller's for a minute."""
        now = self._clock.now()
        query = read_outcomes().where(outcomes.c.remedy == "reopening", outcomes.c.remedy_at <= now).order_by(outcomes.c.remedy_at)
        found = [as_outcome(row) for row in connection.execute(query.limit(limit).with_for_update(of=outcomes, skip_locked=True))]
        taken = [replace(one, remedy_tries=one.remedy_tries + 1) for one in found]
        for one in taken:
            change = {"remedy_at": now + self._clock.lease(LEASE), "remedy_tries": one.remedy_tries}
            connection.execute(update(outcomes).where(outcomes.c.id == one.id).values(**change))
        rows = [connection.execute(all_requests().where(requests.c.id == one.request_id)).one() for one in taken]
        return [(one, as_request(row)) for one, row in zip(taken, rows, strict=True)]

    @writes
    def remedy_later(self, connection: Connection, outcome: Outcome) -> None:
        """The back office does not answer now; nothing changes where another has begun to try since `outcome` was read."""
        mine = (outcomes.c.id == outcome.id) & (outcomes.c.remedy == "reopening") & (outcomes.c.remedy_tries == outcome.remedy_tries)
        seconds = PAUSES[min(outcome.remedy_tries, len(PAUSES) - 1)]
        now = self._clock.now()
        connection.execute(update(outcomes).where(mine).values(remedy_at=now + timedelta(seconds=seconds), updated_at=now))

    @writes
    def remedied(
        self, connection: Connection, outcome_id: int, remedy: str, *, reference: str | None = None, token: str | None = None, told: bool
    ) -> bool:
        """What was done about a "no", once: the request is open again (`reopened`), a new one names it (`linked`), or the team has it.

        A next round begins with it. `told` when the citizen hears so in the same breath. False where it was done before.
        """
        now = self._clock.now()
        row = connection.execute(select(outcomes).where(outcomes.c.id == outcome_id).with_for_update()).one()
        if row.remedy != "reopening":
            return False
        self._change(
            connection, outcome_id, now, remedy=remedy, remedy_at=None, remedy_reference=reference, remedy_told_at=now if told else None
        )
        self._event(connection, outcome_id, key=f"{outcome_id}:remedy", at=now, fact="remedy", value=remedy, given=reference, source="bot")
        first = as_request(connection.execute(all_requests().where(requests.c.id == row.request_id)).one())
        if remedy == "reopened":
            again = {
                "status": "open",
                "progress": "open",
                "progress_at": now,
                "declared_at": None,
                "detailed_status": None,
                "watch_at": now,
            }
            connection.execute(update(requests).where(requests.c.id == first.id).values(**again, updated_at=now))
            self._begin_round(connection, first, number=row.round + 1, now=now, task=row.task)
        elif remedy == "linked":
            self._link(connection, row, first, reference=reference, token=token, now=now)
        return True

    def _link(
        self, connection: Connection, row: Row[Any], first: Request, *, reference: str | None, token: str | None, now: datetime
    ) -> None:
        """The new request that names the first takes its place: it is watched, and its citizen asked."""
        key = f"{row.key}{AGAIN}"
        added = self._database.insert(requests).values(
            key=key, conversation_id=first.conversation_id, service_code=first.service_code, service_name=first.service_name,
            report=first.report, contact_id=first.contact_id, updates=first.updates, hears=first.hears, state="sent", status="open",
            progress="open", watch_at=now, attempts=1, reference=reference, token=token, linked_to=first.reference, told_at=now,
            created_at=now, updated_at=now,
        )  # fmt: skip
        connection.execute(added.on_conflict_do_nothing(index_elements=["key"]))
        linked = as_request(connection.execute(all_requests().where(requests.c.key == key)).one())
        self._begin_round(connection, linked, number=row.round + 1, now=now, task=row.task)

    @reads
    def remedies_untold(self, connection: Connection) -> list[tuple[Outcome, Conversation]]:
        """What was done about a "no" later than the citizen said it, and they have not heard."""
        where = func.coalesce(outcomes.c.asked_in, outcomes.c.conversation_id)
        query = (
            select(outcomes, conversations.c.state.label("chat"), conversations.c.channel.label("way"), conversations.c.language)
            .add_columns(conversations.c.id.label("where"))
            .join(conversations, conversations.c.id == where)
            .where(outcomes.c.remedy.in_(("reopened", "linked", "with_team")), outcomes.c.remedy_told_at.is_(None))
            .where((outcomes.c.remedy != "linked") | outcomes.c.remedy_reference.is_not(None))  # its number is what we tell
        )
        rows = connection.execute(query.limit(50)).all()
        return [(as_outcome(row), Conversation(id=row.where, channel=row.way, state=row.chat, language=row.language)) for row in rows]

    @writes
    def tell_remedy(self, connection: Connection, outcome_id: int, conversation: Conversation, reply: Reply) -> list[Message]:
        """Tell the citizen what was done, once."""
        now = self._clock.now()
        untold = (outcomes.c.id == outcome_id) & outcomes.c.remedy_told_at.is_(None)
        if connection.execute(update(outcomes).where(untold).values(remedy_told_at=now)).rowcount == 0:
            return []
        return self._speak(connection, conversation, [reply], reply_to=None, now=now, outreach=True)
