"""What a colleague does with a conversation: takes it over, answers, passes it on, gives it back, closes it. One has it at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, select, update

from engagement.charges import charge_staff
from engagement.chats import UnknownConversation
from engagement.database import Database, reads, writes
from engagement.desk_lists import DeskLists
from engagement.desk_values import Claim, Claimed, Colleague, NotOpen, NotYours, Stopped
from engagement.handovers import Handovers, disputed
from engagement.photos import sent_with
from engagement.tables import audit, claims, contacts, conversations, handovers, messages
from engagement.turns import as_message
from engagement.values import GONE, Conversation, Handover, Message, Reply
from hearback.clock import Clock

Say = Callable[..., list[Message]]
# Who waits for this waits for a talk: it is over with the talk. What else waits, such as a complaint, waits on for its answer.
TALK = ("talk_to_person", "report_danger", "passed_on", "assistant_failed", "not_understood")
RESULTS = ("solved", "passed_on", "not_ours", "no_answer", "other")


class Desk(DeskLists):
    """Each verb is one transaction with its line for the citizen and its entry in the audit."""

    def __init__(self, database: Database, clock: Clock, handovers: Handovers, *, say: Say) -> None:
        self._database, self._clock, self._handovers, self._say = database, clock, handovers, say

    @writes
    def claim(self, connection: Connection, conversation_id: str, colleague: Colleague, *, team: str, line: Reply) -> Claimed:
        """Take a conversation over; of two who do so at once one wins, and the other is told who has it.

        Whose browser has given no sign for some minutes loses it to whoever asks. Raises NotOpen where the chat is over.
        """
        one, now = self._locked(connection, conversation_id), self._clock.now()
        held = self._held(connection, conversation_id)
        if held is not None:
            if held.staff_id == colleague.id:
                connection.execute(update(claims).where(claims.c.id == held.id).values(seen_at=now))
                return Claimed(claim=self._as_claim(held), won=True, new=False)
            if not self._is_quiet(held, now):
                return Claimed(claim=self._as_claim(held), won=False, new=False)
            self._end(connection, held, "taken", now)
        if one.state == "ended":
            raise NotOpen
        mine = claims.insert().values(
            conversation_id=conversation_id, staff_id=colleague.id, name=colleague.name, team=team, claimed_at=now, seen_at=now
        )
        row = connection.execute(mine.returning(claims)).one()
        self._state(connection, conversation_id, "with_staff", now)
        for waits in self._open_handovers(connection, conversation_id):
            first = waits.claimed_at or now
            change = {"state": "claimed", "staff_id": colleague.id, "claimed_at": first}
            connection.execute(update(handovers).where(handovers.c.id == waits.id).values(**change))
        self._tell(connection, one, line, colleague, now)
        self._note(connection, colleague, "took_over", conversation_id, {"team": team, **({"from": held.staff_id} if held else {})})
        return Claimed(claim=self._as_claim(row), won=True, new=True)

    @writes
    def reply(
        self,
        connection: Connection,
        conversation_id: str,
        colleague: Colleague,
        *,
        text: str,
        form: str,
        seen: int,
        media: Sequence[dict[str, Any]] = (),
    ) -> Message:
        """Answer the citizen; the same `form` again is the same message. What they wrote up to the message `seen` counts as answered.

        Raises NotYours, NotOpen where the chat is over, and Stopped where the citizen wants no texts.
        """
        one, now = self._locked(connection, conversation_id), self._clock.now()
        known = connection.execute(select(messages).where(messages.c.form == form)).one_or_none()
        if known is not None:
            return as_message(known)
        held = self._mine(connection, conversation_id, colleague)
        if one.state == "ended":
            raise NotOpen
        stopped = select(contacts.c.stopped_at).where(contacts.c.id == one.contact_id)
        if one.channel != "web" and connection.execute(stopped).scalar_one_or_none() is not None:
            raise Stopped
        latest = self._answered(connection, conversation_id, seen, now)
        reply = Reply(text=text, author="staff", by=colleague.name, staff_id=colleague.id)
        (said,) = self._say(connection, one, [reply], reply_to=latest, now=now)
        connection.execute(update(messages).where(messages.c.id == said.id).values(form=form, media=list(media) or None))
        sent_with(connection, [medium["photo"] for medium in media], conversation_id, said.id)
        connection.execute(update(claims).where(claims.c.id == held.id).values(seen_at=now))
        self._note(connection, colleague, "replied", conversation_id, {"message": said.id})
        return said

    @writes
    def pass_on(self, connection: Connection, conversation_id: str, colleague: Colleague, *, team: str, why: str, line: Reply) -> None:
        """Let another team answer: the conversation waits for it. Raises NotYours."""
        one, now = self._locked(connection, conversation_id), self._clock.now()
        held = self._mine(connection, conversation_id, colleague)
        self._end(connection, held, "passed_on", now, note=why)
        told = {"passed_on": why, "passed_on_by": colleague.name}
        waiting = self._open_handovers(connection, conversation_id)
        for row in waiting:
            change = {"state": "waiting", "staff_id": None, "team": team, "told_at": None, "details": {**(row.details or {}), **told}}
            connection.execute(update(handovers).where(handovers.c.id == row.id).values(**change))
        if not waiting:
            connection.execute(
                handovers.insert().values(
                    key=f"claim:{held.id}", conversation_id=conversation_id, reason="passed_on", priority=0, state="waiting", team=team,
                    details=told, created_at=now,
                )
            )  # fmt: skip
        charge_staff(connection, conversation_id, self._minutes(held, now))
        if one.state != "ended":
            self._state(connection, conversation_id, "waiting", now)
            self._tell(connection, one, line, colleague, now)
        self._note(connection, colleague, "passed_on", conversation_id, {"team": team})

    @writes
    def hand_back(self, connection: Connection, conversation_id: str, colleague: Colleague, *, line: Reply) -> int:
        """The assistant answers again, also what came and nobody answered; returns how many such messages there are. Raises NotYours."""
        one, now = self._locked(connection, conversation_id), self._clock.now()
        held = self._mine(connection, conversation_id, colleague)
        minutes = self._minutes(held, now)
        self._end(connection, held, "handed_back", now, minutes=minutes)
        self._settle(connection, conversation_id, colleague, minutes=minutes, result="handed_back", only=TALK)
        self._over(connection, one, now)
        self._tell(connection, one, line, colleague, now)
        left = (messages.c.conversation_id == conversation_id) & (messages.c.state == "with_staff")
        again = connection.execute(update(messages).where(left).values(state="received", state_at=now)).rowcount
        self._note(connection, colleague, "handed_back", conversation_id, {"unanswered": again})
        return again

    @writes
    def close(
        self,
        connection: Connection,
        conversation_id: str,
        colleague: Colleague,
        *,
        result: str,
        seen: int,
        line: Reply,
        minutes: float | None = None,
        note: str | None = None,
    ) -> float:
        """It is done, in so many minutes (None: from the claim until now), which are returned. Raises NotYours.

        The assistant answers what comes next, and what came after the message `seen`; what was seen needs no more answer.
        """
        one, now = self._locked(connection, conversation_id), self._clock.now()
        held = self._mine(connection, conversation_id, colleague)
        spent = self._minutes(held, now) if minutes is None else minutes
        self._end(connection, held, "closed", now, minutes=spent, note=note, result=result)
        self._settle(connection, conversation_id, colleague, minutes=spent, result=result, note=note)
        self._over(connection, one, now)
        self._answered(connection, conversation_id, seen, now)
        left = (messages.c.conversation_id == conversation_id) & (messages.c.state == "with_staff")
        connection.execute(update(messages).where(left).values(state="received", state_at=now))
        self._tell(connection, one, line, colleague, now)
        self._note(connection, colleague, "closed_conversation", conversation_id, {"result": result, "minutes": spent})
        return spent

    @writes
    def correct_minutes(self, connection: Connection, claim_id: int, colleague: Colleague, minutes: float) -> str | None:
        """Put right how long a colleague had a conversation; returns the conversation, None where the claim goes on or never was."""
        over = (claims.c.id == claim_id) & claims.c.ended_at.is_not(None)
        row = connection.execute(select(claims).where(over).with_for_update()).one_or_none()
        if row is None:
            return None
        connection.execute(update(claims).where(claims.c.id == claim_id).values(minutes=minutes))
        charge_staff(connection, row.conversation_id, minutes - (row.minutes or 0.0))
        same = (handovers.c.conversation_id == row.conversation_id) & (handovers.c.closed_at == row.ended_at)
        paid = connection.execute(select(handovers.c.id).where(same, handovers.c.minutes == row.minutes).limit(1)).scalar_one_or_none()
        if paid is not None:
            connection.execute(update(handovers).where(handovers.c.id == paid).values(minutes=minutes))
        self._note(connection, colleague, "corrected_minutes", row.conversation_id, {"from": row.minutes, "to": minutes})
        return str(row.conversation_id)

    @writes
    def wait_no_more(self, connection: Connection, conversation_id: str) -> bool:
        """The citizen goes back to the assistant: who waits for nothing but a talk waits no more. Whether anybody did."""
        one, now = self._locked(connection, conversation_id), self._clock.now()
        talk = handovers.c.reason.in_(("talk_to_person", "passed_on")) & handovers.c.contact_id.is_(None)
        waits = (handovers.c.conversation_id == conversation_id) & (handovers.c.state == "waiting") & talk
        gone = connection.execute(update(handovers).where(waits).values(state="closed", closed_at=now, result="cancelled")).rowcount
        if gone and one.state == "waiting":
            self._over(connection, one, now)
        return gone > 0

    @writes
    def tell_waiting(self, connection: Connection, waits: Handover, line: Reply) -> bool:
        """Tell who waits that it takes longer, once."""
        one, now = self._locked(connection, waits.conversation_id), self._clock.now()
        first = (handovers.c.id == waits.id) & handovers.c.told_at.is_(None) & (handovers.c.state == "waiting")
        if connection.execute(update(handovers).where(first).values(told_at=now)).rowcount == 0 or one.state != "waiting":
            return False
        return bool(self._say(connection, one, [line], reply_to=None, now=now, outreach=True))

    @reads
    def of_conversation(self, connection: Connection, conversation_id: str) -> list[Claim]:
        """Who has and had a conversation, newest first."""
        had = select(claims).where(claims.c.conversation_id == conversation_id).order_by(claims.c.id.desc()).limit(50)
        return [self._as_claim(row) for row in connection.execute(had)]

    def _locked(self, connection: Connection, conversation_id: str) -> Conversation:
        """The conversation, of which nobody else changes the state until this transaction ends."""
        row = connection.execute(select(conversations).where(conversations.c.id == conversation_id).with_for_update()).one_or_none()
        if row is None or row.state in GONE:
            raise UnknownConversation
        return Conversation(id=row.id, channel=row.channel, state=row.state, contact_id=row.contact_id, language=row.language)

    def _held(self, connection: Connection, conversation_id: str) -> Row[Any] | None:
        now = (claims.c.conversation_id == conversation_id) & claims.c.ended_at.is_(None)
        return connection.execute(select(claims).where(now)).one_or_none()

    def _mine(self, connection: Connection, conversation_id: str, colleague: Colleague) -> Row[Any]:
        held = self._held(connection, conversation_id)
        if held is None or held.staff_id != colleague.id:
            raise NotYours(held.name if held else None)
        return held

    def _minutes(self, held: Row[Any], now: datetime) -> float:
        """Since the claim, by the clock on the colleague's wall."""
        return round(self._clock.real_seconds((now - held.claimed_at).total_seconds()) / 60, 1)

    def _end(self, connection: Connection, held: Row[Any], how: str, now: datetime, **more: Any) -> None:
        change = {"ended_at": now, "ended": how, "minutes": self._minutes(held, now), **more}
        connection.execute(update(claims).where(claims.c.id == held.id).values(**change))
        if how == "taken":
            charge_staff(connection, held.conversation_id, change["minutes"])

    def _open_handovers(self, connection: Connection, conversation_id: str) -> list[Row[Any]]:
        """What waits or was claimed here; on a "no" somebody acts elsewhere."""
        ours = (handovers.c.conversation_id == conversation_id) & (handovers.c.state != "closed")
        rows = connection.execute(select(handovers).where(ours).order_by(handovers.c.id)).all()
        return [row for row in rows if disputed(row.key) is None]

    def _settle(
        self,
        connection: Connection,
        conversation_id: str,
        colleague: Colleague,
        *,
        minutes: float,
        result: str,
        note: str | None = None,
        only: tuple[str, ...] | None = None,
    ) -> None:
        """Close what the colleague had taken over, of these reasons; the rest waits again. The minutes are paid for once."""
        paid = False
        for row in self._open_handovers(connection, conversation_id):
            if row.state == "waiting" and row.reason not in TALK:
                continue  # it came up meanwhile
            if only is None or row.reason in only:
                spent = 0.0 if paid else minutes
                self._handovers.closed(connection, row.id, staff_id=colleague.id, minutes=spent, note=note, result=result)
                paid = True
            else:
                again = {"state": "waiting", "staff_id": None}
                connection.execute(update(handovers).where(handovers.c.id == row.id).values(**again))
        if not paid:
            charge_staff(connection, conversation_id, minutes)

    def _over(self, connection: Connection, one: Conversation, now: datetime) -> None:
        """The assistant's again, or still waiting where something else waits; an ended chat stays so."""
        if one.state != "ended":
            waits = any(row.state == "waiting" for row in self._open_handovers(connection, one.id))
            self._state(connection, one.id, "waiting" if waits else "open", now)

    def _state(self, connection: Connection, conversation_id: str, state: str, now: datetime) -> None:
        connection.execute(update(conversations).where(conversations.c.id == conversation_id).values(state=state, updated_at=now))

    def _answered(self, connection: Connection, conversation_id: str, seen: int, now: datetime) -> int | None:
        """Mark what the citizen wrote up to a message as answered; the newest of it."""
        left = (messages.c.conversation_id == conversation_id) & (messages.c.state == "with_staff") & (messages.c.id <= seen)
        latest: int | None = connection.execute(select(func.max(messages.c.id)).where(left)).scalar_one()
        connection.execute(update(messages).where(left).values(state="answered", state_at=now))
        return latest

    def _tell(self, connection: Connection, one: Conversation, line: Reply, colleague: Colleague, now: datetime) -> None:
        """A line of the system; in a chat that has ended nothing more is said."""
        if one.state != "ended":
            told = Reply(text=line.text, choices=line.choices, author=line.author, staff_id=colleague.id)
            self._say(connection, one, [told], reply_to=None, now=now)

    def _note(self, connection: Connection, colleague: Colleague, action: str, subject: str, details: dict[str, Any]) -> None:
        connection.execute(
            audit.insert().values(at=self._clock.now(), staff_id=colleague.id, action=action, subject=subject, details=details)
        )
