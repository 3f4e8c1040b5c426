"""Rasa's memory of a conversation, kept short: one row a conversation, with only its latest events.

The whole conversation stands in the engagement log. Rasa needs the slots, the open form and the last few turns; replaying more
makes every turn dearer than the one before. A message that Rasa has answered stays long enough to be recognised when it comes again.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import orjson
from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, ActiveLoop, Event, SessionStarted, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from engagement.trackers import rows_of
from hearback.settings import Settings

MOST_EVENTS = 60
KEPT_TURNS = 3


class ShortTrackerStore(TrackerStore):
    """Keeps slots, form and the last turns of each conversation."""

    def __init__(self, domain: Domain | None, event_broker: EventBroker | None = None, **kwargs: Any) -> None:
        super().__init__(domain, event_broker)
        self._rows = rows_of(Settings.from_environ())

    async def save(self, tracker: DialogueStateTracker) -> None:
        await self.stream_events(tracker)
        events = shortened(list(tracker.events), tracker)
        await self._rows.put(tracker.sender_id, orjson.dumps([event.as_dict() for event in events], default=str).decode())

    async def knows(self, conversation_id: str, message_id: str) -> bool:
        """Whether a message was answered before; asked at every turn, so nothing is deserialised for it."""
        return f'"message_id":"{message_id}"' in (await self._rows.get(conversation_id) or "")

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        kept = await self._rows.get(sender_id)
        if kept is None:
            return None
        return DialogueStateTracker.from_dict(sender_id, orjson.loads(kept), self.domain.slots)

    async def delete(self, sender_id: str) -> None:
        await self._rows.delete(sender_id)

    async def keys(self) -> Iterable[str]:
        return await self._rows.keys()


def shortened(events: list[Event], tracker: DialogueStateTracker) -> list[Event]:
    """The last turns, with the slots and the form as they were before them put in front; all events while they are few."""
    if len(events) <= MOST_EVENTS:
        return events
    turns = [at for at, event in enumerate(events) if isinstance(event, UserUttered)]
    if len(turns) <= KEPT_TURNS:
        return events
    cut = turns[-KEPT_TURNS]
    before = DialogueStateTracker.from_events(tracker.sender_id, events[:cut], tracker.slots.values())
    start: list[Event] = [ActionExecuted("action_session_start"), SessionStarted()]
    start += [SlotSet(name, slot.value) for name, slot in before.slots.items() if slot.value != slot.initial_value]
    if before.active_loop_name:
        start.append(ActiveLoop(before.active_loop_name))
    return [*start, ActionExecuted("action_listen"), *events[cut:]]
