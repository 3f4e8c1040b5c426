"""After "done" the citizen is asked whether it worked, and a "no" does something: the whole way, by text and on the web."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio
from clients import ConsoleApi, Phone, Sandbox, WebChat, new_phone, reference_in
from outcome_world import PARTNER, TUESDAY, asked, declared, measure, questions, reopenings, report
from stack import Stack, running_stack, until
from test_web_report import to_the_check

from hearback import costs


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def stack() -> AsyncIterator[Stack]:
    async with running_stack(at=TUESDAY) as running:
        yield running


async def test_still_there_opens_it_again_and_fixed_confirms_it(phone: Phone, sandbox: Sandbox, console: ConsoleApi) -> None:
    reference = await report(phone, 31)
    await declared(sandbox, console, reference)
    assert not questions(phone, reference), "a pothole is asked about after some days"
    await asked(phone, sandbox, reference)
    assert PARTNER in questions(phone, reference)[0].body

    told = await phone.say("still there mate", "again")
    assert reference in told and "glad" not in told.lower()
    assert (await sandbox.request(reference))["status"] == "open" and len(await reopenings(sandbox, reference)) == 1
    row = await console.request(reference)
    rounds = row["outcome"]["rounds"]
    assert rounds[0]["act_by"] and [one["confirmed"] for one in rounds] == ["not_fixed", None]
    disagreement = await measure(console, "disagreement_rate", "partner", PARTNER)
    assert (disagreement["numerator"], disagreement["denominator"]) == (1, 1)

    await phone.say("no", "")
    await declared(sandbox, console, reference)
    await asked(phone, sandbox, reference, before=1)
    assert "Thank you" in await phone.say("all sorted now cheers", "Thank")
    rounds = (await console.request(reference))["outcome"]["rounds"]
    assert [one["confirmed"] for one in rounds] == ["not_fixed", "fixed"]
    disagreement = await measure(console, "disagreement_rate", "partner", PARTNER)
    assert (disagreement["numerator"], disagreement["denominator"]) == (1, 2)
    assert len(questions(phone, reference)) == 2 and len(await reopenings(sandbox, reference)) == 1

    lines = (await console.of(phone))["messages"]
    texts = sum(line["cost"] or 0.0 for line in lines)
    turns = sum(line["author"] == "citizen" for line in lines) * costs.pence("bot_turn")
    whole = texts + turns + costs.pence("overhead") + costs.partner_fee("POTHOLE")
    cost = await measure(console, "cost_per_confirmed_outcome", "partner", PARTNER)
    assert cost["denominator"] == 1 and round(cost["numerator"], 2) == round(cost["value"], 2) == round(whole, 2)


async def test_who_said_stop_is_never_asked(phone: Phone, sandbox: Sandbox, console: ConsoleApi) -> None:
    reference = await report(phone, 32)
    await declared(sandbox, console, reference)
    await phone.text("STOP")
    await sandbox.forward("3 days")

    async def dropped() -> bool:
        return (await console.request(reference))["outcome"]["state"] == "dropped"

    await until(dropped, 30, "the question to be dropped")
    await sandbox.forward("5 days")
    other = new_phone(phone.stack)
    await report(other, 33)  # by then everything that was due has been looked at
    assert not questions(phone, reference)


async def test_silence_is_reminded_once_and_stays_without_an_answer(phone: Phone, sandbox: Sandbox, console: ConsoleApi) -> None:
    reference = await report(phone, 34)
    await declared(sandbox, console, reference)
    await asked(phone, sandbox, reference)
    told = len(phone.texts)
    await sandbox.forward("5 days")
    await until(lambda: len(phone.texts) > told, 40, "the reminder")
    assert reference in phone.texts[-1].body
    await sandbox.forward("30 days")

    async def silent() -> bool:
        return (await console.request(reference))["outcome"]["state"] == "silent"

    await until(silent, 30, "the question to be given up")
    assert (await console.request(reference))["outcome"]["confirmed"] is None
    assert len(phone.texts) == told + 1
    assert "again" in await phone.say("nah it's still there", "again")  # late is not too late


async def test_a_web_citizen_finds_the_question_when_they_return(chat: WebChat, sandbox: Sandbox, console: ConsoleApi) -> None:
    await to_the_check(chat, "there's a massive pothole outside 35 Mill Lane AD1 2BC")
    reference = reference_in((await chat.choose("Send it")).text)
    await declared(sandbox, console, reference)
    await sandbox.forward("3 days")
    question = await chat.heard("Is it?", seconds=40)
    assert reference in question["text"] and len(question["choices"]) == 4
    answer = await chat.send(choice=question["choices"][1]["id"])  # partly
    assert reference in answer and "again" in answer
    assert (await sandbox.request(reference))["status"] == "open"
    assert (await console.request(reference))["outcome"]["rounds"][0]["confirmed"] == "partly"
