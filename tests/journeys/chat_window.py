"""The chat in a citizen's browser window, as tests of accessibility go through it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any
from weakref import WeakKeyDictionary

from browsing import watch
from playwright.async_api import Browser, CDPSession, Locator, Page, expect
from stack import Stack

# The last is a screen of 1280 by 1024 at 400 %.
DESKTOP, PHONE, ENLARGED = ({"width": width, "height": height} for width, height in ((1200, 900), (320, 640), (320, 256)))
BESIDE = "status of (404|409|429) |net::ERR_"  # what tests bring about: refusals and a lost network
SWITCHES: WeakKeyDictionary[Page, CDPSession] = WeakKeyDictionary()
OpenWindow = Callable[..., AbstractAsyncContextManager[Page]]


@asynccontextmanager
async def window(browser: Browser, base: str, path: str | None = None, *, scripts: bool = True, **how: Any) -> AsyncIterator[Page]:
    """A new browser profile with one page; errors on the page fail the test. Without `scripts` none on the page runs."""
    context = await browser.new_context(**{"base_url": base, "viewport": DESKTOP, **how})
    context.set_default_timeout(20_000)
    page = await context.new_page()
    wrong = watch(page, beside=BESIDE)
    page.on("filechooser", lambda _: None)  # from the first one on none opens a dialog that nobody would see
    try:
        if not scripts:
            await allow_scripts(page, False)
        if path:
            await page.goto(path)
        yield page
        assert wrong == []
    finally:
        await context.close()


async def allow_scripts(page: Page, allowed: bool) -> None:
    """As the browser's own switch; what is loaded without scripts stays as it is when they are allowed again."""
    if page not in SWITCHES:
        SWITCHES[page] = await page.context.new_cdp_session(page)  # only the session that forbade them can allow them again
    await SWITCHES[page].send("Emulation.setScriptExecutionDisabled", {"value": not allowed})


class Chat:
    """The widget, on a page or as the page /chat."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.launcher = page.get_by_role("button", name="Chat with us")
        self.panel = page.locator("hearback-chat .panel")
        self.field = page.get_by_label("Your message")
        self.log = page.get_by_role("log")
        self.menu = page.get_by_role("button", name="Menu", exact=True)

    async def open(self) -> None:
        """On the page /chat it is open already."""
        if not self.page.url.endswith("/chat"):
            await self.launcher.click()
        await expect(self.field).to_be_visible()

    def button(self, name: str) -> Locator:
        return self.panel.get_by_role("button", name=name, exact=True)

    async def say(self, words: str, answer: str) -> None:
        await self.field.fill(words)
        await self.field.press("Enter")
        await self.reads(answer)

    async def choose(self, title: str, answer: str | None = None) -> None:
        await self.button(title).click()
        if answer:
            await self.reads(answer)

    async def reads(self, words: str) -> None:
        await expect(self.log.get_by_role("listitem").last).to_contain_text(words)

    async def choose_in_menu(self, item: str) -> None:
        await self.menu.click()
        await self.button(item).click()

    async def conversation(self) -> str:
        """Its id."""
        answer = await self.page.evaluate("fetch('/api/chat/session').then(answer => answer.json())")
        return str(answer["conversation"])


def take_over(stack: Stack, conversation: str, words: str) -> None:
    """A person of the council takes the conversation over and writes this; it is on screen when the citizen writes next."""
    stack.rows("UPDATE conversations SET state = 'with_staff' WHERE id = ?", conversation)
    stack.rows(
        "INSERT INTO messages (conversation_id, channel, author, text, state, attempts, outreach, created_at, state_at)"
        " SELECT id, channel, 'staff', ?, 'posted', 0, false, updated_at, updated_at FROM conversations WHERE id = ?",
        words,
        conversation,
    )
