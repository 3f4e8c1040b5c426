"""The chat's page without JavaScript in a real Chromium: everything that the widget does, by plain forms and links."""

from __future__ import annotations

import os
import re
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from browsing import ARGUMENTS, CHROMIUM, choose, latest, send
from camera import photo as taken
from clients import Phone, Sandbox
from playwright.async_api import Browser, Page, async_playwright, expect
from stack import Stack
from test_web_report import POTHOLE

WIDTHS = (1200, 320)
UNLABELLED = """() => [...document.querySelectorAll("input:not([type=hidden]), textarea, select, button, a")]
  .filter((one) => !(one.labels?.length || one.textContent.trim() || one.querySelector("img[alt]"))).map((one) => one.outerHTML)"""
SMALL = """() => [...document.querySelectorAll("main input:not([type=hidden]), main textarea, main button, nav a, nav button, footer a")]
  .map((one) => [one.outerHTML.slice(0, 80), one.getBoundingClientRect()]).filter(([, box]) => box.height < 24 || box.width < 24)"""
Open = Callable[..., AbstractAsyncContextManager[Page]]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        running = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield running
        await running.close()


@pytest.fixture
def open_page(stack: Stack, browser: Browser) -> Open:
    """`async with open_page("/chat") as page`: a new browser profile in which no page runs a script."""
    Sandbox(stack).grow_old()

    @asynccontextmanager
    async def opened(path: str, **how: Any) -> AsyncIterator[Page]:
        settings = {"java_script_enabled": False, "viewport": {"width": 1200, "height": 900}, **how}
        context = await browser.new_context(base_url=stack.url, **settings)
        context.set_default_timeout(20_000)
        page = await context.new_page()
        try:
            await page.goto(path)
            yield page
        finally:
            await context.close()

    return opened


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = Path(os.environ.get("HEARBACK_PICTURES") or tmp_path_factory.mktemp("pictures"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


async def begun(page: Page) -> None:
    """A chat with a question that waits for an answer."""
    await send(page, POTHOLE)
    await expect(page.locator("#messages > li").last).to_contain_text("How big is it?")


async def link(page: Page, name: str) -> None:
    await page.get_by_role("link", name=name, exact=True).click()


def state(page: Page) -> Any:
    return page.locator(".hb-state")


async def test_who_says_what_and_when_is_shown(open_page: Open) -> None:
    async with open_page("/chat") as page:
        await begun(page)
        asked, answered = page.locator("#messages > li").nth(1), page.locator("#messages > li").nth(2)
        await expect(asked.locator(".hb-message__meta")).to_contain_text(re.compile(r"You\s+\d{1,2}(:\d\d)?[ap]m\s+Sent"))
        await expect(answered.locator(".hb-message__meta")).to_contain_text(re.compile(r"Ashdown assistant\s+\d{1,2}(:\d\d)?[ap]m"))


async def test_an_answer_that_comes_later_is_there_after_a_link(open_page: Open) -> None:
    """Answers come while another window talks; nothing refreshes the page by itself, and the link works again and again."""
    async with open_page("/chat") as page:
        await begun(page)
        other = await page.context.new_page()
        await other.goto("/chat")
        for title, next_question in (("Larger than a dinner plate", "Where in the road is it?"), ("In the middle of a lane", "photo")):
            await choose(other, title)
            await expect(other.locator("#messages > li").last).to_contain_text(next_question)
            assert next_question not in await latest(page)
            await link(page, "Check for an answer")
            await expect(page.locator("#messages > li").last).to_contain_text(next_question)
        assert "http-equiv" not in await page.content()


async def test_a_photo_is_sent_with_words_and_shown(open_page: Open, tmp_path: Path, pictures: Path) -> None:
    photo = tmp_path / "hole.jpg"
    photo.write_bytes(taken())
    async with open_page("/chat") as page:
        await page.get_by_label("Your message").fill("there is a big pothole outside 12 Mill Lane AD1 2BC")
        await page.get_by_label("Add a photo").set_input_files(photo)
        await page.get_by_role("button", name="Send", exact=True).click()
        shown = page.locator("#messages > li").nth(1).get_by_role("img")
        await expect(shown).to_have_attribute("alt", "Open photo 1")
        address = await shown.get_attribute("src")
        answer = await page.request.get(address or "", headers={"User-Agent": await agent(page)})
        assert answer.status == 200 and answer.headers["content-type"] == "image/jpeg"
        await page.screenshot(path=pictures / "plain-photo.png", full_page=True)


async def agent(page: Page) -> str:
    """What this browser says it is: a chat belongs to it."""
    request = await page.request.get("/chat")
    assert request.ok
    session = await page.context.new_cdp_session(page)
    return str((await session.send("Browser.getVersion"))["userAgent"])


async def test_a_photo_without_words_is_a_message(open_page: Open, tmp_path: Path) -> None:
    photo = tmp_path / "hole.jpg"
    photo.write_bytes(taken())
    async with open_page("/chat") as page:
        await page.get_by_label("Add a photo").set_input_files(photo)
        await page.get_by_role("button", name="Send", exact=True).click()
        await expect(page.locator("#messages > li").nth(1).get_by_role("img")).to_have_count(1)


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [("notes.jpg", b"these are no pixels", "cannot open this photo"), ("huge.jpg", b"\xff\xd8\xff" + bytes(10 * 2**20), "10")],
)
async def test_what_is_no_photo_is_explained_and_the_words_are_kept(
    open_page: Open, tmp_path: Path, name: str, content: bytes, says: str
) -> None:
    file = tmp_path / name
    file.write_bytes(content)
    async with open_page("/chat") as page:
        await page.get_by_label("Your message").fill("look at this")
        await page.get_by_label("Add a photo").set_input_files(file)
        await page.get_by_role("button", name="Send", exact=True).click()
        await expect(page.get_by_role("alert")).to_contain_text(says)
        assert (await page.title()).startswith("Error: ")
        await expect(page.locator("#photo-error")).to_contain_text(says)
        await expect(page.get_by_label("Add a photo")).to_have_attribute("aria-describedby", "photo-hint photo-error")
        assert await page.get_by_label("Your message").input_value() == "look at this"
        assert await page.get_by_role("link", name=re.compile(says)).get_attribute("href") == "#photo"


async def test_a_person_is_asked_for_and_a_draft_goes_with_it(open_page: Open, pictures: Path) -> None:
    async with open_page("/chat") as page:
        await begun(page)
        await page.get_by_label("Your message").fill("my neighbour needs help with this form")
        await choose(page, "Talk to a person")
        await expect(page.locator("#messages")).to_contain_text("my neighbour needs help with this form")
        await expect(state(page)).to_contain_text("Waiting for a person")
        await page.screenshot(path=pictures / "plain-waiting.png", full_page=True)


async def test_a_chat_is_ended_rated_and_a_new_one_begun(open_page: Open, pictures: Path) -> None:
    async with open_page("/chat") as page:
        await begun(page)
        await link(page, "End chat")
        await expect(page.get_by_role("heading", level=1)).to_have_text("End this chat?")
        await link(page, "Cancel")
        await expect(page.get_by_label("Your message")).to_be_visible()
        await link(page, "End chat")
        await choose(page, "End chat")
        await expect(state(page)).to_contain_text("This chat has ended")
        await expect(page.get_by_label("Your message")).to_have_count(0)
        await choose(page, "Send feedback")
        await expect(page.get_by_role("alert")).to_contain_text("Select how satisfied you were.")
        assert (await page.title()).startswith("Error: ")
        await page.get_by_role("radio", name="Satisfied", exact=True).check()
        await page.get_by_label("How could we do better?").fill("ask for the place first")
        await page.screenshot(path=pictures / "plain-rating.png", full_page=True)
        await choose(page, "Send feedback")
        await expect(state(page)).to_contain_text("Thank you.")
        await expect(page.get_by_role("radio")).to_have_count(0)
        await choose(page, "Start a new chat")
        await expect(page.locator("#messages > li")).to_have_count(1)
        await expect(page.get_by_label("Your message")).to_be_visible()


async def test_the_conversation_goes_on_by_text(open_page: Open, phone: Phone, pictures: Path) -> None:
    async with open_page("/chat") as page:
        await begun(page)
        await link(page, "Continue by text message")
        for wrong, says in (("", "Enter a UK mobile number"), ("01632 960001", "mobile")):
            await page.get_by_label("UK mobile number").fill(wrong)
            await choose(page, "Text me a code")
            await expect(page.locator("#phone-error")).to_contain_text(says)
            assert await page.get_by_label("UK mobile number").input_value() == wrong
        assert (await page.title()).startswith("Error: ")
        await page.get_by_label("UK mobile number").fill(phone.number)
        await choose(page, "Text me a code")
        await expect(page.locator("main")).to_contain_text(f"the number ending in {phone.number[-3:]}")
        code = re.search(r"\b\d{6}\b", await phone.reads("code"))
        assert code
        wrong_code = f"{(int(code[0]) + 1) % 1_000_000:06}"
        for wrong in ("", wrong_code):
            await page.get_by_label("Code").fill(wrong)
            await choose(page, "Continue by text")
            await expect(page.locator("#code-error")).to_be_visible()
        await page.screenshot(path=pictures / "plain-code.png", full_page=True)
        await page.get_by_label("Code").fill(code[0])
        await choose(page, "Continue by text")
        await expect(state(page)).to_contain_text("This conversation goes on by text.")
        assert "How big is it?" in await phone.reads("How big is it?")
        await expect(page.get_by_label("Your message")).to_have_count(0)


async def test_a_chat_is_saved_and_printed(open_page: Open, pictures: Path) -> None:
    async with open_page("/chat") as page:
        await begun(page)
        async with page.expect_download() as downloading:
            await link(page, "Save this chat")
        text = (await (await downloading.value).path()).read_text(encoding="utf-8")
        assert "massive pothole" in text and "How big is it?" in text
        await link(page, "Print this chat")
        await expect(page.locator("#messages > li")).to_have_count(3)
        await expect(page.get_by_role("button")).to_have_count(0)
        await page.emulate_media(media="print")
        await expect(page.locator(".hb-footer")).to_be_hidden()
        await page.screenshot(path=pictures / "plain-print.png", full_page=True)


async def test_a_conversation_is_deleted(open_page: Open) -> None:
    async with open_page("/chat") as page:
        await begun(page)
        await link(page, "Delete my conversation")
        await expect(page.locator("main")).to_contain_text("Requests that you have sent us stay with the council")
        await choose(page, "Delete it")
        await expect(page.get_by_role("heading", level=1)).to_have_text("Your conversation has been deleted.")
        await page.goto("/chat")
        await expect(page.locator("#messages > li")).to_have_count(1)


async def test_the_chat_is_forgotten_on_a_shared_computer(open_page: Open) -> None:
    async with open_page("/chat") as page:
        await begun(page)
        await choose(page, "Forget this chat on this device")
        await expect(page.locator("#messages > li")).to_have_count(1)
        assert "massive" not in await page.content()


async def test_a_chat_begins_in_the_chosen_language(open_page: Open, pictures: Path) -> None:
    async with open_page("/chat") as page:
        await choose(page, "Cymraeg")
        await expect(page.locator("html")).to_have_attribute("lang", "cy")
        await expect(page.locator("#messages > li").first).to_contain_text("Helo.")
        await choose(page, "Rhoi gwybod am broblem")
        await expect(page.locator("#messages > li").last).to_contain_text("Beth yw'r broblem?")
        await page.get_by_label("Eich neges").fill("")
        await choose(page, "Anfon")
        assert (await page.title()).startswith("Gwall: ")
        await expect(page.get_by_role("alert")).to_contain_text("Mae problem")
        await page.screenshot(path=pictures / "plain-welsh.png", full_page=True)


async def test_a_browser_that_prefers_polish_is_greeted_in_polish(open_page: Open) -> None:
    async with open_page("/chat", locale="pl-PL") as page:
        await expect(page.locator("html")).to_have_attribute("lang", "pl")
        await expect(page.locator("#messages > li").first).to_contain_text("Dzień dobry.")


async def test_the_language_is_switched_in_the_middle(open_page: Open) -> None:
    async with open_page("/chat") as page:
        await begun(page)
        await choose(page, "Polski")
        await expect(page.locator("html")).to_have_attribute("lang", "pl")
        await expect(page.locator("#messages")).to_contain_text("Dobrze, po polsku.")
        await choose(page, "Larger than a dinner plate")
        await expect(page.locator("#messages > li").last).to_contain_text("In the middle of a lane")
        await expect(page.get_by_label("Twoja wiadomość")).to_be_visible()


async def test_the_council_s_page_leads_to_each_task(open_page: Open, pictures: Path) -> None:
    async with open_page("/") as page:
        await choose(page, "When is my bin day?")
        await expect(page.locator("#messages > li").nth(1)).to_contain_text("When is my bin day?")
        await expect(page.locator("#messages > li").last).to_contain_text("postcode")
        await page.goto("/")
        await choose(page, "Check a report")
        await expect(page.locator("#messages > li").nth(3)).to_contain_text("Check a report")
        await link(page, "End chat")
        await choose(page, "End chat")
        await page.goto("/")
        await choose(page, "Report a problem")
        await expect(page.locator("#messages > li").last).to_contain_text("What is the problem?")


@pytest.mark.parametrize(
    ("word", "heading"),
    [
        ("Accessibility statement", "Accessibility statement for the chat"),
        ("How we use what you write", "How we use what you write in the chat"),
        ("About this assistant", "About this assistant"),
    ],
)
async def test_what_the_council_has_to_tell_stands_a_link_away(open_page: Open, word: str, heading: str) -> None:
    async with open_page("/chat") as page:
        await link(page, word)
        await expect(page.get_by_role("heading", level=1)).to_have_text(heading)
        await expect(page.locator("main")).to_contain_text("Ashdown Borough Council")


PAGES = ("/", "/chat", "/chat/end", "/chat/delete", "/chat/phone", "/chat/print", "/accessibility", "/privacy-notice", "/about-assistant")


@pytest.mark.parametrize("how", [{}, {"color_scheme": "dark"}, {"forced_colors": "active"}], ids=["light", "dark", "forced"])
async def test_every_page_fits_a_narrow_screen_and_names_everything(
    open_page: Open, browser: Browser, stack: Stack, pictures: Path, how: dict[str, Any]
) -> None:
    """320 wide is what 1280 is at 400 % zoom. Scripts are on here only to measure."""
    async with open_page("/chat", **how) as plain:
        await begun(plain)
        cookies = await plain.context.cookies()
        measuring = await browser.new_context(base_url=stack.url, viewport={"width": 1200, "height": 900}, **how)
        await measuring.add_cookies(cookies)
        await measuring.route("**/*.js*", lambda route: route.abort())
        page = await measuring.new_page()
        for path in PAGES:
            await page.goto(path)
            name = "-".join([path.strip("/").replace("/", "-") or "council", *how.values()])
            for width in WIDTHS:
                await page.set_viewport_size({"width": width, "height": 900})
                await page.screenshot(path=pictures / f"page-{name}-{width}.png", full_page=True)
                assert await page.evaluate("document.documentElement.scrollWidth") <= width, f"{path} at {width}"
            assert await page.evaluate(UNLABELLED) == [], path
            assert await page.evaluate(SMALL) == [], path
            assert await page.locator("h1").count() == 1, path
        await measuring.close()


async def test_the_newest_message_has_the_focus_after_sending(open_page: Open) -> None:
    async with open_page("/chat") as page:
        await begun(page)
        await page.keyboard.press("Tab")
        await expect(page.get_by_role("button", name="Smaller than a dinner plate")).to_be_focused()


async def test_a_form_of_another_site_is_refused(stack: Stack) -> None:
    for path in ("/chat", "/chat/leave", "/chat/new", "/chat/end", "/chat/delete", "/chat/rating", "/chat/language", "/chat/phone"):
        headers = {"Origin": "https://elsewhere.example", "Sec-Fetch-Site": "cross-site"}
        async with stack.http.post(f"{stack.url}{path}", data={"text": "hello"}, headers=headers, allow_redirects=False) as answer:
            assert answer.status == 403, path


async def test_a_choice_that_is_not_on_offer_is_explained(stack: Stack) -> None:
    form = {"choice": uuid.uuid4().hex, "client_id": uuid.uuid4().hex}
    async with stack.http.post(f"{stack.url}/chat", data=form, allow_redirects=False) as answer:
        assert answer.status == 422 and "There is a problem" in await answer.text()
