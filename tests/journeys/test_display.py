"""The chat as people set their screens: 400 % zoom, wide text, forced colours, no motion, right to left."""

from __future__ import annotations

import pytest
from chat_window import ENLARGED, Chat, OpenWindow
from keys import Keys
from layout import wrong_in_layout
from playwright.async_api import Route, expect
from stack import Stack
from test_web_report import POTHOLE
from widget_states import STATES as WIDGET

ARABIC = "هناك حفرة كبيرة في الطريق"


@pytest.mark.parametrize(("path", "size"), [("/", ENLARGED), ("/", {"width": 600, "height": 360}), ("/chat", ENLARGED)])
async def test_a_report_on_a_very_small_screen_with_the_keyboard(open_window: OpenWindow, path: str, size: dict[str, int]) -> None:
    """As at 400 %: the field can be used, what is asked comes into view, and everything is reached and seen."""
    async with open_window(path, viewport=size) as page:
        chat, keys = Chat(page), Keys(page)
        if path == "/":
            await chat.launcher.focus()
            await keys.press("Enter")
        await expect(chat.field).to_be_visible()
        await chat.field.focus()
        await keys.type(POTHOLE)
        await expect(chat.field).to_be_in_viewport(ratio=0.75)
        await keys.press("Enter")
        await chat.reads("How big is it?")
        await expect(chat.log.get_by_text("How big is it?")).to_be_in_viewport(ratio=0.75)
        await keys.tab_to("Larger than a dinner plate", back=True)
        await keys.press("Enter")
        await chat.reads("Where in the road is it?")
        await expect(chat.log.get_by_text("Where in the road is it?")).to_be_in_viewport(ratio=0.75)
        await chat.menu.focus()
        inside = [one for one in await keys.round() if one.inside]
        assert {"Send", "Skip", "Add a photo"} <= {one.name for one in inside}
        assert [why for one in inside for why in one.wrong()] == []


async def test_nothing_moves_for_people_who_asked_for_no_motion(open_window: OpenWindow, stack: Stack) -> None:
    moving = """() => {
      const chat = document.querySelector("hearback-chat");
      chat.chat.heard("typing", {typing: true});
      return [...document.getAnimations(), ...chat.shadowRoot.getAnimations()].filter((one) => one.playState === "running").length;
    }"""
    async with open_window("/") as page:
        await WIDGET["choices"](Chat(page), stack)
        assert await page.evaluate(moving) > 0
        await page.emulate_media(reduced_motion="reduce")
        assert await page.evaluate(moving) == 0
        assert await page.locator("hearback-chat .typing").last.is_visible(), "that an answer is being made is still seen"


async def test_arabic_in_a_message_runs_from_right_to_left(open_window: OpenWindow) -> None:
    async with open_window("/") as page:
        chat = Chat(page)
        await chat.open()
        await chat.field.fill(ARABIC)
        await expect(chat.field).to_have_css("direction", "rtl")
        await chat.field.press("Enter")
        await expect(chat.log.get_by_text(ARABIC)).to_have_css("direction", "rtl")
        await expect(chat.panel).to_have_css("direction", "ltr")
        await expect(chat.field).to_have_css("direction", "ltr")  # empty, it goes by the interface


async def test_a_language_from_right_to_left_mirrors_the_chat(open_window: OpenWindow) -> None:
    async with open_window() as page:
        await page.route("**/api/chat/config*", right_to_left)
        await page.goto("/")
        chat = Chat(page)
        await chat.open()
        await chat.say(POTHOLE, "How big is it?")
        panel, menu, close = [await one.bounding_box() for one in (chat.panel, chat.menu, chat.button("Minimise chat"))]
        assert panel and menu and close
        assert panel["x"] < 100, "the panel is at the other side"
        assert close["x"] < menu["x"] < panel["x"] + panel["width"] / 2
        sent = await page.locator("hearback-chat .sent .bubble").last.bounding_box()
        asked = await page.locator("hearback-chat .received .bubble").last.bounding_box()
        assert sent and asked and sent["x"] < asked["x"]
        assert await wrong_in_layout(page) == []


async def right_to_left(route: Route) -> None:
    """A council that offers a language from right to left."""
    answer = await route.fetch()
    config = await answer.json()
    config["languages"] = [{**one, "direction": "rtl"} for one in config["languages"]]
    await route.fulfill(response=answer, json=config)


async def test_on_a_page_from_right_to_left_english_stays_readable(open_window: OpenWindow, stack: Stack) -> None:
    async with open_window("/") as page:
        await page.evaluate("document.documentElement.dir = 'rtl'")
        await WIDGET["choices"](Chat(page), stack)
        await expect(Chat(page).panel).to_have_css("direction", "ltr")
        assert await wrong_in_layout(page) == []


async def test_a_chat_is_still_there_after_a_reload_and_on_the_next_page(open_window: OpenWindow, stack: Stack) -> None:
    async with open_window("/") as page:
        chat = Chat(page)
        await WIDGET["choices"](chat, stack)
        await chat.field.fill("half a sent")
        await page.reload()
        await expect(chat.log).to_contain_text("How big is it?")
        assert await chat.field.input_value() == "half a sent"
        await page.goto("/chat")
        await expect(chat.log).to_contain_text("How big is it?")
        await expect(chat.button("Larger than a dinner plate")).to_be_visible()
