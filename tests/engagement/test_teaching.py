"""What colleagues teach: two people for each example, one training at a time, nothing half done."""

from typing import Any

import pytest

from engagement.database import Database
from engagement.log import EngagementLog
from engagement.staff import Staff
from engagement.teaching import TeachingRefused
from engagement.values import InboundMessage, Reply, Understanding
from hearback.teaching.examples import Example, Marked

HOLE = Example(
    text="the signal box by the chemist has lost its door", intent="report_problem", about="TRAFFICLIGHT", marked=(Marked(15, 29, "place"),)
)
CHANGE = {"before": {"intent": "inform"}, "after": {"intent": "report_problem"}, "understood": True}


@pytest.fixture
async def people(log: EngagementLog) -> dict[str, Staff]:
    found = {}
    for name, role in (("ada", "reviewer"), ("bob", "approver"), ("cat", "admin"), ("dan", "agent")):
        await log.staff.add(name, "x", role)
        person = await log.staff.by_name(name)
        assert person
        found[name] = person
    return found


async def said(log: EngagementLog, text: str = "the signal box by the chemist has lost its door") -> tuple[str, int]:
    _, chat, _ = await log.chats.start(Reply(text="Hello"))
    got = await log.receive(InboundMessage(channel="web", provider_id=f"{chat.id}-1", text=text, conversation_id=chat.id))
    await log.answer(
        chat, got.id, Understanding(intent="inform", confidence=0.4, details={"services": [{"code": "SIGN", "score": 0.3}]}), []
    )
    return chat.id, got.id


async def proposed(log: EngagementLog, person: Staff, example: Example = HOLE) -> int:
    return await log.teaching.propose(person, (await said(log))[1], example, redacted={"name": 1})


async def refused(coroutine: Any) -> str:
    with pytest.raises(TeachingRefused) as caught:
        await coroutine
    return caught.value.why


async def test_an_example_keeps_what_was_understood_and_not_what_was_redacted(log: EngagementLog, people: dict[str, Staff]) -> None:
    row = await log.teaching.one(await proposed(log, people["ada"]))
    assert row and (row["state"], row["proposer"], row["about"], row["redacted"]) == ("waiting", "ada", "TRAFFICLIGHT", {"name": 1})
    assert row["heard"] == {"intent": "inform", "confidence": 0.4, "intents": [], "services": [{"code": "SIGN", "score": 0.3}]}
    assert row["marked"] == [[15, 29, "place"]]


async def test_nobody_approves_their_own_example_whatever_their_role(log: EngagementLog, people: dict[str, Staff]) -> None:
    example_id = await proposed(log, people["bob"])
    assert await refused(log.teaching.decide(people["bob"], example_id, approve=True)) == "own"
    assert await refused(log.teaching.decide(people["bob"], example_id, approve=False, reason="no")) == "own"
    await log.teaching.decide(people["cat"], example_id, approve=True)
    assert [row["id"] for row in await log.teaching.approved()] == [example_id]


async def test_only_approvers_and_admins_decide(log: EngagementLog, people: dict[str, Staff]) -> None:
    example_id = await proposed(log, people["ada"])
    assert await refused(log.teaching.decide(people["dan"], example_id, approve=True)) == "role"
    assert await refused(log.teaching.correct(people["dan"], example_id, intent="thanks", about=None)) == "role"


async def test_who_corrects_the_label_needs_another_second_person(log: EngagementLog, people: dict[str, Staff]) -> None:
    example_id = await proposed(log, people["ada"])
    await log.teaching.correct(people["bob"], example_id, intent="report_problem", about="SIGN")
    assert await refused(log.teaching.decide(people["bob"], example_id, approve=True)) == "own"
    await log.teaching.decide(people["cat"], example_id, approve=True)
    row = await log.teaching.one(example_id)
    assert row and (row["about"], row["corrector"], row["decider"], row["state"]) == ("SIGN", "bob", "cat", "approved")


async def test_a_refusal_needs_its_reason_and_a_decision_is_made_once(log: EngagementLog, people: dict[str, Staff]) -> None:
    example_id = await proposed(log, people["ada"])
    assert await refused(log.teaching.decide(people["bob"], example_id, approve=False, reason=" ")) == "reason"
    await log.teaching.decide(people["bob"], example_id, approve=False, reason="It tells who it was")
    assert await refused(log.teaching.decide(people["cat"], example_id, approve=True)) == "state"
    assert (await log.teaching.counts()) == {"waiting": 0, "approved": 0, "taught": 0, "refused": 1}


async def test_a_message_has_one_open_example_and_may_have_another_after_a_refusal(log: EngagementLog, people: dict[str, Staff]) -> None:
    conversation, message_id = await said(log)
    first = await log.teaching.propose(people["ada"], message_id, HOLE, redacted={})
    assert await refused(log.teaching.propose(people["dan"], message_id, HOLE, redacted={})) == "open"
    await log.teaching.decide(people["bob"], first, approve=False, reason="wrong")
    second = await log.teaching.propose(people["dan"], message_id, HOLE, redacted={})
    assert await log.teaching.of_conversation(conversation) == {message_id: {"id": second, "state": "waiting"}}


async def test_a_sentence_that_is_measured_with_is_never_approved(log: EngagementLog, people: dict[str, Staff]) -> None:
    text = "bust my tyre on the way to work, tarmac's just gone by the Esso"
    example_id = await proposed(log, people["ada"], Example(text=text, intent="report_problem"))
    assert await refused(log.teaching.decide(people["bob"], example_id, approve=True)) == "held_out"
    await log.teaching.decide(people["bob"], example_id, approve=False, reason="It is held out")


async def test_labels_outside_the_fixed_list_are_refused(log: EngagementLog, people: dict[str, Staff]) -> None:
    for example in (Example(text="x y", intent="nonsense"), Example(text="x y", intent="thanks", about="POTHOLE")):
        assert await refused(proposed(log, people["ada"], example)) == "label"
    assert await refused(proposed(log, people["ada"], Example(text=" ", intent="thanks"))) == "empty"


async def test_what_the_assistant_said_is_no_example(log: EngagementLog, people: dict[str, Staff]) -> None:
    conversation, _ = await said(log)
    hello = (await log.messages(conversation))[0]
    assert await refused(log.teaching.propose(people["ada"], hello.id, HOLE, redacted={})) == "gone"
    assert await log.teaching.message(hello.id) is None


async def test_an_erased_conversation_leaves_the_example_and_takes_the_link(log: EngagementLog, people: dict[str, Staff]) -> None:
    conversation, message_id = await said(log)
    example_id = await log.teaching.propose(people["ada"], message_id, HOLE, redacted={})
    await log.erasures.begin(conversation)
    await log.erasures.finish(conversation)
    row = await log.teaching.one(example_id)
    assert row and (row["message_id"], row["conversation_id"], row["text"]) == (None, None, HOLE.text)
    assert await log.teaching.message(message_id) is None


async def test_one_training_runs_at_a_time_and_a_broken_off_one_makes_room(log: EngagementLog, people: dict[str, Staff], time: Any) -> None:
    first = await log.teaching.begin(by=people["bob"].id)
    assert first and await log.teaching.begin(by=None) is None
    time.move(seconds=50)
    assert await log.teaching.go_on(first, "training", {"base": "a.tar.gz"})
    time.move(seconds=50)
    assert await log.teaching.begin(by=None) is None  # it is still at it
    time.move(seconds=20)
    second = await log.teaching.begin(by=None)
    row = await log.teaching.teaching(first)
    assert second and row and (row["state"], row["step"], row["username"], row["base"]) == ("interrupted", "training", "bob", "a.tar.gz")
    assert not await log.teaching.go_on(first, "promoting")
    running = await log.teaching.running()
    assert running and running["id"] == second


@pytest.mark.parametrize(
    ("state", "became"), [("promoted", "taught"), ("refused", "gate"), ("failed", "approved"), ("nothing", "approved")]
)
async def test_examples_go_the_way_of_their_training(log: EngagementLog, people: dict[str, Staff], state: str, became: str) -> None:
    example_id = await proposed(log, people["ada"])
    await log.teaching.decide(people["bob"], example_id, approve=True)
    teaching = await log.teaching.begin(by=None)
    assert teaching and await log.teaching.end(teaching, state, result={}, changes={example_id: CHANGE})
    row = await log.teaching.one(example_id)
    assert row and row["state"] == became and (row["change"] == CHANGE) == (became != "approved")
    assert not await log.teaching.end(teaching, "failed")  # it has ended


async def test_an_approved_example_is_not_taken_out_of_a_running_training(log: EngagementLog, people: dict[str, Staff]) -> None:
    example_id = await proposed(log, people["ada"])
    await log.teaching.decide(people["bob"], example_id, approve=True)
    teaching = await log.teaching.begin(by=None)
    assert teaching and await refused(log.teaching.decide(people["cat"], example_id, approve=False, reason="no")) == "running"
    await log.teaching.end(teaching, "failed")
    await log.teaching.decide(people["cat"], example_id, approve=False, reason="no")


async def test_going_back_withdraws_what_the_older_model_does_not_know(log: EngagementLog, people: dict[str, Staff]) -> None:
    old, new = await proposed(log, people["ada"]), await proposed(log, people["ada"])
    for example_id in (old, new):
        await log.teaching.decide(people["bob"], example_id, approve=True)
    teaching = await log.teaching.begin(by=None)
    assert teaching
    await log.teaching.end(teaching, "promoted", result={}, changes={old: CHANGE, new: CHANGE})
    assert await log.teaching.fit_examples([old]) == [new]
    assert {row["state"] for row in await log.teaching.taught()} == {"taught"} and (await log.teaching.counts())["refused"] == 1
    assert await log.teaching.fit_examples([old, new]) == []
    assert (await log.teaching.counts())["taught"] == 2


async def test_the_lists_come_in_pages_with_the_newest_first(log: EngagementLog, database: Database, people: dict[str, Staff]) -> None:
    ids = [await proposed(log, people["ada"]) for _ in range(27)]
    first, total = await log.teaching.listed("waiting")
    second, _ = await log.teaching.listed("waiting", 2)
    assert total == 27 and [row["id"] for row in [*first, *second]] == ids[::-1]
