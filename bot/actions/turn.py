"""One turn as an action sees it, and the one way in which actions speak."""

from __future__ import annotations

import logging
import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from backoffice import calls
from backoffice.errors import BackOfficeError
from bot.actions.services import Services, services
from hearback import trace
from hearback.personal import CASE

Events = list[dict[str, Any]]
UNSPOKEN = {"action_listen", "action_session_start", "action_extract_slots"}
Choices = Sequence[tuple[str, str]]
# What a citizen may turn to while a question stands; anything else is read as an answer to it.
ASIDES = frozenset(
    (
        "ask_bin_day ask_information find_support check_request update_request withdraw_request talk_to_person help "
        "bot_challenge cancel restart report_danger make_complaint give_compliment ask_my_data out_of_scope goodbye"
    ).split()
)
logger = logging.getLogger("bot.actions")


REQUESTS = frozenset("report_problem report_missed_bin order_bin book_bulky_waste report_repair".split())


@dataclass(frozen=True)
class Turn:
    """What the citizen said now. `services`, `information` and `support` are (name, score) pairs, best first; `need` is one such pair."""

    conversation: str
    message_id: str
    channel: str
    text: str
    intent: str
    confidence: float
    entities: dict[str, str]
    services: tuple[tuple[str, float], ...]
    information: tuple[tuple[str, float], ...]
    contacts: tuple[int, ...]
    media: tuple[dict[str, str], ...]
    asked: str | None
    returning: bool
    previous_action: str | None
    slots: dict[str, Any] = field(repr=False)
    support: tuple[tuple[str, float], ...] = ()
    need: tuple[str, float] = ("", 0.0)
    danger_kind: str | None = None
    location: tuple[float, float] | None = None
    said: str = ""  # in the citizen's own words, where `text` is the choice that they come to

    @classmethod
    def of(cls, tracker: Tracker) -> Turn:
        latest = tracker.latest_message
        metadata = latest.get("metadata") or {}
        entities: dict[str, str] = {}
        for entity in latest.get("entities") or ():
            entities.setdefault(entity["entity"], str(entity["value"]))
        intent, need = latest.get("intent") or {}, latest.get("need") or {}
        return cls(
            conversation=tracker.sender_id,
            message_id=str(latest.get("message_id")),
            channel=metadata.get("channel") or "web",
            text=latest.get("text") or "",
            intent=intent.get("name") or "",
            confidence=float(intent.get("confidence") or 0.0),
            entities=entities,
            services=tuple((one["code"], one["score"]) for one in latest.get("services") or ()),
            information=tuple((one["id"], one["score"]) for one in latest.get("information") or ()),
            danger_kind=(latest.get("danger") or {}).get("kind"),
            support=tuple((one["id"], one["score"]) for one in latest.get("support") or ()),
            need=(need.get("id") or "", need.get("score") or 0.0),
            contacts=tuple(metadata.get("contacts") or ()),
            media=tuple(metadata.get("media") or ()),
            location=_location(metadata, entities),
            asked=tracker.slots.get("requested_slot"),
            returning=_digressed(tracker),
            previous_action=_previous_action(tracker),
            slots=tracker.slots,
            said=metadata.get("said") or "",
        )

    @property
    def key(self) -> str:
        """Names what this turn does, so that a turn that is run again does it once."""
        return f"{self.conversation}:{self.message_id}"

    @property
    def picked(self) -> tuple[str, str] | None:
        """(slot, value) of the choice of ours that the citizen took."""
        slot, _, value = self.entities.get("choice", "").partition(":")
        return (slot, value) if value else None

    @property
    def words(self) -> str:
        """The citizen's own words; empty when they took a choice: see `said`."""
        return "" if self.text.startswith("/") else self.text

    @property
    def reference(self) -> str | None:
        """A report's reference, or that of a complaint or another hand-over, in the citizen's words."""
        case = CASE.search(self.words)
        return self.entities.get("reference") or (f"C-{case[1]}" if case else None)

    @property
    def picture(self) -> str | None:
        """The address of our copy of a photo that came with this message."""
        return self.media[0].get("url") if self.media else None

    @property
    def language(self) -> str:
        """ISO 639-1 code of the citizen's language."""
        return str(self.slots.get("language") or "en")

    def means(self, *intents: str, sure: float = 0.5) -> bool:
        return self.intent in intents and self.confidence >= sure

    def turns_aside(self, *, sure: float) -> bool:
        """Whether the citizen speaks of something else than the question that stands."""
        return self.intent in ASIDES and self.confidence >= sure

    @property
    def asks_for_more(self) -> bool:
        """Whether the citizen begins another request in whole words, rather than answering with a few."""
        return self.means(*REQUESTS, sure=0.8) and len(self.words.split()) > 4


def _location(metadata: dict[str, Any], entities: dict[str, str]) -> tuple[float, float] | None:
    """The point (latitude, longitude) that the citizen shared or wrote."""
    if shared := metadata.get("location"):
        return (float(shared["lat"]), float(shared["long"]))
    if written := re.fullmatch(r"\s*(-?\d+(?:\.\d+)?)\s*,\s*(-?\d+(?:\.\d+)?)\s*", entities.get("coordinates", "")):
        return (float(written[1]), float(written[2]))
    return None


def _digressed(tracker: Tracker) -> bool:
    """Whether something else was answered in this turn already, and the form only asks its question again."""
    for event in reversed(tracker.events):
        if event.get("event") == "user":
            return False
        if event.get("event") == "action_execution_rejected":
            return True
    return False


def _previous_action(tracker: Tracker) -> str | None:
    """What was done last before the citizen's latest message."""
    turns = 0
    for event in reversed(tracker.events):
        turns += event.get("event") == "user"
        if turns and event.get("event") == "action" and event.get("name") not in UNSPOKEN:
            return str(event.get("name"))
    return None


class Say:
    """Says a response of domain.yml: `say("utter_ask_check", choices=[(title, payload)], place="Mill Lane")`."""

    def __init__(self, dispatcher: CollectingDispatcher) -> None:
        self._dispatcher = dispatcher

    def __call__(self, response: str, choices: Choices = (), /, **values: Any) -> None:
        buttons = [{"title": title, "payload": payload} for title, payload in choices]
        self._dispatcher.utter_message(response=response, buttons=buttons or None, **values)


def pick(slot: str, value: str, intent: str = "inform") -> str:
    """The payload of a choice."""
    return f"/{intent}{orjson.dumps({'choice': f'{slot}:{value}'}).decode()}"


def set_slots(**values: Any) -> Events:
    return [{"event": "slot", "timestamp": None, "name": name, "value": value} for name, value in values.items()]


class CitizenAction(Action, ABC):
    """A custom action named after its class: ActionCheckRequest is action_check_request."""

    def name(self) -> str:
        return re.sub(r"(?<!^)(?=[A-Z])", "_", type(self).__name__).lower()

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        say = Say(dispatcher)
        trace.follow((tracker.latest_message.get("metadata") or {}).get("trace"))
        with calls.recorded() as made:
            try:
                events = list(await self.answer(say, Turn.of(tracker), services()) or ())
            except BackOfficeError as error:
                logger.warning("%s: %s", self.name(), type(error).__name__)
                say(error.response)
                events = []
        for one in made:
            if one["result"] == "unavailable":
                logger.warning("%s: %s does not answer", self.name(), one.get("to") or "a system of the council")
        return [*events, *set_slots(calls=made)] if made else events

    @abstractmethod
    async def answer(self, say: Say, turn: Turn, services: Services) -> Iterable[dict[str, Any]] | None:
        """Do the task and say so; returns Rasa events."""
