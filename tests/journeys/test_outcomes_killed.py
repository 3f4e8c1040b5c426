"""kill -9 at each step between "done" and "open again": one question, one reopening, nothing lost."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

import aiohttp
import pytest
import pytest_asyncio
from clients import ConsoleApi, Phone, Sandbox
from outcome_world import TUESDAY, asked, declared, questions, reopenings, report
from stack import Stack, running_stack, until


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def stack() -> AsyncIterator[Stack]:
    async with running_stack(at=TUESDAY) as running:
        yield running


async def kill_again_and_again(stack: Stack, words: str, times: int, pause: float) -> None:
    """kill -9 a process as often as it comes up again."""
    for _ in range(times):
        await until(lambda: stack.child(words), 60, f"{words} to run")
        await asyncio.sleep(pause)
        with contextlib.suppress(AssertionError):  # it may just not be there
            await stack.kill(words)


async def test_the_doors_die_while_they_notice_ask_and_send(stack: Stack, phone: Phone, sandbox: Sandbox, console: ConsoleApi) -> None:
    reference = await report(phone, 41)
    await sandbox.close(reference, "Filled with tarmac.", "Ashdown Highways")
    await kill_again_and_again(stack, "-m channels", 4, 1.2)
    await until(stack.is_ready, 60, "the doors to be open again")
    await declared(sandbox, console, reference)
    await sandbox.forward("3 days")
    await kill_again_and_again(stack, "-m channels", 5, 1.5)
    await until(stack.is_ready, 90, "the doors to be open for good")
    await until(lambda: questions(phone, reference), 120, "the question")
    await sandbox.forward("2 hours")
    await asyncio.sleep(8)  # longer than two looks at what is due
    assert len(questions(phone, reference)) == 1


@pytest.mark.parametrize(
    ("number", "victim"), [(42, "bot.actions.server"), (43, "-m rasa"), (44, "-m channels"), (45, "backoffice.sandbox")]
)
async def test_one_reopening_whoever_dies_in_the_middle_of_it(
    number: int, victim: str, stack: Stack, phone: Phone, sandbox: Sandbox, console: ConsoleApi
) -> None:
    reference = await report(phone, number)
    await declared(sandbox, console, reference)
    await asked(phone, sandbox, reference)
    await sandbox.fault({"delay": 2.0})
    await phone.text("still there mate")
    await asyncio.sleep(1.0)
    await stack.kill(victim)
    await until(stack.is_ready, 90, "everything to be there again")

    async def well() -> bool:
        try:
            await sandbox.fault(None)
        except aiohttp.ClientError:
            return False
        return True

    await until(well, 60, "the back office to be there again")
    told = await phone.reads("again", seconds=120)
    assert reference in told

    async def open_again() -> bool:
        return (await sandbox.request(reference))["status"] == "open"

    await until(open_again, 120, f"{reference} to be open again")
    await asyncio.sleep(6)
    assert len(await reopenings(sandbox, reference)) == 1
    assert len(questions(phone, reference)) == 1
    rounds = (await console.request(reference))["outcome"]["rounds"]
    assert [one["confirmed"] for one in rounds] == ["not_fixed", None]
