"""The engagement log's tables. Times are UTC; `engagement/log.py` and its neighbours are the only code that reads or writes them."""

from engagement.tables.base import Utc, metadata
from engagement.tables.citizens import chat_tokens, contacts, conversations, messages, phone_codes, photos, ratings
from engagement.tables.desk import claims, presence
from engagement.tables.people import api_tokens, audit, staff, staff_sessions
from engagement.tables.work import handovers, mails, marks, outcome_events, outcomes, request_updates, requests, tasks

__all__ = [
    "Utc",
    "api_tokens",
    "audit",
    "chat_tokens",
    "claims",
    "contacts",
    "conversations",
    "handovers",
    "mails",
    "marks",
    "messages",
    "metadata",
    "outcome_events",
    "outcomes",
    "phone_codes",
    "photos",
    "presence",
    "ratings",
    "request_updates",
    "requests",
    "staff",
    "staff_sessions",
    "tasks",
]
