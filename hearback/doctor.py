"""`hearback doctor`: looks at everything Hearback needs and says what to do where something is missing."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import aiohttp

from hearback.models import Models
from hearback.settings import Settings

Look = Callable[[aiohttp.ClientSession, Settings], Awaitable[str | None]]


async def _home(session: aiohttp.ClientSession, settings: Settings) -> str | None:
    return None if settings.home.is_dir() else f"{settings.home} does not exist yet: run `make run` once."


async def _model(session: aiohttp.ClientSession, settings: Settings) -> str | None:
    models = Models.of(settings)
    if models.current():
        return None
    if (name := models.chosen().get("model")) and (models.folder / name).is_file():
        return f"{name} is in use, and what it learned from has changed since: run `uv run hearback train`."
    return "There is no model in use: run `uv run hearback train`."


async def _open311(session: aiohttp.ClientSession, settings: Settings) -> str | None:
    return await _answers(session, f"{settings.open311_url}/services.json", "HEARBACK_OPEN311_URL")


async def _doors(session: aiohttp.ClientSession, settings: Settings) -> str | None:
    return await _answers(session, f"http://{settings.host}:{settings.port}/ready", "HEARBACK_PORT")


async def _console(session: aiohttp.ClientSession, settings: Settings) -> str | None:
    return await _answers(session, f"http://{settings.host}:{settings.console_port}/health", "HEARBACK_CONSOLE_PORT")


async def _answers(session: aiohttp.ClientSession, url: str, setting: str) -> str | None:
    try:
        async with session.get(url) as answer:
            return None if answer.status == 200 else f"{url} answers {answer.status}. Look at {setting} and at its log."
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        return f"{url} cannot be reached ({type(error).__name__}). Is it running? The setting is {setting}."


LOOKS: dict[str, Look] = {
    "data folder": _home,
    "model": _model,
    "back office": _open311,
    "doors": _doors,
    "console": _console,
}


async def examine(settings: Settings) -> int:
    """Print a line for each thing looked at; the status is 1 when something needs doing."""
    wrong = 0
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as session:
        for name, look in LOOKS.items():
            problem = await look(session, settings)
            wrong += problem is not None
            print(f"{name:12} {problem or 'fine'}")  # noqa: T201
    return 1 if wrong else 0
