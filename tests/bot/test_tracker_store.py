"""Rasa's memory stays short, and what it needs stays in it."""

from pathlib import Path
from typing import Any

import pytest
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, ActiveLoop, BotUttered, Event, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from bot.tracker_store import MOST_EVENTS, ShortTrackerStore, shortened

DOMAIN = Domain.load(str(Path(__file__).parents[2] / "domain.yml"))


def turn(number: int) -> list[Event]:
    return [
        UserUttered(f"message {number}", {"name": "inform"}, message_id=f"hearback-{number}"),
        ActionExecuted("task_form"),
        SlotSet("later", number),
        BotUttered(f"reply {number}"),
        ActionExecuted("action_listen"),
    ]


def conversation(turns: int) -> DialogueStateTracker:
    events: list[Event] = [ActionExecuted("action_listen"), SlotSet("reference", "ASH-104233"), ActiveLoop("task_form")]
    for number in range(turns):
        events += turn(number)
    return DialogueStateTracker.from_events("someone", events, DOMAIN.slots)


@pytest.fixture
def store(tmp_path: Path, monkeypatch: Any) -> ShortTrackerStore:
    monkeypatch.setenv("HEARBACK_HOME", str(tmp_path))
    return ShortTrackerStore(DOMAIN)


@pytest.mark.parametrize("turns", [1, 11, 12, 40, 300])
async def test_slots_and_form_survive_and_the_row_stays_short(store: ShortTrackerStore, turns: int) -> None:
    tracker = conversation(turns)
    await store.save(tracker)
    kept = await store.retrieve("someone")
    assert kept is not None
    assert kept.current_slot_values() == tracker.current_slot_values()
    assert kept.active_loop_name == "task_form"
    assert kept.latest_message.text == f"message {turns - 1}"
    assert kept.latest_action_name == "action_listen"
    assert len(kept.events) <= MOST_EVENTS


async def test_a_recent_message_is_known_by_its_whole_id(store: ShortTrackerStore) -> None:
    await store.save(conversation(40))
    assert await store.knows("someone", "hearback-39") and await store.knows("someone", "hearback-37")
    assert not await store.knows("someone", "hearback-3")
    assert not await store.knows("someone else", "hearback-39")


async def test_shortening_again_and_again_loses_nothing(store: ShortTrackerStore) -> None:
    tracker = conversation(5)
    for number in range(5, 120):
        for event in turn(number):
            tracker.update(event)
        await store.save(tracker)
        tracker = await store.retrieve("someone")
    assert tracker.get_slot("reference") == "ASH-104233" and tracker.get_slot("later") == 119


def test_few_events_are_left_as_they_are() -> None:
    tracker = conversation(3)
    assert shortened(list(tracker.events), tracker) == list(tracker.events)
