"""What citizens write: taken down once, with the reason where nobody answers it."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select, update

from engagement.chats import still_open
from engagement.contacts import Contacts, mention
from engagement.database import writes
from engagement.photos import sent_with
from engagement.tables import contacts, conversations, messages
from engagement.values import GONE, InboundMessage, OptOut, Received
from hearback.personal import Personal, mask

IN_HAND = timedelta(days=1)  # how long a task that was left in the middle counts as being under way
TOLD_ONCE = {"foreign", "too_many"}  # reasons not to answer that the citizen hears once; of the others they hear nothing


class TooManyWaiting(Exception):
    """Enough of this conversation's messages wait for an answer already."""


class Inbound(Contacts):
    """What the doors write down."""

    @writes
    def receive(self, connection: Connection, inbound: InboundMessage, *, most_waiting: int | None = None) -> Received:
        """Write a citizen's message down, once for each (channel, provider_id); only then is the caller answered.

        Where more than `most_waiting` of the conversation would wait for an answer, a text is written down and nobody answers it,
        and for a message that names its conversation TooManyWaiting is raised, and ChatOver where nothing more is said in it.
        """
        now = self._clock.now()
        if inbound.conversation_id:
            still_open(connection, inbound.conversation_id, late=inbound.late)
        contact_id = self._contact(connection, "phone", inbound.sender, now) if inbound.sender else None
        conversation_id = inbound.conversation_id or self._conversation_of_sender(connection, contact_id, inbound, now)
        opted = self._opted(connection, inbound.opt_out, contact_id, conversation_id, now)
        silent = None if opted else self._silent(connection, inbound, contact_id, conversation_id, most_waiting)
        found: list[Personal] = []
        text = mask(inbound.text, keep=found.append)
        added = connection.execute(
            self._database.insert(messages)
            .values(
                conversation_id=conversation_id, channel=inbound.channel, author="citizen", provider_id=inbound.provider_id, text=text,
                payload=inbound.payload, media=list(inbound.media) or None, location=inbound.location, trace=inbound.trace,
                contacts=(named := [self._contact(connection, one.kind, one.value, now) for one in found]) or None,
                state="answered" if opted or silent else "received", error=silent, attempts=0, created_at=now, state_at=now,
                due_at=now + timedelta(seconds=inbound.more_within * self._clock.scale) if inbound.more_within else None,
            )
            .on_conflict_do_nothing(index_elements=["channel", "provider_id"])
            .returning(messages.c.id)
        ).one_or_none()  # fmt: skip
        if added is None:
            ours = (messages.c.channel == inbound.channel) & (messages.c.provider_id == inbound.provider_id)
            known = connection.execute(select(messages.c.id, messages.c.conversation_id).where(ours)).one()
            return Received(id=known.id, conversation_id=known.conversation_id, new=False)
        mention(connection, named, added.id, conversation_id)
        sent_with(connection, [one["photo"] for one in inbound.media if one.get("photo")], conversation_id, added.id)
        if not inbound.sender and most_waiting and self._waiting(connection, conversation_id, most_waiting + 1) > most_waiting:
            raise TooManyWaiting
        if opted in {"STOP", "START"} and contact_id is not None:
            self._opt(connection, opted, contact_id, now)
        waits = not opted and (silent is None or self._first(connection, silent, contact_id, conversation_id, added.id, now))
        if silent and waits:
            connection.execute(update(messages).where(messages.c.id == added.id).values(state="received"))
        came = {"contacted_at": func.coalesce(conversations.c.contacted_at, now)} if waits else {}
        connection.execute(update(conversations).where(conversations.c.id == conversation_id).values(updated_at=now, **came))
        return Received(id=added.id, conversation_id=conversation_id, new=True, waits=waits)

    def _opted(
        self, connection: Connection, said: OptOut | None, contact_id: int | None, conversation_id: str, now: datetime
    ) -> str | None:
        """STOP, START or HELP, where this word is one for this citizen now."""
        if said is None or (said.if_stopped and not self._stopped(connection, contact_id)):
            return None
        return None if said.unless_busy and self._busy(connection, conversation_id, now) else said.kind

    def _busy(self, connection: Connection, conversation_id: str, now: datetime) -> bool:
        """Whether the citizen is in the middle of a task, or of a message that we have yet to answer."""
        if self._waiting(connection, conversation_id, 1):
            return True
        latest = connection.execute(
            select(messages.c.understanding, messages.c.created_at)
            .where(
                messages.c.conversation_id == conversation_id,
                messages.c.author == "citizen",
                messages.c.state == "answered",
                messages.c.intent.is_not(None),
            )
            .order_by(messages.c.id.desc())
            .limit(1)
        ).one_or_none()
        return latest is not None and latest.created_at > now - IN_HAND and bool((latest.understanding or {}).get("form"))

    def _silent(
        self, connection: Connection, inbound: InboundMessage, contact_id: int | None, conversation_id: str, most_waiting: int | None
    ) -> str | None:
        """Why the assistant does not answer this message: the reason is kept with it for the team."""
        if contact_id is None:
            return inbound.refused
        if self._stopped(connection, contact_id):
            return "stopped"
        full = most_waiting is not None and self._waiting(connection, conversation_id, most_waiting) == most_waiting
        return inbound.refused or ("too_many" if full else None)

    def _first(
        self, connection: Connection, reason: str, contact_id: int | None, conversation_id: str, message_id: int, now: datetime
    ) -> bool:
        """Whether the citizen has to hear this reason now: once for a number, or once a day."""
        if reason not in TOLD_ONCE:
            return False
        if reason == "foreign":
            untold = (contacts.c.id == contact_id) & contacts.c.declined_at.is_(None)
            return connection.execute(update(contacts).where(untold).values(declined_at=now)).rowcount == 1
        earlier = connection.execute(
            select(messages.c.created_at)
            .where(messages.c.conversation_id == conversation_id, messages.c.error == reason, messages.c.id < message_id)
            .order_by(messages.c.id.desc())
            .limit(1)
        ).scalar_one_or_none()
        return earlier is None or earlier < now - timedelta(days=1)

    def _waiting(self, connection: Connection, conversation_id: str, most: int) -> int:
        """How many messages of a conversation wait for the assistant, counted up to `most`."""
        waiting = select(messages.c.id).where(messages.c.conversation_id == conversation_id, messages.c.state == "received").limit(most)
        return len(connection.execute(waiting).all())

    def _conversation_of_sender(self, connection: Connection, contact_id: int | None, inbound: InboundMessage, now: datetime) -> str:
        """The conversation that a text belongs to, a new one where none is open; nobody else writes in it until this transaction ends."""
        theirs = (conversations.c.contact_id == contact_id) & (conversations.c.channel == inbound.channel)
        open_one = (
            select(conversations.c.id, conversations.c.reply_from)
            .where(theirs, conversations.c.state.not_in(("ended", *GONE)))
            .order_by(conversations.c.updated_at.desc())
            .limit(1)
            .with_for_update(key_share=True)
        )
        current = connection.execute(open_one).one_or_none()
        if current is None:
            # Another text of theirs may come at the same moment: the second waits here, and then finds what the first began.
            connection.execute(select(contacts.c.id).where(contacts.c.id == contact_id).with_for_update())
            current = connection.execute(open_one).one_or_none()
        if current:
            if current.reply_from != inbound.received_by:
                connection.execute(update(conversations).where(conversations.c.id == current.id).values(reply_from=inbound.received_by))
            return str(current.id)
        conversation_id = secrets.token_hex(16)
        connection.execute(
            conversations.insert().values(
                id=conversation_id, channel=inbound.channel, contact_id=contact_id, reply_from=inbound.received_by, state="open",
                created_at=now, updated_at=now,
            )
        )  # fmt: skip
        return conversation_id
