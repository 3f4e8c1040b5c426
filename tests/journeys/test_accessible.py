"""axe-core finds nothing in any state of the chat: WCAG 2.2 A and AA and its own good practice, on light and dark screens, wide and narrow."""

from __future__ import annotations

import pytest
from axe import found_by_axe
from browsing import DESKTOP, PHONE, Open, allow_scripts
from plain_states import PAGES
from plain_states import STATES as PLAIN
from playwright.async_api import Page
from stack import Stack

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
async def test_axe_finds_nothing_on_the_pages_without_javascript(open_window: Open, stack: Stack, name: str) -> None:
    async with open_window(scripts=False) as page:
        if name in PLAIN:
            await PLAIN[name](page, stack)
        else:
            await page.goto(name)
        await allow_scripts(page, True)
        assert await looked_over(page) == {}
