"""Deleting what a citizen said. That there was a conversation, and the requests that were sent, stay as the council's record.

It goes in two steps, so that a process may die between them: `begin` blanks the log at once and marks the conversation as erasing;
`finish` blanks what came in meanwhile, once its photos' files and Rasa's memory of it are gone.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, delete, func, literal_column, select, update

from engagement.database import Database, reads, writes
from engagement.privacy.blanking import UNSENT, blank, cut_links, forget_contact
from engagement.privacy.forgotten import let_search_forget, tidy_search
from engagement.privacy.links import holds_on
from engagement.tables import (, audit, conversations, erasure_orders, photos, requests
    chat_tokens,
    claims,
    contacts,
    conversations,
    handovers,
    mails,
    messages,
    outcome_events,
    outcomes,
    phone_codes,
    photos,
    ratings,
    request_updates,
    requests,
)
from hearback.clock import Clock


class Held(Exception):
    """A legal hold keeps it: `holds` are the ids."""

    def __init__(self, holds: list[int]) -> None:
        super().__init__(f"legal holds {holds}")
        self.holds = holds


class Erasures:
    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock

    @writes
    def begin(self, connection: Connection, conversation_id: str) -> bool:
        """The citizen deletes their conversation: it is blanked, its tokens end, and from now on nothing more is said in it.

        False where a legal hold is on it: the wish is written down, and done when the hold is lifted.
        """
        if holds_on(connection, {conversation_id}, set()):
            self._order(connection, conversation_id, state="held", source="citizen")
            return False
        self._begin(connection, conversation_id, source="citizen")
        return True

    @writes
    def begin_citizen(
        self,
        connection: Connection,
        conversation_ids: Iterable[str],
        contact_ids: Iterable[int],
        *,
        source: str,
        name: str,
        staff_id: int | None = None,
        spared: Iterable[str] = (),
    ) -> None:
        """Blank all conversations of a citizen and their numbers and addresses; raises Held where a legal hold is on any of it.

        `name` is what the audit calls the citizen. `spared` conversations keep their words, which are another citizen's; that the number
        was typed there is forgotten.
        """
        ours, theirs = set(conversation_ids) - set(spared), set(contact_ids)
        if holds := holds_on(connection, ours, theirs):
            raise Held(holds)
        note = {"source": source, "conversations": len(ours), "contacts": len(theirs)}
        connection.execute(
            audit.insert().values(at=self._clock.now(), staff_id=staff_id, action="erased_citizen", subject=name, details=note)
        )
        for one in sorted(ours):
            self._begin(connection, one, source=source, staff_id=staff_id, contacts=sorted(theirs))
        for contact_id in theirs:
            cut_links(connection, contact_id, ours)
            forget_contact(connection, contact_id)

    def begin_old(self, connection: Connection, conversation_ids: Iterable[str]) -> int:
        """Blank conversations whose time is over; returns how many. Those under a legal hold are left."""
        begun = 0
        for one in conversation_ids:
            if not holds_on(connection, {one}, set()):
                begun += self._begin(connection, one, source="retention")
        return begun

    def release(self, connection: Connection) -> list[str]:
        """Begin what citizens wished while a legal hold was on it, where there is none any more."""
        waiting = select(erasure_orders.c.conversation_id, erasure_orders.c.source).where(erasure_orders.c.state == "held")
        begun = []
        for row in connection.execute(waiting).all():
            if not holds_on(connection, {row.conversation_id}, set()):
                self._begin(connection, row.conversation_id, source=row.source)
                begun.append(row.conversation_id)
        return begun

    def _begin(self, connection: Connection, conversation_id: str, *, source: str, **more: Any) -> bool:
        """False where it was erased before."""
        now = self._clock.now()
        begun = connection.execute(
            update(conversations)
            .where(conversations.c.id == conversation_id, conversations.c.state != "erased")
            .values(state="erasing", ended_at=func.coalesce(conversations.c.ended_at, now), updated_at=now)
        )
        if not begun.rowcount:
            return False
        let_search_forget(connection)
        self._order(connection, conversation_id, state="begun", source=source, **more)
        blank(connection, conversation_id, now)
        return True

    def _order(self, connection: Connection, conversation_id: str, *, state: str, source: str, **more: Any) -> None:
        given = {"state": state, "source": source, **more}
        row = self._database.insert(erasure_orders).values(conversation_id=conversation_id, ordered_at=self._clock.now(), **given)
        kept = {"state": state} | ({"contacts": more["contacts"]} if more.get("contacts") else {})
        connection.execute(row.on_conflict_do_update(index_elements=["conversation_id"], set_=kept, where=erasure_orders.c.state != "done"))

    @reads
    def begun(self, connection: Connection) -> list[str]:
        """The conversations that are being erased."""
        # Written out, so that the index that has only these is used.
        erasing = conversations.c.state == literal_column("'erasing'")
        return list(connection.execute(select(conversations.c.id).where(erasing)).scalars())

    @writes
    def finish(self, connection: Connection, conversation_id: str) -> bool:
        """Blank what came in meanwhile; False while a request of it has still to be sent."""
        connection.execute(delete(photos).where(photos.c.conversation_id == conversation_id))
        blank(connection, conversation_id, self._clock.now())
        waits = select(requests.c.id).where(requests.c.conversation_id == conversation_id, requests.c.state.in_(UNSENT)).limit(1)
        if connection.execute(waits).first():
            return False
        connection.execute(update(conversations).where(conversations.c.id == conversation_id).values(state="erased"))
        ordered = connection.execute(
            update(erasure_orders)
            .where(erasure_orders.c.conversation_id == conversation_id)
            .values(state="done", done_at=self._clock.now())
            .returning(erasure_orders.c.contacts)
        )
        for contact_id in ordered.scalar_one_or_none() or ():
            forget_contact(connection, contact_id)
        return True

    @reads
    def awaited(self, connection: Connection) -> int:
        """How many citizens' wishes to delete a conversation wait for a legal hold to be lifted."""
        waiting = select(func.count()).where(erasure_orders.c.state == "held")
        return int(connection.execute(waiting).scalar_one())

    @reads
    def still_there(self, connection: Connection, conversation_ids: Iterable[str]) -> list[str]:
        """Which of these are not erased to the end."""
        some = conversations.c.id.in_(list(conversation_ids)) & (conversations.c.state != "erased")
        return list(connection.execute(select(conversations.c.id).where(some)).scalars())

    @writes
    def _tidy_search(self, connection: Connection, first: bool) -> bool:
        return tidy_search(connection, first)

    async def tidy_search(self) -> None:
        """Take words that are gone out of the full-text indexes too: in small steps, once a day and after a citizen was erased."""
        more = await self._tidy_search(True)
        while more:
            more = await self._tidy_search(False)

    async def leave_no_trace(self) -> None:
        """Take the old words out of the database's own journal too."""
        await self._database.checkpoint()

    def _blank(self, connection: Connection, conversation_id: str) -> None:
        ours = messages.c.conversation_id == conversation_id
        theirs = self._contacts(connection, conversation_id)
        connection.execute(
            update(messages)
            .where(ours)
            .values(text="", payload=None, choices=None, media=None, location=None, contacts=None, understanding=None, due_at=None)
        )
        waiting = messages.c.state.in_(("received", "with_staff"))
        connection.execute(update(messages).where(ours, waiting).values(state="answered", state_at=self._clock.now()))
        unsent = messages.c.state.in_(("queued", "sending"))
        connection.execute(update(messages).where(ours, unsent).values(state="failed", error="erased"))
        self._blank_requests(connection, conversation_id)
        waits = (handovers.c.conversation_id == conversation_id) & (handovers.c.state != "closed")
        connection.execute(update(handovers).where(waits).values(state="closed", closed_at=self._clock.now()))
        held = (claims.c.conversation_id == conversation_id) & claims.c.ended_at.is_(None)
        connection.execute(update(claims).where(held).values(ended_at=self._clock.now(), ended="left"))
        for table, change in (
            (claims, {"note": None}),
            (handovers, {"details": None, "contact_id": None, "note": None}),
            (outcomes, {"words": None}),
            (request_updates, {"words": None}),
            (ratings, {"words": None}),
        ):
            connection.execute(update(table).where(table.c.conversation_id == conversation_id).values(**change))
        self._blank_outcomes(connection, conversation_id)
        self._blank_mails(connection, conversation_id)
        self._blank_texts(connection, theirs, conversation_id)
        self._blank_codes(connection, conversation_id)
        connection.execute(delete(phone_codes).where(phone_codes.c.conversation_id == conversation_id))
        connection.execute(update(conversations).where(conversations.c.id == conversation_id).values(contact_id=None))
        for contact_id in theirs:
            self._forget_contact(connection, contact_id, conversation_id)

    def _blank_mails(self, connection: Connection, conversation_id: str) -> None:
        """Nothing more is mailed, and no link in what was mailed opens anything."""
        mailed = mails.c.conversation_id == conversation_id
        unsent = mails.c.state.in_(("queued", "sending"))
        connection.execute(update(mails).where(mailed, unsent).values(state="dropped", error="erased", due_at=None))
        connection.execute(update(mails).where(mailed).values(values={}, token_hash=None, contact_id=None))

    def _blank_codes(self, connection: Connection, conversation_id: str) -> None:
        """The conversations in which codes of this chat were texted; each began together with its code."""
        code = (phone_codes.c.contact_id == conversations.c.contact_id) & (phone_codes.c.created_at == conversations.c.created_at)
        texted = select(conversations.c.id).join(phone_codes, code).where(phone_codes.c.conversation_id == conversation_id)
        ids = connection.execute(texted.where(conversations.c.state == "ended")).scalars().all()
        ours = messages.c.conversation_id.in_(ids)
        connection.execute(update(messages).where(ours).values(text=""))
        unsent = messages.c.state.in_(("queued", "sending"))
        connection.execute(update(messages).where(ours, unsent).values(state="failed", error="erased", due_at=None))
        connection.execute(update(conversations).where(conversations.c.id.in_(ids)).values(contact_id=None))

    def _blank_requests(self, connection: Connection, conversation_id: str) -> None:
        """The back office has what was sent; our copy keeps what it was about and where it stands."""
        over = (requests.c.conversation_id == conversation_id) & requests.c.state.not_in(UNSENT)
        connection.execute(update(requests).where(over).values(report={}, contact_id=None, place_key=None, error=None))

    def _blank_outcomes(self, connection: Connection, conversation_id: str) -> None:
        """What the citizen said of it goes, and nobody asks any more; how it came out stays as a fact."""
        ours = or_(outcomes.c.conversation_id == conversation_id, outcomes.c.asked_in == conversation_id)
        ids = connection.execute(select(outcomes.c.id).where(ours)).scalars().all()
        connection.execute(update(outcomes).where(outcomes.c.id.in_(ids)).values(words=None))
        connection.execute(update(outcome_events).where(outcome_events.c.outcome_id.in_(ids)).values(notes=None))
        unanswered = outcomes.c.id.in_(ids) & outcomes.c.state.in_(("open", "waiting", "asked", "reminded", "silent"))
        connection.execute(update(outcomes).where(unanswered).values(state="dropped", due_at=None))

    def _blank_texts(self, connection: Connection, theirs: set[int], conversation_id: str) -> None:
        """What we texted of this chat to a number that was given in it, where nobody ever wrote back."""
        wrote = select(messages.c.id).where(messages.c.conversation_id == conversations.c.id, messages.c.author == "citizen").exists()
        ours = conversations.c.contact_id.in_(theirs) & (conversations.c.channel == "sms") & (conversations.c.id != conversation_id)
        one_sided = select(conversations.c.id).where(ours, conversations.c.state == "open", ~wrote)
        ids = connection.execute(one_sided).scalars().all()
        texts = messages.c.conversation_id.in_(ids)
        connection.execute(update(messages).where(texts).values(text="", choices=None))
        unsent = messages.c.state.in_(("queued", "sending"))
        connection.execute(update(messages).where(texts, unsent).values(state="failed", error="erased", due_at=None))
        connection.execute(update(conversations).where(conversations.c.id.in_(ids)).values(contact_id=None, state="erased"))

    def _contacts(self, connection: Connection, conversation_id: str) -> set[int]:
        """The numbers and addresses that the citizen gave in this conversation, and only since it began."""
        begun = select(conversations.c.created_at).where(conversations.c.id == conversation_id).scalar_subquery()
        found = {contact_id for row in connection.execute(_mentions(conversation_id)) for contact_id in row.contacts or ()}
        for table in (conversations, handovers, requests, phone_codes, mails):
            key = table.c.id if table is conversations else table.c.conversation_id
            found |= set(connection.execute(select(table.c.contact_id).where(key == conversation_id)).scalars())
        own = select(contacts.c.id).where(contacts.c.id.in_(found - {None}), contacts.c.created_at >= begun)
        return set(connection.execute(own).scalars())

    def _forget_contact(self, connection: Connection, contact_id: int, conversation_id: str) -> None:
        """Delete a number that nothing else needs: another conversation, a request on its way, or the citizen's STOP."""
        used = [
            select(table.c.id).where(table.c.contact_id == contact_id) for table in (conversations, handovers, requests, phone_codes, mails)
        ]
        first = select(func.min(messages.c.id)).where(messages.c.conversation_id == conversation_id).scalar_subquery()
        since = (messages.c.id > first) & messages.c.contacts.is_not(None) & cast(messages.c.contacts, Text).contains(str(contact_id))
        used.append(select(messages.c.id).where(since))
        if not any(connection.execute(one.limit(1)).first() for one in used):
            kept = or_(contacts.c.stopped_at.is_not(None), contacts.c.declined_at.is_not(None))
            connection.execute(delete(contacts).where(contacts.c.id == contact_id, ~kept))


def _mentions(conversation_id: str) -> Select[Any]:
    return select(messages.c.contacts).where(messages.c.conversation_id == conversation_id, messages.c.contacts.is_not(None))
