"""What an answer to "Is it done?" leads to: in the log, in a real pretend council's back office, and in what the citizen hears."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from home_world import Citizen, World, citizen, world
from sqlalchemy import select

from backoffice import support
from bot.actions.find_support import FindSupport
from bot.actions.task import Here
from bot.actions.turn import Turn
from engagement.tables import handovers
from engagement.values import Handover, Outcome, Reply

__all__ = ["citizen", "world"]
POTHOLE = "POTHOLE"
REPORT = {"description": "pothole", "address": "12 Mill Lane, AD1 2BC", "lat": 51.5, "long": -0.1, "attributes": {"size": "larger"}}


class Answering:
    """A citizen whose report was closed as done, and who was asked whether it is."""

    def __init__(self, world: World, citizen: Citizen) -> None:
        self.world, self.citizen, self.log = world, citizen, world.services.log

    async def asked(self) -> Answering:
        await self.reported()
        await self.close()
        self.world.at = (await self.outcome()).due_at or self.world.at
        (question,) = await self.log.outcomes.due()
        await self.log.outcomes.ask(question.outcome.id, Reply(text="Is it done?"), within=self.citizen.conversation)
        return self

    async def reported(self) -> None:
        created = await self.world.services.open311.create(POTHOLE, REPORT, tag="HB-TEST")
        self.reference = created.reference or ""
        await self.log.requests.open(
            key="k", conversation_id=self.citizen.conversation, service_code=POTHOLE, service_name="Pothole", report=REPORT, updates=True
        )
        await self.log.requests.sent("k", reference=self.reference, token=None, service_notice=None, told=True)

    async def close(self) -> None:
        body = {"status_notes": "Filled.", "agency_responsible": "Ashdown Highways"}
        async with self.world.http.post(f"{self.world.sandbox}/open311/v2/requests/{self.reference}/close", json=body) as reply:
            assert reply.status == 200, await reply.text()
        await self.citizen.say(f"how is {self.reference}", "update_request")  # looks at it
        self.citizen.slots = {}

    async def outcome(self, number: int = 1) -> Outcome:
        request = await self.log.requests.by_reference(self.reference)
        assert request
        latest = await self.log.outcomes.of_request(request.id)
        assert latest
        if latest.round == number:
            return latest
        found = await self.log.outcomes.one(self.first)
        assert found
        return found

    async def says(self, answer: str, words: str = "") -> str:
        """The turn that the connector makes of a choice, or of words that answer."""
        question = await self.log.outcomes.open_question(self.citizen.conversation)
        self.first = question.id if question else self.first
        choice = f"outcome:{self.first}"
        return await self.citizen._turn(
            text=f'/outcome_{answer}{{"choice":"{choice}"}}', intent=f"outcome_{answer}", confidence=1.0, entities={"choice": choice},
            services=(), said=words,
        )  # fmt: skip

    async def in_sandbox(self) -> dict[str, Any]:
        (found,) = await self.world.get(f"open311/v2/requests/{self.reference}.json")
        return dict(found)

    async def updates(self) -> list[dict[str, Any]]:
        rows = await self.world.get("open311/v2/servicerequestupdates.json")
        return [row for row in rows if row["service_request_id"] == self.reference and row["update_id"].startswith("HB-")]

    async def handovers(self) -> list[Handover]:
        return await self.log.handovers.of_citizen(self.citizen.conversation)


async def test_a_no_opens_it_again_tells_who_acts_by_when_and_says_nothing_of_being_glad(world: World, citizen: Citizen) -> None:
    case = await Answering(world, citizen).asked()
    heard = await case.says("not_fixed", "still there mate")
    assert f"{case.reference} (Pothole) is open again" in heard and "Ashdown Highways must look at it by" in heard
    assert "glad" not in heard.lower() and "add a photo or a sentence" in heard
    assert (await case.in_sandbox())["status"] == "open"
    (update,) = await case.updates()
    assert "still there mate" in update["description"]
    outcome = await case.outcome()
    assert (outcome.confirmed, outcome.words, outcome.remedy, outcome.remedy_reference) == (
        "not_fixed", "still there mate", "reopened", case.reference,
    )  # fmt: skip
    (handover,) = await case.handovers()
    assert handover.reason == "outcome_not_fixed" and handover.details is not None and outcome.act_by is not None
    assert handover.details["act_by"] == outcome.act_by.isoformat() and handover.details["words"] == "still there mate"


async def test_a_turn_that_is_run_again_opens_it_once(world: World, citizen: Citizen) -> None:
    case = await Answering(world, citizen).asked()
    first = await case.says("not_fixed", "still there")
    assert await citizen.again() == first
    assert len(await case.updates()) == 1 and len(await case.handovers()) == 1
    assert (await case.log.outcomes.of_request((await case.outcome(2)).request_id or 0)) is not None
    latest = await case.outcome(2)
    assert (latest.round, latest.state) == (2, "open")


async def test_what_the_citizen_sends_next_is_added_and_a_no_ends_it(world: World, citizen: Citizen) -> None:
    case = await Answering(world, citizen).asked()
    await case.says("partly", "they did half of it")
    said = "the edge is crumbling on the far side"  # sounds like a report of its own, and names no other place
    assert f"added this to {case.reference}" in await citizen.say(said, "report_problem")
    assert citizen.done and [row["description"] for row in await case.updates()][-1] == said


async def test_a_photo_alone_is_added_too(world: World, citizen: Citizen) -> None:
    case = await Answering(world, citizen).asked()
    await case.says("not_fixed", "still there")
    photo = {"url": "https://chat.ashdown.example/photos/1"}
    heard = await citizen._turn(text="/inform", intent="inform", confidence=1.0, entities={}, services=(), media=(photo,))
    assert f"added this to {case.reference}" in heard and (await case.updates())[-1]["media_url"] == photo["url"]


async def test_nothing_more_to_add_is_no_more_than_an_ok(world: World, citizen: Citizen) -> None:
    case = await Answering(world, citizen).asked()
    await case.says("not_fixed")
    assert "OK" in await citizen.say("no thanks", "deny")
    assert citizen.done and len(await case.updates()) == 1


async def test_another_task_takes_the_place_of_the_offer_to_add(world: World, citizen: Citizen) -> None:
    case = await Answering(world, citizen).asked()
    await case.says("not_fixed")
    await citizen.say("there is a street light out on Church Street as well", "report_problem", services=(("LIGHT", 0.9),))
    assert [one["task"] for one in citizen.slots["tasks"]] == ["report_problem"]
    assert len(await case.updates()) == 1


async def test_while_the_back_office_is_away_a_no_is_kept_and_the_worker_has_it(world: World, citizen: Citizen) -> None:
    case = await Answering(world, citizen).asked()
    await world.fault("open311", {"status": 503})
    heard = await case.says("not_fixed", "still there")
    assert "will tell you here when the report is open again" in heard and citizen.done
    await world.fault("open311", None)
    outcome = await case.outcome()
    assert (outcome.confirmed, outcome.remedy) == ("not_fixed", "reopening") and await case.updates() == []
    assert await world.services.log.outcomes.take_remedies() == []
    world.at += timedelta(seconds=11)
    assert len(await world.services.log.outcomes.take_remedies()) == 1, "the worker tries within seconds"


async def test_fixed_is_thanked_and_nothing_is_done(world: World, citizen: Citizen) -> None:
    case = await Answering(world, citizen).asked()
    heard = await case.says("fixed", "all sorted cheers")
    assert f"noted that {case.reference} is done" in heard and citizen.done
    outcome = await case.outcome()
    assert (outcome.confirmed, outcome.remedy, outcome.words) == ("fixed", None, "all sorted cheers")
    assert (await case.in_sandbox())["status"] == "closed" and await case.handovers() == []


async def test_not_mine_is_an_apology_and_no_hand_over(world: World, citizen: Citizen) -> None:
    case = await Answering(world, citizen).asked()
    assert "Sorry to have bothered you" in await case.says("not_mine", "dunno what this is, not me")
    assert (await case.outcome()).confirmed == "not_mine" and await case.handovers() == []


async def test_unasked_still_not_fixed_goes_the_same_way(world: World, citizen: Citizen) -> None:
    case = Answering(world, citizen)
    await case.reported()
    await case.close()
    case.first = (await case.outcome()).id
    heard = await citizen.say(f"{case.reference} is still not fixed", "outcome_not_fixed")
    assert "is open again" in heard and len(await case.updates()) == 1
    outcome = await case.outcome()
    assert (outcome.confirmed, outcome.state, outcome.remedy) == ("not_fixed", "answered", "reopened")
    (handover,) = await case.handovers()
    assert handover.reason == "outcome_not_fixed"


async def test_still_there_before_anybody_said_done_is_more_about_an_open_report(world: World, citizen: Citizen) -> None:
    case = Answering(world, citizen)
    await case.reported()
    heard = await citizen.say(f"{case.reference} is still not fixed", "outcome_not_fixed")
    assert "added" in heard.lower() and (await case.outcome()).confirmed is None and await case.handovers() == []


async def test_another_citizen_s_reference_is_passed_on_and_answers_nothing(world: World, citizen: Citizen) -> None:
    case = await Answering(world, citizen).asked()
    case.first = (await case.outcome()).id
    _, conversation, _ = await case.log.chats.start(Reply(text="Hello"))
    other = Citizen(world, conversation.id)
    await other.say(f"{case.reference} is still not fixed", "outcome_not_fixed")
    choice = f"outcome:{case.first}"
    await other._turn(
        text=f'/outcome_fixed{{"choice":"{choice}"}}', intent="outcome_fixed", confidence=1.0, entities={"choice": choice}, services=()
    )
    assert (await case.outcome()).confirmed is None and await case.updates() == []


async def test_support_that_did_not_help_is_passed_on_with_its_organisation_and_other_support_is_offered(
    world: World, citizen: Citizen
) -> None:
    log = world.services.log
    outcome_id = await log.outcomes.begin(
        key="support:1", subject="support", task="find_support", conversation=await log.conversation(citizen.conversation),
        service_name="Food bank", partner="Ashdown Pantry",
    )  # fmt: skip
    case = Answering(world, citizen)
    case.first = outcome_id
    assert "did not help" in await case.says("not_fixed", "they were shut")
    assert "/find_support" in citizen.choices.values()
    (handover,) = await case.handovers()
    assert handover.reason == "outcome_support" and handover.details is not None
    assert (handover.details["partner"], handover.details["words"]) == ("Ashdown Pantry", "they were shut")
    assert "Thank you" in await case.says("fixed")


async def test_a_hand_over_that_settled_nothing_waits_again(world: World, citizen: Citizen) -> None:
    log = world.services.log
    handover, _ = await log.handovers.open(citizen.conversation, key="h", reason="talk_to_person")
    await log.staff.add("sam", "no hash", "agent")
    await log.handovers.close(handover.id, staff_id=1, minutes=5)
    world.at = world.at.replace(day=25)
    (question,) = await log.outcomes.due()
    case = Answering(world, citizen)
    case.first = question.outcome.id
    assert "look at it again by" in await case.says("not_fixed")
    (again,) = await case.handovers()
    assert (again.id, again.state) == (handover.id, "waiting")


async def test_an_answer_that_did_not_answer_is_written_down_for_the_team(world: World, citizen: Citizen) -> None:
    citizen.slots = {"told": {"information": "council_tax_pay"}}
    heard = await citizen._turn(
        text='/outcome_not_fixed{"choice":"answered:it"}', intent="outcome_not_fixed", confidence=1.0, entities={"choice": "answered:it"},
        services=(),
    )  # fmt: skip
    assert "for our team" in heard and list(citizen.choices.values()) == ["/talk_to_person"]
    found = await world.services.log.outcomes._database.read(
        lambda c: c.exec_driver_sql("SELECT subject, service_code, confirmed, state FROM outcomes").all()
    )
    assert [tuple(row) for row in found] == [("information", "council_tax_pay", "not_fixed", "answered")]
    none = await world.services.log.outcomes._database.read(lambda c: c.execute(select(handovers.c.id)).all())
    assert none == []


async def test_the_journal_tells_what_became_of_tasks(world: World, citizen: Citizen) -> None:
    case = await Answering(world, citizen).asked()
    await case.says("not_fixed")
    assert citizen.slots["journal"] == [
        {"task": "outcome_not_fixed", "did": "begun"}, {"task": "outcome_not_fixed", "did": "ended", "end": "completed"},
    ]  # fmt: skip
    await citizen.say("no thanks", "deny")
    assert citizen.slots["journal"] == []
    await citizen.say("pothole outside 12 Mill Lane AD1 2BC", "report_problem", services=((POTHOLE, 0.9),))
    begun, asked = citizen.slots["journal"]
    assert begun == {"task": "report_problem", "did": "begun", "service": POTHOLE}
    assert (asked["task"], asked["did"], asked["service"]) == ("report_problem", "asked", POTHOLE)


async def test_support_that_was_told_of_is_asked_about_once_for_a_day_and_what_a_helpline_is_for_never(
    world: World, citizen: Citizen
) -> None:
    home, log = world.services.settings.home, world.services.log
    support.keep(await world.services.directory.services({}), home)
    known = list(support.read(home).values())
    for one in known[:2]:
        choice = f"support:{one.id}"
        await citizen._turn(
            text=f'/find_support{{"choice":"{choice}"}}', intent="find_support", confidence=1.0, entities={"choice": choice}, services=()
        )
    world.at += timedelta(days=15)
    (question,) = await log.outcomes.due()
    assert (question.outcome.service_name, question.outcome.partner) == (known[0].name, known[0].organization)
    _, other, _ = await log.chats.start(Reply(text="Hello"))
    task = FindSupport(helpline="samaritans", listed=[known[0].id], exact=1, searched=True)
    here = Here(Turn(**{**citizen_turn(other.id), "slots": {}}), world.services, lambda *_, **__: None)  # type: ignore[arg-type]
    await task.finish(here)
    world.at += timedelta(days=15)
    assert {one.outcome.conversation_id for one in await log.outcomes.due()} == {citizen.conversation}


def citizen_turn(conversation: str) -> dict[str, Any]:
    return dict(
        conversation=conversation, message_id="1", channel="web", text="", intent="find_support", confidence=1.0, entities={}, services=(),
        information=(), contacts=(), media=(), asked=None, returning=False, previous_action=None,
    )  # fmt: skip
