"""Everything that the chat's pages look like without JavaScript, and how a citizen gets there."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from camera import photo
from chat_window import take_over
from clients import new_phone
from playwright.async_api import Page, expect
from stack import Stack
from test_web_report import POTHOLE

Reach = Callable[[Page, Stack], Awaitable[None]]
PAGES = ("/", "/chat", "/accessibility", "/privacy-notice", "/about-assistant")
STATES: dict[str, Reach] = {}


def state(reach: Reach) -> Reach:
    STATES[reach.__name__] = reach
    return reach


async def press(page: Page, name: str) -> None:
    await page.get_by_role("button", name=name, exact=True).click()


async def follow(page: Page, name: str) -> None:
    await page.get_by_role("link", name=name, exact=True).click()


async def write(page: Page, words: str) -> None:
    await page.get_by_label("Your message").fill(words)
    await press(page, "Send")


@state
async def choices(page: Page, stack: Stack) -> None:
    await page.goto("/chat")
    await write(page, POTHOLE)
    await expect(page.locator("#messages > li").last).to_contain_text("How big is it?")


@state
async def mistake(page: Page, stack: Stack) -> None:
    await page.goto("/chat")
    await press(page, "Send")
    await expect(page.get_by_role("alert")).to_contain_text("The message is empty")


@state
async def picture(page: Page, stack: Stack) -> None:
    await choices(page, stack)
    await page.get_by_label("Add a photo").set_input_files({"name": "hole.jpg", "mimeType": "image/jpeg", "buffer": photo()})
    await press(page, "Send")
    await expect(page.get_by_role("img")).to_be_visible()


@state
async def waiting(page: Page, stack: Stack) -> None:
    await choices(page, stack)
    await press(page, "Talk to a person")
    await expect(page.locator("main")).to_contain_text("Waiting for a person")


@state
async def with_staff(page: Page, stack: Stack) -> None:
    await choices(page, stack)
    take_over(stack, await conversation_of(page, stack), "Hello, this is Sam. I will look at it myself.")
    await page.goto("/chat")
    await expect(page.locator("main")).to_contain_text("I will look at it myself.")


async def conversation_of(page: Page, stack: Stack) -> str:
    """By the citizen's token, which no script can read."""
    (token,) = [cookie["value"] for cookie in await page.context.cookies() if cookie["name"] == "hearback_chat"]
    headers = {"Authorization": f"Bearer {token}", "User-Agent": await page.evaluate("navigator.userAgent")}
    async with stack.http.get(f"{stack.url}/api/chat/session", headers=headers) as answer:
        return str((await answer.json())["conversation"])


@state
async def ending(page: Page, stack: Stack) -> None:
    await choices(page, stack)
    await follow(page, "End chat")


@state
async def ended(page: Page, stack: Stack) -> None:
    await ending(page, stack)
    await press(page, "End chat")
    await expect(page.get_by_role("radio")).to_have_count(5)


@state
async def rating_mistake(page: Page, stack: Stack) -> None:
    await ended(page, stack)
    await press(page, "Send feedback")
    await expect(page.get_by_role("alert")).to_contain_text("Select how satisfied")


@state
async def rated(page: Page, stack: Stack) -> None:
    await ended(page, stack)
    await page.get_by_role("radio").first.check()
    await press(page, "Send feedback")
    await expect(page.locator("main")).to_contain_text("Thank you")


@state
async def number_mistake(page: Page, stack: Stack) -> None:
    await choices(page, stack)
    await follow(page, "Continue by text message")
    await press(page, "Text me a code")
    await expect(page.get_by_role("alert")).to_contain_text("Enter a UK mobile number")


@state
async def code(page: Page, stack: Stack) -> None:
    await choices(page, stack)
    await follow(page, "Continue by text message")
    await page.get_by_label("UK mobile number").fill(new_phone(stack).number)
    await press(page, "Text me a code")
    await expect(page.get_by_label("Code")).to_be_visible()


@state
async def deleting(page: Page, stack: Stack) -> None:
    await choices(page, stack)
    await follow(page, "Delete my conversation")


@state
async def deleted(page: Page, stack: Stack) -> None:
    await deleting(page, stack)
    await press(page, "Delete it")


@state
async def printing(page: Page, stack: Stack) -> None:
    await choices(page, stack)
    await follow(page, "Print this chat")


@state
async def welsh(page: Page, stack: Stack) -> None:
    await page.goto("/chat?language=cy")
    await press(page, "Rhoi gwybod am broblem")
    await page.get_by_label("Eich neges").fill("")
    await press(page, "Anfon")
    await expect(page.get_by_role("alert")).to_be_visible()
