"""What the widget can do besides talking: photos, places, other languages, a person, text messages, keeping, ending, rating."""

from __future__ import annotations

import io
import json
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio
from aiohttp import web
from browsing import Visit, answered, choose, from_menu, latest, lines, open_chat, send, tab_to
from camera import photo
from clients import Phone, Sandbox, reference_in
from PIL import Image
from playwright.async_api import Page, Route, expect
from stack import Stack, until
from test_web_report import POTHOLE

MILL_LANE = {"latitude": 51.0533, "longitude": 0.1041}
JPEG = {"name": "hole.jpg", "mimeType": "image/jpeg", "buffer": photo()}
# Everything that a screen reader is told of its own accord, in the order in which it is told.
LISTEN = """() => {
  window.told = [];
  const root = document.querySelector("hearback-chat").shadowRoot;
  const spoken = (node) => {
    const live = (node.nodeType === 1 ? node : node.parentElement).closest("[aria-live]:not([aria-live=off]), [role=status], [role=alert]");
    if (live && node.textContent) window.told.push(node.textContent);
  };
  const heard = (changes) => changes.forEach((change) => change.addedNodes.forEach(spoken));
  new MutationObserver(heard).observe(root, {childList: true, subtree: true});
}"""


async def complaint(page: Page, words: str) -> None:
    """The field says what is wrong, and is described by it."""
    await expect(page.locator("hearback-chat .composer .error")).to_contain_text(words)
    await expect(page.get_by_role("textbox", name="Your message")).to_have_accessible_description(re.compile(re.escape(words)))


async def test_each_answer_is_told_once_and_what_was_said_before_never_again(visit: Visit) -> None:
    async with visit("/chat") as page:
        await expect(lines(page)).to_have_count(1)
        await page.evaluate(LISTEN)
        await send(page, POTHOLE)
        await answered(page, "How big is it?")
        told = await page.evaluate("window.told")
        (answer,) = [line for line in told if "How big is it?" in line]
        assert answer.startswith("Ashdown assistant: How big is it? Choose an answer: Smaller than a dinner plate, About the size of")
        assert [line for line in told if "massive" in line] == [], "nobody is read their own words"
        await page.reload()
        await page.locator("hearback-chat").wait_for(state="attached")
        await page.evaluate(LISTEN)
        await expect(lines(page)).to_have_count(3)
        await page.wait_for_timeout(1000)
        assert [line for line in await page.evaluate("window.told") if line.strip()] == []
        log = page.locator("hearback-chat").get_by_role("log", name="Messages")
        assert await log.get_by_role("listitem").count() == 4, "three messages under one day"


async def test_photos_are_checked_seen_and_sent(visit: Visit, sandbox: Sandbox) -> None:
    async with visit("/") as page:
        await open_chat(page)
        file = page.locator("hearback-chat input[type=file]")
        await file.set_input_files({"name": "notes.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4"})
        await complaint(page, "must be a JPEG, PNG or WebP")
        await file.set_input_files({**JPEG, "buffer": b"x" * (10 * 1024 * 1024 + 1)})
        await complaint(page, "must be 10MB or smaller")
        await file.set_input_files([JPEG, {**JPEG, "name": "again.jpg"}])
        waiting = page.locator("hearback-chat .photo")
        await expect(waiting.get_by_role("img", name="Photo 1, not sent yet: hole.jpg")).to_be_visible()
        await expect(page.locator("hearback-chat progress")).to_have_count(0)
        await choose(page, "Remove photo 2")
        await expect(waiting).to_have_count(1)
        await expect(page.get_by_role("button", name="Add a photo")).to_be_focused()
        await send(page, POTHOLE)
        await answered(page, "How big is it?")
        await expect(waiting).to_have_count(0)
        shown = lines(page).nth(1).get_by_role("img", name="Photo 1")
        await expect(shown).to_be_visible()
        await page.reload()
        colours = "(canvas) => [0.25, 0.75].map((x) => [...canvas.getContext('2d').getImageData(canvas.width * x, 40, 1, 1).data])"
        for _ in range(50):
            left, right = await lines(page).nth(1).locator("canvas").evaluate(colours)
            if left[3]:
                break
            await page.wait_for_timeout(100)
        assert left[0] > 200 > 60 > left[2] and right[2] > 200 > 60 > right[0], "red on the left, blue on the right"


async def test_more_than_three_photos_are_refused_and_one_can_be_pasted(visit: Visit) -> None:
    async with visit("/chat") as page:
        field = page.get_by_role("textbox", name="Your message")
        await field.evaluate("""async (field) => {
          const data = new DataTransfer();
          const canvas = new OffscreenCanvas(8, 8);
          canvas.getContext("2d").fillRect(0, 0, 8, 8);
          data.items.add(new File([await canvas.convertToBlob()], "pasted.png", {type: "image/png"}));
          field.dispatchEvent(new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true}));
        }""")
        await expect(page.get_by_role("img", name="Photo 1, not sent yet: pasted.png")).to_be_visible()
        await page.locator("hearback-chat input[type=file]").set_input_files([JPEG] * 3)
        await complaint(page, "up to 3 photos")
        await expect(page.locator("hearback-chat .photo")).to_have_count(3)
        await expect(page.locator("hearback-chat progress")).to_have_count(0)
        await choose(page, "Send")
        await expect(lines(page).nth(1).get_by_role("img")).to_have_count(3)


async def test_a_location_is_sent_only_after_it_was_explained_and_agreed_to(visit: Visit) -> None:
    async with visit("/", geolocation=MILL_LANE, permissions=["geolocation"]) as page:
        await open_chat(page)
        sent: list[dict[str, object]] = []
        page.on("request", lambda request: sent.append(request.post_data_json) if request.url.endswith("/messages") else None)
        await choose(page, "Use my location")
        await expect(page.get_by_role("heading", name="Share where you are")).to_be_focused()
        await expect(page.locator("hearback-chat .sheet")).to_contain_text("We will send where you are now to Ashdown Borough Council")
        await choose(page, "Cancel")
        await expect(page.get_by_role("button", name="Use my location")).to_be_focused()
        assert sent == []
        await choose(page, "Use my location")
        await choose(page, "Share my location")
        await expect(lines(page).nth(1)).to_contain_text("(location shared)")
        assert [message["location"] for message in sent] == [{"lat": 51.0533, "long": 0.1041}]


async def test_a_browser_that_keeps_the_location_is_no_dead_end(visit: Visit) -> None:
    async with visit("/", permissions=[]) as page:
        await open_chat(page)
        await choose(page, "Use my location")
        await choose(page, "Share my location")
        await expect(page.locator("hearback-chat .sheet").get_by_role("alert")).to_contain_text("Write the address or postcode instead.")
        await page.keyboard.press("Escape")
        await send(page, POTHOLE)
        await answered(page, "How big is it?")


@pytest_asyncio.fixture(loop_scope="session")
async def tiles() -> AsyncIterator[str]:
    """A council's tile server; each tile is grey."""
    out = io.BytesIO()
    Image.new("RGB", (256, 256), "#ccd").save(out, "PNG")
    app = web.Application()
    app.add_routes([web.get("/{z}/{x}/{y}.png", lambda _: web.Response(body=out.getvalue(), content_type="image/png"))])
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}/{{z}}/{{x}}/{{y}}.png"
    await runner.cleanup()


async def test_a_place_is_chosen_on_the_map_with_the_keyboard(visit: Visit, stack: Stack, tiles: str) -> None:
    async def with_map(route: Route) -> None:
        told = await (await route.fetch()).json()
        told["map"] = {"tiles": tiles, "attribution": "© The council", "lat": 51.05, "long": 0.1, "zoom": 15}
        await route.fulfill(json=told)

    async with visit("/", bypass_csp=True) as page:
        fetched: list[str] = []
        page.on("request", lambda request: fetched.append(request.url))
        await page.route("**/api/chat/config*", with_map)
        await open_chat(page)
        assert not any("map.js" in url for url in fetched)
        await choose(page, "Choose a place on a map")
        pane = page.get_by_role("application", name="Map of Ashdown Borough Council")
        await expect(pane).to_be_focused()
        await expect(page.locator("hearback-chat .sheet")).to_contain_text("© The council")
        for key in ("ArrowRight", "ArrowUp"):
            await page.keyboard.press(key)
            await page.wait_for_timeout(800)  # it glides
        async with page.expect_request(lambda request: request.url.endswith("/api/chat/messages")) as sent:
            await page.keyboard.press("Enter")
        place = (await sent.value).post_data_json["location"]
        assert place["lat"] > 51.0501 and place["long"] > 0.1001, "moved to the north and the east"
        await expect(lines(page).nth(1)).to_contain_text("(location shared)")
        assert {url.split("/")[2] for url in fetched} == {stack.url.split("/")[2], tiles.split("/")[2]}


async def test_the_chat_speaks_the_language_that_is_chosen(visit: Visit) -> None:
    async with visit("/") as page:
        await open_chat(page)
        await page.get_by_role("textbox", name="Your message").fill("prawie gotowe")
        await choose(page, "Menu")
        await choose(page, "Polski")
        field = page.get_by_role("textbox", name="Twoja wiadomość")
        assert await field.input_value() == "prawie gotowe", "what is written stays"
        assert await page.locator("hearback-chat").get_attribute("lang") == "pl"
        await field.fill("dziura w drodze przy 12 Mill Lane AD1 2BC")
        await field.press("Enter")
        await expect(lines(page)).to_have_count(3)
        await page.goto("/accessibility")
        await page.goto("/")
        await expect(page.get_by_role("textbox", name="Twoja wiadomość")).to_be_visible()


async def test_who_asked_for_a_person_sees_that_they_wait(visit: Visit) -> None:
    async with visit("/") as page:
        await open_chat(page)
        await from_menu(page, "Talk to a person")
        panel = page.get_by_role("dialog", name="Chat with Ashdown Borough Council")
        await expect(panel.locator(".who")).to_have_text("Waiting for a person")
        await expect(panel.locator(".about")).to_contain_text("Someone from our team will read your messages.")


async def test_the_chat_goes_on_by_text_message(visit: Visit, stack: Stack, phone: Phone) -> None:
    async with visit("/") as page:
        await open_chat(page)
        await send(page, POTHOLE)
        await answered(page, "How big is it?")
        await from_menu(page, "Continue by text message")
        await expect(page.get_by_role("heading", name="Continue by text message")).to_be_focused()
        await choose(page, "Text me a code")
        number = page.get_by_role("textbox", name="UK mobile number")
        await expect(number).to_be_focused()
        await expect(number).to_have_attribute("aria-invalid", "true")
        await number.fill(phone.number)
        await number.press("Enter")
        field = page.get_by_role("textbox", name="Code")
        await expect(field).to_be_focused()
        await expect(page.locator("hearback-chat .sheet")).to_contain_text(f"ending in {phone.number[-3:]}")
        await field.fill("000000")
        await field.press("Enter")
        await expect(field).to_have_attribute("aria-invalid", "true")
        await until(lambda: phone.texts, 20, "a text with a code")
        code = re.search(r"\b\d{6}\b", phone.texts[-1].body)
        assert code
        await field.fill(code[0])
        await field.press("Enter")
        await expect(page.locator("hearback-chat .sheet")).to_contain_text("From now on this conversation goes on by text")
    await phone.reads("How big is it?")


async def test_a_chat_is_kept_as_a_file(visit: Visit) -> None:
    async with visit("/chat") as page:
        await send(page, POTHOLE)
        await answered(page, "How big is it?")
        await choose(page, "Menu")
        async with page.expect_download() as saving:
            await choose(page, "Save this chat")
        saved = Path(await (await saving.value).path()).read_text(encoding="utf-8")
        assert POTHOLE in saved and "How big is it?" in saved


async def test_a_chat_is_ended_rated_and_followed_by_a_new_one(visit: Visit) -> None:
    async with visit("/") as page:
        await open_chat(page)
        await send(page, "hello")
        await expect(lines(page)).to_have_count(3)
        await from_menu(page, "End chat")
        await choose(page, "Cancel")
        await from_menu(page, "End chat")
        await page.locator("hearback-chat .sheet").get_by_role("button", name="End chat").click()
        await expect(page.get_by_role("heading", name="This chat has ended")).to_be_focused()
        await expect(page.get_by_role("textbox", name="Your message")).to_have_count(0)
        await choose(page, "Send feedback")
        group = page.get_by_role("group", name="How satisfied were you with this chat?")
        await expect(group).to_have_accessible_description(re.compile("Select how satisfied you were"))
        await expect(page.get_by_role("radio", name="Very satisfied")).to_be_focused()
        await page.keyboard.press("ArrowDown")
        await expect(page.get_by_role("radio", name="Satisfied", exact=True)).to_be_checked()
        await page.get_by_label("How could we do better? (optional)").fill("Quick.")
        await choose(page, "Send feedback")
        await expect(page.get_by_text("Thank you.")).to_be_focused()
        told = json.loads(await page.evaluate("fetch('/api/chat/session').then((answer) => answer.text())"))
        assert (told["state"], told["rated"]) == ("ended", True)
        await choose(page, "Start a new chat")
        await expect(page.get_by_role("textbox", name="Your message")).to_be_focused()
        await send(page, POTHOLE)
        await answered(page, "How big is it?")
        await expect(lines(page)).to_have_count(3)


async def test_escape_goes_one_step_back_each_time(visit: Visit) -> None:
    async with visit("/") as page:
        await tab_to(page, "Chat with us", back=True)
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("textbox", name="Your message")).to_be_focused()
        await tab_to(page, "Menu", back=True)
        await page.keyboard.press("Enter")
        await tab_to(page, "Continue by text message")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("textbox", name="UK mobile number")).to_be_visible()
        await page.keyboard.press("Escape")
        await expect(page.get_by_role("button", name="Menu")).to_be_focused()
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("button", name="Menu")).to_have_attribute("aria-expanded", "true")
        await page.keyboard.press("Escape")
        await expect(page.get_by_role("button", name="Menu")).to_have_attribute("aria-expanded", "false")
        await page.keyboard.press("Escape")
        await expect(page.get_by_role("button", name="Chat with us")).to_be_focused()
        await page.keyboard.press("Shift+Tab")
        assert await page.evaluate("document.activeElement !== document.querySelector('hearback-chat')"), "nobody is held in the chat"


async def test_a_whole_report_on_a_screen_at_four_times_its_size(visit: Visit, sandbox: Sandbox) -> None:
    """1280 by 1024 at 400 %: what is left is 320 by 256."""
    async with visit("/", viewport={"width": 320, "height": 256}) as page:
        await open_chat(page)
        await send(page, POTHOLE)
        for title in ("Larger than a dinner plate", "Skip", "No photo", "No updates", "Send it"):
            await choose(page, title)
            assert await page.evaluate("document.documentElement.scrollWidth") <= 320
        await answered(page, "Your reference is")
        reference = reference_in(await latest(page))
    assert (await sandbox.request(reference))["service_code"] == "POTHOLE"
