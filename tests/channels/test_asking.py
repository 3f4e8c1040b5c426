"""The asker over a real log and a real pretend council: who is told and asked what, where and when, and what is done about a "no"."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp.test_utils import TestServer
from databases import database_of

from backoffice.open311 import Open311Client
from backoffice.sandbox.app import make_app
from channels import words
from channels.asking import ASK, Asker
from channels.choices import picked_choice
from channels.signals import Signals
from engagement.log import EngagementLog
from engagement.values import Conversation, InboundMessage, Message, Notice, OptOut, Reply, Understanding
from hearback import profile, sms_text
from hearback.clock import Clock
from hearback.keys import load_keys
from hearback.settings import SANDBOX_API_KEY, Settings

PHONE, OTHER = "+447700900123", "+447700900124"
REPORT = {"description": "pothole", "address": "12 Mill Lane, AD1 2BC", "lat": 51.5, "long": -0.1, "attributes": {"size": "larger"}}


@dataclass
class World:
    log: EngagementLog
    http: aiohttp.ClientSession
    sandbox: str
    open311: Open311Client
    asker: Asker
    at: datetime = datetime(2026, 5, 19, 9, 0, tzinfo=UTC)  # Tuesday, 10:00 in Ashdown
    references: dict[str, str] = field(default_factory=dict)
    wrote: int = 0

    def move(self, **by: float) -> None:
        self.at += timedelta(**by)

    async def writes(self, text: str, number: str = PHONE, opt_out: OptOut | None = None) -> Conversation:
        self.wrote += 1
        inbound = InboundMessage(
            channel="sms", provider_id=f"m{self.wrote}", text=text, sender=number, received_by="+441632960000", opt_out=opt_out
        )
        return await self.log.conversation((await self.log.receive(inbound)).conversation_id)

    async def chat(self, gives: str = "", language: str = "en") -> tuple[Conversation, int | None]:
        """A web chat, and the contact that its citizen gave in it."""
        _, chat, _ = await self.log.chats.start(Reply(text="Hello"), language=language)
        if not gives:
            return chat, None
        await self.log.receive(InboundMessage(channel="web", provider_id=f"w{chat.id}", text=f"on {gives}", conversation_id=chat.id))
        (line,) = [one for one in await self.log.messages(chat.id) if one.contacts]
        return chat, line.contacts[0]

    async def report(self, conversation: Conversation, key: str = "k", **more: Any) -> str:
        created = await self.open311.create("POTHOLE", REPORT, tag=f"HB-{key}")
        await self.log.requests.open(
            key=key, conversation_id=conversation.id, service_code="POTHOLE", service_name="Pothole", report=REPORT,
            **{"updates": True, **more},
        )  # fmt: skip
        await self.log.requests.sent(key, reference=created.reference, token=None, service_notice=None, told=True)
        return created.reference or ""

    async def notice(self, reference: str, word: str, notes: str | None = None, **more: Any) -> None:
        self.move(minutes=1)
        notice = Notice(
            reference=reference, source="poll", word=word, at=self.at, notes=notes, partner="Ashdown Highways", agency="Ashdown Highways",
            seen_at=self.at, **more,
        )  # fmt: skip
        await self.log.watch.noticed([notice])

    async def close(self, reference: str) -> None:
        async with self.http.post(f"{self.sandbox}/open311/v2/requests/{reference}/close", json={"status_notes": "Filled."}) as reply:
            assert reply.status == 200
        await self.notice(reference, "done", "Filled.")

    async def said(self, conversation: Conversation) -> list[Message]:
        """What the asker says in a pass, in this conversation."""
        before = len(await self.log.messages(conversation.id))
        await self.asker.look()
        await self.asker.look()  # a second pass says nothing more
        return (await self.log.messages(conversation.id))[before:]

    async def texts(self) -> list[Message]:
        """All that was said to numbers whose conversations we began."""
        rows = await self.log.outcomes._database.read(
            lambda c: c.exec_driver_sql("SELECT DISTINCT conversation_id FROM messages WHERE channel = 'sms'").scalars().all()
        )
        return [line for id in rows for line in await self.log.messages(id) if line.author != "citizen"]

    async def status(self, reference: str) -> str:
        async with self.http.get(f"{self.sandbox}/open311/v2/requests/{reference}.json") as reply:
            return str((await reply.json())[0]["status"])

    async def fault(self, fault: dict[str, Any] | None, **more: int) -> None:
        async with self.http.post(f"{self.sandbox}/sandbox/faults", json={"open311": fault, **more}) as reply:
            assert reply.status == 200


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    settings, keys, opened = replace(Settings.from_environ({}), home=tmp_path), load_keys(tmp_path), []
    clock = Clock(read=lambda: opened[0].at.timestamp() if opened else World.at.timestamp())
    database = database_of(tmp_path)
    server = TestServer(make_app(settings, keys, clock))
    await server.start_server()
    base = str(server.make_url("")).rstrip("/")
    async with aiohttp.ClientSession() as http:
        open311 = Open311Client(http, url=f"{base}/open311/v2", api_key=SANDBOX_API_KEY)
        log = EngagementLog(database, clock, keys, email=True)
        opened.append(World(log, http, base, open311, Asker(log, open311, Signals(), clock)))
        yield opened[0]
    await server.close()
    await log.close()


async def test_a_texter_hears_of_progress_and_is_asked_once_with_four_choices(world: World) -> None:
    phone = await world.writes("pothole in Mill Lane")
    reference = await world.report(phone)
    await world.notice(reference, "accepted")
    (accepted,) = await world.said(phone)
    assert reference in accepted.text and "Ashdown Highways has started" in accepted.text and not accepted.choices
    await world.notice(reference, "scheduled", expected_at=world.at + timedelta(days=3))
    (scheduled,) = await world.said(phone)
    assert "by Friday 22 May" in scheduled.text
    await world.close(reference)
    (done,) = await world.said(phone)
    assert "says that" in done.text and "On Friday 22 May we will ask" in done.text
    world.move(days=4)
    (asked,) = await world.said(phone)
    assert f"Ashdown Highways says that {reference} (Pothole, 12 Mill Lane" in asked.text and asked.author == "bot"
    assert sms_text.segments(sms_text.render(asked.text, asked.choices)) <= 2
    for typed, answer in (("2", "partly"), ("no it is not done", "not_fixed"), ("not my report", "not_mine"), ("Yes, it is done", "fixed")):
        picked = picked_choice(typed, asked.choices)
        assert picked and picked.payload.startswith(f'/outcome_{answer}{{"choice":"outcome:'), typed
    world.move(days=5)
    (reminder,) = await world.said(phone)
    assert reference in reminder.text and "not ask again" in reminder.text and len(reminder.choices) == 4


async def test_the_reason_is_in_the_back_offices_own_words(world: World) -> None:
    phone = await world.writes("pothole")
    reference = await world.report(phone)
    await world.notice(reference, "no_action", "Below the depth at which we repair.")
    (told,) = await world.said(phone)
    assert "Below the depth at which we repair." in told.text and "call" in told.text
    world.move(days=9)
    assert await world.said(phone) == []


async def test_who_wished_to_hear_of_the_end_alone_hears_of_it_alone(world: World) -> None:
    phone = await world.writes("pothole")
    reference = await world.report(phone, hears="done")
    await world.notice(reference, "accepted")
    assert await world.said(phone) == []
    await world.close(reference)
    assert len(await world.said(phone)) == 1


async def test_a_web_citizen_who_gave_a_number_is_asked_by_text_and_not_in_the_chat(world: World) -> None:
    chat, contact = await world.chat(gives=PHONE, language="pl")
    reference = await world.report(chat, contact_id=contact)
    await world.close(reference)
    world.move(days=4)
    assert await world.said(chat) == []
    (text,) = await world.texts()
    assert text.state == "queued" and reference in text.text and text.choices[0].title == "Tak, gotowe"


async def test_a_web_citizen_without_a_number_finds_it_in_the_chat_also_when_it_has_ended(world: World) -> None:
    chat, _ = await world.chat()
    reference = await world.report(chat, updates=False)
    await world.close(reference)
    await world.log.chats.end(chat.id)
    world.move(days=4)
    (asked,) = await world.said(chat)
    assert asked.state == "posted" and reference in asked.text and len(asked.choices) == 4
    assert (await world.log.conversation(chat.id)).state == "open"  # so that who comes back can answer
    world.move(days=6)
    assert await world.said(chat) == []  # who wished no updates is not reminded


async def test_who_gave_an_email_address_reads_it_in_the_chat_and_by_mail(world: World) -> None:
    chat, contact = await world.chat(gives="ada@example.org")
    reference = await world.report(chat, contact_id=contact)
    await world.notice(reference, "accepted")
    assert len(await world.said(chat)) == 1
    await world.close(reference)
    assert len(await world.said(chat)) == 1
    world.move(days=4)
    assert len(await world.said(chat)) == 1
    request = await world.log.requests.by_reference(reference)
    assert request and (outcome := await world.log.outcomes.of_request(request.id))
    await world.log.outcomes.answer(outcome.id, "not_fixed", key="mail", channel="email", words="no", remedy="reopening")
    world.move(minutes=2)
    assert len(await world.said(chat)) == 1
    mails = await world.log.mails.claim()
    assert [one.kind for one in mails] == ["progress", "progress", "remedy"]  # the question was answered before it could go
    assert mails[-1].response == "utter_remedy_reopened" and mails[-1].values["reference"] == reference
    (handover,) = await world.log.handovers.of_citizen(chat.id)
    assert handover.reason == "outcome_not_fixed" and handover.details and handover.details["words"] == "no"


async def test_who_joined_a_report_is_asked_too(world: World) -> None:
    first, second = await world.writes("pothole"), await world.writes("pothole", number=OTHER)
    reference = await world.report(first)
    await world.log.requests.follow(
        key="f", reference=reference, conversation_id=second.id, service_code="POTHOLE", service_name="Pothole", report=REPORT, updates=True
    )
    await world.close(reference)
    world.move(days=4)
    await world.asker.look()
    for one in (first, second):
        asked = [line for line in await world.log.messages(one.id) if line.choices]
        assert len(asked) == 1


@pytest.mark.parametrize("given", [True, False])
async def test_after_stop_nobody_is_asked_also_by_a_number_given_in_a_chat(world: World, given: bool) -> None:
    phone = await world.writes("pothole")
    where, contact = await world.chat(gives=PHONE) if given else (phone, None)
    reference = await world.report(where, contact_id=contact)
    await world.close(reference)
    await world.writes("STOP", opt_out=OptOut(kind="STOP"))
    world.move(days=4)
    for _ in range(30):
        await world.asker.look()
        world.move(days=1)
    assert not [line for line in [*await world.texts(), *await world.log.messages(where.id)] if line.choices and line.state != "failed"]


async def test_a_citizen_in_the_middle_of_something_is_asked_later(world: World) -> None:
    phone = await world.writes("pothole")
    reference = await world.report(phone)
    await world.close(reference)
    world.move(days=4)
    await world.writes("street light out")
    while found := await world.log.next_message(phone.id):
        await world.log.answer(phone, found.message.id, Understanding(intent="report_problem", details={"form": "report_problem"}), [])
    assert await world.said(phone) == []
    world.move(minutes=41)
    assert len(await world.said(phone)) == 1


async def test_two_reports_of_one_citizen_are_asked_about_one_after_the_other(world: World) -> None:
    phone = await world.writes("pothole")
    for key in ("a", "b"):
        await world.close(await world.report(phone, key=key))
    assert len(await world.said(phone)) == 2  # that each is done
    world.move(days=4)
    (first,) = await world.said(phone)
    world.move(hours=3, minutes=11)
    (second,) = await world.said(phone)
    assert first.text != second.text


async def test_a_no_that_the_back_office_did_not_take_is_done_later_and_told_once(world: World) -> None:
    phone = await world.writes("pothole")
    reference = await world.report(phone)
    await world.close(reference)
    await world.said(phone)
    request = await world.log.requests.by_reference(reference)
    assert request and (outcome := await world.log.outcomes.of_request(request.id))
    await world.log.outcomes.answer(outcome.id, "not_fixed", key="t", channel="sms", words="still there", remedy="reopening")
    world.move(minutes=2)
    await world.fault({"status": 503})
    assert await world.said(phone) == []
    await world.fault(None)
    world.move(minutes=20)
    (told,) = await world.said(phone)
    assert f"{reference} (Pothole) is not done. It is open again." in told.text and "Ashdown Highways must look at it by" in told.text
    assert await world.status(reference) == "open"
    world.move(hours=3)
    assert await world.said(phone) == []


async def test_where_it_cannot_be_opened_again_a_new_report_names_the_first_and_its_number_is_told(world: World) -> None:
    phone = await world.writes("pothole")
    reference = await world.report(phone)
    await world.close(reference)
    await world.said(phone)
    request = await world.log.requests.by_reference(reference)
    assert request and (outcome := await world.log.outcomes.of_request(request.id))
    await world.log.outcomes.answer(outcome.id, "not_fixed", key="t", channel="sms", remedy="reopening")
    world.move(minutes=2)
    await world.fault({"status": 404}, count=2)  # it knows the request no more
    said = await world.said(phone)
    done = await world.log.outcomes.one(outcome.id)
    assert done and done.remedy == "linked" and done.remedy_reference and done.remedy_reference in said[0].text and len(said) == 1
    async with world.http.get(f"{world.sandbox}/open311/v2/requests/{done.remedy_reference}.json") as reply:
        assert reference in (await reply.json())[0]["description"]


async def test_support_is_asked_about_by_text_without_naming_it(world: World) -> None:
    """A phone may be read by others."""
    phone = await world.writes("I need help with debt")
    await world.log.outcomes.begin(
        key="s", subject="support", task="find_support", conversation=phone, service_name="Debt clinic", partner="Ashdown Advice"
    )
    world.move(days=15)
    (asked,) = await world.said(phone)
    assert "Debt" not in asked.text and "Advice" not in asked.text and len(asked.choices) == 3


@pytest.mark.parametrize("language", profile.answered_languages())
@pytest.mark.parametrize("response", [*ASK.values(), "utter_remind_outcome"])
def test_a_question_of_the_doors_is_the_assistants_and_its_choices_name_the_outcome(response: str, language: str) -> None:
    values = dict.fromkeys(("partner", "reference", "service", "about"), "X")
    for channel in ("web", "sms"):
        reply = words.say(response, channel, language, outcome="12", **values)
        assert reply.author == "bot" and len(reply.choices) >= 3
        assert all('{"choice":"outcome:12"}' in one.payload for one in reply.choices)
