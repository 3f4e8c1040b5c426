"""Everything that the widget looks like on the council's page, and how a citizen gets there."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from camera import photo
from chat_window import Chat, take_over
from clients import new_phone
from playwright.async_api import Route, expect
from stack import Stack
from test_web_report import POTHOLE

Reach = Callable[[Chat, Stack], Awaitable[None]]
STATES: dict[str, Reach] = {}
PICTURE = {"name": "hole.jpg", "mimeType": "image/jpeg"}
MAP = {"tiles": "/tiles/{z}/{x}/{y}.png", "attribution": "© Ashdown Borough Council", "lat": 51.1, "long": -0.2, "zoom": 14}
SAM = "Hello, this is Sam. I will look at it myself."


def state(reach: Reach) -> Reach:
    STATES[reach.__name__] = reach
    return reach


@state
async def closed(chat: Chat, stack: Stack) -> None:
    await expect(chat.launcher).to_be_visible()


@state
async def opened(chat: Chat, stack: Stack) -> None:
    await chat.open()
    await expect(chat.button("Report a problem")).to_be_visible()


@state
async def choices(chat: Chat, stack: Stack) -> None:
    await chat.open()
    await chat.say(POTHOLE, "How big is it?")
    await expect(chat.button("Larger than a dinner plate")).to_be_visible()


@state
async def mistake(chat: Chat, stack: Stack) -> None:
    await choices(chat, stack)
    await chat.field.press("Enter")
    await expect(chat.panel.locator(".composer .error")).to_contain_text("The message is empty")


@state
async def long_message(chat: Chat, stack: Stack) -> None:
    await chat.open()
    await chat.field.fill("x" * 2010)
    await chat.field.press("Enter")
    await expect(chat.panel.locator(".composer .error")).to_contain_text("too long")


@state
async def offline(chat: Chat, stack: Stack) -> None:
    await choices(chat, stack)
    await chat.page.context.set_offline(True)
    await chat.choose("Larger than a dinner plate")
    await expect(chat.panel).to_contain_text("You are not connected to the internet")


@state
async def picture_added(chat: Chat, stack: Stack) -> None:
    await choices(chat, stack)
    async with chat.page.expect_file_chooser() as choosing:
        await chat.button("Add a photo").click()
    await (await choosing.value).set_files({**PICTURE, "buffer": photo()})
    await expect(chat.button("Remove photo 1")).to_be_visible()
    await expect(chat.panel.get_by_role("progressbar")).to_have_count(0)


@state
async def picture_sent(chat: Chat, stack: Stack) -> None:
    await picture_added(chat, stack)
    await chat.field.press("Enter")
    await expect(chat.log.get_by_role("img", name="Photo 1")).to_be_visible()


@state
async def location(chat: Chat, stack: Stack) -> None:
    await choices(chat, stack)
    await chat.button("Use my location").click()
    await expect(chat.panel).to_contain_text("Share where you are")


@state
async def map(chat: Chat, stack: Stack) -> None:
    await show_map(chat)
    await chat.page.reload()
    await choices(chat, stack)
    await chat.button("Choose a place on a map").click()
    await expect(chat.button("Use this place")).to_be_visible()
    await expect(chat.page.get_by_role("application").locator("img").first).to_be_visible()


async def show_map(chat: Chat) -> None:
    """A council that has a map, with its tiles on the council's own server."""

    async def with_map(route: Route) -> None:
        answer = await route.fetch()
        await route.fulfill(response=answer, json={**(await answer.json()), "map": MAP})

    async def tile(route: Route) -> None:
        await route.fulfill(body=photo((256, 256), "PNG"), content_type="image/png")

    await chat.page.route("**/api/chat/config*", with_map)
    await chat.page.route("**/tiles/**", tile)


@state
async def menu(chat: Chat, stack: Stack) -> None:
    await choices(chat, stack)
    await chat.menu.click()
    await expect(chat.button("Talk to a person")).to_be_visible()


@state
async def welsh(chat: Chat, stack: Stack) -> None:
    await menu(chat, stack)
    await chat.button("Cymraeg").click()
    await expect(chat.page.get_by_label("Eich neges")).to_be_visible()


@state
async def number_mistake(chat: Chat, stack: Stack) -> None:
    await choices(chat, stack)
    await chat.choose_in_menu("Continue by text message")
    await chat.button("Text me a code").click()
    await expect(chat.panel.locator(".sheet .error")).to_contain_text("Enter a UK mobile number")


@state
async def code(chat: Chat, stack: Stack) -> None:
    await choices(chat, stack)
    await chat.choose_in_menu("Continue by text message")
    await chat.page.get_by_label("UK mobile number").fill(new_phone(stack).number)
    await chat.button("Text me a code").click()
    await expect(chat.page.get_by_label("Code", exact=True)).to_be_visible()


@state
async def waiting(chat: Chat, stack: Stack) -> None:
    await choices(chat, stack)
    await chat.choose_in_menu("Talk to a person")
    await expect(chat.panel).to_contain_text("Someone from our team will read your messages")


@state
async def with_staff(chat: Chat, stack: Stack) -> None:
    await choices(chat, stack)
    take_over(stack, await chat.conversation(), SAM)
    await chat.field.fill("thank you")
    await chat.field.press("Enter")
    await expect(chat.log).to_contain_text(SAM)
    await expect(chat.panel).to_contain_text("You are talking to our team")


@state
async def deleting(chat: Chat, stack: Stack) -> None:
    await choices(chat, stack)
    await chat.choose_in_menu("Delete my conversation")
    await expect(chat.panel).to_contain_text("Delete this conversation?")


@state
async def ending(chat: Chat, stack: Stack) -> None:
    await choices(chat, stack)
    await chat.choose_in_menu("End chat")
    await expect(chat.panel).to_contain_text("End this chat?")


@state
async def ended(chat: Chat, stack: Stack) -> None:
    await ending(chat, stack)
    await chat.button("End chat").click()
    await expect(chat.panel.get_by_role("radio")).to_have_count(5)


@state
async def rating_mistake(chat: Chat, stack: Stack) -> None:
    await ended(chat, stack)
    await chat.button("Send feedback").click()
    await expect(chat.panel.locator(".ending .error")).to_contain_text("Select how satisfied")


@state
async def rated(chat: Chat, stack: Stack) -> None:
    await ended(chat, stack)
    await chat.panel.get_by_role("radio").first.check()
    await chat.button("Send feedback").click()
    await expect(chat.panel).to_contain_text("Thank you")
