"""What the links in an e-mail open. They are made from our key whenever they are needed; of answer links a hash is stored."""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection, select, update

from engagement.database import Database, reads, writes
from engagement.outcome_events import as_outcome
from engagement.tables import contacts, conversations, mails, outcomes, requests
from engagement.values import GONE, Conversation, Outcome
from hearback.clock import Clock
from hearback.keys import Keys
from hearback.streets import street_of

ANSWERED_WITHIN = timedelta(days=120)  # how long the link of a question opens it


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What an answer link opens: the outcome, where its question was put, and the street that the report is about."""

    outcome: Outcome
    conversation: Conversation
    street: str | None


def token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


class MailLinks:
    _database: Database
    _clock: Clock
    _keys: Keys

    @reads
    def by_token(self, connection: Connection, token: str) -> Asked | None:
        """The question behind an answer link; None for one that is unknown, too old, or of a deleted conversation."""
        since = self._clock.now() - ANSWERED_WITHIN
        query = (
            select(mails.c.outcome_id, conversations)
            .join(conversations, conversations.c.id == mails.c.conversation_id)
            .where(mails.c.token_hash == token_hash(token), mails.c.created_at > since, conversations.c.state.not_in(GONE))
            .order_by(mails.c.id.desc())
            .limit(1)
        )
        row = connection.execute(query).one_or_none()
        if row is None:
            return None
        outcome, street = self._asked_about(connection, row.outcome_id)
        conversation = Conversation(
            id=row.id, channel=row.channel, state=row.state, contact_id=row.contact_id, language=row.language
        )  # fmt: skip
        return Asked(outcome=outcome, conversation=conversation, street=street)

    @writes
    def stop(self, connection: Connection, token: str, *, again: bool = False) -> bool:
        """No more e-mail to the address of this link, or `again` some; False for a link that is not ours."""
        contact_id = self._contact_of(token)
        if contact_id is None:
            return False
        theirs = (contacts.c.id == contact_id) & (contacts.c.kind == "email")
        connection.execute(update(contacts).where(theirs).values(stopped_at=None if again else self._clock.now()))
        if not again:
            waiting = (mails.c.contact_id == contact_id) & (mails.c.state == "queued")
            connection.execute(update(mails).where(waiting).values(state="dropped", error="stopped", due_at=None))
        return True

    def ours(self, token: str) -> bool:
        """Whether a stop link was made by us."""
        return self._contact_of(token) is not None

    def _contact_of(self, token: str) -> int | None:
        given = token.partition(".")[0]
        known = (
            given.isascii()
            and given.isdigit()
            and len(given) < 16
            and hmac.compare_digest(self.stop_token(int(given)).encode(), token.encode())
        )
        return int(given) if known else None

    def answer_token(self, outcome_id: int) -> str:
        """What the link of a question holds, made from our key each time: whoever reads the database cannot answer for a citizen."""
        return self._made(f"the answer link of outcome {outcome_id}")

    def stop_token(self, contact_id: int) -> str:
        """What the link against more e-mail holds."""
        return f"{contact_id}.{self._made(f'the stop link of contact {contact_id}')}"

    def _made(self, what: str) -> str:
        made = hmac.digest(self._keys.pseudonym_key.encode(), what.encode(), "sha256")
        return base64.urlsafe_b64encode(made).rstrip(b"=").decode()

    def _asked_about(self, connection: Connection, outcome_id: int) -> tuple[Outcome, str | None]:
        row = connection.execute(select(outcomes).where(outcomes.c.id == outcome_id)).one()
        report = connection.execute(select(requests.c.report).where(requests.c.id == row.request_id)).scalar_one_or_none() or {}
        return as_outcome(row), street_of(str(report.get("address") or ""))
