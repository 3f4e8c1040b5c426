"""Takes the pictures of README from a running Hearback: `make run` in one terminal, `make pictures` in another."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from hearback.settings import Settings

HERE = Path(__file__).parent
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


def say(page: Page, text: str) -> None:
    """Write a message and wait for the answer."""
    answers = page.locator(".hb-message--received")
    before = answers.count()
    page.fill("#text", text)
    page.keyboard.press("Enter")
    answers.nth(before).wait_for()
    page.wait_for_timeout(300)  # a reply may have a second line


def chat(page: Page, base: str) -> None:
    page.goto(f"{base}/chat")
    for text in ("there's a massive pothole outside 12 Mill Lane AD1 2BC", "larger than a dinner plate", "skip", "no photo", "no thanks"):
        say(page, text)
    page.screenshot(path=HERE / "chat.png", full_page=True)
    say(page, "yes send it")


def console(page: Page, base: str, password: str) -> None:
    page.goto(f"{base}/sign-in")
    page.get_by_label("Username").fill("admin")
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in").click()
    page.goto(f"{base}/conversations")
    page.screenshot(path=HERE / "conversations.png")
    page.locator("main a[href*='/conversations/']").first.click()
    page.screenshot(path=HERE / "conversation.png")


def main() -> None:
    settings = Settings.from_environ()
    if not settings.admin_password:
        sys.exit("Set HEARBACK_ADMIN_PASSWORD to the console's password, so that its pictures can be taken too.")
    with sync_playwright() as playwright:
        system = shutil.which("chromium") or shutil.which("chromium-browser")
        browser = playwright.chromium.launch(executable_path=system, args=ARGUMENTS)
        page = browser.new_page(viewport={"width": 1000, "height": 900})
        chat(page, f"http://{settings.host}:{settings.port}")
        console(page, f"http://{settings.host}:{settings.console_port}", settings.admin_password)
        browser.close()


if __name__ == "__main__":
    main()
