"""The widget while the network drops, the server dies, tabs race: everything arrives, and nothing twice."""

from __future__ import annotations

import asyncio
from typing import Any

from browsing import Visit, answered, choose, lines, open_chat, send
from playwright.async_api import Page, Route, expect
from stack import Stack
from test_web_report import POTHOLE

LOST = "ERR_|Failed to fetch|status of 50[0-9]"
OWN = "hearback-chat .sent"


async def sent_by_the_citizen(page: Page) -> list[str]:
    """What the conversation holds on the server."""
    said = await page.evaluate("fetch('/api/chat/messages').then((answer) => answer.json())")
    return [message["text"] for message in said["messages"] if message["author"] == "citizen"]


async def test_what_is_written_without_a_network_goes_out_when_it_is_back(visit: Visit) -> None:
    async with visit("/", beside=LOST) as page:
        await open_chat(page)
        await send(page, POTHOLE)
        await answered(page, "How big is it?")
        await page.context.set_offline(True)
        await expect(page.get_by_text("You are not connected to the internet.")).to_be_visible()
        await choose(page, "Larger than a dinner plate")
        await expect(page.locator(OWN).last).to_contain_text("Not sent")
        await expect(page.locator(OWN).last.get_by_role("button", name="Try again")).to_be_visible()
        await page.context.set_offline(False)
        await answered(page, "Where in the road is it?")
        assert await sent_by_the_citizen(page) == [POTHOLE, "Larger than a dinner plate"]
        await expect(lines(page)).to_have_count(5)


async def test_an_unsent_message_outlives_a_reload_and_is_sent_by_hand(visit: Visit) -> None:
    async with visit("/", beside=LOST) as page:
        await open_chat(page)
        await send(page, "hello")
        await expect(lines(page)).to_have_count(3)
        await page.route("**/api/chat/messages", lambda route: route.abort())
        await send(page, POTHOLE)
        await expect(page.locator(OWN).last).to_contain_text("Not sent")
        await page.reload()
        await expect(page.locator(OWN).last).to_contain_text("Not sent")
        await page.unroute("**/api/chat/messages")
        await page.locator(OWN).last.get_by_role("button", name="Try again").click()
        await answered(page, "How big is it?")
        assert await sent_by_the_citizen(page) == ["hello", POTHOLE]


async def test_a_message_that_arrived_without_the_widget_knowing_is_not_sent_twice(visit: Visit) -> None:
    """The server has it, but its answer and the live events are lost; the widget tries again by itself."""
    tries: list[Any] = []

    async def swallow(route: Route) -> None:
        await route.fetch()
        tries.append(route.request.post_data_json["client_id"])
        await route.abort()

    async with visit("/chat", beside=LOST) as page:
        await page.route("**/api/chat/messages", swallow)
        await page.route("**/api/chat/events*", lambda route: route.abort())
        await send(page, POTHOLE)
        await expect(page.locator(OWN).last).to_contain_text("Not sent")
        while len(tries) < 2:
            await asyncio.sleep(0.1)
        await page.unroute("**/api/chat/messages")
        await page.unroute("**/api/chat/events*")
        await answered(page, "How big is it?")
        assert len(set(tries)) == 1, "each try names the same message"
        assert await sent_by_the_citizen(page) == [POTHOLE]
        await expect(page.locator(OWN)).to_have_count(1)
        await expect(lines(page)).to_have_count(3)


async def test_a_restart_of_the_server_is_nobody_s_concern(visit: Visit, stack: Stack) -> None:
    async with visit("/chat", beside=LOST) as page:
        await send(page, POTHOLE)
        await answered(page, "How big is it?")
        await stack.kill("-m channels")
        await choose(page, "Larger than a dinner plate")
        await answered(page, "Where in the road is it?")
        assert await sent_by_the_citizen(page) == [POTHOLE, "Larger than a dinner plate"]
        await expect(lines(page)).to_have_count(5)


async def test_two_tabs_that_begin_at_once_begin_one_chat(visit: Visit) -> None:
    async with visit("/") as page:
        begun: list[str] = []
        page.context.on("request", lambda request: begun.append(request.url) if request.url.endswith("/sessions") else None)
        other = await page.context.new_page()
        await other.goto("/")
        for one, words in ((page, "hello"), (other, "thank you")):
            await open_chat(one)
            await one.get_by_role("textbox", name="Your message").fill(words)
        await asyncio.gather(*(one.get_by_role("button", name="Send", exact=True).click() for one in (page, other)))
        for one in (page, other):
            await expect(one.locator(OWN)).to_have_count(2)
            await expect(lines(one)).to_have_count(5)
        assert len(begun) == 1
        assert sorted(await sent_by_the_citizen(page)) == ["hello", "thank you"]


async def test_what_comes_while_the_chat_is_closed_is_counted_on_its_button(visit: Visit) -> None:
    async with visit("/") as page:
        await open_chat(page)
        await page.route("**/api/chat/messages", lambda route: asyncio.create_task(later(route)))
        await send(page, POTHOLE)
        await page.keyboard.press("Escape")
        await expect(page.get_by_role("button", name="Chat with us, New messages: 1")).to_be_focused()
        await page.keyboard.press("Enter")
        await answered(page, "How big is it?")
        await page.keyboard.press("Escape")
        await expect(page.get_by_role("button", name="Chat with us", exact=True)).to_be_focused()


async def later(route: Route) -> None:
    await asyncio.sleep(0.5)
    await route.continue_()
