"""What the inbox shows: who waits and for which team, who has whom, which colleagues are there, how long it usually takes."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import fields
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, Select, func, select, update

from engagement.database import Database, reads, writes
from engagement.desk_values import Claim, Colleague, InLine, Pulse
from engagement.tables import claims, contacts, conversations, handovers, messages, presence, staff, staff_sessions
from engagement.turns import as_message
from engagement.values import GONE, Handover, Message
from hearback.clock import Clock
from hearback.teams import teams

MOST = 200  # lines of a list
THERE = timedelta(minutes=2)  # real time since the inbox was open
MEASURED_OVER, MEASURED_FROM, OF = timedelta(days=30), 5, 50
SHARE = 0.8  # of the citizens were answered within what we say
SESSION_IDLE, SESSION_LONGEST = timedelta(hours=8), timedelta(hours=24)  # real time, as for every other page
NOT_A_NO = ~handovers.c.key.like("outcome:%")  # who acts on a "no" does so elsewhere


class DeskLists:
    _database: Database
    _clock: Clock

    @reads
    def colleague(self, connection: Connection, staff_id: int) -> Colleague:
        """A person as citizens read them."""
        row = connection.execute(
            select(staff.c.id, staff.c.username, staff.c.display_name, staff.c.teams).where(staff.c.id == staff_id)
        ).one()
        known = teams().all
        return Colleague(id=row.id, name=row.display_name or row.username, teams=tuple(one for one in row.teams or () if one in known))

    @reads
    def waiting(self, connection: Connection, of_teams: Collection[str] = ()) -> list[InLine]:
        """Who waits, the most urgent and then the longest first; each conversation once. No team: all."""
        query = (
            select(handovers, *_ABOUT)
            .join(conversations, conversations.c.id == handovers.c.conversation_id)
            .where(handovers.c.state == "waiting", NOT_A_NO, conversations.c.state.not_in((*GONE, "with_staff")))
            .order_by(handovers.c.priority.desc(), handovers.c.created_at, handovers.c.id)
        )
        if of_teams:
            first = next(iter(teams().all))
            query = query.where(func.coalesce(handovers.c.team, first).in_(of_teams))
        found: dict[str, InLine] = {}
        for row in connection.execute(query.limit(MOST)):
            if row.conversation_id not in found:
                found[row.conversation_id] = InLine(
                    **_about(row), since=row.created_at, reason=row.reason, team=row.team, priority=row.priority, handover_id=row.id,
                    details=row.details, call=row.contact_id is not None or bool((row.details or {}).get("call")),
                )  # fmt: skip
        return list(found.values())

    @reads
    def with_colleagues(self, connection: Connection) -> list[InLine]:
        """Who talks with whom, the oldest first."""
        query = (
            select(claims, *_ABOUT)
            .join(conversations, conversations.c.id == claims.c.conversation_id)
            .where(claims.c.ended_at.is_(None), conversations.c.state.not_in(GONE))
            .order_by(claims.c.id)
            .limit(MOST)
        )
        return [
            InLine(**_about(row), since=row.claimed_at, reason=None, team=row.team, priority=0, claim=self._as_claim(row))
            for row in connection.execute(query)
        ]

    @reads
    def pulse(self, connection: Connection, conversation_ids: Collection[str]) -> Pulse:
        """How the inbox stands, and the newest message of these conversations: one short look, also in a full log."""
        waits = connection.execute(
            select(handovers.c.id, handovers.c.team, handovers.c.priority, conversations.c.state, conversations.c.updated_at)
            .join(conversations, conversations.c.id == handovers.c.conversation_id)
            .where(handovers.c.state == "waiting", NOT_A_NO)
            .order_by(handovers.c.created_at.desc())
            .limit(MOST)
        ).all()
        now = self._clock.now()
        held = connection.execute(
            select(claims.c.id, claims.c.seen_at, conversations.c.state, conversations.c.updated_at)
            .join(conversations, conversations.c.id == claims.c.conversation_id)
            .where(claims.c.ended_at.is_(None))
            .order_by(claims.c.id.desc())
            .limit(MOST)
        ).all()
        stand = [tuple(row) for row in waits], [(row.id, self._is_quiet(row, now), row.state, row.updated_at) for row in held]
        latest: dict[str, tuple[int, str]] = {}
        for one in conversation_ids:
            newest = select(func.max(messages.c.id)).where(messages.c.conversation_id == one).scalar_subquery()
            row = connection.execute(select(newest, conversations.c.state).where(conversations.c.id == one)).one_or_none()
            latest[one] = (int(row[0] or 0), row[1]) if row else (0, "erased")
        waiting = len({row.id for row in waits if row.state not in (*GONE, "with_staff")})
        return Pulse(mark=hashlib.sha256(repr(stand).encode()).hexdigest()[:16], waiting=waiting, latest=latest)

    @reads
    def waited_long(self, connection: Connection, limit: int = 50) -> list[tuple[Handover, str, str]]:
        """Who waits to talk and has not been told that it takes longer, with their channel and language; who left a number is called."""
        query = (
            select(handovers, conversations.c.channel, conversations.c.language)
            .join(conversations, conversations.c.id == handovers.c.conversation_id)
            .where(
                handovers.c.state == "waiting",
                handovers.c.reason.in_(("talk_to_person", "passed_on")),
                handovers.c.told_at.is_(None),
                handovers.c.contact_id.is_(None),
                conversations.c.state == "waiting",
            )
            .order_by(handovers.c.created_at)
            .limit(limit)
        )
        names = [one.name for one in fields(Handover)]
        return [
            (Handover(**{name: getattr(row, name) for name in names}), row.channel, row.language)
            for row in connection.execute(query)
            if not (row.details or {}).get("call")
        ]

    @reads
    def usual_wait(self, connection: Connection, team: str) -> float:
        """Within how many minutes most were answered lately who asked while the team was open; else what teams.yml promises."""
        one = teams().of(team)
        query = (
            select(handovers.c.created_at, handovers.c.claimed_at)
            .where(handovers.c.claimed_at > self._clock.now() - MEASURED_OVER, handovers.c.reason == "talk_to_person")
            .where(handovers.c.team == one.key)
            .order_by(handovers.c.claimed_at.desc())
            .limit(OF)
        )
        rows = [row for row in connection.execute(query) if one.is_open(row.created_at)]
        waits = sorted((row.claimed_at - row.created_at).total_seconds() / 60 for row in rows)
        return waits[int(len(waits) * SHARE)] if len(waits) >= MEASURED_FROM else float(one.answer_within)

    @writes
    def here(self, connection: Connection, staff_id: int, *, conversation_id: str | None = None) -> None:
        """A sign of a colleague's browser: they are there, and still have what is open before them."""
        now = self._clock.now()
        row = self._database.insert(presence).values(staff_id=staff_id, seen_at=now, away=False)
        connection.execute(row.on_conflict_do_update(index_elements=["staff_id"], set_={"seen_at": now}))
        mine = (claims.c.staff_id == staff_id) & claims.c.ended_at.is_(None)
        if conversation_id is not None:
            mine &= claims.c.conversation_id == conversation_id
        connection.execute(update(claims).where(mine).values(seen_at=now))

    @writes
    def set_away(self, connection: Connection, staff_id: int, away: bool) -> None:
        """A colleague says that they are away, or back."""
        now = self._clock.now()
        row = self._database.insert(presence).values(staff_id=staff_id, seen_at=now, away=away)
        connection.execute(row.on_conflict_do_update(index_elements=["staff_id"], set_={"seen_at": now, "away": away}))

    @reads
    def is_away(self, connection: Connection, staff_id: int) -> bool:
        return bool(connection.execute(select(presence.c.away).where(presence.c.staff_id == staff_id)).scalar_one_or_none())

    @reads
    def there(self, connection: Connection, team: str | None = None) -> list[str]:
        """The names of those who are there for a team; None: for any."""
        fresh = presence.c.seen_at > self._clock.now() - self._clock.lease(THERE)
        query: Select[Any] = (
            select(staff.c.username, staff.c.display_name, staff.c.teams)
            .join(presence, presence.c.staff_id == staff.c.id)
            .where(fresh, ~presence.c.away, staff.c.active)
            .order_by(staff.c.id)
        )
        return [row.display_name or row.username for row in connection.execute(query) if not team or not row.teams or team in row.teams]

    @reads
    def signed_in(self, connection: Connection, token_hash: str) -> bool:
        """Whether a session still stands, without making it younger: a window that only listens keeps nobody signed in."""
        now = self._clock.now()
        row = connection.execute(
            select(staff_sessions.c.created_at, staff_sessions.c.seen_at)
            .join(staff, staff.c.id == staff_sessions.c.staff_id)
            .where(staff_sessions.c.token_hash == token_hash, staff.c.active)
        ).one_or_none()
        if row is None:
            return False
        return bool(now - row.seen_at <= self._clock.lease(SESSION_IDLE) and now - row.created_at <= self._clock.lease(SESSION_LONGEST))

    @reads
    def stopped(self, connection: Connection, conversation_id: str) -> bool:
        """Whether the citizen of a conversation by text wants no texts."""
        query = (
            select(contacts.c.stopped_at)
            .join(conversations, conversations.c.contact_id == contacts.c.id)
            .where(conversations.c.id == conversation_id, conversations.c.channel != "web")
        )
        return connection.execute(query).scalar_one_or_none() is not None

    @reads
    def last_lines(self, connection: Connection, conversation_id: str, most: int = 8) -> list[Message]:
        """What was said last, oldest first."""
        ours = select(messages).where(messages.c.conversation_id == conversation_id).order_by(messages.c.id.desc()).limit(most)
        return [as_message(row) for row in reversed(connection.execute(ours).all())]

    @reads
    def unsaid(self, connection: Connection, conversation_id: str) -> list[str]:
        """What the assistant would have said to what waits for a colleague."""
        left = (messages.c.conversation_id == conversation_id) & (messages.c.state == "with_staff")
        rows = connection.execute(select(messages.c.understanding).where(left).order_by(messages.c.id)).scalars()
        return [text for understood in rows for text in (understood or {}).get("unsaid", ())]

    def now(self) -> datetime:
        """The product's time."""
        return self._clock.now()

    def minutes(self, claim: Claim) -> float:
        """For how long a colleague has had a conversation, by the clock on their wall."""
        return round(self._clock.real_seconds(((claim.ended_at or self._clock.now()) - claim.claimed_at).total_seconds()) / 60, 1)

    @reads
    def said_after(self, connection: Connection, after: int, *, everybody: bool = False, limit: int = 2000) -> list[tuple[int, str]]:
        """(message id, conversation) of what was said or done after a message; of who is no colleague only with `everybody`."""
        query = select(messages.c.id, messages.c.conversation_id, messages.c.staff_id).where(messages.c.id > after)
        rows = connection.execute(query.order_by(messages.c.id).limit(limit)).all()
        return [(row.id, row.conversation_id if everybody or row.staff_id is not None else "") for row in rows]

    @reads
    def newest(self, connection: Connection) -> int:
        """The id of the newest message."""
        return int(connection.execute(select(func.max(messages.c.id))).scalar_one() or 0)

    def _is_quiet(self, held: Any, now: datetime) -> bool:
        return bool(now - held.seen_at > self._clock.lease(timedelta(minutes=teams().quiet_after)))

    def _as_claim(self, row: Row[Any]) -> Claim:
        given = {one.name: getattr(row, one.name) for one in fields(Claim) if one.name != "quiet"}
        return Claim(**given, quiet=row.ended_at is None and self._is_quiet(row, self._clock.now()))


def _words(newest: bool, what: Any) -> Any:
    of = select(what).where(messages.c.conversation_id == conversations.c.id, messages.c.author == "citizen")
    return of.order_by(messages.c.id.desc() if newest else messages.c.id).limit(1).correlate(conversations).scalar_subquery()


_LEFT = (
    select(func.count())
    .where(messages.c.conversation_id == conversations.c.id, messages.c.state == "with_staff")
    .correlate(conversations)
    .scalar_subquery()
)
_ABOUT = (
    conversations.c.channel,
    conversations.c.language,
    conversations.c.state.label("conversation_state"),
    _words(False, messages.c.text).label("first_words"),
    _words(True, messages.c.text).label("last_words"),
    _words(True, messages.c.created_at).label("last_at"),
    _LEFT.label("unanswered"),
)


def _about(row: Row[Any]) -> dict[str, Any]:
    names = ("conversation_id", "channel", "language", "first_words", "last_words", "last_at", "unanswered")
    return {**{name: getattr(row, name) for name in names}, "state": row.conversation_state}
