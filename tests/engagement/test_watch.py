"""What the back office says of a request: each change once, in its order, whichever way it came; rounds begin and end with it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from watched import Watched

from engagement.database import Database
from engagement.log import EngagementLog
from engagement.values import Notice, Reply
from hearback import asking, costs


@pytest.fixture
def world(log: EngagementLog, database: Database, time: Any) -> Watched:
    return Watched(log, database, time.at)


@pytest.fixture
async def request_made(world: Watched, time: Any) -> Watched:
    await world.request(agency="Homestead Repairs Ltd", task="report_repair")
    time.move(days=2)
    return world


async def test_a_round_begins_with_partner_and_contractor(request_made: Watched) -> None:
    (first,) = await request_made.rounds()
    assert (first.agency_responsible, first.partner, first.contractor) == (
        "Homestead Repairs Ltd",
        "Ashdown Homes",
        "Homestead Repairs Ltd",
    )
    assert (first.declared, first.confirmed, first.state) == (None, None, "open")


async def test_done_is_declared_once_and_the_question_gets_its_time(request_made: Watched) -> None:
    for _ in range(5):
        await request_made.hear("done", after=60, update_id="U1", given="fixed - council", notes="Filled.")
    (first,) = await request_made.rounds()
    at = request_made.start + timedelta(hours=1)
    assert (first.declared, first.declared_at, first.declared_status, first.state) == ("done", at, "fixed - council", "waiting")
    assert first.due_at == asking.asking().ask_at("POTHOLE", at)
    assert await request_made.events("progress") == await request_made.events("declared") == ["done"]
    row = await request_made.row()
    assert (row.status, row.progress, row.detailed_status, row.status_notes, row.declared_at) == (
        "closed", "done", "fixed - council", "Filled.", at
    )  # fmt: skip


@pytest.mark.parametrize("first", ["feed", "push", "poll"])
@pytest.mark.parametrize("second", ["feed", "push", "poll"])
async def test_the_same_news_by_two_ways_is_one(request_made: Watched, first: str, second: str) -> None:
    for source in (first, second, first, second):
        await request_made.hear("done", after=60, source=source, **({"update_id": "U1"} if source != "poll" else {}))
    assert await request_made.events("progress") == await request_made.events("declared") == ["done"]


async def test_feed_and_push_may_name_the_same_news_differently(request_made: Watched) -> None:
    await request_made.hear("accepted", after=5, source="push", update_id="17", given="investigating", notes="A look")
    assert not await request_made.hear("accepted", after=5, source="feed", update_id="ASHU-3", given="investigating", notes="A look")
    assert await request_made.events("progress") == ["accepted"]


async def test_changes_are_taken_in_their_order_and_each_is_kept(request_made: Watched) -> None:
    made = [("done", 90), ("accepted", 10), ("scheduled", 30)]
    news = [
        Notice(reference="ASH-1", source="feed", word=word, at=request_made.start + timedelta(minutes=after), update_id=word)
        for word, after in made
    ]
    assert await request_made.log.watch.noticed(news) == ["ASH-1"]
    assert await request_made.events("progress") == ["accepted", "scheduled", "done"]
    assert (await request_made.row()).progress == "done"


async def test_what_is_heard_late_changes_nothing_and_is_written_down(request_made: Watched) -> None:
    await request_made.hear("scheduled", after=30)
    await request_made.hear("accepted", after=10)
    assert (await request_made.row()).progress == "scheduled"
    assert await request_made.events("progress") == ["accepted", "scheduled"]


async def test_closed_is_refined_by_a_finer_state(request_made: Watched) -> None:
    await request_made.hear("done", after=60, source="poll")
    await request_made.hear("duplicate", after=60, given="duplicate", update_id="U1")
    (first,) = await request_made.rounds()
    assert (first.declared, first.state, first.due_at, first.fee) == ("duplicate", "dropped", None, None)
    assert (await request_made.row()).detailed_status == "duplicate"


async def test_a_look_is_refined_by_what_was_dated_a_little_earlier(request_made: Watched) -> None:
    await request_made.hear("done", after=60, source="poll")
    await request_made.hear("no_action", after=59, given="unable to fix", update_id="U1")
    assert (await request_made.row()).progress == "no_action"
    (first,) = await request_made.rounds()
    assert (first.declared, first.declared_status) == ("no_action", "unable to fix")


async def test_a_look_takes_nothing_back_of_what_is_known_more_exactly(request_made: Watched) -> None:
    await request_made.hear("scheduled", after=30, given="action scheduled", notes="Tuesday")
    assert not await request_made.hear("open", after=40, source="poll")
    await request_made.hear("open", after=41, update_id="comment")
    assert (await request_made.row()).progress == "scheduled"
    await request_made.hear("not_ours", after=60, given="not responsible")
    await request_made.hear("done", after=61, source="poll")
    assert (await request_made.row()).progress == "not_ours"
    assert [one.declared for one in await request_made.rounds()] == ["not_ours"]


async def test_taken_up_again_begins_a_round_and_the_question_lapses(request_made: Watched) -> None:
    await request_made.hear("done", after=60)
    await request_made.hear("open", after=90, given="REOPEN")
    first, second = await request_made.rounds()
    assert (first.declared, first.state, first.due_at) == ("done", "dropped", None)
    assert (second.round, second.declared, second.state, second.task) == (2, None, "open", "report_repair")
    assert (await request_made.row()).declared_at is None
    await request_made.hear("done", after=120)
    first, second = await request_made.rounds()
    assert (second.declared, second.state) == ("done", "waiting")


async def test_closed_and_taken_up_again_in_between_is_no_secret_whatever_comes_first(request_made: Watched) -> None:
    await request_made.hear("open", after=90, given="REOPEN", source="push", update_id="U2")
    await request_made.hear("done", after=60, source="push", update_id="U1")
    first, second = await request_made.rounds()
    assert (first.declared, first.state, second.declared) == ("done", "dropped", None)
    row = await request_made.row()
    assert (row.status, row.progress, row.declared_at) == ("open", "open", None)
    for one in (("done", 60, "U1"), ("open", 90, "U2")):
        assert not await request_made.hear(one[0], after=one[1], update_id=one[2], given="REOPEN" if one[0] == "open" else None)
    assert len(await request_made.rounds()) == 2


async def test_the_fee_is_due_once(request_made: Watched) -> None:
    for number in range(3):
        await request_made.hear("done", after=60 + 20 * number)
        await request_made.hear("open", after=70 + 20 * number)
    await request_made.hear("done", after=600)
    assert [one.fee for one in await request_made.rounds()] == [costs.partner_fee("POTHOLE"), None, None, None]


async def test_who_joined_a_report_has_rounds_of_their_own_and_brings_no_fee(request_made: Watched) -> None:
    _, conversation, _ = await request_made.log.chats.start(Reply(text="Hello"))
    await request_made.log.requests.follow(
        key="joined", reference="ASH-1", conversation_id=conversation.id, service_code="POTHOLE", service_name="Pothole", report={},
        updates=True,
    )  # fmt: skip
    await request_made.hear("accepted", after=10)  # before they joined, two days later
    await request_made.hear("done", after=60 * 24 * 2 + 5)
    assert [(one.declared, one.fee) for one in await request_made.rounds()] == [("done", costs.partner_fee("POTHOLE")), ("done", None)]
    assert await request_made.events("progress") == ["accepted", "done", "done"]


async def test_our_own_updates_come_back_as_nothing_new(request_made: Watched) -> None:
    await request_made.hear("done", after=60)
    assert not await request_made.hear("open", after=70, update_id="HB-0123456789", notes="still there mate")
    assert len(await request_made.rounds()) == 1


async def test_a_state_that_nobody_knows_leaves_the_request_as_it_was_and_is_kept(request_made: Watched) -> None:
    await request_made.hear("scheduled", after=10)
    assert await request_made.hear("", after=20, given="Gully jetted")
    row = await request_made.row()
    assert (row.progress, row.detailed_status) == ("scheduled", "Gully jetted")


async def test_times_of_another_century_are_now(request_made: Watched, time: Any) -> None:
    await request_made.hear("accepted", after=60 * 24 * 365 * 50, update_id="future")
    assert (await request_made.row()).progress_at == time.at
    time.move(minutes=5)
    await request_made.hear("done", after=-60 * 24 * 365 * 50, update_id="past")
    row = await request_made.row()
    assert (row.progress, row.progress_at) == ("done", time.at)
    for update_id in ("future", "past"):
        assert not await request_made.hear("accepted" if update_id == "future" else "done", after=0, update_id=update_id)


async def test_a_look_that_is_older_than_what_we_heard_since_is_left_aside(request_made: Watched, time: Any) -> None:
    await request_made.hear("done", after=60, source="push")
    assert not await request_made.hear("open", after=59, source="poll")
    late = request_made.start + timedelta(minutes=61)
    assert not await request_made.hear("open", after=10, source="poll", seen_at=late)  # a list that lags behind
    assert len(await request_made.rounds()) == 1
    assert await request_made.hear("open", after=10, source="poll", seen_at=time.at)  # two days later it still says so: it is so
    assert len(await request_made.rounds()) == 2


async def test_a_look_may_name_another_partner_without_any_change(request_made: Watched) -> None:
    other = {"agency": "Lowland Drainage Ltd", "partner": "Ashdown Highways", "contractor": "Lowland Drainage Ltd"}
    await request_made.hear("open", after=10, source="poll", **other)
    (first,) = await request_made.rounds()
    assert (first.agency_responsible, first.partner, first.contractor) == tuple(other.values())
    assert await request_made.events("progress") == []


async def test_a_no_is_settled_when_it_is_declared_done_anew(request_made: Watched, time: Any) -> None:
    await request_made.hear("done", after=60)
    (first,) = await request_made.rounds()
    await request_made.log.outcomes.answer(first.id, "not_fixed", key="m1", channel="sms", words="still there", remedy="reopening")
    await request_made.log.outcomes.remedied(first.id, "reopened", reference="ASH-1", told=True)
    assert [one.settled_at for one in await request_made.rounds()] == [None, None]
    time.move(hours=5)
    await request_made.hear("done", after=60 * 48 + 200, source="push")
    first, second = await request_made.rounds()
    assert first.settled_at == request_made.start + timedelta(minutes=60 * 48 + 200) and second.settled_at is None
    assert (first.confirmed, second.declared, second.state) == ("not_fixed", "done", "waiting")
    assert await request_made.events("settled") == ["done"]


async def test_closed_in_the_very_second_in_which_it_was_opened_again_is_heard(request_made: Watched, time: Any) -> None:
    await request_made.hear("done", after=60)
    (first,) = await request_made.rounds()
    await request_made.log.outcomes.answer(first.id, "not_fixed", key="m1", channel="web", remedy="reopening")
    time.move(seconds=0.7)
    await request_made.log.outcomes.remedied(first.id, "reopened", reference="ASH-1", told=True)
    assert await request_made.hear("done", after=60 * 48)
    assert (await request_made.rounds())[1].declared == "done"


async def test_others_requests_and_withdrawn_ones_are_nobodys_news(request_made: Watched) -> None:
    assert not await request_made.hear("done", reference="ASH-9")
    await request_made.log.requests.withdrawn("ASH-1")
    assert not await request_made.hear("done", after=60)
    assert await request_made.events("declared") == []


async def test_the_mark_and_the_news_are_one_commit(request_made: Watched) -> None:
    at = request_made.start + timedelta(hours=1)
    news = Notice(reference="ASH-1", source="feed", word="done", at=at, update_id="U1")
    assert await request_made.log.watch.mark("updates") is None
    await request_made.log.watch.noticed([news], mark=("updates", at))
    assert await request_made.log.watch.mark("updates") == at
    await request_made.log.watch.noticed([], mark=("updates", at + timedelta(hours=1)))
    assert await request_made.log.watch.mark("updates") == at + timedelta(hours=1)


async def test_what_is_due_is_looked_at_and_comes_again(request_made: Watched, time: Any) -> None:
    await request_made.request(None, key="batch", token="T1")
    assert [one.key for one in await request_made.log.watch.due(10)] == ["key-1", "batch"]
    await request_made.log.watch.looked(["key-1"], again=time.at + timedelta(minutes=5), failed=True)
    await request_made.log.watch.looked(["batch"], again=None)
    assert await request_made.log.watch.due(10) == []
    time.move(minutes=5)
    (due,) = await request_made.log.watch.due(10)
    assert (due.key, due.watch_failures) == ("key-1", 1)
    await request_made.log.watch.look_soon("ASH-1")
    assert await request_made.log.watch.anything()


async def test_answers_are_published_once_and_again_when_they_change(request_made: Watched, time: Any) -> None:
    await request_made.hear("done", after=60)
    (first,) = await request_made.rounds()
    assert await request_made.log.watch.unpublished() == []
    await request_made.log.outcomes.answer(first.id, "fixed", key="m1", channel="sms")
    (said,) = await request_made.log.watch.unpublished()
    time.move(minutes=1)
    await request_made.log.outcomes.answer(first.id, "partly", key="m2", channel="sms")  # while the first was under way
    await request_made.log.watch.published(said)
    (again,) = await request_made.log.watch.unpublished()
    assert again.confirmed == "partly"
    await request_made.log.watch.published(again)
    assert await request_made.log.watch.unpublished() == []
