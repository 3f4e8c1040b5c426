"""The sender against the local Twilio, with everything that Twilio can do to a text: each arrives once, or the team sees why not."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from text_world import TextWorld, text_world

from channels import sms_pages
from channels.outbox import FIRST_PAUSE, LONGEST_PAUSE, back_off
from channels.twilio_sending import CODES, policy
from engagement.values import Reply
from hearback import sms_text


@pytest.mark.parametrize("mode", ["429", "500", "lost"])
async def test_a_text_that_was_not_taken_goes_out_later_once(tmp_path: Path, mode: str) -> None:
    async with text_world(tmp_path) as world:
        await world.fault(mode, count=2)
        conversation_id = await world.reply(1, "first", "second")
        first, second = await world.becomes(conversation_id, "delivered", "delivered")
        assert await world.arrived(1) == ["first", "second"]
        assert (first.attempts, second.attempts, first.error) == (3, 1, None)


async def test_a_text_that_was_taken_without_an_answer_is_not_sent_again(tmp_path: Path) -> None:
    async with text_world(tmp_path) as world:
        await world.fault("timeout", count=1, seconds=1)
        conversation_id = await world.reply(1, "first", "second")
        await world.becomes(conversation_id, "delivered", "delivered")
        await asyncio.sleep(1.5)  # receipts came before we heard that the line broke
        lines = await world.becomes(conversation_id, "delivered", "delivered")
        assert await world.arrived(1) == ["first", "second"]
        assert [(line.segments, line.cost) for line in lines] == [(1, 4.0), (1, 4.0)]


async def test_the_same_words_lost_the_second_time_are_not_taken_for_the_first(tmp_path: Path) -> None:
    """Twilio is asked by number and words, and has the first; that one is another line's."""
    async with text_world(tmp_path) as world:
        conversation_id = await world.reply(1, "Which street?")
        await world.becomes(conversation_id, "delivered")
        for mode in ("lost", "timeout"):
            await world.fault(mode, count=1, seconds=1)
            await world.reply(1, "Which street?")
            await world.becomes(conversation_id, *["delivered"] * len(await world.lines(conversation_id)))
        assert await world.arrived(1) == ["Which street?"] * 3
        assert len({line.provider_id for line in await world.lines(conversation_id)}) == 3


@pytest.mark.parametrize(("mode", "error"), [("21614", "21614"), ("21610", "21610")])
async def test_a_text_that_will_never_be_taken_fails_at_once_and_is_seen(tmp_path: Path, mode: str, error: str) -> None:
    async with text_world(tmp_path) as world:
        await world.fault(mode, count=1)
        conversation_id = await world.reply(1, "first")
        (line,) = await world.becomes(conversation_id, "failed")
        assert (line.error, line.attempts, line.cost) == (error, 1, None)
        shown = await world.log.review.conversation(conversation_id)
        assert shown and shown.undelivered == 1
        await world.log.tell(await world.log.conversation(conversation_id), Reply(text="second", author="staff"))
        world.signals.ring("outbox")
        ending = "failed" if mode == "21610" else "delivered"
        assert (await world.becomes(conversation_id, "failed", ending))[1].attempts == (0 if mode == "21610" else 1)


async def test_a_text_that_is_too_long_goes_out_in_pieces_and_nothing_is_lost(tmp_path: Path) -> None:
    text = " ".join(f"Sentence {number} of a longish reply." for number in range(12))
    async with text_world(tmp_path) as world:
        await world.fault("21617", count=1)
        conversation_id = await world.reply(1, text, "after")
        first, _ = await world.becomes(conversation_id, "delivered", "delivered")
        *pieces, last = await world.arrived(1)
        assert len(pieces) == 3 and " ".join(pieces) == text and last == "after"
        assert all(sms_text.segments(piece) == 1 for piece in pieces)
        assert (first.segments, first.cost) == (3, 12.0)


async def test_pieces_that_went_out_before_a_fault_are_not_sent_again(tmp_path: Path) -> None:
    same = ("The same sentence, over and over, so that pieces are alike. " * 7).strip()
    async with text_world(tmp_path) as world:
        await world.stop()
        conversation_id = await world.reply(1, same)
        (one,) = await world.log.outbox.claim()
        await world.log.outbox.again(one.id, after=timedelta(0), error="21617")
        pieces = sms_pages.pieces(same)
        assert len(set(pieces)) < len(pieces)
        for piece in pieces[:2]:  # what a process sent before it died
            await world.sender.send(to=one.to, text=piece, sender=str(one.sender), callback="")
        await world.fault("429", count=1)
        world.start()
        await world.becomes(conversation_id, "delivered")
        assert await world.arrived(1) == list(pieces)


@pytest.mark.parametrize(
    ("mode", "state", "error"),
    [("late_receipts", "delivered", None), ("out_of_order", "delivered", None), ("undelivered", "undelivered", "30003")],
)
async def test_receipts_come_late_in_the_wrong_order_or_with_bad_news(tmp_path: Path, mode: str, state: str, error: str | None) -> None:
    async with text_world(tmp_path) as world:
        await world.fault(mode, count=1, seconds=1)
        conversation_id = await world.reply(1, "first")
        (line,) = await world.becomes(conversation_id, state)
        assert line.error == error
        await asyncio.sleep(1.5)
        assert [one.state for one in await world.lines(conversation_id)] == [state]
        shown = await world.log.review.conversation(conversation_id)
        assert shown and shown.undelivered == (state == "undelivered")


async def test_a_sender_that_dies_in_the_middle_sends_nothing_twice(tmp_path: Path) -> None:
    async with text_world(tmp_path, scale=200) as world:
        await world.fault("timeout", count=3, seconds=0.5)
        talks = [await world.reply(number, "hello") for number in range(3)]
        await asyncio.sleep(0.3)
        await world.stop()
        world.start()
        for number, conversation_id in enumerate(talks):
            await world.becomes(conversation_id, "delivered")
            assert await world.arrived(number) == ["hello"]


async def reach_out(world: TextWorld, conversation_id: str) -> None:
    await world.log.tell(await world.log.conversation(conversation_id), Reply(text="news", author="system"), outreach=True)


async def test_a_burst_of_outreach_does_not_hold_up_a_reply(tmp_path: Path) -> None:
    """Sixty texts at ten a second take six seconds; a reply in the middle of them goes out in the next slot."""
    async with text_world(tmp_path, scale=100, per_second=10.0) as world:
        await world.stop()
        talks = [await world.reply(number) for number in range(60)]
        await asyncio.sleep(6.5)  # ten minutes and more of the product's clock since they wrote
        for conversation_id in talks:
            await reach_out(world, conversation_id)
        world.start()
        await asyncio.sleep(1.5)
        sent_before = sum([len(await world.arrived(number)) for number in range(60)])
        assert 8 <= sent_before <= 25, "the pace that the number bears"
        began = time.monotonic()
        conversation_id = await world.reply(70, "an answer")
        await world.becomes(conversation_id, "sent", seconds=2)
        assert time.monotonic() - began < 0.6


async def test_outreach_that_hangs_leaves_room_for_replies(tmp_path: Path) -> None:
    async with text_world(tmp_path, scale=100) as world:
        talks = [await world.reply(number) for number in range(40)]
        await asyncio.sleep(6.5)
        await world.fault("timeout", count=30, seconds=5)
        for conversation_id in talks:
            await reach_out(world, conversation_id)
        world.signals.ring("outbox")
        await asyncio.sleep(1)
        await world.fault(None)
        conversation_id = await world.reply(70, "an answer")
        await world.becomes(conversation_id, "delivered", seconds=3)


async def test_outreach_of_the_evening_goes_out_in_the_morning(tmp_path: Path) -> None:
    async with text_world(tmp_path, scale=7200, at=datetime(2026, 3, 28, 19, 40, tzinfo=UTC)) as world:
        conversation_id = await world.reply(1)
        await asyncio.sleep(0.25)  # half an hour
        await reach_out(world, conversation_id)
        world.signals.ring("outbox")
        (line,) = await world.becomes(conversation_id, "delivered", seconds=15)
        assert world.clock.now() >= datetime(2026, 3, 29, 7, 0, tzinfo=UTC), "eight o'clock after a night of eleven hours"
        assert await world.arrived(1) == ["news"]


@pytest.mark.parametrize(
    ("code", "status", "fate"),
    [
        (20429, 429, "later"), (429, 429, "later"), (0, 429, "later"), (20500, 500, "ask first"), (20503, 503, "ask first"),
        (0, 502, "ask first"), (20003, 401, "later"), (21610, 400, "opted out"), (21617, 400, "pieces"), (21211, 400, "never"),
        (21614, 400, "never"), (21408, 400, "never"), (30003, 0, "never"), (30007, 0, "never"), (21611, 429, "later"),
        (12345, 400, "never"), (0, 404, "never"),
    ],
)  # fmt: skip
def test_each_code_has_its_policy(code: int, status: int, fate: str) -> None:
    found = policy(code, status)
    flags = (found.retry, found.doubtful, found.stopped, found.split)
    assert flags == {
        "later": (True, False, False, False),
        "ask first": (True, True, False, False),
        "opted out": (False, False, True, False),
        "pieces": (True, False, False, True),
        "never": (False, False, False, False),
    }[fate]  # fmt: skip
    assert bool(found.rest) == (status == 429)
    assert all(type(one) is int for one in CODES)


def test_each_pause_is_twice_the_one_before_up_to_an_hour_and_differs() -> None:
    for attempts in range(1, 13):
        longest = min(FIRST_PAUSE * 2 ** (attempts - 1), LONGEST_PAUSE)
        pauses = {back_off(attempts).total_seconds() for _ in range(50)}
        assert len(pauses) > 10 and longest / 2 <= min(pauses) <= max(pauses) <= longest
