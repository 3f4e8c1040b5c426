"""The widget's head and lines say who talks with the citizen, as soon as a colleague comes and until they leave."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from browsing import ARGUMENTS, CHROMIUM, send, visited
from doors import open_doors
from playwright.async_api import async_playwright, expect

from channels.bells import pass_on
from engagement.values import Reply

expect.set_options(timeout=20_000)


async def test_the_head_of_the_chat_names_who_talks(tmp_path: Path) -> None:
    async with open_doors(tmp_path, HEARBACK_PUBLIC_URL="") as doors, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        async with visited(browser, doors.url, "/chat") as page:
            # The words are shown before they are sent, so before there is a conversation.
            async with page.expect_response(lambda answer: answer.url.endswith("/api/chat/messages") and answer.ok):
                await send(page, "hello")
            conversation = (await page.evaluate("fetch('/api/chat/session').then(answer => answer.json())"))["conversation"]
            await doors.log.staff.add("sam", "x", "agent")
            person = await doors.log.staff.by_name("sam")
            assert person
            sam = replace(await doors.log.desk.colleague(person.id), name="Sam")
            await doors.log.desk.claim(conversation, sam, team="waste", line=Reply(text="Sam is here", author="system"))
            await doors.log.desk.reply(conversation, sam, text="Hello, how can I help?", form="f" * 32, seen=100)
            pass_on(doors.app, conversation)
            await expect(page.locator("hearback-chat .who")).to_have_text("You are talking to Sam")
            await expect(page.locator("hearback-chat .message.staff .author")).to_have_text("Sam")
            await doors.log.desk.hand_back(conversation, sam, line=Reply(text="Sam has left", author="system"))
            pass_on(doors.app, conversation)
            await expect(page.locator("hearback-chat .who")).to_have_text("Ashdown assistant")
        await browser.close()
