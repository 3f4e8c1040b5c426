"""Takes the pictures of README and of docs/console.

`hearback bench seed --messages 20000 --requests 3000` fills an empty data folder; then `make run` in one terminal,
`make pictures` in another.
"""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from hearback.settings import Settings

HERE = Path(__file__).parent
PARTNER = "Ashdown Highways"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


def say(page: Page, text: str) -> None:
    """Write a message and wait for the answer."""
    lines = page.locator("hearback-chat .message")
    before = lines.count()
    page.get_by_role("textbox", name="Your message").fill(text)
    page.keyboard.press("Enter")
    lines.nth(before + 1).wait_for()
    page.wait_for_timeout(500)  # a reply may have a second line


def chat(page: Page, base: str) -> None:
    """A report in the widget on the council's page."""
    page.goto(base)
    page.get_by_role("button", name="Chat with us").click()
    for text in ("there's a massive pothole outside 12 Mill Lane AD1 2BC", "larger than a dinner plate"):
        say(page, text)
    page.screenshot(path=HERE / "chat.png")
    for text in ("skip", "no photo", "no thanks", "yes send it"):
        say(page, text)


def outcome(page: Page, sandbox: str) -> None:
    """The partner says that it is done, days pass, and the citizen says that it is not."""
    said = page.locator("hearback-chat .message").filter(has_text="Your reference is").last.inner_text()
    reference = re.search(r"ASH-\d+", said)
    assert reference, said
    asking = page.locator("hearback-chat .message").filter(has_text="is done. Is it?")
    page.request.post(
        f"{sandbox}/open311/v2/requests/{reference[0]}/close", data={"status_notes": "Filled.", "agency_responsible": PARTNER}
    )
    page.wait_for_timeout(6000)  # the back office is looked at every two seconds
    page.request.post(f"{sandbox}/sandbox/clock", data={"forward": "4 days"})
    asking.first.wait_for(timeout=20_000)
    say(page, "nah, still there")
    page.screenshot(path=HERE / "outcome.png")


def console(page: Page, base: str, password: str) -> None:
    page.goto(f"{base}/sign-in")
    page.get_by_label("Username").fill("admin")
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in").click()
    page.goto(f"{base}/conversations")
    page.screenshot(path=HERE / "conversations.png")
    page.locator("main a[href*='/conversations/']").first.click()
    page.screenshot(path=HERE / "conversation.png")
    page.goto(f"{base}/requests?show=disagreements")
    page.screenshot(path=HERE / "requests.png")
    page.goto(f"{base}/measures")
    page.screenshot(path=HERE / "measures.png")
    page.goto(f"{base}/measures/partners")
    page.locator("canvas").first.scroll_into_view_if_needed()
    page.wait_for_timeout(1000)  # the charts are drawn
    page.screenshot(path=HERE / "dashboard.png")
    page.goto(f"{base}/conversations?state=worth")
    page.screenshot(path=HERE / "worth.png")


def desk(citizen: Page, page: Page, base: str, console_url: str) -> None:
    """A citizen asks for a person, and one takes over."""
    page.goto(f"{console_url}/inbox")
    citizen.goto(base)
    citizen.get_by_role("button", name="Chat with us").click()
    say(citizen, "can I talk to a person please, it is about my council tax")
    page.get_by_role("button", name="Take over").last.wait_for()
    page.screenshot(path=HERE / "inbox.png")
    page.goto(f"{console_url}/conversations?state=waiting")
    page.locator("main a[href*='/conversations/']").filter(has_text="council tax").first.click()
    page.get_by_role("button", name="Take over").click()
    page.get_by_label("Your reply").fill("Hello, I have your account here. Which month is it about?")
    page.get_by_role("button", name="Send", exact=True).click()
    citizen.locator("hearback-chat .message").filter(has_text="Which month").wait_for()
    page.screenshot(path=HERE / "desk.png")
    citizen.screenshot(path=HERE / "person.png")


def main() -> None:
    settings = Settings.from_environ()
    if not settings.admin_password:
        sys.exit("Set HEARBACK_ADMIN_PASSWORD to the console's password, so that its pictures can be taken too.")
    with sync_playwright() as playwright:
        system = shutil.which("chromium") or shutil.which("chromium-browser")
        browser = playwright.chromium.launch(executable_path=system, args=ARGUMENTS)
        page = browser.new_page(viewport={"width": 1000, "height": 900})
        chat(page, f"http://{settings.host}:{settings.port}")
        outcome(page, settings.sandbox_url)
        console(page, f"http://{settings.host}:{settings.console_port}", settings.admin_password)
        citizen = browser.new_page(viewport={"width": 1000, "height": 900})
        desk(citizen, page, f"http://{settings.host}:{settings.port}", f"http://{settings.host}:{settings.console_port}")
        browser.close()


if __name__ == "__main__":
    main()
