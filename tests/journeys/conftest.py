"""One running Hearback for all journeys, and fresh citizens for each."""

from __future__ import annotations

import functools
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from browsing import ARGUMENTS, CHROMIUM, Visit, visited
from chat_window import OpenWindow, window
from clients import ConsoleApi, Phone, Sandbox, WebChat, new_phone
from playwright.async_api import Browser, async_playwright
from stack import Stack, running_stack

HERE = Path(__file__).parent


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The journeys share an event loop with their stack; what looks through the disk for traces comes after all others."""
    ours = [item for item in items if item.path.is_relative_to(HERE)]
    for item in ours:
        item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)
    last = [item for item in ours if item.path.name == "test_traces.py"]
    items[:] = [item for item in items if item not in last] + last


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def stack() -> AsyncIterator[Stack]:
    async with running_stack() as running:
        yield running


@pytest_asyncio.fixture(loop_scope="session")
async def chat(stack: Stack) -> WebChat:
    Sandbox(stack).grow_old()
    return await WebChat(stack).start()


@pytest.fixture
def phone(stack: Stack) -> Phone:
    Sandbox(stack).grow_old()
    return new_phone(stack)


@pytest.fixture
def console(stack: Stack) -> ConsoleApi:
    return ConsoleApi(stack)


@pytest.fixture
def sandbox(stack: Stack) -> Sandbox:
    return Sandbox(stack)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chromium() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        await browser.close()


@pytest.fixture
def visit(stack: Stack, chromium: Browser) -> Visit:
    """`async with visit("/chat", java_script_enabled=False) as page`: a new browser profile; errors on the page fail the test."""
    Sandbox(stack).grow_old()
    return lambda path, **how: visited(chromium, stack.url, path, **how)


@pytest.fixture
def open_window(stack: Stack, chromium: Browser) -> OpenWindow:
    """`async with open_window("/chat", scripts=False) as page`: see `chat_window.window`."""
    Sandbox(stack).grow_old()
    return functools.partial(window, chromium, stack.url)


@pytest.fixture(scope="session")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the pictures go: HEARBACK_PICTURES, to look at them, else a folder of the tests."""
    folder = Path(os.environ.get("HEARBACK_PICTURES") or tmp_path_factory.mktemp("pictures"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder
