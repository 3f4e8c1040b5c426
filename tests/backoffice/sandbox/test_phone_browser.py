"""The phone page in a real browser, with and without JavaScript."""

from __future__ import annotations

import base64
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from phone_world import CITIZEN, PhoneWorld
from playwright.async_api import Browser, Page, async_playwright, expect

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium on this machine")


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[PhoneWorld]:
    async with PhoneWorld(tmp_path, patience=2) as opened:
        yield opened


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-background-networking"])
        yield opened
        await opened.close()


async def phone_page(browser: Browser, world: PhoneWorld, *, scripts: bool) -> Page:
    page = await (await browser.new_context(java_script_enabled=scripts, viewport={"width": 320, "height": 800})).new_page()
    await page.goto(str(world.phone.make_url("/phone")))
    return page


async def test_texts_go_out_and_replies_arrive_without_leaving_the_page(world: PhoneWorld, browser: Browser) -> None:
    page = await phone_page(browser, world, scripts=True)
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    await page.get_by_label("Your text").fill("<b>Is it bin day?</b>")
    await page.get_by_role("button", name="Send").click()
    log = page.get_by_role("log")
    await expect(log.get_by_text("<b>Is it bin day?</b>")).to_be_visible()
    await expect(log.get_by_text("Taken by the council")).to_be_visible()
    await expect(page.get_by_label("Your text")).to_be_focused()
    await expect(page.get_by_label("Your text")).to_have_value("")
    await world.send(Body="Yes: put out the recycling.")
    await expect(log.get_by_text("Yes: put out the recycling.")).to_be_visible()
    await expect(log.get_by_text("Delivered")).to_be_visible()
    await expect(log.get_by_role("listitem")).to_have_count(2)
    assert said == []
    assert await page.evaluate("document.documentElement.scrollWidth") <= 320


async def test_what_went_wrong_is_said_beside_the_text(world: PhoneWorld, browser: Browser) -> None:
    page = await phone_page(browser, world, scripts=True)
    await page.get_by_label("Your text").fill("  ")
    await page.get_by_role("button", name="Send").click()
    await expect(page.get_by_role("alert")).to_have_text("Enter a text of 1 to 1600 characters.")
    await expect(page.get_by_label("Your text")).to_have_attribute("aria-invalid", "true")


async def test_the_page_asks_nothing_while_it_is_hidden(world: PhoneWorld, browser: Browser) -> None:
    page = await phone_page(browser, world, scripts=True)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    await page.evaluate("Object.defineProperty(document, 'hidden', { get: () => true })")
    await page.wait_for_timeout(2500)
    assert asked == []


async def test_the_phone_works_without_javascript(world: PhoneWorld, browser: Browser) -> None:
    page = await phone_page(browser, world, scripts=False)
    await page.get_by_label("Whose phone").fill("07700 900321")
    await page.get_by_role("button", name="Use this phone").click()
    await page.get_by_label("Your text").fill("hello")
    await page.get_by_role("button", name="Send").click()
    await expect(page.get_by_role("heading", name="Phone 07700 900321")).to_be_visible()
    await expect(page.get_by_text("Taken by the council")).to_be_visible()
    await world.send(To=CITIZEN.replace("123", "321"), Body="Good morning")
    await page.get_by_role("link", name="Look for new texts").click()
    await expect(page.get_by_text("Good morning")).to_be_visible()


async def test_all_targets_are_at_least_24_pixels_high(world: PhoneWorld, browser: Browser) -> None:
    page = await phone_page(browser, world, scripts=False)
    await page.get_by_text("Make something go wrong").click()
    for target in await page.locator("a, button, summary, select, input:not([type=hidden]), textarea").all():
        box = await target.bounding_box()
        assert box is None or (box["height"] >= 24 and box["width"] >= 24)


async def test_a_picture_is_sent_and_shown(world: PhoneWorld, browser: Browser, tmp_path: Path) -> None:
    (tmp_path / "hole.gif").write_bytes(base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"))
    for scripts in (True, False):
        page = await phone_page(browser, world, scripts=scripts)
        await page.get_by_label("Pictures").set_input_files(tmp_path / "hole.gif")
        await page.get_by_role("button", name="Send").click()
        await expect(page.get_by_role("img", name="A picture")).to_have_count(1 if scripts else 2)
        assert world.door.inbound[-1]["NumMedia"] == "1"


async def test_a_fault_is_chosen_on_the_page_without_javascript(world: PhoneWorld, browser: Browser) -> None:
    page = await phone_page(browser, world, scripts=False)
    await page.get_by_text("Make something go wrong").click()
    await page.get_by_label("next texts").select_option("429")
    await page.get_by_label("How many texts").fill("2")
    await page.get_by_role("button", name="Use this", exact=True).click()
    await expect(page.get_by_text("now: Twilio refuses: too many requests")).to_be_visible()
    assert [(await world.send())[0] for _ in range(3)] == [429, 429, 201]
    await page.reload()
    await expect(page.get_by_text("now:")).to_have_count(0)
