"""One running Hearback for all journeys, and fresh citizens for each."""

from __future__ import annotations

import functools
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from browsing import Open, running_chromium, window
from clients import ConsoleApi, Phone, Sandbox, WebChat, new_phone
from playwright.async_api import Browser
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


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with running_chromium() as running:
        yield running


@pytest.fixture
def open_window(stack: Stack, browser: Browser) -> Open:
    """`async with open_window("/chat", scripts=False) as page`: see `browsing.window`."""
    Sandbox(stack).grow_old()
    return functools.partial(window, browser, stack)


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
