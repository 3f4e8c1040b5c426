"""The engagement log's tables. Times are UTC; `engagement/log.py` and its neighbours are the only code that reads or writes them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    DateTime,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator


class Utc(TypeDecorator[datetime]):
    """A moment; always aware, always UTC, also on SQLite, which forgets the zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a time zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        moment: datetime = value
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

contacts = Table(
    "contacts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", String(10), nullable=False),  # phone, email
    Column("pseudonym", String(32), nullable=False),
    Column("encrypted", Text, nullable=False),
    Column("stopped_at", Utc),  # the citizen said STOP: nothing is sent until START
    Column("declined_at", Utc),  # this number was told, once, that the council cannot text with it
    Column("created_at", Utc, nullable=False),
    UniqueConstraint("kind", "pseudonym"),
)

conversations = Table(
    "conversations",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("channel", String(10), nullable=False),  # web, sms
    Column("contact_id", Integer, ForeignKey("contacts.id")),
    Column("reply_from", String(64)),  # the number or Messaging Service that the citizen wrote to
    # Empty since tokens have a table; SQLite drops a unique column only by making the table anew, to which others point.
    Column("token_hash", String(64), unique=True),
    Column("state", String(12), nullable=False),  # open, waiting (for a person), with_staff, ended, erasing, erased
    Column("language", String(8), nullable=False, default="en", server_default="en"),  # ISO 639-1, as the citizen writes or asked for
    Column("created_at", Utc, nullable=False),
    Column("updated_at", Utc, nullable=False, index=True),
    Column("ended_at", Utc),
    Column("contacted_at", Utc, index=True),  # when the citizen first wrote something that is answered; None: a window that was only opened
    # What it has cost so far, in pence by the rates of the time; see engagement/charges.py.
    Column("cost_texts", Float, nullable=False, default=0.0, server_default="0"),
    Column("cost_turns", Float, nullable=False, default=0.0, server_default="0"),
    Column("cost_staff", Float, nullable=False, default=0.0, server_default="0"),
    Column("cost_overhead", Float, nullable=False, default=0.0, server_default="0"),
    Index("ix_conversations_contact_id_channel", "contact_id", "channel"),
)

chat_tokens = Table(
    "chat_tokens",
    metadata,
    Column("token_hash", String(64), primary_key=True),  # sha256 of what the browser holds
    Column("conversation_id", String(32), ForeignKey("conversations.id"), nullable=False, index=True),
    Column("browser", String(64), nullable=False),  # sha256 of what the browser says it is, without its version; empty: any
    Column("origin", String(200), nullable=False),  # the page that the widget stands in, or "own"; empty: any
    Column("created_at", Utc, nullable=False),  # these three by the real clock: cookies do not age faster in a demonstration
    Column("expires_at", Utc, nullable=False),
    Column("replaced_at", Utc),  # when its successor was first used
    Column("successor", String(64)),  # the hash of the token that was given out in its place
)

ratings = Table(
    "ratings",
    metadata,
    Column("conversation_id", String(32), ForeignKey("conversations.id"), primary_key=True),
    Column("score", Integer, nullable=False),  # 1 very dissatisfied to 5 very satisfied
    Column("words", Text),
    Column("created_at", Utc, nullable=False),
)

photos = Table(
    "photos",
    metadata,
    Column("id", String(32), primary_key=True),  # unguessable; also the file's name in the data folder
    Column("conversation_id", String(32), ForeignKey("conversations.id"), nullable=False, index=True),
    Column("message_id", Integer, ForeignKey("messages.id")),  # None until a message was sent with it
    Column("content_type", String(40), nullable=False),
    Column("size", Integer, nullable=False),  # bytes
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("created_at", Utc, nullable=False),
)

phone_codes = Table(
    "phone_codes",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("conversation_id", String(32), ForeignKey("conversations.id"), nullable=False, index=True),  # the web chat that asked
    Column("contact_id", Integer, ForeignKey("contacts.id"), nullable=False, index=True),  # the number that has to be proved
    Column("code_hash", String(64), nullable=False),
    Column("attempts", Integer, nullable=False, default=0),
    Column("created_at", Utc, nullable=False),
    Column("expires_at", Utc, nullable=False),
    Column("used_at", Utc),
)

messages = Table(
    "messages",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("conversation_id", String(32), ForeignKey("conversations.id"), nullable=False),
    Column("channel", String(10), nullable=False),
    Column("author", String(10), nullable=False),  # citizen, bot, staff, system
    Column("provider_id", String(100)),  # inbound: the provider's id of this message; outbound SMS: Twilio's sid
    Column("text", Text, nullable=False),
    Column("payload", Text),  # inbound: what the picked choice stands for
    Column("choices", JSON),  # outbound: [{id, title, payload}]
    Column("media", JSON),  # [{url, content_type, photo}]: photo is the id of our copy, url what others may fetch it by
    Column("location", JSON),  # inbound: {lat, long} where the citizen shared it
    Column("contacts", JSON),  # ids of the contacts whose number or address is masked in the text
    Column("reply_to", Integer, ForeignKey("messages.id")),
    Column("part_of", Integer),  # inbound SMS: the first of the texts that are read as one
    Column("page", Integer, nullable=False, default=0, server_default="0"),  # outbound SMS: which page of a long reply this is
    Column("outreach", Boolean, nullable=False, default=False, server_default=false()),  # outbound: not an answer; it waits at night
    # inbound: received, joined (to part_of), answered, with_staff
    # outbound: posted (web), queued, sending, sent, delivered, undelivered, failed
    Column("state", String(12), nullable=False),
    Column("intent", String(40)),
    Column("confidence", Float),
    Column("understanding", JSON),  # {entities, intents, services, actions, form, language, told}
    Column("attempts", Integer, nullable=False, default=0),
    Column("due_at", Utc),  # outbound SMS: when to try (again)
    Column("segments", Integer),
    Column("cost", Float),  # outbound SMS: pence, by the rate at the time
    Column("error", String(40)),
    Column("created_at", Utc, nullable=False),
    Column("state_at", Utc, nullable=False),
    UniqueConstraint("channel", "provider_id"),
    Index("ix_messages_conversation_id_id", "conversation_id", "id"),
    Index("ix_messages_conversation_id_state_id", "conversation_id", "state", "id"),  # what waits, however long the conversation
    Index("ix_messages_state_due_at", "state", "due_at"),
    sqlite_autoincrement=True,
)

requests = Table(
    "requests",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", String(80), nullable=False, unique=True),  # one per confirmed report; the back office can be asked for it
    Column("conversation_id", String(32), ForeignKey("conversations.id"), nullable=False, index=True),
    Column("service_code", String(80), nullable=False),
    Column("service_name", String(200), nullable=False),
    Column("report", JSON, nullable=False),  # what is sent: description, address, lat, long, attributes, media_url
    Column("contact_id", Integer, ForeignKey("contacts.id")),  # another way to tell the citizen, where they gave one
    Column("updates", Boolean, nullable=False, default=False),  # the citizen wishes to hear of progress
    Column("followed", Boolean, nullable=False, default=False, server_default=false()),  # another's report, which this citizen joined
    Column("state", String(10), nullable=False),  # kept, sending, sent, refused, withdrawn
    Column("attempts", Integer, nullable=False, default=0),
    Column("due_at", Utc),
    Column("reference", String(80), index=True),  # service_request_id
    Column("token", String(80)),
    Column("agency_responsible", String(200)),
    Column("service_notice", Text),
    Column("status", String(20)),  # the back office's word: open, closed
    Column("detailed_status", String(80)),  # its finer state as given: INVESTIGATING, NO_FURTHER_ACTION …
    Column("progress", String(12)),  # ours: open, accepted, scheduled, done, not_ours, no_action, duplicate
    Column("progress_at", Utc),  # when the back office says that this came about; what is older changes nothing
    Column("progress_told", String(12)),  # what the citizen heard last
    Column("hears", String(8), nullable=False, default="all", server_default="all"),  # where `updates`: all, done (only the end), none
    Column("linked_to", String(80)),  # the reference of the request that this one says is not fixed
    Column("place_key", String(40)),  # the same for requests about one place; see engagement/places.py
    Column("repeat_of", Integer, index=True),  # id of the latest request that shortly before asked for the same
    Column("watch_at", Utc),  # when to look at it in the back office; None: no more
    Column("watch_failures", Integer, nullable=False, default=0, server_default="0"),
    Column("status_notes", Text),
    Column("expected_at", Utc),
    Column("declared_at", Utc),  # when the back office or its partner said done
    Column("told_at", Utc),  # when the citizen was told the reference
    Column("error", Text),
    Column("created_at", Utc, nullable=False),
    Column("updated_at", Utc, nullable=False),
    Index("ix_requests_state_due_at", "state", "due_at"),
    Index("ix_requests_watch_at", "watch_at"),
    Index("ix_requests_service_code_place_key_created_at", "service_code", "place_key", "created_at"),
    Index("ix_requests_contact_id", "contact_id"),
)

# One row for each time that something is done for a citizen and should have worked: a request's first round, the round after it was
# reopened, support that was found, a hand-over. Three facts, each on its own: declared, handled, confirmed.
outcomes = Table(
    "outcomes",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", String(120), nullable=False, unique=True),  # request:KEY:1, support:CONVERSATION:DAY, handover:KEY …
    Column("subject", String(12), nullable=False),  # request, support, information, handover
    Column("round", Integer, nullable=False, default=1),
    Column("conversation_id", String(32), ForeignKey("conversations.id"), nullable=False, index=True),  # where it was asked for
    Column("request_id", Integer, ForeignKey("requests.id"), index=True),
    Column("handover_id", Integer, ForeignKey("handovers.id")),
    Column("reference", String(80), index=True),
    Column("channel", String(10), nullable=False),  # on which it was asked for
    Column("task", String(40), nullable=False),  # report_problem, find_support …
    Column("service_code", String(80)),
    Column("service_name", String(200)),
    Column("agency_responsible", String(200)),  # as given
    Column("partner", String(200)),  # these two by data/council/back_office.yml
    Column("contractor", String(200)),
    Column("declared", String(12)),  # done, not_ours, no_action, duplicate; None: still open
    Column("declared_at", Utc),
    Column("declared_status", String(80)),  # as given
    Column("handled_at", Utc),  # when the bot or a person of the council had done their part
    Column("handled_by", String(8)),  # bot, staff
    Column("confirmed", String(10)),  # fixed, partly, not_fixed, not_mine; None: no answer, which is never success
    Column("confirmed_at", Utc),
    Column("confirmed_channel", String(10)),
    Column("words", Text),  # what the citizen said with it
    Column("state", String(10), nullable=False),  # of the question: open, waiting, asked, reminded, answered, silent, dropped
    Column("due_at", Utc),  # when to ask, to remind, to give up
    Column("asked_at", Utc),
    Column("asked_in", String(32), ForeignKey("conversations.id"), index=True),  # the conversation in which it was asked
    Column("reminded_at", Utc),
    Column("remedy", String(10)),  # after a "no": reopening, reopened, linked, with_team
    Column("remedy_at", Utc),  # while reopening: when to try again
    Column("remedy_tries", Integer, nullable=False, default=0),
    Column("remedy_reference", String(80)),
    Column("remedy_told_at", Utc),
    Column("act_by", Utc),  # by when somebody must have acted on a "no"
    Column("settled_at", Utc),  # when they had: it was declared done anew, or closed by staff
    Column("fee", Float),  # pence that the partner gets for it
    Column("published_at", Utc),  # confirmed_at of the answer that the back office was told
    Column("created_at", Utc, nullable=False),
    Column("updated_at", Utc, nullable=False),
    Index("ix_outcomes_confirmed_at", "confirmed_at"),
    Index("ix_outcomes_state_due_at", "state", "due_at"),
    Index("ix_outcomes_remedy_remedy_at", "remedy", "remedy_at"),
    Index("ix_outcomes_confirmed_settled_at", "confirmed", "settled_at"),  # who says no, and nobody has acted
)

outcome_events = Table(
    "outcome_events",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", String(200), nullable=False, unique=True),  # the same news twice is one event
    Column("outcome_id", Integer, ForeignKey("outcomes.id"), nullable=False, index=True),
    Column("at", Utc, nullable=False),
    Column("fact", String(12), nullable=False),  # progress, declared, handled, confirmed, asked, reminded, remedy, settled
    Column("value", String(20)),
    Column("given", String(80)),  # the source's own word
    Column("notes", Text),
    Column("source", String(10), nullable=False),  # poll, feed, push, citizen, bot, staff, clock
    Column("channel", String(10)),
)

# Citizens' tasks from the first question to the end: who gives up where.
tasks = Table(
    "tasks",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", String(80), nullable=False, unique=True),  # conversation:message that began it:number
    Column("conversation_id", String(32), ForeignKey("conversations.id"), nullable=False),
    Column("channel", String(10), nullable=False),
    Column("task", String(40), nullable=False),
    Column("service_code", String(80)),
    Column("step", String(40)),  # the latest question
    Column("steps", Text),  # every question that was put, each once, in the order in which they first were: what|where|photo
    Column("end", String(12)),  # completed, elsewhere (somebody else's job, said so), cancelled, handed_over, failed; None: not ended
    Column("started_at", Utc, nullable=False, index=True),
    Column("stepped_at", Utc, nullable=False),
    Column("ended_at", Utc),
    Index("ix_tasks_conversation_id_end", "conversation_id", "end"),
)

marks = Table(
    "marks",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("at", Utc, nullable=False),  # up to when the back office's updates have been read
)

handovers = Table(
    "handovers",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", String(80), nullable=False, unique=True),
    Column("conversation_id", String(32), ForeignKey("conversations.id"), nullable=False, index=True),
    Column("reason", String(40), nullable=False),  # the citizen's task: talk_to_person, make_complaint, report_danger ...
    Column("priority", Integer, nullable=False, default=0),
    Column("state", String(10), nullable=False),  # waiting, claimed, closed
    Column("staff_id", Integer, ForeignKey("staff.id")),
    Column("contact_id", Integer, ForeignKey("contacts.id")),  # where the citizen wishes to be reached, if not in the conversation
    Column("details", JSON),  # what it is about, for staff: words, reference, when to call, by when an answer was promised
    Column("created_at", Utc, nullable=False),
    Column("closed_at", Utc),
    Column("minutes", Float),  # that the colleague who closed it spent on it
    Column("note", Text),  # what came of it, for colleagues
)

request_updates = Table(
    "request_updates",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", String(80), nullable=False, unique=True),  # one per turn; its hash is the back office's update_id
    Column("conversation_id", String(32), ForeignKey("conversations.id"), nullable=False, index=True),
    Column("reference", String(80), nullable=False, index=True),  # not always a request of ours
    Column("kind", String(12), nullable=False),  # added, not_fixed, partly, withdrawn, fixed, not_mine
    Column("words", Text),
    Column("state", String(10), nullable=False),  # sending, sent, with_team (the back office could not take it), noted (only written down)
    Column("created_at", Utc, nullable=False),
)

# What is told and asked by e-mail. The conversation has the same question; the mail is how who left it hears of it.
mails = Table(
    "mails",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", String(120), nullable=False, unique=True),  # outcome:ID:asked, outcome:ID:reminded, progress:REQUEST:WORD, remedy:OUTCOME
    Column("contact_id", Integer, ForeignKey("contacts.id"), index=True),  # None once the conversation was erased
    Column("conversation_id", String(32), ForeignKey("conversations.id"), nullable=False, index=True),
    Column("response", String(60), nullable=False),  # of domain.yml
    Column("values", JSON, nullable=False),  # what stands in its {places}
    Column("token_hash", String(64), index=True),  # sha256 of what the answer link holds; None where there is no question
    Column("outcome_id", Integer, ForeignKey("outcomes.id")),  # whose question it is
    Column("state", String(10), nullable=False),  # queued, sending, sent, failed, dropped
    Column("attempts", Integer, nullable=False, default=0, server_default="0"),
    Column("due_at", Utc),  # when to send (again); while sending: when to take it for interrupted
    Column("error", String(40)),
    Column("created_at", Utc, nullable=False),
    Column("sent_at", Utc),
    Index("ix_mails_state_due_at", "state", "due_at"),
)

staff = Table(
    "staff",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("username", String(80), nullable=False, unique=True),
    Column("password_hash", Text, nullable=False),
    Column("role", String(12), nullable=False),  # reviewer, approver, agent, analyst, admin
    Column("failures", Integer, nullable=False, default=0),
    Column("locked_until", Utc),
    Column("active", Boolean, nullable=False, default=True),
    Column("created_at", Utc, nullable=False),
)

staff_sessions = Table(
    "staff_sessions",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("staff_id", Integer, ForeignKey("staff.id"), nullable=False),
    Column("csrf", String(64), nullable=False),
    Column("created_at", Utc, nullable=False),
    Column("seen_at", Utc, nullable=False),
)

api_tokens = Table(
    "api_tokens",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("name", String(80), nullable=False),
    Column("staff_id", Integer, ForeignKey("staff.id"), nullable=False),
    Column("created_at", Utc, nullable=False),
    Column("used_at", Utc),
)

audit = Table(
    "audit",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", Utc, nullable=False, index=True),
    Column("staff_id", Integer, ForeignKey("staff.id")),
    Column("action", String(40), nullable=False),  # signed_in, sign_in_failed, read_conversation ...
    Column("subject", String(80)),
    Column("details", JSON),
)
