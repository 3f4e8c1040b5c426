"""What travels between the doors, the log and the assistant."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One answer that we offered. `payload` is what the assistant reads; it never leaves our side."""

    id: str
    title: str
    payload: str


@dataclass(frozen=True, kw_only=True)
class InboundMessage:
    """A citizen's message as a door hands it over. Web names the conversation, SMS the sender's number (E.164)."""

    channel: str
    provider_id: str
    text: str
    payload: str | None = None
    conversation_id: str | None = None
    sender: str | None = None
    received_by: str | None = None
    media: tuple[dict[str, str], ...] = ()
    location: dict[str, float] | None = None  # {lat, long}
    opt_out: str | None = None  # STOP, START or HELP: recorded, answered by the provider, never by us


@dataclass(frozen=True, kw_only=True)
class Reply:
    """One thing that the assistant says."""

    text: str
    choices: tuple[Choice, ...] = ()
    author: str = "bot"


@dataclass(frozen=True, kw_only=True)
class Understanding:
    """What the assistant made of a message."""

    intent: str | None = None
    confidence: float | None = None
    details: dict[str, Any] = field(default_factory=dict)  # entities, intents, services, actions, form, language, told


@dataclass(frozen=True, kw_only=True)
class Conversation:
    id: str
    channel: str
    state: str
    contact_id: int | None = None
    language: str = "en"


@dataclass(frozen=True, kw_only=True)
class Message:
    """A line of a conversation, in either direction."""

    id: int
    conversation_id: str
    channel: str
    author: str
    text: str
    state: str
    created_at: datetime
    payload: str | None = None
    choices: tuple[Choice, ...] = ()
    reply_to: int | None = None
    intent: str | None = None
    confidence: float | None = None
    understanding: dict[str, Any] | None = None
    attempts: int = 0
    segments: int | None = None
    error: str | None = None
    provider_id: str | None = None
    media: tuple[dict[str, str], ...] = ()
    location: dict[str, float] | None = None
    contacts: tuple[int, ...] = ()
    page: int = 0  # outbound SMS: which page of `text` with `choices` this is
    cost: float | None = None  # pence

    def public(self) -> dict[str, Any]:
        """As the web chat API shows it."""
        return {
            "id": self.id,
            "author": self.author,
            "text": self.text,
            "choices": [{"id": choice.id, "title": choice.title} for choice in self.choices],
            "at": self.created_at.isoformat(),
        }


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """A message that waits for the assistant; `offered` is what the bot offered last before it."""

    conversation: Conversation
    message: Message
    offered: tuple[Choice, ...]


@dataclass(frozen=True, kw_only=True)
class Received:
    """What became of an inbound message: `new` is false when the provider had sent it before."""

    id: int
    conversation_id: str
    new: bool


@dataclass(frozen=True, kw_only=True)
class Request:
    """A service request, from the citizen's "yes, send it" on."""

    id: int
    key: str
    conversation_id: str
    channel: str
    service_code: str
    service_name: str
    report: dict[str, Any]
    state: str
    attempts: int
    reference: str | None
    token: str | None
    agency_responsible: str | None
    service_notice: str | None
    status: str | None
    status_notes: str | None
    created_at: datetime
    updated_at: datetime
    declared_at: datetime | None
    told_at: datetime | None
    updates: bool = False
    followed: bool = False

    @property
    def tag(self) -> str:
        """Marks the request in the back office as ours; the same key always gives the same tag."""
        return tag_of(self.key)


@dataclass(frozen=True, kw_only=True)
class RequestUpdate:
    """What a citizen said of a request after it was made."""

    key: str
    conversation_id: str
    reference: str
    kind: str
    words: str | None
    state: str
    created_at: datetime

    @property
    def update_id(self) -> str:
        """Tells the back office that a repeat is one."""
        return tag_of(self.key)


@dataclass(frozen=True, kw_only=True)
class Handover:
    """A conversation, or something said in it, that waits for a person."""

    id: int
    key: str
    conversation_id: str
    reason: str
    state: str
    details: dict[str, Any] | None
    created_at: datetime
    closed_at: datetime | None

    @property
    def reference(self) -> str:
        """What the citizen can quote."""
        return f"C-{self.id:06d}"


def tag_of(key: str) -> str:
    """The same key always gives the same tag."""
    return f"HB-{hashlib.sha256(key.encode()).hexdigest()[:10].upper()}"
