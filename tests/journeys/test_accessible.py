"""axe-core finds nothing wrong in any state of the chat, by WCAG 2.2 A and AA: on light and dark screens, wide and narrow."""

from __future__ import annotations

import pytest
from axe import found_by_axe
from chat_window import DESKTOP, PHONE, Chat, OpenWindow, allow_scripts
from plain_states import PAGES
from plain_states import STATES as PLAIN
from playwright.async_api import Page
from stack import Stack
from widget_states import STATES as WIDGET

LOOKS = (("light", DESKTOP), ("dark", DESKTOP), ("light", PHONE))


async def looked_over(page: Page) -> dict[str, list[str]]:
    """What axe finds in each look of the page."""
    found = {}
    for scheme, size in LOOKS:
        await page.emulate_media(color_scheme=scheme)
        await page.set_viewport_size(size)
        found[f"{scheme}, {size['width']} wide"] = await found_by_axe(page)
    return {look: wrong for look, wrong in found.items() if wrong}


@pytest.mark.parametrize("name", [*PAGES, *PLAIN])
async def test_axe_finds_nothing_on_the_pages_without_javascript(open_window: OpenWindow, stack: Stack, name: str) -> None:
    async with open_window(scripts=False) as page:
        if name in PLAIN:
            await PLAIN[name](page, stack)
        else:
            await page.goto(name)
        await allow_scripts(page, True)
        assert await looked_over(page) == {}


@pytest.mark.parametrize("name", WIDGET)
async def test_axe_finds_nothing_in_the_widget(open_window: OpenWindow, stack: Stack, name: str) -> None:
    async with open_window("/") as page:
        await WIDGET[name](Chat(page), stack)
        assert await looked_over(page) == {}


@pytest.mark.parametrize("name", ["choices", "mistake", "menu", "ended"])
async def test_axe_finds_nothing_on_the_chat_s_own_page(open_window: OpenWindow, stack: Stack, name: str) -> None:
    async with open_window("/chat") as page:
        await WIDGET[name](Chat(page), stack)
        assert await looked_over(page) == {}


async def test_axe_sees_what_is_wrong_inside_the_widget(open_window: OpenWindow, stack: Stack) -> None:
    async with open_window("/") as page:
        await WIDGET["opened"](Chat(page), stack)
        await chat_without_a_name(page)
        assert [wrong.split(":")[0] for wrong in await found_by_axe(page)] == ["button-name"]


async def chat_without_a_name(page: Page) -> None:
    await page.evaluate("document.querySelector('hearback-chat').shadowRoot.querySelector('.send').replaceChildren()")
