"""Rasa's input channel for our doors: a turn in, replies and understanding out. It listens on loopback only, with a token.

A message that comes again (its id stands in the tracker) gets the stored replies: nothing runs twice.
"""

from __future__ import annotations

import hmac
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from rasa.core.actions.action import create_bot_utterance
from rasa.core.channels.channel import CollectingOutputChannel, InputChannel, UserMessage
from rasa.shared.core.events import ActionExecuted, BotUttered, Event, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse, empty, json

from bot import languages, patches, warming
from bot.needs import as_words, needs_of
from bot.outcome_words import answer_in
from bot.tracker_store import ShortTrackerStore
from bot.turns import turns
from hearback import logs, profile, trace
from hearback.keys import load_keys
from hearback.settings import Settings

logger = logging.getLogger("bot.connector")
PART = "+"  # between a message's id and the number of a need in it
MOST_NEEDS = 4
LANGUAGE_PICKED = '/inform{"choice":"language:picked"}'  # no task's choice: the question in hand is asked again
HIDDEN = {"action_listen", "action_session_start", "action_extract_slots"}


class Replies(CollectingOutputChannel):
    """Collects replies; its name is the citizen's channel, so that responses can have wording of their own for it."""

    def __init__(self, channel: str) -> None:
        super().__init__()
        self._channel = channel

    def name(self) -> str:
        return self._channel


class HearbackChannel(InputChannel):
    """POST /webhooks/hearback/turn {conversation, message, channel, language, text | payload, said, contacts, media, location, question};
    DELETE /webhooks/hearback/conversations/ID forgets a conversation."""

    def __init__(self, token: str) -> None:
        self._token, self._warm = token, False

    @classmethod
    def name(cls) -> str:
        return "hearback"

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> HearbackChannel:
        patches.apply()
        settings = Settings.from_environ()
        logs.redact()
        logs.shape("rasa", settings.log_format)
        languages.load()
        return cls(load_keys(settings.home).rasa_token)

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        doors = Blueprint("hearback")
        doors.after_server_stop(lambda *_: patches.hang_up())

        @doors.post("/turn")
        async def turn(request: Request) -> HTTPResponse:
            if refused := self._refused(request):
                return refused
            body, agent = request.json, request.app.ctx.agent
            async with agent.lock_store.lock(body["conversation"]), turns.one():
                try:
                    trace.follow(body.get("trace"))
                    return json(await take_turn(agent.processor, body))
                except ActionFailed:
                    return json({"error": "An action failed; nothing of this turn was kept."}, status=502)

        @doors.delete("/conversations/<conversation:str>")
        async def forget(request: Request, conversation: str) -> HTTPResponse:
            if refused := self._refused(request):
                return refused
            agent = request.app.ctx.agent
            async with agent.lock_store.lock(conversation):  # a turn in hand would write it down again
                await short_store(agent.processor).delete(conversation)
            return empty()

        @doors.get("/ready")
        async def ready(request: Request) -> HTTPResponse:
            if refused := self._refused(request):
                return refused
            if request.args.get("warm") or not self._warm:  # the first citizen waits no longer than others
                self._warm = True
                await warming.warm_up(request.app.ctx.agent.processor)
                warming.settle()
            return json({"ready": True})

        return doors

    def _refused(self, request: Request) -> HTTPResponse | None:
        given = request.headers.get("Authorization", "")
        if not hmac.compare_digest(given.encode(), f"Bearer {self._token}".encode()):
            return json({"error": "The token is missing or wrong."}, status=401)
        agent = request.app.ctx.agent
        if agent is None or not agent.is_ready():
            return json({"error": "No model is loaded."}, status=503)
        return None


class ActionFailed(Exception):
    """A custom action did not answer, or nothing was said: the turn is thrown away, to be run again."""


@dataclass(frozen=True)
class Running:
    """A turn in Rasa's own steps: its handle_message returns the replies only, and the turn is read from the tracker."""

    processor: Any
    tracker: DialogueStateTracker
    out: Replies
    message_id: str
    body: dict[str, Any]

    def metadata(self) -> dict[str, Any]:
        """What understanding and actions are told beside the words."""
        return {**metadata_of(self.body), "language": spoken(self.tracker)}

    async def as_answer(self, text: str) -> str | None:
        """The choice that a text makes in answer to the open question, where it is one: before a task in hand only if it was asked last."""
        question = self.body.get("question")
        if not question or text.startswith("/") or (self.tracker.get_slot("tasks") and not question["latest"]):
            return None
        answer = answer_in(text, await self.parse(text), question)
        return f'/outcome_{answer}{{"choice":"outcome:{question["id"]}"}}' if answer else None

    async def parse(self, text: str) -> dict[str, Any]:
        return dict(await self.processor.parse_message(UserMessage(text, metadata=self.metadata())))

    async def say(self, response: str, **values: str) -> None:
        said = await self.processor.nlg.generate(response, self.tracker, self.out.name(), **values)
        self.tracker.update(create_bot_utterance(said))

    async def run(self, text: str, number: int = 0, *, first: str | None = None, said: str | None = None) -> None:
        """Take a text through understanding and actions; `first` is a response to begin with, `said` the words of which it is the sense."""
        identity = f"{self.message_id}{PART}{number}" if number else self.message_id
        metadata = self.metadata() | ({"said": said} if said else {})
        message = UserMessage(text, self.out, self.tracker.sender_id, input_channel=self.out.name(), message_id=identity, metadata=metadata)
        await self.processor._handle_message_with_tracker(message, self.tracker)
        if first:
            await self.say(first, phone=profile.council()["phone"], hours=profile.hours(spoken(self.tracker)))
        await self.processor.run_action_extract_slots(self.out, self.tracker)
        await self.processor._run_prediction_loop(self.out, self.tracker)

    def heard(self, text: str) -> tuple[str, str | None]:
        """Note the language of a text before anything is said; returns the text to run and a response to begin with."""
        busy = bool(self.tracker.get_slot("tasks") or self.body.get("question"))
        asked = languages.asked_for(text)
        language = asked or languages.language_of(text, spoken(self.tracker), answering=busy)
        if language is None or text.startswith("/"):
            return text, None
        self.tracker.update(SlotSet("language", language))
        if asked:
            text = LANGUAGE_PICKED if self.tracker.get_slot("tasks") else "/greet"
        if language not in profile.answered_languages():
            return text, "utter_other_language"
        return text, "utter_language_changed" if asked else None


async def take_turn(processor: Any, body: dict[str, Any]) -> dict[str, Any]:
    """Run one message through Rasa, or find what it answered when it had this message before."""
    store, message_id = short_store(processor), body["message"]
    if await store.knows(body["conversation"], message_id) and (before := await store.retrieve(body["conversation"])):
        return told(turn_of(list(before.events), message_id) or [], before)
    failures, out = patches.watch_actions(), Replies(body["channel"])
    tracker = await processor.fetch_tracker_and_update_session(body["conversation"], out, metadata_of(body))
    turn = Running(processor, tracker, out, message_id, body)
    if tracker.get_slot("language") is None and (begun := body.get("language", "en")) != "en":
        tracker.update(SlotSet("language", begun))  # the chat was begun in it, before the citizen wrote a word
    # A leading "/" would be read as a payload; only choices that we issued carry one.
    text, first = turn.heard(body.get("payload") or as_words(body["text"]) or "?")
    needs: list[str] = []
    if not text.startswith("/") and not tracker.get_slot("tasks"):
        text, *needs = await needs_of(text, turn.parse)
    if needs:
        tracker.update(SlotSet("later", [*(tracker.get_slot("later") or ()), *needs]))
    answer = await turn.as_answer(text)
    await turn.run(answer or text, first=first, said=text if answer else None)
    for number in range(1, MOST_NEEDS):
        later = tracker.get_slot("later") or []
        if not later or tracker.active_loop_name or failures:
            break
        tracker.update(SlotSet("later", later[1:] or None))
        await turn.say("utter_next_need", words=later[0])
        answer = None if answer else await turn.as_answer(later[0])
        await turn.run(answer or later[0], number, said=later[0] if answer else None)
    events = turn_of(list(tracker.events), message_id) or []
    if failures or not any(isinstance(event, BotUttered) for event in events):
        raise ActionFailed
    await processor.save_tracker(tracker)
    return {**told(events, tracker), "actions_ms": round(patches.spent() * 1000)}


def metadata_of(body: dict[str, Any]) -> dict[str, Any]:
    return {name: body[name] for name in ("contacts", "media", "location", "channel", "said", "trace") if body.get(name)}


def short_store(processor: Any) -> ShortTrackerStore:
    """Our tracker store without Rasa's wrapper, which would go on in memory when the store fails, and forget."""
    store = processor.tracker_store
    while not isinstance(store, ShortTrackerStore):
        store = store._tracker_store
    processor.tracker_store = store
    return store


def turn_of(events: list[Event], message_id: str) -> list[Event] | None:
    """The events of one turn: from the citizen's message, which may hold several needs, to the next one."""
    start = next((at for at, event in enumerate(events) if isinstance(event, UserUttered) and event.message_id == message_id), None)
    if start is None:
        return None
    part = f"{message_id}{PART}"
    later = (
        at
        for at, event in enumerate(events)
        if at > start and isinstance(event, UserUttered) and not (event.message_id or "").startswith(part)
    )
    return events[start : next(later, len(events))]


def spoken(tracker: DialogueStateTracker) -> str:
    """The citizen's language."""
    return str(tracker.get_slot("language") or "en")


def told(events: list[Event], tracker: DialogueStateTracker) -> dict[str, Any]:
    """A turn as the doors need it."""
    user = events[0] if events else None
    parsed = getattr(user, "parse_data", None) or {}
    ranked = [{"name": one["name"], "confidence": round(one["confidence"], 4)} for one in parsed.get("intent_ranking", ())[:3]]
    intent, tasks = parsed.get("intent") or {}, tracker.get_slot("tasks") or ()
    return {
        "messages": [
            {"text": event.text, "buttons": sorted((event.data or {}).get("buttons") or [], key=lambda button: bool(button.get("last")))}
            for event in events
            if isinstance(event, BotUttered)
        ],
        "intent": intent.get("name"),
        "confidence": intent.get("confidence"),
        "intents": ranked,
        "entities": [{"entity": one["entity"], "value": one.get("value")} for one in parsed.get("entities", ())],
        "services": parsed.get("services", []),
        "actions": [event.action_name for event in events if isinstance(event, ActionExecuted) and event.action_name not in HIDDEN],
        "form": tasks[-1]["task"] if tasks else None,
        "told": next((event.value for event in reversed(events) if isinstance(event, SlotSet) and event.key == "told"), None),
        "journal": [entry for event in events if isinstance(event, SlotSet) and event.key == "journal" for entry in event.value or ()],
        "calls": [call for event in events if isinstance(event, SlotSet) and event.key == "calls" for call in event.value or ()],
        "language": spoken(tracker),
    }
