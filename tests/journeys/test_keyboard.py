"""The chat with the keyboard alone: everything is reached, the focus is always somewhere, seen and never trapped."""

from __future__ import annotations

import re

import pytest
from camera import photo
from chat_window import DESKTOP, PHONE, Chat, OpenWindow
from clients import Sandbox, reference_in
from keys import Keys
from playwright.async_api import Page, expect
from stack import Stack
from test_web_report import POTHOLE
from widget_states import PICTURE
from widget_states import STATES as WIDGET


async def begun(page: Page) -> tuple[Chat, Keys]:
    """The chat is open and has asked its first question; the focus is in the field."""
    chat, keys = Chat(page), Keys(page)
    await chat.open()
    await chat.say(POTHOLE, "How big is it?")
    return chat, keys


async def test_a_report_from_the_page_s_beginning_to_a_new_chat(open_window: OpenWindow, sandbox: Sandbox) -> None:
    async with open_window("/") as page:
        chat, keys = Chat(page), Keys(page)
        await keys.tab_to("Chat with us")
        await keys.press("Enter")
        await expect(chat.field).to_be_focused()
        await keys.type("hello")
        await keys.press("Enter")
        await chat.reads("What can I help you with?")
        await keys.type(POTHOLE)
        await keys.press("Enter")
        await chat.reads("How big is it?")
        for title, key, question in (
            ("Larger than a dinner plate", "Enter", "Where in the road is it?"),
            ("In the middle of a lane", "Space", "photo"),
        ):
            await keys.tab_to(title, back=True)
            await keys.press(key)
            await chat.reads(question)
            await expect(chat.field).to_be_focused()
        await keys.tab_to("Add a photo")
        async with page.expect_file_chooser() as choosing:
            await page.keyboard.press("Enter")
        await (await choosing.value).set_files({**PICTURE, "buffer": photo()})
        await expect(chat.button("Remove photo 1")).to_be_visible()
        await expect(chat.panel.get_by_role("progressbar")).to_have_count(0)
        assert (await keys.focus()).name == "Add a photo"
        await keys.tab_to("Send", back=True)
        await keys.press("Enter")
        await chat.reads("updates")
        await keys.tab_to("No updates", back=True)
        await keys.press("Enter")
        await chat.reads("Shall I send it?")
        await keys.tab_to("Send it", back=True)
        await keys.press("Space")
        await chat.reads("Your reference is")
        reference = reference_in(await chat.log.inner_text())

        await keys.tab_to("Menu", back=True)
        await keys.press("Enter")
        await keys.tab_to("End chat")
        assert (await keys.press("Enter")).name == "End this chat?"
        await keys.tab_to("End chat")
        await keys.press("Space")
        await expect(chat.panel.get_by_role("radio")).to_have_count(5)
        assert (await keys.focus()).name == "This chat has ended"
        await keys.tab_to("Very satisfied")
        for key, title in (("ArrowDown", "Satisfied"), ("ArrowDown", "Neither satisfied nor dissatisfied"), ("ArrowUp", "Satisfied")):
            assert (await keys.press(key)).name == title
        await keys.tab_to("How could we do better? (optional)")
        await keys.type("ask for the place first")
        await keys.tab_to("Send feedback")
        await keys.press("Enter")
        await expect(chat.panel).to_contain_text("Thank you.")
        assert (await keys.focus()).name.startswith("Thank you.")
        await keys.tab_to("Start a new chat")
        await keys.press("Enter")
        await expect(chat.field).to_be_focused()
        await expect(chat.log.get_by_role("listitem")).to_have_count(1)
        assert (await keys.press("Escape")).name == "Chat with us"
    assert (await sandbox.request(reference))["service_code"] == "POTHOLE"


async def test_new_options_are_reached_in_their_order_right_after_they_appear(open_window: OpenWindow) -> None:
    async with open_window("/") as page:
        chat, keys = await begun(page)
        for titles, question in (
            (("Smaller than a dinner plate", "About the size of a dinner plate", "Larger than a dinner plate"), "Where in the road is it?"),
            (("At the edge", "In the middle of a lane", "In a cycle lane", "At a junction or crossing", "Skip"), "photo"),
        ):
            assert [(await keys.press("Shift+Tab")).name for _ in titles] == list(reversed(titles))
            assert [(await keys.press("Tab")).name for _ in titles[1:]] == list(titles[1:])
            await keys.press("Enter")
            await chat.reads(question)
            await expect(chat.field).to_be_focused()


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["wide", "narrow"])
async def test_the_focus_is_not_trapped(open_window: OpenWindow, size: dict[str, int]) -> None:
    """Tab leaves the chat at its end, Shift and Tab at its beginning."""
    async with open_window("/", viewport=size) as page:
        chat, keys = await begun(page)
        after = await keys.round()
        assert after and all(one.inside for one in after), "from the chat's end Tab goes on to the browser"
        if not await chat.panel.is_visible():
            await chat.open()
        await chat.menu.focus()
        await page.keyboard.press("Shift+Tab")
        before = await keys.focus()
        assert not before.inside and not before.lost, "before the chat comes the page"
        if size == PHONE:
            await expect(chat.panel).to_be_hidden()


async def test_escape_takes_one_step_back_and_at_last_gives_the_focus_to_the_launcher(open_window: OpenWindow) -> None:
    async with open_window("/") as page:
        chat, keys = await begun(page)
        await keys.tab_to("Menu", back=True)
        await keys.press("Enter")
        await keys.tab_to("Delete my conversation")
        await keys.press("Enter")
        assert (await keys.focus()).name == "Delete this conversation?"
        assert (await keys.press("Escape")).name == "Menu"
        await keys.press("Enter")
        await keys.tab_to("Save this chat")
        assert (await keys.press("Escape")).name == "Menu"
        assert (await keys.press("Escape")).name == "Chat with us"
        await expect(chat.panel).to_be_hidden()
        await keys.press("Space")
        await expect(chat.field).to_be_focused()
        await expect(chat.log).to_contain_text("How big is it?")


async def test_the_focus_stays_when_an_option_is_taken_in_another_tab(open_window: OpenWindow) -> None:
    async with open_window("/") as page:
        chat, keys = await begun(page)
        await keys.tab_to("Larger than a dinner plate", back=True)
        other = await page.context.new_page()
        await other.goto("/chat")
        await Chat(other).choose("Smaller than a dinner plate", "Where in the road is it?")
        await page.bring_to_front()
        await chat.reads("Where in the road is it?")
        assert (await keys.focus()).wrong() == []


@pytest.mark.parametrize("item", ["Talk to a person", "Forget this chat on this device", "Delete my conversation", "Polski"])
async def test_the_focus_stays_whatever_is_chosen_in_the_menu(open_window: OpenWindow, item: str) -> None:
    async with open_window("/") as page:
        chat, keys = await begun(page)
        await keys.tab_to("Menu", back=True)
        await keys.press("Enter")
        await keys.tab_to(item)
        await keys.press("Enter")
        if item == "Delete my conversation":
            await keys.tab_to("Delete it")
            await keys.press("Enter")
            await expect(chat.panel).to_contain_text("Your conversation has been deleted.")
        done = {"Talk to a person": "Waiting for a person", "Polski": "Twoja wiadomość"}.get(item, "Report a problem")
        await expect(chat.panel).to_contain_text(done)
        now = await keys.focus()
        assert now.wrong() == [] and now.inside


async def test_the_focus_stays_when_a_message_that_was_not_sent_is_sent_or_dropped(open_window: OpenWindow) -> None:
    async with open_window("/") as page:
        chat, keys = await begun(page)
        await page.route("**/api/chat/messages*", lambda route: route.abort())
        for words, title in (("larger", "Do not send"), ("smaller", "Try again")):
            await keys.type(words)
            await keys.press("Enter")
            await expect(chat.button(title)).to_be_visible()
            if title == "Try again":
                await page.unroute("**/api/chat/messages*")
            await keys.tab_to(title, back=True)
            await keys.press("Enter")
            await expect(chat.button(title)).to_be_hidden()
            assert (await keys.focus()).wrong() == []
            await chat.field.focus()


async def test_a_place_is_chosen_on_the_map_without_dragging(open_window: OpenWindow, stack: Stack) -> None:
    async with open_window("/") as page:
        chat, keys = Chat(page), Keys(page)
        await WIDGET["map"](chat, stack)
        assert (await keys.focus()).role == "application"
        for key in ("ArrowRight", "ArrowDown", "+", "-"):
            await keys.press(key)
            await page.wait_for_timeout(350)  # while it moves, the map takes no key
        await keys.tab_to("Zoom in")
        await keys.press("Enter")
        await keys.tab_to("Use this place")
        async with page.expect_request(re.compile("/api/chat/messages")) as sending:
            await keys.press("Enter")
        sent = (await sending.value).post_data_json
        assert sent["location"]["long"] > -0.2 and sent["location"]["lat"] < 51.1
        assert (await keys.focus()).wrong() == []


async def test_what_the_open_chat_covers_is_uncovered_with_escape(open_window: OpenWindow) -> None:
    async with open_window("/", viewport={"width": 800, "height": 600}) as page:
        chat, keys = await begun(page)
        await chat.menu.focus()
        for _ in range(30):
            await page.keyboard.press("Shift+Tab")
            if (await keys.focus()).seen:
                await keys.press("Escape")
                await expect(chat.panel).to_be_hidden()
                return
        raise AssertionError("on a window of this size the chat covers something")
