"""What travels between the doors, the log and the assistant."""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from hearback.trace import for_message

GONE = ("erasing", "erased")  # states of a conversation in which nothing is said any more
CLOSED = ("done", "not_ours", "no_action", "duplicate")  # words for a request on which no more work is done
NO = ("partly", "not_fixed")  # answers after which something must be done


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One answer that we offered. `payload` is what the assistant reads; it never leaves our side."""

    id: str
    title: str
    payload: str


@dataclass(frozen=True, kw_only=True)
class OptOut:
    """A word that opts out, in again or asks for help: recorded, answered by the provider, never by us."""

    kind: str  # STOP, START or HELP
    unless_busy: bool = False  # an ordinary word in the middle of a task: "cancel"
    if_stopped: bool = False  # an ordinary word of everybody else: "yes"


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
    media: tuple[dict[str, Any], ...] = ()  # [{url, content_type, photo, width, height}], photo being the id of our copy
    location: dict[str, float] | None = None  # {lat, long}
    opt_out: OptOut | None = None
    refused: str | None = None  # why the assistant must not answer: foreign, unreachable, too_many
    late: bool = False  # it counts also where the chat has ended: an answer by a link that was mailed
    more_within: float | None = None  # real seconds in which the rest of this text may come as a message of its own
    trace: str = field(default_factory=for_message)  # names what is done for it: 16 hex


@dataclass(frozen=True, kw_only=True)
class Reply:
    """One thing that the assistant says."""

    text: str
    choices: tuple[Choice, ...] = ()
    author: str = "bot"
    by: str | None = None  # who of the staff says it
    staff_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class Understanding:
    """What the assistant made of a message."""

    intent: str | None = None
    confidence: float | None = None
    details: dict[str, Any] = field(default_factory=dict)  # entities, intents, services, actions, calls, form, language, told, journal

    @property
    def margin(self) -> float | None:
        """How much surer it was of the first intent than of the second."""
        ranked = self.details.get("intents")
        some = [one.get("confidence") for one in ranked[:2] if isinstance(one, dict)] if isinstance(ranked, list) else []
        sure = [float(one) for one in some if isinstance(one, float | int)]
        return sure[0] - sure[1] if len(sure) == 2 else None

    @property
    def corrected(self) -> bool:
        """Whether the citizen put right what was understood before."""
        journal = self.details.get("journal")
        return isinstance(journal, list) and any(isinstance(one, dict) and one.get("did") in {"turned", "corrected"} for one in journal)


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
    media: tuple[dict[str, Any], ...] = ()
    location: dict[str, float] | None = None
    contacts: tuple[int, ...] = ()
    page: int = 0  # outbound SMS: which page of `text` with `choices` this is
    cost: float | None = None  # pence
    by: str | None = None  # who of the staff wrote it, as the citizen reads it
    trace: str | None = None

    def public(self) -> dict[str, Any]:
        """As the web chat API shows it."""
        shown: dict[str, Any] = {
            "id": self.id,
            "author": self.author,
            "text": self.text,
            "choices": [{"id": choice.id, "title": choice.title} for choice in self.choices],
            "at": self.created_at.isoformat(),
        }
        if self.author == "staff" and self.by:
            shown["by"] = self.by
        if photos := [one for one in self.media if one.get("photo")]:
            shown["photos"] = [
                {"url": f"/api/chat/photos/{one['photo']}", "width": one.get("width"), "height": one.get("height")} for one in photos
            ]
        if self.author == "citizen" and self.channel == "web" and self.provider_id:
            shown["client_id"] = str(uuid.UUID(self.provider_id.rpartition(":")[2]))
        return shown


@dataclass(frozen=True, kw_only=True)
class Photo:
    """A picture of a citizen's: ours without what the camera wrote into it. `message_id` is None until it was sent."""

    id: str
    conversation_id: str
    message_id: int | None
    content_type: str
    size: int
    width: int
    height: int
    created_at: datetime

    def public(self) -> dict[str, Any]:
        """As the web chat API shows it."""
        return {"id": self.id, "url": f"/api/chat/photos/{self.id}", "width": self.width, "height": self.height}


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """What waits for the assistant: one message, or several texts that are read as one; `offered` is what the bot offered before."""

    conversation: Conversation
    lines: tuple[Message, ...]
    offered: tuple[Choice, ...]
    wait: float = 0.0  # real seconds until it is known whether the text goes on
    unjoined: bool = False  # the lines have yet to be made one for good
    more: bool = field(default=False, compare=False)  # others wait behind it now
    question: Outcome | None = None  # what was asked about and not answered yet

    @property
    def asked_last(self) -> bool:
        """Whether the question is what the citizen reads last, with its choices."""
        return self.question is not None and any(f'"outcome:{self.question.id}"' in one.payload for one in self.offered)

    @property
    def message(self) -> Message:
        """The lines as the assistant reads them, under the id of the first."""
        first = self.lines[0]
        return replace(
            first,
            text="".join(line.text for line in self.lines).strip(),
            media=tuple(one for line in self.lines for one in line.media),
            contacts=tuple(one for line in self.lines for one in line.contacts),
        )


@dataclass(frozen=True, kw_only=True)
class Received:
    """What became of an inbound message: `new` is false when the provider had sent it before, `waits` when nobody answers it."""

    id: int
    conversation_id: str
    new: bool
    waits: bool = False


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
    contact_id: int | None = None
    hears: str = "all"  # where `updates`: all, or done (only the end)
    detailed_status: str | None = None
    progress: str | None = None
    progress_told: str | None = None
    expected_at: datetime | None = None
    linked_to: str | None = None
    watch_failures: int = 0

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
    team: str | None = None
    claimed_at: datetime | None = None
    contact_id: int | None = None

    @property
    def reference(self) -> str:
        """What the citizen can quote."""
        return f"C-{self.id:06d}"


@dataclass(frozen=True, kw_only=True)
class Notice:
    """What the back office says of a request, by whichever way we hear of it.

    `word` is ours (see `requests.progress`), empty where it leaves the request as it was; `given` is its finer state as given, where it
    names one. `at` is when it came about; `seen_at` of a poll is when we asked.
    """

    reference: str
    source: str  # poll, feed, push
    word: str
    at: datetime
    update_id: str = ""  # of a feed or push: the same one twice is one notice
    given: str | None = None
    notes: str | None = None
    agency: str | None = None  # as given
    partner: str | None = None
    contractor: str | None = None
    expected_at: datetime | None = None
    seen_at: datetime | None = None

    @property
    def closed(self) -> bool:
        return self.word in CLOSED


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """Something done for a citizen that should have worked: see `tables.outcomes`, whose columns these are."""

    id: int
    key: str
    subject: str
    round: int
    conversation_id: str
    request_id: int | None
    handover_id: int | None
    reference: str | None
    channel: str
    task: str
    service_code: str | None
    service_name: str | None
    agency_responsible: str | None
    partner: str | None
    contractor: str | None
    declared: str | None
    declared_at: datetime | None
    declared_status: str | None
    handled_at: datetime | None
    handled_by: str | None
    confirmed: str | None
    confirmed_at: datetime | None
    confirmed_channel: str | None
    words: str | None
    state: str
    due_at: datetime | None
    asked_at: datetime | None
    asked_in: str | None
    reminded_at: datetime | None
    remedy: str | None
    remedy_tries: int
    remedy_reference: str | None
    act_by: datetime | None
    settled_at: datetime | None
    created_at: datetime

    @property
    def tag(self) -> str:
        """Marks what is sent to the back office because of this outcome; a repeat carries the same."""
        return tag_of(self.key)

    @property
    def dispute(self) -> dict[str, Any]:
        """What staff read of a "no" in its hand-over."""
        return {
            "reference": self.reference,
            "service": self.service_name,
            "partner": self.partner or self.agency_responsible,
            "words": self.words,
            "act_by": self.act_by.isoformat() if self.act_by else None,
        }


def turn_key(conversation_id: str, message_id: int) -> str:
    """Names a turn in the assistant, so that what it does is done once."""
    return f"{conversation_id}:{message_name(message_id)}"


def message_name(message_id: int) -> str:
    """A message's id as the assistant knows it."""
    return f"hearback-{message_id}"


def tag_of(key: str) -> str:
    """The same key always gives the same tag."""
    return f"HB-{hashlib.sha256(key.encode()).hexdigest()[:10].upper()}"
