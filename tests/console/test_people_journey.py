"""A colleague is added, signs in, sets up a second factor and signs in again with it; the administrator sees all of it in the audit."""

import os
import re
from pathlib import Path
from typing import Any

import pyotp
from axe import found_by_axe
from browsing import ARGUMENTS, CHROMIUM, take_pictures, watch
from playwright.async_api import Page, async_playwright, expect

PASSWORD = "three random words"


class Journey:
    """Looks at each page on the way: a picture at both widths, and axe finds nothing."""

    def __init__(self, console: Any, folder: Path) -> None:
        self.console, self.folder = console, folder

    async def look(self, page: Page, name: str) -> None:
        await page.set_viewport_size({"width": 1200, "height": 900})
        await take_pictures(page, self.folder, name)
        assert await found_by_axe(page) == [], name
        await page.set_viewport_size({"width": 320, "height": 900})
        assert await found_by_axe(page) == [], f"{name}, narrow"
        await page.set_viewport_size({"width": 1200, "height": 900})

    async def sign_in(self, page: Page, username: str, password: str) -> None:
        await page.goto(f"{self.console.url}/sign-in")
        await page.get_by_label("Username").fill(username)
        await page.get_by_label("Password", exact=True).fill(password)
        await page.get_by_role("button", name="Sign in").click()

    def code(self, secret: str) -> str:
        return pyotp.TOTP(secret).at(int(self.console.at.timestamp()))


async def test_from_being_added_to_the_audit(console: Any, tmp_path: Path) -> None:
    console.set(second_factor="all")
    journey = Journey(console, Path(os.environ.get("HEARBACK_SCREENSHOTS", tmp_path)))
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        ada, kim = [await (await browser.new_context()).new_page() for _ in range(2)]
        wrong = [*watch(ada, beside="status of (400|403)"), *watch(kim, beside="status of (400|403)")]

        console.set(second_factor="off")
        await journey.sign_in(ada, "ada", PASSWORD)
        await ada.get_by_role("link", name="People", exact=True).click()
        await ada.get_by_label("Username").fill("kim.lee")
        await ada.get_by_label("Name that citizens read (optional)").fill("Kim")
        await ada.get_by_label("Role").select_option("agent")
        await ada.get_by_role("button", name="Add this person").click()
        handed_out = await ada.locator("#one-time-password").inner_text()
        await journey.look(ada, "person_added")

        console.set(second_factor="all")
        await journey.sign_in(kim, "kim.lee", handed_out)
        await journey.look(kim, "choose_password")
        await kim.get_by_label("New password").fill("four quite random words")
        await kim.get_by_role("button", name="Go on").click()
        await expect(kim.get_by_role("heading", name="Set up your second factor")).to_be_visible()
        await kim.get_by_text("Type it in instead").click()
        secret = re.sub(r"\s", "", await kim.locator("#secret").inner_text())
        await journey.look(kim, "second_factor")
        await kim.get_by_label("Code", exact=True).fill(journey.code(secret))
        await kim.get_by_role("button", name="Go on").click()
        await expect(kim.locator("#recovery-codes li")).to_have_count(10)
        await journey.look(kim, "recovery_codes")
        await kim.get_by_role("button", name="I have kept them").click()
        await expect(kim.get_by_role("heading", name="Inbox")).to_be_visible()
        await kim.get_by_role("button", name="Sign out").click()

        console.move(minutes=1)
        await journey.sign_in(kim, "kim.lee", "four quite random words")
        await journey.look(kim, "enter_code")
        await kim.get_by_label("Code", exact=True).fill("000 000")
        await kim.get_by_role("button", name="Go on").click()
        await expect(kim.get_by_role("alert")).to_contain_text("Enter the code that your app shows now")
        await kim.get_by_label("Code", exact=True).fill(journey.code(secret))
        await kim.get_by_role("button", name="Go on").click()
        await kim.get_by_role("link", name="Your account").click()
        await journey.look(kim, "account")
        await kim.goto(f"{console.url}/people")
        await expect(kim.get_by_role("heading", name="This is not allowed")).to_be_visible()
        await journey.look(kim, "not_allowed")
        await kim.goto(f"{console.url}/api")
        await journey.look(kim, "api")

        console.set(second_factor="off")
        await ada.goto(f"{console.url}/people")
        await journey.look(ada, "people")
        await ada.get_by_role("link", name="kim.lee").click()
        await journey.look(ada, "person")
        await ada.get_by_role("link", name="What they did").click()
        words = [" ".join(text.split()) for text in await ada.locator("tbody tr td:nth-child(3) > div").all_inner_texts()]
        done = [one for one in words if one != "Read inbox"]  # the page that agents come to
        assert done == [
            "Was refused",
            "Signed in",
            "Wrong code",
            "Set up a second factor",
            "Signed in",
            "Changed their password",
            "Signed in",
        ]
        await journey.look(ada, "audit")
        assert wrong == []
        await browser.close()
