"""What citizens do in a browser, with the chat's page or the widget in front of them."""

from __future__ import annotations

import re
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, Locator, Page, expect

CHROMIUM = next((found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None)
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
WIDTHS = (1200, 320)
# Chromium reports refused calls as errors of the page; these are the citizen's own, and the page explains them.
REFUSED = re.compile(r"status of (401|413|422) ")
expect.set_options(timeout=20_000)  # a server that was killed needs a while
Visit = Callable[..., AbstractAsyncContextManager[Page]]


def watch(page: Page, *, beside: str = "never") -> list[str]:
    """What goes wrong on the page from now on; `beside` is a pattern of what the test brings about."""
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on(
        "console",
        lambda line: wrong.append(line.text) if line.type == "error" and not re.search(f"{REFUSED.pattern}|{beside}", line.text) else None,
    )
    return wrong


@asynccontextmanager
async def visited(browser: Browser, base: str, path: str, *, beside: str = "never", **how: Any) -> AsyncIterator[Page]:
    """A page in a new browser profile; whatever goes wrong on it fails the test."""
    context = await browser.new_context(base_url=base, **{"viewport": {"width": 1200, "height": 900}, **how})
    context.set_default_timeout(20_000)
    page = await context.new_page()
    wrong = watch(page, beside=beside)
    try:
        await page.goto(path)
        yield page
        assert wrong == []
    finally:
        await context.close()


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


def lines(page: Page) -> Locator:
    """The messages that are on screen, of the widget or of the page without JavaScript."""
    return page.locator("hearback-chat .message, #messages > li")


async def send(page: Page, words: str) -> None:
    await page.get_by_role("textbox", name="Your message").fill(words)
    await page.get_by_role("button", name="Send", exact=True).click()


async def choose(page: Page, title: str) -> None:
    await page.get_by_role("button", name=title, exact=True).click()


async def latest(page: Page) -> str:
    return await lines(page).last.inner_text()


async def answered(page: Page, words: str) -> None:
    await expect(lines(page).last).to_contain_text(words)


async def open_chat(page: Page) -> None:
    await page.get_by_role("button", name="Chat with us").click()
    await expect(page.get_by_role("textbox", name="Your message")).to_be_visible()


async def from_menu(page: Page, title: str) -> None:
    await choose(page, "Menu")
    await page.locator("hearback-chat .menu").get_by_role("button", name=title, exact=True).click()


FOCUSED = """() => {
  let has = document.activeElement;
  while (has.shadowRoot?.activeElement) has = has.shadowRoot.activeElement;
  const style = getComputedStyle(has);
  return [(has.labels?.[0] ?? has).innerText.trim(), style.outlineStyle !== "none" || style.boxShadow !== "none"];
}"""


async def tab_to(page: Page, name: str, *, back: bool = False) -> None:
    """Press Tab until the thing with this name has the focus, as a citizen without a mouse does, and see the focus."""
    for _ in range(20):
        await page.keyboard.press("Shift+Tab" if back else "Tab")
        label, shown = await page.evaluate(FOCUSED)
        if label == name:
            assert shown, f"nobody sees that {name} has the focus"
            return
    raise AssertionError(f"{name} is not reached with the Tab key")
