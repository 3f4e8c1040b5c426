"""What is done for citizens: requests, outcomes, tasks, hand-overs, e-mails."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, Float, ForeignKey, Index, Integer, String, Table, Text, false

from engagement.tables.base import Utc, metadata

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
    Index("ix_outcomes_partner_request_id", "partner", "request_id"),
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
    Column("contact_id", Integer, ForeignKey("contacts.id"), index=True),  # where the citizen wishes to be reached, if not in the chat
    Column("details", JSON),  # what it is about, for staff: words, reference, when to call, by when an answer was promised
    Column("created_at", Utc, nullable=False),
    Column("closed_at", Utc),
    Column("minutes", Float),  # that the colleague who closed it spent on it
    Column("note", Text),  # what came of it, for colleagues
    Column("team", String(40)),  # who is to answer: a name of data/council/teams.yml
    Column("claimed_at", Utc, index=True),  # when a colleague took it over
    Column("told_at", Utc),  # when the citizen was told that it takes longer
    Column("result", String(20)),  # what came of it: solved, passed_on, not_ours, no_answer, other, handed_back
    Index("ix_handovers_state_reason", "state", "reason"),
    Index("ix_handovers_state_created_at", "state", "created_at"),
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
