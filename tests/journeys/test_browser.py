"""The chat page in a real Chromium: without JavaScript, with it, and with the keyboard alone."""

from __future__ import annotations

import asyncio
from pathlib import Path

from browsing import Visit, answered, choose, from_menu, latest, lines, send, tab_to, take_pictures
from clients import ConsoleApi, Sandbox, reference_in
from playwright.async_api import Route, expect
from test_web_report import POTHOLE


async def test_the_whole_report_without_javascript(visit: Visit, sandbox: Sandbox, console: ConsoleApi, pictures: Path) -> None:
    async with visit("/chat", java_script_enabled=False) as page:
        await take_pictures(page, pictures, "plain-start")
        await send(page, POTHOLE)
        await answered(page, "How big is it?")
        await take_pictures(page, pictures, "plain-choices")
        for title in ("Larger than a dinner plate", "In the middle of a lane", "No photo", "No updates"):
            await choose(page, title)
        await answered(page, "Shall I send it?")
        await take_pictures(page, pictures, "plain-check")
        await choose(page, "Send it")
        reference = reference_in(await latest(page))
        await take_pictures(page, pictures, "plain-end")
        await page.reload()
        assert reference in await latest(page), "the chat is still there after a reload"
    assert (await sandbox.request(reference))["address"] == "outside 12 Mill Lane AD1 2BC"
    assert await sandbox.attributes(reference) == {"size": ["larger"], "position": ["lane"]}
    assert (await console.request(reference))["channel"] == "web"


async def test_the_greeting_s_choices_work_without_javascript(visit: Visit) -> None:
    async with visit("/chat", java_script_enabled=False) as page:
        await choose(page, "Report a problem")
        await answered(page, "What is the problem?")


async def test_a_mistake_is_explained_without_javascript(visit: Visit, pictures: Path) -> None:
    async with visit("/chat", java_script_enabled=False) as page:
        for words, says in (("", "The message is empty"), ("x" * 2001, "at most 2000 characters")):
            await send(page, words)
            await expect(page.get_by_role("alert")).to_contain_text(says)
            assert (await page.title()).startswith("Error: ")
            assert await page.get_by_label("Your message").input_value() == words
            await send(page, "")
        await take_pictures(page, pictures, "plain-error")


async def test_the_whole_report_with_javascript_without_a_reload(visit: Visit, sandbox: Sandbox, pictures: Path) -> None:
    async with visit("/chat") as page:
        await page.evaluate("window.sameDocument = true")
        field = page.get_by_role("textbox", name="Your message")
        await field.fill(POTHOLE)
        await field.press("Enter")
        await answered(page, "How big is it?")
        assert await field.input_value() == ""
        await take_pictures(page, pictures, "live-choices")
        for title in ("Larger than a dinner plate", "Skip", "No photo", "No updates", "Send it"):
            await choose(page, title)
        await answered(page, "Your reference is")
        reference = reference_in(await latest(page))
        assert await page.evaluate("window.sameDocument") is True
        await take_pictures(page, pictures, "live-end")
        assert await lines(page).count() == 13, "the greeting and six times a message and its answer, each once"
        await page.reload()
        await expect(page.locator("hearback-chat .message")).to_have_count(13)
        await send(page, "how is my report going?")
        await answered(page, f"{reference} (")
    assert await sandbox.attributes(reference) == {"size": ["larger"]}


async def test_a_chat_goes_on_when_javascript_comes_later(visit: Visit) -> None:
    """Begun on the plain page, while the script could not be fetched; there is only a cookie to know it by."""
    async with visit("/chat", beside="ERR_FAILED") as page:
        await page.context.route("**/widget.js", lambda route: route.abort())
        await page.reload()
        await send(page, POTHOLE)
        await answered(page, "How big is it?")
        await expect(page.locator("#plain")).to_be_visible()
        await page.context.unroute("**/widget.js")
        await page.reload()
        await expect(page.locator("hearback-chat .message")).to_have_count(3)
        await expect(page.locator("#plain")).to_have_count(0)
        await choose(page, "Larger than a dinner plate")
        await answered(page, "Where in the road is it?")


async def test_what_is_written_before_the_script_is_ready_stays(visit: Visit) -> None:
    async with visit("/chat") as page:
        ready = asyncio.Event()

        async def slow(route: Route) -> None:
            await ready.wait()
            await route.continue_()

        await page.route("**/api/chat/config*", slow)
        await page.reload()
        plain = page.locator("#plain").get_by_role("textbox", name="Your message")
        await plain.press_sequentially(POTHOLE)
        ready.set()
        await expect(page.locator("#plain")).to_have_count(0)
        field = page.get_by_role("textbox", name="Your message")
        await expect(field).to_be_focused()
        assert await field.input_value() == POTHOLE
        await field.press("Enter")
        await answered(page, "How big is it?")
        await expect(lines(page)).to_have_count(3)


async def test_the_greeting_s_choices_work_with_javascript(visit: Visit) -> None:
    async with visit("/chat") as page:
        await choose(page, "Report a problem")
        await answered(page, "What is the problem?")
        await expect(lines(page)).to_have_count(3)


async def test_shift_and_enter_begin_a_new_line(visit: Visit) -> None:
    async with visit("/chat") as page:
        field = page.get_by_role("textbox", name="Your message")
        await field.press_sequentially("one")
        await field.press("Shift+Enter")
        await field.press_sequentially("two")
        assert await field.input_value() == "one\ntwo"
        assert await lines(page).count() == 1


async def test_a_mistake_is_explained_with_javascript(visit: Visit, pictures: Path) -> None:
    async with visit("/chat") as page:
        field, error = page.get_by_role("textbox", name="Your message"), page.locator("hearback-chat .composer .error")
        await field.press("Enter")
        await expect(error.filter(has_text="The message is empty")).to_be_visible()
        await expect(field).to_be_focused()
        await expect(field).to_have_attribute("aria-invalid", "true")
        await take_pictures(page, pictures, "live-error")
        await field.fill("x" * 2001)
        await field.press("Enter")
        await expect(error.filter(has_text="at most 2000 characters")).to_be_visible()
        await field.fill(POTHOLE)
        await expect(field).to_have_attribute("aria-invalid", "false")
        await field.press("Enter")
        await answered(page, "How big is it?")


async def test_the_whole_report_with_the_keyboard_alone(visit: Visit, sandbox: Sandbox) -> None:
    """From the council's page by Tab and Enter to a reference; the field has the focus whenever it is the citizen's turn."""
    async with visit("/") as page:
        await tab_to(page, "Start a chat")
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/chat")
        field = page.locator("hearback-chat").get_by_role("textbox", name="Your message")
        await expect(field).to_be_visible()
        await tab_to(page, "Your message")
        await page.keyboard.type(POTHOLE)
        await page.keyboard.press("Enter")
        for title, key in (("Larger than a dinner plate", "Enter"), ("Skip", "Space"), ("No photo", "Enter"), ("No updates", "Space")):
            await expect(page.get_by_role("button", name=title, exact=True)).to_be_visible()
            await tab_to(page, title, back=True)
            await page.keyboard.press(key)
            await expect(field).to_be_focused()
        await answered(page, "Shall I send it?")
        await page.keyboard.type("yes")
        await page.keyboard.press("Enter")
        await answered(page, "Your reference is")
        reference = reference_in(await latest(page))
    assert (await sandbox.request(reference))["service_code"] == "POTHOLE"


async def test_two_windows_show_the_same_chat(visit: Visit) -> None:
    async with visit("/chat") as page:
        await send(page, POTHOLE)
        await answered(page, "How big is it?")
        other = await page.context.new_page()
        await other.goto("/chat")
        await choose(other, "Larger than a dinner plate")
        await answered(page, "Where in the road is it?")
        await expect(lines(page)).to_have_count(5)
        await expect(lines(other)).to_have_count(5)


async def test_a_shared_computer_forgets_the_chat(visit: Visit) -> None:
    async with visit("/chat") as page:
        await send(page, POTHOLE)
        await answered(page, "How big is it?")
        await from_menu(page, "Forget this chat on this device")
        await expect(lines(page)).to_have_count(1)
        await page.reload()
        await expect(lines(page)).to_have_count(1)
        assert "massive" not in await page.locator("body").inner_text()


async def test_the_council_s_page_leads_to_the_chat(visit: Visit, pictures: Path) -> None:
    async with visit("/", java_script_enabled=False) as page:
        await take_pictures(page, pictures, "council")
        await page.get_by_role("button", name="Start a chat").click()
        await expect(page.get_by_role("heading", level=1)).to_contain_text("Chat with Ashdown Borough Council")
