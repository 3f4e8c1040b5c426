"""Citizens: how they are reached, and what is said with them."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, Float, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint, false, text

from engagement.tables.base import MessageId, Utc, metadata

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
    # What lists filter by, kept by the database's own triggers: see engagement/glance.py. Sets of words are written "|one|two|".
    Column("message_count", Integer, nullable=False, default=0, server_default="0"),
    Column("unanswered", Integer, nullable=False, default=0, server_default="0"),  # citizens' messages that wait
    Column("undelivered", Integer, nullable=False, default=0, server_default="0"),  # texts that did not reach the citizen
    Column("fallbacks", Integer, nullable=False, default=0, server_default="0"),  # messages that were not understood
    Column("corrections", Integer, nullable=False, default=0, server_default="0"),  # messages that put right what was understood
    Column("last_intent", String(40)),
    Column("lowest_confidence", Float),
    Column("lowest_margin", Float),  # between the first and the second intent, of any message
    Column("rating", Integer),
    Column("task_names", Text, nullable=False, default="", server_default=""),
    Column("task_ends", Text, nullable=False, default="", server_default=""),  # open where one has not ended
    Column("services", Text, nullable=False, default="", server_default=""),
    Column("partners", Text, nullable=False, default="", server_default=""),
    Column("outcome_words", Text, nullable=False, default="", server_default=""),  # declared, no_answer and what citizens confirmed
    Column("handover_reasons", Text, nullable=False, default="", server_default=""),
    Column("looked_at", Utc),  # when a reviewer was done with it; see engagement/worth.py
    Column("looked_by", Integer),  # who of the staff
    Index("ix_conversations_state_updated_at", "state", "updated_at"),
    Index("ix_conversations_unanswered", "updated_at", sqlite_where=text("unanswered > 0"), postgresql_where=text("unanswered > 0")),
    Index("ix_conversations_undelivered", "updated_at", sqlite_where=text("undelivered > 0"), postgresql_where=text("undelivered > 0")),
    Index("ix_conversations_contact_id_channel", "contact_id", "channel"),
    Index("ix_conversations_erasing", "state", sqlite_where=text("state = 'erasing'"), postgresql_where=text("state = 'erasing'")),
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
    Column("message_id", MessageId, ForeignKey("messages.id")),  # None until a message was sent with it
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

_HEARD = text("author = 'citizen' AND intent IS NOT NULL AND payload IS NULL")

messages = Table(
    "messages",
    metadata,
    Column("id", MessageId, primary_key=True),
    Column("conversation_id", String(32), ForeignKey("conversations.id"), nullable=False),
    Column("channel", String(10), nullable=False),
    Column("author", String(10), nullable=False),  # citizen, bot, staff, system
    Column("staff_id", Integer),  # who of the staff wrote it, or did what a line of the system tells
    Column("by", String(80)),  # what the citizen reads of who wrote it
    Column("form", String(40)),  # the form that a colleague sent it with: the same form twice is one message
    Column("provider_id", String(100)),  # inbound: the provider's id of this message; outbound SMS: Twilio's sid
    Column("text", Text, nullable=False),
    Column("payload", Text),  # inbound: what the picked choice stands for
    Column("choices", JSON),  # outbound: [{id, title, payload}]
    Column("media", JSON),  # [{url, content_type, photo}]: photo is the id of our copy, url what others may fetch it by
    Column("location", JSON),  # inbound: {lat, long} where the citizen shared it
    Column("contacts", JSON),  # ids of the contacts whose number or address is masked in the text
    Column("reply_to", MessageId, ForeignKey("messages.id")),
    Column("part_of", MessageId),  # inbound SMS: the first of the texts that are read as one
    Column("page", Integer, nullable=False, default=0, server_default="0"),  # outbound SMS: which page of a long reply this is
    Column("outreach", Boolean, nullable=False, default=False, server_default=false()),  # outbound: not an answer; it waits at night
    # inbound: received, joined (to part_of), answered, with_staff
    # outbound: posted (web), queued, sending, sent, delivered, undelivered, failed
    Column("state", String(12), nullable=False),
    Column("intent", String(40)),
    Column("confidence", Float),
    Column("margin", Float),  # how much surer of the first intent than of the second
    Column("corrected", Boolean, nullable=False, default=False, server_default=false()),  # it puts right what was understood before
    Column("understanding", JSON),  # {entities, intents, services, actions, form, language, told}
    Column("attempts", Integer, nullable=False, default=0),
    Column("due_at", Utc),  # outbound SMS: when to try (again)
    Column("segments", Integer),
    Column("cost", Float),  # outbound SMS: pence, by the rate at the time
    Column("error", String(40)),
    Column("trace", String(16)),  # inbound: names what was done for it, in every log and at the back office
    Column("created_at", Utc, nullable=False),
    Column("state_at", Utc, nullable=False),
    UniqueConstraint("channel", "provider_id"),
    Index("ix_messages_conversation_id_id", "conversation_id", "id"),
    Index("ix_messages_conversation_id_state_id", "conversation_id", "state", "id"),  # what waits, however long the conversation
    Index("ix_messages_state_due_at", "state", "due_at"),
    # What the assistant read in citizens' own words, for the measures of understanding.
    Index("ix_messages_heard", "channel", "intent", "created_at", "confidence", sqlite_where=_HEARD, postgresql_where=_HEARD),
    sqlite_autoincrement=True,
)
Index(
    "uq_messages_form", messages.c.form, unique=True,
    sqlite_where=messages.c.form.is_not(None), postgresql_where=messages.c.form.is_not(None),
)  # fmt: skip
