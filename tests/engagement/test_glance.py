"""What lists know of a conversation at a glance is what a count of its rows gives, whoever wrote them; on both databases."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from databases import url_of
from sqlalchemy import select

from engagement import glance
from engagement.bulk import Bulk
from engagement.database import Database
from engagement.filters import OUTCOMES, Filter
from engagement.log import EngagementLog
from engagement.tables import conversations
from engagement.values import InboundMessage, Notice, Reply, Understanding
from hearback.bench.city import NOW, City
from hearback.clock import Clock
from hearback.keys import load_keys

KEPT = ("message_count", *glance.COUNTED, *glance.LOWEST, *glance.SETS, "last_intent", "rating")


def _came_out(word: str, one: Any) -> bool:
    return word in one.outcomes


async def rows(database: Database) -> list[dict[str, Any]]:
    def read(connection: Any) -> list[dict[str, Any]]:
        found = connection.execute(select(conversations.c.id, *(conversations.c[name] for name in KEPT)).order_by(conversations.c.id))
        return [{name: _set(value) for name, value in row._mapping.items()} for row in found]

    return await database.read(read)


def _set(value: Any) -> Any:
    return frozenset(value.split("|")) if isinstance(value, str) and value.startswith("|") else value


async def test_triggers_keep_what_a_count_would_give(log: EngagementLog, database: Database, time: Any) -> None:
    _, conversation, _ = await log.chats.start(Reply(text="Hello."))
    ranked = [{"name": "report_problem", "confidence": 0.5}, {"name": "inform", "confidence": 0.41}]
    journal = [{"task": "report_problem", "did": "begun"}, {"task": "report_problem", "did": "turned", "to": "report_missed_bin"}]
    for number, (intent, sure) in enumerate((("report_problem", 0.5), ("out_of_scope", 0.9), ("affirm", 0.99))):
        inbound = InboundMessage(channel="web", provider_id=f"m{number}", text="It is dark", conversation_id=conversation.id)
        got = await log.receive(inbound)
        assert (await log.review.conversation(conversation.id)).unanswered == 1
        details = {"intents": ranked, "journal": journal} if number == 0 else {}
        await log.answer(conversation, got.id, Understanding(intent=intent, confidence=sure, details=details), [Reply(text="Yes")])
    await log.requests.open(key="k", conversation_id=conversation.id, service_code="LIGHT", service_name="Light", report={})
    await log.requests.sent("k", reference="R-1", token=None, service_notice=None, told=True, agency="Lumen")
    await log.watch.noticed([Notice(reference="R-1", source="poll", word="done", at=time.at)])
    await log.handovers.open(conversation.id, key="h", reason="make_complaint")
    await log.chats.rate(conversation.id, 2, None)
    sms = await log.receive(InboundMessage(channel="sms", provider_id="S", text="Hi", sender="+447700900123", received_by="+441632960000"))
    texted = await log.conversation(sms.conversation_id)
    await log.answer(texted, sms.id, Understanding(intent="greet", confidence=0.8), [Reply(text="Hello")])
    for outgoing in await log.outbox.claim():
        await log.outbox.accepted(outgoing.id, sid="SO", segments=1)
        await log.outbox.receipt(message_id=outgoing.id, sid="SO", status="undelivered", error="30003")
    kept = await rows(database)
    await database.write(glance.fill)
    assert kept == await rows(database)
    one = next(row for row in kept if row["id"] == conversation.id)
    assert (one["message_count"], one["unanswered"], one["fallbacks"], one["corrections"], one["rating"]) == (7, 0, 1, 1, 2)
    assert one["lowest_confidence"] == 0.5 and one["lowest_margin"] == pytest.approx(0.09) and one["last_intent"] == "affirm"
    assert "report_missed_bin" in one["task_names"] and "LIGHT" in one["services"] and "declared" in one["outcome_words"]
    assert next(row for row in kept if row["id"] != conversation.id)["undelivered"] == 1


async def test_each_filter_gives_what_a_count_in_python_gives(anywhere: EngagementLog) -> None:
    log, found = anywhere, []
    every: list[Any] = []
    while part := await log.review.batch(Filter(per_page=500), every[-1] if every else None):
        every += part
    assert len(every) == 300 and [one.updated_at for one in every] == sorted((one.updated_at for one in every), reverse=True)
    since, until = NOW - timedelta(days=300), NOW - timedelta(days=100)
    for name, fits in {
        "channel=sms": lambda one: one.channel == "sms",
        "language=pl": lambda one: one.language == "pl",
        "service=POTHOLE": lambda one: "POTHOLE" in one.services,
        "partner=Lumen": lambda one: "Lumen" in one.partners,
        "task=find_support": lambda one: "find_support" in one.tasks,
        "confidence=low": lambda one: one.lowest_confidence is not None and one.lowest_confidence < 0.6,
        "rating=low": lambda one: one.rating is not None and one.rating <= 2,
        "state=undelivered": lambda one: one.undelivered,
        "state=ended": lambda one: one.state == "ended",
        **{f"outcome={word}": partial(_came_out, word) for word in OUTCOMES},
    }.items():
        key, _, value = name.partition("=")
        expected = [one.id for one in every if fits(one)]
        page, total = await log.review.conversations(Filter(**{key: value}, per_page=500))
        assert [one.id for one in page] == expected and total == (len(expected), False), name
        both = await log.review.conversations(Filter(**{key: value}, since=since, until=until, per_page=500))
        assert [one.id for one in both[0]] == [one.id for one in every if fits(one) and since <= one.updated_at < until], name
        found += expected
    assert found


async def test_what_is_behind_a_figure_goes_together_with_other_filters(anywhere: EngagementLog) -> None:
    texts = select(conversations.c.id).where(conversations.c.channel == "sms")
    page, total = await anywhere.review.conversations(Filter(behind=texts, language="en", per_page=500))
    expected, _ = await anywhere.review.conversations(Filter(channel="sms", language="en", per_page=500))
    assert [one.id for one in page] == [one.id for one in expected] and total.number == len(expected) > 0


async def test_words_are_found_by_their_beginnings_and_never_read_as_a_query(anywhere: EngagementLog) -> None:
    search = anywhere.review.conversations
    assert (await search(Filter(text="mattr", per_page=500)))[1].number > 3
    both = {one.id for one in (await search(Filter(text="mattress station", per_page=500)))[0]}
    assert both <= {one.id for one in (await search(Filter(text="station", per_page=500)))[0]}
    for typed in ('"', "*", "a OR b NOT", "text: x", "NEAR(a b)", "'':*", "& |", "(", "\\", "%", "_", "-", "ﬀ ß Ł", "'; --"):
        await search(Filter(text=typed))
    assert (await search(Filter(text="pothole AND zzzz")))[1].number == 0
    assert len((await search(Filter(text="seed-17")))[0]) >= 1


async def test_the_next_and_the_one_before_are_those_of_the_list(anywhere: EngagementLog) -> None:
    for wanted in (Filter(), Filter(channel="sms"), Filter(text="road"), Filter(state="worth")):
        ids = [one.id for one in (await anywhere.review.conversations(wanted))[0]][:4]
        for before, here, after in zip(ids, ids[1:], ids[2:], strict=False):
            assert await anywhere.review.neighbours(wanted, here) == (before, after)
    assert (await anywhere.review.neighbours(Filter(), (await anywhere.review.conversations(Filter()))[0][0].id))[0] is None


async def test_worth_a_look_ranks_by_the_sum_of_the_reasons_and_forgets_what_was_looked_at(anywhere: EngagementLog) -> None:
    from engagement.worth import reasons

    points = {name: worth for name, (worth, _) in reasons(NOW).items()}
    page, total = await anywhere.review.conversations(Filter(state="worth", per_page=500))
    ranks = [sum(points[name] for name in one.why) for one in page]
    assert ranks == sorted(ranks, reverse=True) and ranks[-1] > 0 and len(page) == total.number
    await anywhere.staff.add("ada", "hash", "admin")
    assert await anywhere.review.looked(page[0].id, 1)
    left = [one.id for one in (await anywhere.review.conversations(Filter(state="worth", per_page=500)))[0]]
    assert left == [one.id for one in page[1:]]
    await anywhere.review.looked(page[0].id, None)
    assert (await anywhere.review.conversations(Filter(state="worth")))[0][0].id == page[0].id


@pytest.fixture(params=["sqlite", "postgresql"])
async def anywhere(request: Any, tmp_path: Any) -> Any:
    """A small city, on each database that this machine has."""
    database, keys = Database(url_of(tmp_path, request.param)), load_keys(tmp_path)
    bulk = Bulk(database)
    await bulk.begin()
    for some in City(messages=3000, requests=300, keys=keys).rows():
        await bulk.add(some)
    await bulk.finish()
    log = EngagementLog(database, Clock(read=NOW.timestamp), keys)
    yield log
    await log.close()
