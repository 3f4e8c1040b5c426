"""The engagement log's tables. Times are UTC; `engagement/log.py` and its neighbours are the only code that reads or writes them."""

from engagement.tables.base import Utc, metadata
from engagement.tables.citizens import chat_tokens, contacts, conversations, messages, phone_codes, photos, ratings
from engagement.tables.desk import claims, presence
from engagement.tables.kept import kept_counts
from engagement.tables.people import api_tokens, audit, recovery_codes, staff, staff_sessions
from engagement.tables.privacy import erasure_orders, legal_holds, mentions, retention_rules, retention_runs
from engagement.tables.reviewing import notes, saved_views
from engagement.tables.teaching import examples, teachings
from engagement.tables.work import handovers, mails, marks, outcome_events, outcomes, request_updates, requests, tasks

__all__ = [
    "Utc",
    "api_tokens",
    "audit",
    "chat_tokens",
    "claims",
    "contacts",
    "conversations",
    "erasure_orders",
    "examples",
    "handovers",
    "legal_holds",
    "kept_counts",
    "mails",
    "marks",
    "mentions",
    "messages",
    "metadata",
    "notes",
    "outcome_events",
    "outcomes",
    "phone_codes",
    "photos",
    "presence",
    "ratings",
    "recovery_codes",
    "request_updates",
    "requests",
    "retention_rules",
    "retention_runs",
    "saved_views",
    "staff",
    "staff_sessions",
    "tasks",
    "teachings",
]
