"""An administrator at work in a real browser: finds a citizen by phone, copies, holds, is refused, lifts, erases, finds nothing."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path
from typing import Any

from axe import found_by_axe
from browsing import ARGUMENTS, CHROMIUM, take_pictures, visited
from databases import environ_of, stored
from playwright.async_api import Page, async_playwright, expect

from engagement.trackers import opened
from hearback.erasing import finish_here
from hearback.settings import Settings

NUMBER, WORDS = "07700 900123", "My food caddy was not emptied"


async def looked_at(page: Page, folder: Path, name: str) -> None:
    """A picture at both widths, and axe at both."""
    await take_pictures(page, folder, name)
    assert await found_by_axe(page) == [], name
    await page.set_viewport_size({"width": 320, "height": 900})
    assert await found_by_axe(page) == [], f"{name}, narrow"
    await page.set_viewport_size({"width": 1200, "height": 900})


async def press(page: Page, name: str) -> None:
    await page.get_by_role("button", name=name).first.click()


async def find(page: Page) -> None:
    await page.get_by_label("Phone number, email address, reference or conversation").fill(NUMBER)
    await press(page, "Find")


async def test_an_administrator_copies_holds_and_erases_a_citizen(console: Any, filled: Any, tmp_path: Path) -> None:
    folder = Path(os.environ.get("HEARBACK_SCREENSHOTS", tmp_path))
    person = await console.log.staff.by_name("ada")
    token, _ = await console.log.staff.sign_in(person)
    cookies = {"cookies": [{"name": "hearback_console", "value": token, "url": console.url}], "origins": []}
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        async with visited(browser, console.url, "/privacy", storage_state=cookies, beside="status of 409") as page:
            await looked_at(page, folder, "privacy")
            await find(page)
            await expect(page.get_by_role("heading", name="What we hold of this citizen")).to_be_visible()
            assert "900123" not in page.url and "900123" not in await page.content()
            await looked_at(page, folder, "privacy-citizen")
            async with page.expect_download() as downloading:
                await press(page, "Download the copy")
            copy = tmp_path / "copy"
            zipfile.ZipFile(await (await downloading.value).path()).extractall(copy)
            await read_copy(browser, copy / "your-data.html", folder)
            await page.get_by_label("Why it must be kept").fill("Claim 2026/114")
            await press(page, "Place a legal hold")
            await expect(page.get_by_text("The hold is in force.")).to_be_visible()
            await looked_at(page, folder, "privacy-held")
            await press(page, "See what would be erased")
            await expect(page.get_by_text("A legal hold keeps it")).to_be_visible()
            await expect(page.get_by_role("button", name="Erase for good")).to_have_count(0)
            await looked_at(page, folder, "privacy-refused")
            await page.goto("/privacy/holds")
            await looked_at(page, folder, "privacy-holds")
            await press(page, "Lift")
            await expect(page.get_by_text("The hold is lifted.")).to_be_visible()
            await page.goto("/privacy")
            await find(page)
            await press(page, "See what would be erased")
            await looked_at(page, folder, "privacy-erase")
            await press(page, "Erase for good")
            await expect(page.get_by_role("link", name="Type “erase” to erase it")).to_be_visible()
            await page.get_by_label("Type “erase” to confirm").fill("erase")
            await press(page, "Erase for good")
            await expect(page.get_by_text("The citizen’s data is erased")).to_be_visible()
            async with opened(Settings.from_environ(environ_of(tmp_path))) as trackers:
                await finish_here(Settings.from_environ(environ_of(tmp_path)), console.log, trackers)
            await find(page)
            await expect(page.get_by_text("We hold nothing under it.")).to_be_visible()
            await page.goto("/privacy/retention")
            console.move(days=1000)
            token, _ = await console.log.staff.sign_in(person)
            await page.context.add_cookies([{"name": "hearback_console", "value": token, "url": console.url}])
            await page.goto("/privacy/retention")
            await press(page, "See what would go today")
            await looked_at(page, folder, "privacy-retention")
            await press(page, "Let them go")
            await expect(page.get_by_text("The rule is confirmed.")).to_be_visible()
        await browser.close()
    assert WORDS.encode() not in stored(tmp_path)
    done = console.rows("select action from audit where action like '%citizen' or action like '%hold' order by id")
    assert [action for (action,) in done] == [
        "looked_for_citizen", "exported_citizen", "placed_hold", "looked_for_citizen", "lifted_hold", "looked_for_citizen",
        "looked_for_citizen", "erased_citizen", "looked_for_citizen",
    ]  # fmt: skip


async def read_copy(browser: Any, file: Path, folder: Path) -> None:
    """The page of the copy as the citizen opens it: from their disk, without a network."""
    async with visited(browser, "", file.as_uri()) as page:
        await page.context.set_offline(True)
        await expect(page.get_by_role("heading", name="What we hold about you")).to_be_visible()
        await expect(page.get_by_text(WORDS)).to_be_visible()
        await expect(page.get_by_text("+447700900123")).to_be_visible()
        await looked_at(page, folder, "privacy-copy")
