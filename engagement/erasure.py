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
from engagement.tables import audit, conversations, erasure_orders, photos, requests
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

    def again(self, connection: Connection, conversation_id: str, contacts: list[int], *, held: bool) -> None:
        """Erase once more what a copy of the database from before brought back."""
        if held:
            self._order(connection, conversation_id, state="held", source="command")
        else:
            self._begin(connection, conversation_id, source="command", contacts=contacts)

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
        connection.execute(select(conversations.c.id).where(conversations.c.id == conversation_id).with_for_update())
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
