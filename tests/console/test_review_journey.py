"""A reviewer's morning in a real browser: search, filters, a view of their own, through a list by keys, a note, what is worth a look."""

import os
from pathlib import Path
from typing import Any

from axe import found_by_axe
from browsing import ARGUMENTS, CHROMIUM, take_pictures, visited
from playwright.async_api import Page, async_playwright, expect


async def signed_in(console: Any) -> dict[str, Any]:
    token, _ = await console.log.staff.sign_in(await console.log.staff.by_name("ada"))
    return {"cookies": [{"name": "hearback_console", "value": token, "url": console.url}], "origins": []}


async def kept(page: Page, folder: Path, name: str) -> None:
    """A picture at both widths, and nothing for axe to find at either."""
    await take_pictures(page, folder, name)
    assert await found_by_axe(page) == [], name
    await page.set_viewport_size({"width": 320, "height": 900})
    assert await found_by_axe(page) == [], f"{name}, narrow"
    await page.set_viewport_size({"width": 1200, "height": 900})


async def test_a_reviewer_finds_reads_notes_and_is_done(console: Any, filled: Any, tmp_path: Path) -> None:
    pictures = Path(os.environ.get("HEARBACK_SCREENSHOTS") or tmp_path)
    ranked = [{"name": "report_problem", "confidence": 0.52}, {"name": "inform", "confidence": 0.46}]
    asked = [{"call": "GET v2/services.json", "result": "ok", "ms": 12}]
    for number, words in enumerate(("The lamp in Mill Road flickers", "The lamp by the church is dark", "That lamp again")):
        console.move(minutes=3)
        details = {"intents": ranked, "calls": asked} if number < 2 else {}
        await console.web_chat(words, number=number, intent="report_problem" if number < 2 else "out_of_scope", **details)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        async with visited(browser, console.url, "/conversations", storage_state=await signed_in(console)) as page:
            await page.keyboard.press("/")
            search = page.get_by_role("searchbox")
            await expect(search).to_be_focused()
            await search.fill("lam")
            await page.get_by_text("More filters").click()
            await page.get_by_label("Language").select_option("English")
            await page.get_by_role("button", name="Search").click()
            await expect(page).to_have_url(f"{console.url}/conversations?text=lam&language=en")
            await expect(page.locator(".console-card")).to_have_count(3)
            await kept(page, pictures, "review-filtered")
            await page.get_by_text("Save this view").click()
            await page.get_by_label("Name").fill("Lamps")
            await page.get_by_label("Share it with all colleagues").check()
            await page.get_by_role("button", name="Save", exact=True).click()
            await expect(page.get_by_role("link", name="Lamps")).to_have_attribute("aria-current", "true")
            await page.keyboard.press("j")
            await page.keyboard.press("j")
            await page.keyboard.press("Enter")
            await expect(page.get_by_text("The lamp by the church is dark").first).to_be_visible()
            await page.get_by_text("What the assistant made of it").first.click()
            await expect(page.get_by_text("answered, 12 ms")).to_be_visible()
            await page.keyboard.press("j")
            await expect(page.get_by_text("The lamp in Mill Road flickers").first).to_be_visible()
            await page.keyboard.press("k")
            await expect(page.get_by_text("The lamp by the church is dark").first).to_be_visible()
            await page.keyboard.press("?")
            await expect(page.get_by_text("Next conversation")).to_be_visible()
            await page.keyboard.press("n")
            note = page.get_by_label("Add a note")
            await expect(note).to_be_focused()
            await page.keyboard.type("Just a jar of jam, ask the lamp team")  # its letters are no shortcuts here
            await page.get_by_role("button", name="Add the note").click()
            await expect(page.get_by_text("Just a jar of jam, ask the lamp team")).to_be_visible()
            await expect(page.get_by_role("link", name="Next", exact=True)).to_be_visible()
            await kept(page, pictures, "review-conversation")
            await page.get_by_role("button", name="Copy").click()
            await page.goto("/conversations?state=worth")
            await expect(page.locator(".console-card")).to_have_count(3)
            await kept(page, pictures, "review-worth")
            await page.get_by_role("button", name="Mark as looked at That lamp again").click()
            await expect(page.locator(".console-card")).to_have_count(2)
            await page.get_by_role("button", name="Undo").click()
            await expect(page.locator(".console-card")).to_have_count(3)
            await page.get_by_role("link", name="Rename or delete views").click()
            await kept(page, pictures, "review-views")
            await page.get_by_role("button", name="Delete Lamps").click()
            await expect(page.get_by_text("There is none yet")).to_be_visible()
        await browser.close()
