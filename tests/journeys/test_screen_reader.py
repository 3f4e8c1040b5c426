"""What a screen reader says of the chat: everything has a name, and each message is said once and only once."""

from __future__ import annotations

import re
import uuid

import pytest
from chat_window import Chat, OpenWindow
from listening import accessibility_tree, heard, listen, only
from playwright.async_api import Page, expect
from stack import Stack
from test_web_report import POTHOLE
from widget_states import SAM, STATES, picture_added, with_staff

QUESTION = "Ashdown assistant: How big is it?"
WRITE = (
    """body => fetch("/api/chat/messages", {method: "POST", headers: {"Content-Type": "application/json"}, body: JSON.stringify(body)})"""
)
SIZES = ("Smaller than a dinner plate", "About the size of a dinner plate", "Larger than a dinner plate")


async def said_once(page: Page, words: str) -> str:
    """The one announcement with these words."""
    found = [line for line in await heard(page) if words in line]
    assert len(found) == 1, f"{words!r} is said {len(found)} times: {await heard(page)}"
    return found[0]


async def begun(page: Page) -> Chat:
    """On the council's page, listening; the chat is at its first question."""
    await listen(page)
    await page.goto("/")
    chat = Chat(page)
    await chat.open()
    await chat.say(POTHOLE, "How big is it?")
    return chat


async def test_the_launcher_has_a_name_and_says_that_it_opens_something(open_window: OpenWindow) -> None:
    async with open_window("/") as page:
        launcher = only(await accessibility_tree(page), "button", "Chat with us")
        assert launcher.states["hasPopup"] == "dialog" and launcher.states["focusable"] is True


async def test_what_comes_while_the_chat_is_closed_is_counted_on_the_launcher_and_said_when_it_is_opened(open_window: OpenWindow) -> None:
    async with open_window() as page:
        chat = await begun(page)
        await page.keyboard.press("Escape")
        await page.evaluate(WRITE, {"text": "larger than a dinner plate", "client_id": str(uuid.uuid4())})
        await expect(page.get_by_role("button", name=re.compile("^Chat with us ?, New messages: 1$"))).to_be_visible()
        await said_once(page, "New messages: 1")
        await chat.open()
        await said_once(page, "Where in the road is it?")
        await page.keyboard.press("Escape")
        await expect(page.get_by_role("button", name="Chat with us", exact=True)).to_be_visible()


async def test_the_open_chat_tells_what_it_is(open_window: OpenWindow) -> None:
    async with open_window() as page:
        await begun(page)
        tree = await accessibility_tree(page)
        dialog = only(tree, "dialog", "Chat with Ashdown Borough Council")
        assert dialog.states.get("modal") in (False, None), "the page around stays in reach"
        assert "automated assistant" in dialog.description
        only(tree, "heading", "Chat with Ashdown Borough Council")
        assert "dialog Chat with Ashdown Borough Council" in only(tree, "log", "Messages").within
        for name in ("Menu", "Minimise chat", "Send", "Add a photo", "Use my location"):
            assert only(tree, "button", name).within
        field = only(tree, "textbox", "Your message")
        assert field.states["multiline"] is True and field.states["focused"] is True and field.states["invalid"] == "false"


async def test_each_message_tells_who_wrote_it(open_window: OpenWindow, stack: Stack) -> None:
    async with open_window("/") as page:
        await with_staff(Chat(page), stack)
        tree = await accessibility_tree(page)
        lines: dict[str, str] = {}
        for node in tree:
            if node.role == "StaticText" and "listitem" in " ".join(node.within) and "log Messages" in node.within:
                lines.setdefault(node.name.strip(), " | ".join(node.within))
        order = [name for name in lines if name]
        for author, words in (("You", POTHOLE), ("Ashdown assistant", "How big is it?"), ("Our team", SAM)):
            assert author in order and words in order, order
        assert order.index("You") < order.index(POTHOLE) < order.index("How big is it?") < order.index("Our team") < order.index(SAM)


async def test_choices_are_buttons_in_a_group_with_a_name(open_window: OpenWindow) -> None:
    async with open_window() as page:
        await begun(page)
        tree = await accessibility_tree(page)
        only(tree, "group", "Choose an answer")
        for title in SIZES:
            assert "group Choose an answer" in only(tree, "button", title).within


async def test_every_answer_is_said_once_with_its_choices(open_window: OpenWindow) -> None:
    async with open_window() as page:
        chat = await begun(page)
        said = await said_once(page, "How big is it?")
        assert said.startswith(QUESTION) and all(title in said for title in SIZES)
        await chat.choose("Larger than a dinner plate", "Where in the road is it?")
        assert "In the middle of a lane" in await said_once(page, "Where in the road is it?")
        await said_once(page, "How big is it?")
        assert not [line for line in await heard(page, "live") if POTHOLE in line], "what citizens write themselves is not read back"


async def test_the_greeting_is_said_once(open_window: OpenWindow) -> None:
    async with open_window() as page:
        await begun(page)
        assert "Report a problem" in await said_once(page, "Hello. This is Ashdown Borough Council's automated assistant.")


@pytest.mark.parametrize("path", ["/", "/chat"])
async def test_nothing_is_said_again_after_a_reload(open_window: OpenWindow, path: str) -> None:
    async with open_window() as page:
        await begun(page)
        await page.goto(path)
        await expect(Chat(page).log).to_contain_text("How big is it?")
        assert not [line for line in await heard(page) if "How big is it?" in line or "Hello. This is" in line]


async def test_nothing_is_said_again_when_the_chat_is_closed_and_opened(open_window: OpenWindow) -> None:
    async with open_window() as page:
        chat = await begun(page)
        for _ in range(2):
            await page.keyboard.press("Escape")
            await expect(chat.panel).to_be_hidden()
            await chat.open()
        await said_once(page, "How big is it?")
        await said_once(page, "Hello. This is")


async def test_a_second_tab_says_what_is_new_once_and_nothing_old(open_window: OpenWindow) -> None:
    async with open_window() as page:
        chat = await begun(page)
        other = await page.context.new_page()
        await listen(other)
        await other.goto("/chat")
        await expect(Chat(other).log).to_contain_text("How big is it?")
        await chat.choose("Larger than a dinner plate", "Where in the road is it?")
        await expect(Chat(other).log).to_contain_text("Where in the road is it?")
        for window in (page, other):
            await said_once(window, "Where in the road is it?")
        assert not [line for line in await heard(other) if "How big is it?" in line]


async def test_a_lost_connection_is_said_once_and_nothing_is_said_again_after_it(open_window: OpenWindow) -> None:
    async with open_window() as page:
        chat = await begun(page)
        await page.context.set_offline(True)
        await expect(chat.panel).to_contain_text("You are not connected to the internet")
        await page.context.set_offline(False)
        await expect(chat.panel).to_contain_text("You are connected again")
        await chat.choose("Larger than a dinner plate", "Where in the road is it?")
        for words in ("You are not connected", "You are connected again", "How big is it?", "Where in the road is it?"):
            await said_once(page, words)


async def test_what_could_not_be_sent_is_said_once(open_window: OpenWindow) -> None:
    async with open_window() as page:
        chat = await begun(page)
        await page.route("**/api/chat/messages*", lambda route: route.abort())
        await chat.choose("Larger than a dinner plate")
        await expect(chat.button("Try again")).to_be_visible()
        await said_once(page, "Not sent")
        await page.unroute("**/api/chat/messages*")
        await chat.button("Try again").click()
        await chat.reads("Where in the road is it?")
        await said_once(page, "Not sent")


@pytest.mark.parametrize("by", ["Enter in the field", "the button"])
async def test_a_mistake_is_said_once_and_belongs_to_the_field(open_window: OpenWindow, by: str) -> None:
    async with open_window() as page:
        chat = await begun(page)
        if by == "the button":
            await chat.button("Send").press("Enter")
        else:
            await chat.field.press("Enter")
        await said_once(page, "The message is empty. Write something, then send it.")
        field = only(await accessibility_tree(page), "textbox", "Your message")
        assert field.states["invalid"] == "true" and "The message is empty" in field.description
        await chat.field.fill("larger")
        field = only(await accessibility_tree(page), "textbox", "Your message")
        assert field.states["invalid"] == "false" and "empty" not in field.description


async def test_a_photo_is_told_of_and_can_be_named(open_window: OpenWindow, stack: Stack) -> None:
    async with open_window() as page:
        await listen(page)
        await page.goto("/")
        chat = Chat(page)
        await picture_added(chat, stack)
        await said_once(page, "Photo 1 added.")
        assert only(await accessibility_tree(page), "image", "Photo 1, not sent yet: hole.jpg")
        await chat.button("Remove photo 1").press("Enter")
        await said_once(page, "Photo removed.")


async def test_a_person_who_takes_over_is_told_of_once(open_window: OpenWindow, stack: Stack) -> None:
    async with open_window() as page:
        await listen(page)
        await page.goto("/")
        await with_staff(Chat(page), stack)
        await said_once(page, "You are talking to our team")
        assert (await said_once(page, SAM)).startswith("Our team: ")


async def test_the_end_and_the_rating_are_told_of(open_window: OpenWindow, stack: Stack) -> None:
    async with open_window() as page:
        await listen(page)
        await page.goto("/")
        chat = Chat(page)
        await STATES["ended"](chat, stack)
        await said_once(page, "This chat has ended")
        tree = await accessibility_tree(page)
        for title in ("Very satisfied", "Very dissatisfied"):
            assert any("How satisfied were you with this chat?" in around for around in only(tree, "radio", title).within)
        await chat.button("Send feedback").click()
        await said_once(page, "Select how satisfied you were.")
        await chat.panel.get_by_role("radio").first.check()
        await chat.button("Send feedback").click()
        await expect(chat.panel).to_contain_text("Thank you.")
        await said_once(page, "Thank you.")
