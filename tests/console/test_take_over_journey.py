"""A colleague's hour at the desk, in a real Chromium: who asks appears by itself, is talked with and given back to the assistant."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from axe import found_by_axe
from browsing import ARGUMENTS, CHROMIUM, take_pictures, visited
from playwright.async_api import Page, async_playwright, expect

from engagement.values import InboundMessage, Reply

NAME = "Sam"


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    folder = Path(os.environ.get("HEARBACK_SCREENSHOTS") or tmp_path)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture
async def sam(console: Any) -> AsyncIterator[Page]:
    """Sam's browser at the inbox."""
    await console.add("sam", "agent")
    console.rows("update staff set display_name = ? where username = 'sam'", NAME)
    person = await console.log.staff.by_name("sam")
    token, _ = await console.log.staff.sign_in(person)
    cookies = {"cookies": [{"name": "hearback_console", "value": token, "url": console.url}], "origins": []}
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        async with visited(browser, console.url, "/inbox", storage_state=cookies) as page:
            yield page
        await browser.close()


async def asks(console: Any, words: str, *, reason: str = "talk_to_person", priority: int = 0, number: int = 1) -> str:
    conversation = await console.web_chat(words, number=number, intent=reason, reply="I have asked our team.")
    await console.log.handovers.open(conversation, key=conversation, reason=reason, priority=priority)
    return str(conversation)


async def writes(console: Any, conversation: str, words: str, number: int) -> None:
    named = f"{conversation}:{number:032}"
    got = await console.log.receive(InboundMessage(channel="web", provider_id=named, text=words, conversation_id=conversation))
    await console.log.leave_to_staff(got.id)


async def looks_well(page: Page, pictures: Path, name: str) -> None:
    await take_pictures(page, pictures, name)
    assert await found_by_axe(page) == [], name
    await page.set_viewport_size({"width": 320, "height": 900})
    assert await found_by_axe(page) == [], f"{name}, narrow"
    await page.set_viewport_size({"width": 1200, "height": 900})


async def test_a_colleague_s_hour_at_the_desk(console: Any, sam: Page, pictures: Path) -> None:
    await expect(sam.get_by_text("Nobody is waiting.")).to_be_visible()
    console.move(minutes=1)
    jo = await asks(console, "I need to talk to a person about my bin")
    await expect(sam.get_by_role("button", name="Take over – I need to talk to a person")).to_be_visible()
    await expect(sam).to_have_title("(1) Inbox – Hearback console – Ashdown Borough Council")
    await asks(console, "there is a gas smell in the street", reason="report_danger", priority=10, number=2)
    await expect(sam.get_by_role("heading", name="Danger (1)")).to_be_visible()
    await expect(sam.locator("#told")).to_have_text("One more conversation waits.")
    await looks_well(sam, pictures, "inbox")

    await sam.get_by_role("button", name="Take over – I need to talk to a person").click()
    await expect(sam.get_by_role("heading", name="You are talking with this citizen")).to_be_visible()
    await expect(sam).to_have_title("(1) Web chat of today at 2:06pm – Hearback console – Ashdown Borough Council")
    await looks_well(sam, pictures, "desk")

    box = sam.get_by_label("Your reply")
    await sam.get_by_label("Begin from a reply").select_option("Hello")
    await sam.get_by_role("button", name="Put it in").press("Enter")
    await expect(box).to_have_value("Hello, my name is Sam. I have read what you wrote. Give me a moment to look into it.")
    await expect(box).to_be_focused()
    await writes(console, jo, "it is the blue one", 5)
    await expect(sam.locator("#desk-lines li").last).to_contain_text("it is the blue one")
    await expect(box).to_be_focused()
    await sam.reload()
    await expect(box).to_have_value("Hello, my name is Sam. I have read what you wrote. Give me a moment to look into it.")
    await box.fill("Thank you. The crew comes back tomorrow.")
    await box.press("Control+Enter")
    await expect(sam.locator("#desk-lines li").last).to_contain_text("The crew comes back tomorrow.")
    await expect(box).to_have_value("")
    lines = await console.log.messages(jo)
    assert (lines[-1].public()["by"], lines[-2].state) == ("Sam", "answered")

    await sam.get_by_text("Close", exact=True).first.click()
    await sam.get_by_label("What came of it", exact=True).select_option("Solved")
    await looks_well(sam, pictures, "desk-close")
    await sam.locator("form[action$='/close'] button").first.click()
    await expect(sam.get_by_text("It is closed. The assistant answers this citizen again.")).to_be_visible()
    await looks_well(sam, pictures, "desk-closed")
    assert (await console.log.desk.of_conversation(jo))[0].result == "solved"


async def test_a_colleague_who_was_slower_keeps_their_draft_and_reads_who_has_it(console: Any, sam: Page) -> None:
    jo = await asks(console, "a person please")
    await console.add("kim", "agent")
    kim = await console.log.desk.colleague((await console.log.staff.by_name("kim")).id)
    await sam.goto(f"/conversations/{jo}")
    await sam.get_by_role("button", name="Take over").click()
    await sam.get_by_label("Your reply").fill("I was just about to say")
    await console.log.desk.hand_back(jo, await console.log.desk.colleague((await console.log.staff.by_name("sam")).id), line=_line("left"))
    await console.log.desk.claim(jo, kim, team="waste", line=_line("kim is here"))
    await expect(sam.get_by_role("heading", name="kim is talking with this citizen")).to_be_visible()
    await expect(sam.get_by_label("Your reply")).to_have_value("I was just about to say")


def _line(words: str) -> Reply:
    return Reply(text=words, author="system")
