"""A service that the council adds while everything runs can be reported, with no training and no restart."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest_asyncio
from clients import Answer, Sandbox, WebChat, reference_in
from stack import Stack, running_stack, until

LIST = [{"key": "water", "name": "In the water"}, {"key": "bank", "name": "On the bank"}]
EXTRAS = [{"key": "bags", "name": "Bags"}, {"key": "glass", "name": "Broken glass"}, {"key": "tyres", "name": "Tyres"}]
QUESTIONS: list[dict[str, Any]] = [
    {"code": "shop", "datatype": "string", "description": "Which shop is it from?"},
    {"code": "number", "datatype": "number", "description": "How many are there?"},
    {"code": "since", "datatype": "datetime", "description": "When did you first see it?"},
    {"code": "notes", "datatype": "text", "description": "What else should the crew know?"},
    {"code": "spot", "datatype": "singlevaluelist", "description": "Where is it lying?", "values": LIST},
    {"code": "extras", "datatype": "multivaluelist", "description": "What else lies there?", "values": EXTRAS},
]
TROLLEY = {
    "service_code": "TROLLEY",
    "service_name": "Abandoned shopping trolley",
    "description": "A shopping trolley dumped in a river, park or street",
    "keywords": "trolley, supermarket trolley",
    "attributes": [{**question, "required": True, "variable": True, "order": at} for at, question in enumerate(QUESTIONS, 1)],
}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def quick() -> AsyncIterator[Stack]:
    """A stack that looks for new services every second."""
    async with running_stack(HEARBACK_CATALOGUE_SECONDS="1") as stack:
        yield stack


async def test_a_service_added_while_running_is_reported_with_all_its_questions(quick: Stack) -> None:
    async with quick.http.post(f"{quick.sandbox_url}/sandbox/services", json=TROLLEY) as answer:
        assert answer.status == 201, await answer.text()
    kept = quick.home / "catalogue.json"
    await until(lambda: "TROLLEY" in kept.read_text(encoding="utf-8"), 10, "the new service to be known")

    chat, sandbox = await WebChat(quick).start(), Sandbox(quick)
    said = await chat.say("there's a shopping trolley dumped in the river near Mill Bridge")
    if "Abandoned shopping trolley" in said.choices:
        said = await chat.choose("Abandoned shopping trolley")
    said = await _asked(chat, said, "Which shop is it from?", [], "the big Tesco")
    said = await _asked(chat, said, "How many are there?", ["loads of them"], "three")
    said = await _asked(chat, said, "When did you first see it?", ["ages ago"], "last tuesday")
    said = await _asked(chat, said, "What else should the crew know?", [], "the bank is steep")
    said = await _asked(chat, said, "Where is it lying?", ["1 and 2"], "in the water")
    said = await _asked(chat, said, "What else lies there?", ["4", "a horse"], "1 and 3")
    for words in ("no photo", "no updates", "yes"):
        said = await chat.say(words)
    reference = reference_in(said.text)

    assert (await sandbox.request(reference))["service_code"] == "TROLLEY"
    posted = await sandbox.attributes(reference)
    (since,) = posted.pop("since")
    assert since[4] == "-" and since[10] == "T"
    assert posted == {
        "shop": ["the big Tesco"], "number": ["3"], "notes": ["the bank is steep"], "spot": ["water"], "extras": ["bags", "tyres"],
    }  # fmt: skip


async def _asked(chat: WebChat, said: Answer, question: str, wrong: list[str], right: str) -> Answer:
    """The question is asked, asked again after each wrong answer, and answered."""
    assert question in said
    for words in wrong:
        said = await chat.say(words)
        assert "different answer" in said or "could not use that" in said
        assert question in said
    return await chat.say(right)
