"""The widget on a site of another origin, in a real Chromium: with one script tag, under a strict policy, and nowhere else."""

from __future__ import annotations

import gzip
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager

import pytest
import pytest_asyncio
from browsing import answered, choose, from_menu, latest, lines, open_chat, send, visited
from clients import Sandbox, reference_in
from playwright.async_api import Browser, Page, expect
from site_of_a_council import Site, asked, running_site
from stack import Stack, free_ports
from test_web_report import POTHOLE

KB = 1024
Embed = Callable[..., AbstractAsyncContextManager[Page]]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def site(stack: Stack) -> AsyncIterator[Site]:
    async with running_site(stack.site, stack.url) as running:
        yield running


@pytest.fixture
def embed(stack: Stack, chromium: Browser, site: Site) -> Embed:
    """`async with embed("/") as page`: a page of the council's site in a new browser profile."""
    Sandbox(stack).grow_old()
    return lambda path="/", **how: visited(chromium, site.origin, path, **how)


async def test_the_widget_is_small(stack: Stack) -> None:
    async with stack.http.get(f"{stack.url}/widget.js", auto_decompress=False) as answer:
        packed = await answer.read()
        assert answer.headers["Content-Encoding"] == "gzip" and answer.headers["Cache-Control"] == "public, max-age=300"
        assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin" and answer.headers["Access-Control-Allow-Origin"] == "*"
        tag = answer.headers["ETag"]
    assert len(packed) <= 40 * KB and b"hearback-chat" in gzip.decompress(packed)
    async with stack.http.get(f"{stack.url}/widget.js", headers={"If-None-Match": tag}) as answer:
        assert (answer.status, await answer.read()) == (304, b"")


async def test_a_page_that_nobody_chats_on_costs_one_script(embed: Embed, stack: Stack) -> None:
    async with embed() as page:
        fetched = asked(page)
        await page.reload()
        await expect(page.get_by_role("button", name="Chat with us")).to_be_visible()
        await page.wait_for_timeout(1000)
        assert [url for url in fetched if url.startswith(stack.url)] == [f"{stack.url}/widget.js"]
        assert await page.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]


async def test_several_script_tags_are_one_widget(embed: Embed, site: Site) -> None:
    site.times = 3
    try:
        async with embed() as page:
            await expect(page.locator("hearback-chat")).to_have_count(1)
            await open_chat(page)
    finally:
        site.times = 1


async def test_a_report_on_another_site_goes_on_from_page_to_page(embed: Embed, stack: Stack, site: Site, sandbox: Sandbox) -> None:
    async with embed() as page:
        fetched = asked(page)
        await open_chat(page)
        assert not any(url.endswith("/sessions") for url in fetched), "a conversation begins with its first message"
        await send(page, POTHOLE)
        await answered(page, "How big is it?")
        await page.reload()
        await choose(page, "Larger than a dinner plate")
        await answered(page, "Where in the road is it?")
        await page.goto("/roads")
        await expect(page.get_by_role("textbox", name="Your message")).to_be_visible()
        assert await page.evaluate("document.activeElement === document.body"), "the chat takes no focus that it was not given"
        await choose(page, "Skip")
        await page.get_by_role("button", name="Minimise chat").click()
        await expect(page.get_by_role("button", name="Chat with us")).to_be_focused()
        await page.goto("/bins")
        await open_chat(page)
        for title in ("No photo", "No updates", "Send it"):
            await choose(page, title)
        await answered(page, "Your reference is")
        reference = reference_in(await latest(page))
        await expect(lines(page)).to_have_count(13)
        assert {url.split("/")[2] for url in fetched} == {origin.split("/")[2] for origin in (stack.url, site.origin)}
        assert [cookie for cookie in await page.context.cookies()] == []
    assert (await sandbox.request(reference))["service_code"] == "POTHOLE"


async def test_its_token_opens_nothing_on_another_origin(embed: Embed, stack: Stack, chromium: Browser) -> None:
    async with embed() as page:
        await open_chat(page)
        await send(page, POTHOLE)
        await answered(page, "How big is it?")
        token = await page.evaluate("localStorage.getItem('hearback:token')")
        agent = await page.evaluate("navigator.userAgent")
    assert token
    call = f"{stack.url}/api/chat/messages"
    for origin, status in ((stack.site, 200), (None, 401), ("https://elsewhere.example", 403)):
        headers = {"Authorization": f"Bearer {token}", "User-Agent": agent, **({"Origin": origin} if origin else {})}
        async with stack.http.get(call, headers=headers) as answer:
            assert answer.status == status, origin


async def test_a_site_that_is_not_named_cannot_use_the_chat(stack: Stack, chromium: Browser) -> None:
    elsewhere = f"http://localhost:{free_ports(('site',))['site']}"
    async with running_site(elsewhere, stack.url), visited(chromium, elsewhere, "/", beside="CORS|ERR_FAILED|status of 403") as page:
        await page.get_by_role("button", name="Chat with us").click()
        await expect(page.get_by_role("button", name="Try again")).to_be_visible()
        await expect(page.get_by_role("dialog")).to_contain_text("could not be loaded")
        await page.keyboard.press("Escape")
        await expect(page.get_by_role("button", name="Chat with us")).to_be_focused()


async def test_our_own_pages_keep_no_token_that_scripts_can_read(stack: Stack, chromium: Browser) -> None:
    async with visited(chromium, stack.url, "/") as page:
        await open_chat(page)
        await send(page, POTHOLE)
        await answered(page, "How big is it?")
        (cookie,) = [one for one in await page.context.cookies() if one["name"] == "hearback_chat"]
        assert cookie["httpOnly"] and cookie["sameSite"] == "Lax"
        kept = await page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie])")
        assert cookie["value"] not in kept and "hearback:token" not in json.loads(kept)[0]
        await page.goto("/chat")
        await expect(page.locator("hearback-chat .message")).to_have_count(3)


async def test_an_expired_chat_becomes_a_new_one_and_nothing_is_lost(embed: Embed) -> None:
    async with embed() as page:
        await open_chat(page)
        await send(page, POTHOLE)
        await answered(page, "How big is it?")
        await page.evaluate("localStorage.setItem('hearback:token', 'no-longer-valid')")
        await send(page, "there is graffiti on the library wall in Mill Lane AD1 2BC")
        await expect(page.locator("hearback-chat .sent")).to_have_count(1)
        await expect(page.locator("hearback-chat .sent")).to_contain_text("graffiti on the library wall")
        await expect(lines(page)).to_have_count(3)


async def test_deleting_takes_the_words_and_leaves_the_request(embed: Embed, stack: Stack) -> None:
    async with embed() as page:
        await open_chat(page)
        await send(page, POTHOLE)
        await answered(page, "How big is it?")
        token = await page.evaluate("localStorage.getItem('hearback:token')")
        agent = await page.evaluate("navigator.userAgent")
        await from_menu(page, "Delete my conversation")
        await expect(page.locator("hearback-chat")).to_contain_text("stay with the council")
        await choose(page, "Delete it")
        await expect(page.get_by_text("Your conversation has been deleted.").first).to_be_visible()
        await expect(lines(page)).to_have_count(1)
        await expect(page.get_by_role("textbox", name="Your message")).to_be_focused()
        assert await page.evaluate("localStorage.getItem('hearback:token')") is None
    headers = {"Authorization": f"Bearer {token}", "User-Agent": agent, "Origin": stack.site}
    async with stack.http.get(f"{stack.url}/api/chat/messages", headers=headers) as answer:
        assert answer.status == 401
