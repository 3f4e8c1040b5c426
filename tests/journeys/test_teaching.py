"""A citizen is misunderstood; one colleague says what was meant, another approves; the assistant learns it, and unlearns it, as it runs."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from clients import ConsoleApi, WebChat
from stack import PASSWORD, Stack, running_stack, until

from hearback.models import Models
from hearback.training import current, train

SAID = "kids have kicked the bus shelter to bits"
MEANT = "report_problem"
TRAINED_WITHIN = 1500  # seconds: a training and two measurings, beside other tests


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def stack() -> AsyncIterator[Stack]:
    """Hearback with models and reviewed examples of its own, which begin as ours."""
    assert current() or train() == 0
    with tempfile.TemporaryDirectory(prefix="hearback-models-", ignore_cleanup_errors=True) as folder:
        ours, models = Models.of(), Path(folder) / "models"
        name = ours.chosen()["model"].removesuffix(".tar.gz")
        models.mkdir()
        for one in ("current.json", f"{name}.tar.gz", f"{name}.json", f"{name}.measured.json"):
            if (ours.folder / one).is_file():
                shutil.copy(ours.folder / one, models / one)
        async with running_stack(HEARBACK_MODELS=str(models), HEARBACK_REVIEWED=str(Path(folder) / "reviewed")) as running:
            yield running


class Colleague:
    """Somebody of the service team, by the console's forms."""

    def __init__(self, stack: Stack, http: aiohttp.ClientSession) -> None:
        self.url, self.http = stack.console_url, http

    async def get(self, path: str) -> str:
        async with self.http.get(self.url + path) as answer:
            assert answer.status == 200, (path, answer.status)
            return await answer.text()

    async def post(self, path: str, page: str, **fields: str) -> str:
        """Send a form with the token of a page; returns where it leads."""
        token = re.search(r'name="csrf" value="([^"]+)"', await self.get(page))
        assert token, page
        async with self.http.post(self.url + path, data={"csrf": token[1], **fields}, allow_redirects=False) as answer:
            assert answer.status == 303, (path, answer.status, await answer.text())
            return answer.headers["Location"]


async def joined(stack: Stack, name: str, role: str) -> Colleague:
    await stack.command("user", "add", name, "--role", role, lines=f"{PASSWORD}\n")
    person = Colleague(stack, aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)))
    await person.post("/sign-in", "/sign-in", username=name, password=PASSWORD, next="/")
    return person


async def understood(stack: Stack, console: ConsoleApi) -> dict[str, Any]:
    """The citizen's message as the console shows it, said in a new chat."""
    chat = await WebChat(stack).start()
    await chat.say(SAID)
    found = await console.conversation(chat.conversation)
    return next(one for one in found["messages"] if one["author"] == "citizen")


@pytest.mark.timeout(2400)
async def test_what_was_misunderstood_is_taught_while_it_runs_and_untaught_with_one_click(stack: Stack, console: ConsoleApi) -> None:
    ada, bob = await joined(stack, "ada", "reviewer"), await joined(stack, "bob", "approver")
    message = await understood(stack, console)
    assert message["intent"] != MEANT
    proposed = await ada.post(
        f"/teach/{message['id']}/save", f"/teach/{message['id']}", verdict="wrong", intent=MEANT, about="", text=SAID
    )  # fmt: skip
    assert "A second person looks at it now" in await ada.get(proposed)
    example = proposed.partition("?")[0]
    await bob.post(f"{example}/decide", example, verdict="approve", reason="")
    teaching = await bob.post("/teach/now", "/teach?show=approved")
    number = teaching.rpartition("/")[2]

    async def ended() -> dict[str, Any] | None:
        told = dict(await console.get(f"teach/teachings/{number}"))
        return None if told["state"] == "running" else told

    told = await until(ended, TRAINED_WITHIN, "the training to end")
    assert told["state"] == "promoted", told
    assert "report_problem" in (Path(stack.environ["HEARBACK_REVIEWED"]) / "report_problem.yml").read_text()
    await until(lambda: told["model"] in stack.output.read_text(), 30, "Rasa to be started with the new model")
    await until(lambda: _means(stack, console, MEANT), 120, "the citizen to be understood")

    models = {one["model"]: one for one in (await console.get("teach/models"))["models"]}
    assert models[told["model"]]["in_use"] and models[told["model"]]["fits"]
    await bob.post("/teach/models/back", "/teach/models", model=told["base"])
    await until(lambda: _means(stack, console, message["intent"]), 120, "the model before to be back")
    assert "What was taught of it was withdrawn" in await ada.get(f"/conversations/{await _conversation(console, message)}")
    await ada.http.close()
    await bob.http.close()


async def _means(stack: Stack, console: ConsoleApi, intent: str) -> bool:
    return bool((await understood(stack, console))["intent"] == intent)


async def _conversation(console: ConsoleApi, message: dict[str, Any]) -> str:
    return str((await console.get(f"teach/{message['id']}"))["examples"][0]["conversation_id"])
