"""The chat page in a real Chromium: without JavaScript, with it, and with the keyboard alone."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from clients import ConsoleApi, Sandbox, reference_in
from playwright.async_api import Browser, Page, async_playwright, expect
from stack import Stack
from test_web_report import POTHOLE

CHROMIUM = next((found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None)
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
WIDTHS = (1200, 320)
REFUSED = re.compile(r"status of (413|422) ")
Visit = Callable[..., AbstractAsyncContextManager[Page]]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def chromium() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        await browser.close()


@pytest.fixture
def visit(stack: Stack, chromium: Browser) -> Visit:
    """`async with visit("/chat", java_script_enabled=False) as page`: a new browser profile; errors on the page fail the test."""
    Sandbox(stack).grow_old()

    @asynccontextmanager
    async def open_page(path: str, **how: Any) -> AsyncIterator[Page]:
        context = await chromium.new_context(base_url=stack.url, viewport={"width": 1200, "height": 900}, **how)
        context.set_default_timeout(20_000)
        page, wrong = await context.new_page(), list[str]()
        page.on("pageerror", lambda error: wrong.append(str(error)))
        # Chromium reports refused messages, 413 and 422, as errors too; those are the citizen's, and the page explains them.
        page.on("console", lambda line: wrong.append(line.text) if line.type == "error" and not REFUSED.search(line.text) else None)
        try:
            await page.goto(path)
            yield page
            assert wrong == []
        finally:
            await context.close()

    return open_page


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the pictures go: HEARBACK_PICTURES, to look at them, else a folder of the tests."""
    folder = Path(os.environ.get("HEARBACK_PICTURES") or tmp_path_factory.mktemp("pictures"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


async def take_pictures(page: Page, folder: Path, name: str) -> None:
    """The whole page at both widths; at the smaller one nothing may stick out to the side."""
    for width in WIDTHS:
        await page.set_viewport_size({"width": width, "height": 900})
        await page.screenshot(path=folder / f"{name}-{width}.png", full_page=True)
        wide = await page.evaluate("document.documentElement.scrollWidth") if await scripts_run(page) else width
        assert wide <= width, f"{name} is {wide} wide on a screen of {width}"
    await page.set_viewport_size({"width": 1200, "height": 900})


async def scripts_run(page: Page) -> bool:
    return await page.evaluate("1") == 1


async def send(page: Page, words: str) -> None:
    await page.get_by_label("Your message").fill(words)
    await page.get_by_role("button", name="Send", exact=True).click()


async def choose(page: Page, title: str) -> None:
    await page.get_by_role("button", name=title, exact=True).click()


async def latest(page: Page) -> str:
    return await page.locator("#messages > li").last.inner_text()


async def test_the_whole_report_without_javascript(visit: Visit, sandbox: Sandbox, console: ConsoleApi, pictures: Path) -> None:
    async with visit("/chat", java_script_enabled=False) as page:
        await take_pictures(page, pictures, "plain-start")
        await send(page, POTHOLE)
        await expect(page.locator("#messages > li").last).to_contain_text("How big is it?")
        await take_pictures(page, pictures, "plain-choices")
        for title in ("Larger than a dinner plate", "In the middle of a lane", "No photo", "No updates"):
            await choose(page, title)
        await expect(page.locator("#messages > li").last).to_contain_text("Shall I send it?")
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
        await expect(page.locator("#messages > li").last).to_contain_text("What is the problem?")


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
        field = page.get_by_label("Your message")
        await field.fill(POTHOLE)
        await field.press("Enter")
        await expect(page.locator("#messages > li").last).to_contain_text("How big is it?")
        assert await field.input_value() == ""
        await take_pictures(page, pictures, "live-choices")
        for title in ("Larger than a dinner plate", "Skip", "No photo", "No updates", "Send it"):
            await choose(page, title)
        await expect(page.locator("#messages > li").last).to_contain_text("Your reference is")
        reference = reference_in(await latest(page))
        assert await page.evaluate("window.sameDocument") is True
        await take_pictures(page, pictures, "live-end")
        lines = await page.locator("#messages > li").all_inner_texts()
        assert len(lines) == 13, "the greeting and six times a message and its answer, each once"
        await page.reload()
        assert len(await page.locator("#messages > li").all_inner_texts()) == 13
        await send(page, "how is my report going?")
        await expect(page.locator("#messages > li").last).to_contain_text(f"{reference} (")
    assert await sandbox.attributes(reference) == {"size": ["larger"]}


async def test_the_greeting_s_choices_work_with_javascript(visit: Visit) -> None:
    async with visit("/chat") as page:
        await choose(page, "Report a problem")
        await expect(page.locator("#messages > li").last).to_contain_text("What is the problem?")


async def test_shift_and_enter_begin_a_new_line(visit: Visit) -> None:
    async with visit("/chat") as page:
        field = page.get_by_label("Your message")
        await field.press_sequentially("one")
        await field.press("Shift+Enter")
        await field.press_sequentially("two")
        assert await field.input_value() == "one\ntwo"
        assert await page.locator("#messages > li").count() == 1


async def test_a_mistake_is_explained_with_javascript(visit: Visit, pictures: Path) -> None:
    async with visit("/chat") as page:
        field = page.get_by_label("Your message")
        await field.press("Enter")
        await expect(page.locator("#text-error")).to_contain_text("The message is empty")
        await expect(field).to_be_focused()
        await take_pictures(page, pictures, "live-error")
        await field.fill("x" * 2001)
        await field.press("Enter")
        await expect(page.locator("#text-error")).to_contain_text("at most 2000 characters")
        await field.fill(POTHOLE)
        await field.press("Enter")
        await expect(page.locator("#messages > li").last).to_contain_text("How big is it?")
        await expect(page.locator("#text-error")).to_be_hidden()


async def test_the_whole_report_with_the_keyboard_alone(visit: Visit, sandbox: Sandbox) -> None:
    """From the council's page by Tab and Enter to a reference; the field has the focus whenever it is the citizen's turn."""
    async with visit("/") as page:
        await tab_to(page, "Start a chat")
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/chat")
        await tab_to(page, "Your message")
        await page.keyboard.type(POTHOLE)
        await page.keyboard.press("Enter")
        for title, key in (("Larger than a dinner plate", "Enter"), ("Skip", "Space"), ("No photo", "Enter"), ("No updates", "Space")):
            await expect(page.get_by_role("button", name=title, exact=True)).to_be_visible()
            await tab_to(page, title, back=True)
            await page.keyboard.press(key)
            await expect(page.get_by_label("Your message")).to_be_focused()
        await expect(page.locator("#messages > li").last).to_contain_text("Shall I send it?")
        await page.keyboard.type("yes")
        await page.keyboard.press("Enter")
        await expect(page.locator("#messages > li").last).to_contain_text("Your reference is")
        reference = reference_in(await latest(page))
    assert (await sandbox.request(reference))["service_code"] == "POTHOLE"


async def tab_to(page: Page, name: str, *, back: bool = False) -> None:
    """Press Tab until the thing with this name has the focus, as a citizen without a mouse does, and see the focus."""
    focused = "(e => [(e.labels?.[0] ?? e).innerText.trim(), getComputedStyle(e)])(document.activeElement)"
    for _ in range(15):
        await page.keyboard.press("Shift+Tab" if back else "Tab")
        label, shown = await page.evaluate(f"(([label, s]) => [label, s.outlineStyle !== 'none' || s.boxShadow !== 'none'])({focused})")
        if label == name:
            assert shown, f"nobody sees that {name} has the focus"
            return
    raise AssertionError(f"{name} is not reached with the Tab key")


async def test_two_windows_show_the_same_chat(visit: Visit) -> None:
    async with visit("/chat") as page:
        await send(page, POTHOLE)
        await expect(page.locator("#messages > li").last).to_contain_text("How big is it?")
        other = await page.context.new_page()
        await other.goto("/chat")
        await choose(other, "Larger than a dinner plate")
        await expect(page.locator("#messages > li").last).to_contain_text("Where in the road is it?")
        assert await page.locator("#messages > li").count() == await other.locator("#messages > li").count() == 5


async def test_a_shared_computer_forgets_the_chat(visit: Visit) -> None:
    async with visit("/chat") as page:
        await send(page, POTHOLE)
        await expect(page.locator("#messages > li").last).to_contain_text("How big is it?")
        await choose(page, "Forget this chat on this device")
        await expect(page.locator("#messages > li")).to_have_count(1)
        assert "massive" not in await page.content()


async def test_the_council_s_page_leads_to_the_chat(visit: Visit, pictures: Path) -> None:
    async with visit("/", java_script_enabled=False) as page:
        await take_pictures(page, pictures, "council")
        await page.get_by_role("button", name="Start a chat").click()
        await expect(page.get_by_role("heading", level=1)).to_contain_text("Chat with Ashdown Borough Council")
