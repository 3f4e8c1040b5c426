"""Every state of the chat, in the widget and without JavaScript: axe-core, small screens, wide text, forced colours, the focus.

Each state is reached once, by a citizen in a real Chromium; then it is looked at in every way.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from axe import found_by_axe
from chat_window import DESKTOP, ENLARGED, PHONE, Chat, OpenWindow, allow_scripts, window
from clients import Sandbox
from keys import Keys
from layout import SPACED, without_edge, wrong_in_layout
from plain_states import PAGES
from plain_states import STATES as PLAIN
from playwright.async_api import Browser, Page
from stack import Stack
from widget_states import STATES as WIDGET


@pytest_asyncio.fixture(scope="module", loop_scope="session", params=[*WIDGET, "choices at /chat", "menu at /chat", "ended at /chat"])
async def shown(request: pytest.FixtureRequest, stack: Stack, chromium: Browser) -> AsyncIterator[Chat]:
    """The widget in one of its states, on the council's page or as the page /chat."""
    Sandbox(stack).grow_old()
    name, _, path = request.param.partition(" at ")
    async with window(chromium, stack.url, path or "/") as page:
        chat = Chat(page)
        await WIDGET[name](chat, stack)
        yield chat


@pytest_asyncio.fixture(scope="module", loop_scope="session", params=[*PAGES, *PLAIN])
async def plain(request: pytest.FixtureRequest, stack: Stack, chromium: Browser) -> AsyncIterator[Page]:
    """A page that was reached and loaded without JavaScript."""
    Sandbox(stack).grow_old()
    async with window(chromium, stack.url, scripts=False) as page:
        if request.param in PLAIN:
            await PLAIN[request.param](page, stack)
        else:
            await page.goto(request.param)
        await allow_scripts(page, True)
        yield page


async def seen(page: Page, *, width: dict[str, int] = DESKTOP, dark: bool = False, forced: bool = False) -> None:
    await page.emulate_media(color_scheme="dark" if dark else "light", forced_colors="active" if forced else "none")
    await page.set_viewport_size(width)


async def wrong_by_axe(page: Page) -> list[str]:
    """By WCAG 2.2 A and AA and good practice: light and dark, wide and narrow."""
    found = []
    for dark, width in ((False, DESKTOP), (True, DESKTOP), (False, PHONE)):
        await seen(page, width=width, dark=dark)
        found += [f"{'dark' if dark else 'light'}, {width['width']} wide: {wrong}" for wrong in await found_by_axe(page)]
    return found


async def wrong_when_small(page: Page) -> list[str]:
    """320 wide, and a usual screen at 400 %: WCAG 1.4.10."""
    found = []
    for width in (PHONE, ENLARGED):
        await seen(page, width=width)
        found += await wrong_in_layout(page)
    return found


async def wrong_focus(page: Page, start: str, **how: bool | dict[str, int]) -> list[str]:
    """What does not show its focus, is covered, or is too small to be hit, from this element on: WCAG 2.4.7, 2.4.11, 2.5.8."""
    await seen(page, **how)  # type: ignore[arg-type]
    await page.locator(start).locator("visible=true").first.focus()
    return [wrong for one in await Keys(page).round() for wrong in one.wrong()]


async def test_axe_finds_nothing_in_the_widget(shown: Chat) -> None:
    assert await wrong_by_axe(shown.page) == []


async def test_nothing_of_the_widget_sticks_out_or_is_cut_off_on_small_screens(shown: Chat) -> None:
    assert await wrong_when_small(shown.page) == []


async def test_everything_in_the_widget_has_an_edge_in_forced_colours(shown: Chat) -> None:
    await seen(shown.page, forced=True)
    assert await without_edge(shown.page) == []


HEAD = "hearback-chat .launcher, hearback-chat .head-button"


async def test_everything_in_the_widget_shows_its_focus_and_can_be_hit(shown: Chat) -> None:
    for dark, forced in ((False, False), (True, False), (False, True)):
        assert await wrong_focus(shown.page, HEAD, dark=dark, forced=forced) == []


async def test_everything_in_the_widget_can_be_reached_and_seen_at_400_percent(shown: Chat) -> None:
    assert await wrong_focus(shown.page, HEAD, width=ENLARGED) == []


async def test_text_with_more_space_is_not_cut_off_in_the_widget(shown: Chat) -> None:
    """WCAG 1.4.12."""
    await shown.page.evaluate(SPACED)
    for width in (DESKTOP, PHONE):
        await seen(shown.page, width=width)
        assert await wrong_in_layout(shown.page) == []


async def test_axe_finds_nothing_without_javascript(plain: Page) -> None:
    assert await wrong_by_axe(plain) == []


async def test_nothing_sticks_out_or_is_cut_off_without_javascript(plain: Page) -> None:
    assert await wrong_when_small(plain) == []


async def test_everything_shows_its_focus_and_can_be_hit_without_javascript(plain: Page) -> None:
    for width in (DESKTOP, PHONE):
        assert await wrong_focus(plain, ".govuk-skip-link", width=width) == []


async def test_text_with_more_space_is_not_cut_off_without_javascript(plain: Page) -> None:
    await plain.evaluate(SPACED)
    for width in (DESKTOP, PHONE):
        await seen(plain, width=width)
        assert await wrong_in_layout(plain) == []


async def test_axe_sees_what_is_wrong_inside_the_widget(open_window: OpenWindow) -> None:
    async with open_window("/") as page:
        await Chat(page).open()
        await page.evaluate("document.querySelector('hearback-chat').shadowRoot.querySelector('.send').replaceChildren()")
        assert [wrong.split(":")[0] for wrong in await found_by_axe(page)] == ["button-name"]
