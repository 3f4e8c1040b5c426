"""Running it: a trace through every process, a new model without a pause, a backup under writes from which everything goes on."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest_asyncio
from clients import ConsoleApi, Sandbox, WebChat
from prometheus_client.parser import text_string_to_metric_families
from stack import HEARBACK, ROOT, Stack, hearback, running_stack, until
from test_traces import no_word_is_logged
from test_web_report import to_the_check

from hearback.models import Models
from hearback.training import current, train

LONGER = 1.5  # seconds more than before that a message may take when the doors turn to the other Rasa
WHILE_LOADING = 5.0  # the same while that one loads its model and takes the processor


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def stack() -> AsyncIterator[Stack]:
    """Hearback with models of its own, and logs in JSON."""
    assert current() or train() == 0
    with tempfile.TemporaryDirectory(prefix="hearback-models-", ignore_cleanup_errors=True) as folder:
        ours, models = Models.of(), Path(folder) / "models"
        models.mkdir()
        name = ours.chosen()["model"].removesuffix(".tar.gz")
        for one in ("current.json", f"{name}.tar.gz", f"{name}.json"):
            if (ours.folder / one).is_file():
                shutil.copy(ours.folder / one, models / one)
        more = {"HEARBACK_MODELS": str(models), "HEARBACK_REVIEWED": str(Path(folder) / "reviewed"), "HEARBACK_LOG_FORMAT": "json"}
        async with running_stack(**more) as running:
            yield running


def lines(stack: Stack, process: str) -> list[dict[str, Any]]:
    """The lines of a log; each is a JSON object, but for what Python itself writes before a log is set up."""
    return [json.loads(line) for line in (stack.home / "logs" / f"{process}.log").read_text().splitlines() if line.startswith("{")]


async def numbers(stack: Stack) -> dict[tuple[str, ...], float]:
    async with stack.http.get(f"{stack.url}/metrics") as answer:
        assert answer.status == 200
        families = text_string_to_metric_families(await answer.text())
        return {(one.name, *one.labels.values()): one.value for family in families for one in family.samples}


async def test_a_message_is_followed_through_every_process(stack: Stack, chat: WebChat, sandbox: Sandbox, console: ConsoleApi) -> None:
    await to_the_check(chat)
    await sandbox.fault({"status": 500})
    await chat.choose("Send it")
    await sandbox.fault(None)
    said = (await console.conversation(chat.conversation))["messages"]
    trace = [one["trace"] for one in said if one["author"] == "citizen"][-1]
    for process in ("channels", "actions"):
        of_it = [line for line in lines(stack, process) if line.get("trace") == trace]
        assert of_it and all({"time", "process", "level", "event"} <= set(line) for line in of_it), process
        assert of_it[0]["process"] == process
    counted = await numbers(stack)
    assert counted["hearback_provider_errors_total", "unavailable", "open311"] >= 1
    assert counted["hearback_queue_depth",] == 0 and counted["hearback_log_up",] == 1
    for stage in ("waiting", "rasa", "actions", "committing", "whole"):
        assert counted["hearback_turn_seconds_count", stage] >= 5
    model = next(labels[1] for labels in counted if labels[0] == "hearback_model_info")
    assert model == Models(Path(stack.environ["HEARBACK_MODELS"]), Path("/nowhere")).chosen()["model"]


async def test_nobody_waits_while_the_model_changes(stack: Stack, chat: WebChat) -> None:
    models = Models(Path(stack.environ["HEARBACK_MODELS"]), Path(stack.environ["HEARBACK_REVIEWED"]))
    record = models.record(models.chosen()["model"])
    shutil.copy(models.folder / record["model"], models.folder / "another.tar.gz")
    took: list[float] = []
    ended: list[float] = []

    async def keep_asking() -> None:
        while True:
            began = time.monotonic()
            assert (await chat.say(f"hello, this is the {len(took)}th time")).messages
            took.append(time.monotonic() - began)
            ended.append(time.time())

    asking = asyncio.create_task(keep_asking())
    await until(lambda: len(took) >= 10, 30, "ten answers")
    models.promote({**record, "model": "another.tar.gz"}, why="trained")

    def taken_over() -> bool:
        assert not asking.done(), asking
        return "The model another.tar.gz is in use now." in stack.output.read_text()

    usual, before = max(took), len(took)
    await until(taken_over, 120, "the other model")
    end = len(took)
    await until(lambda: len(took) >= end + 10, 30, "ten answers of the new one")
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    turned = (stack.home / "rasa.json").stat().st_mtime
    during = [one for one, at in zip(took, ended, strict=True) if turned - 1 < at < turned + 8]
    assert len(during) > 10 and max(during) <= usual + LONGER, (usual, sorted(during)[-5:])
    assert max(took[before:]) <= usual + WHILE_LOADING, (usual, sorted(took[before:])[-5:])
    written: list[Any] = []
    while more := await chat.history(written[-1]["id"] if written else 0):
        written += more
    asked, answers = ([line for line in written if line["author"] == author] for author in ("citizen", "bot"))
    assert len(asked) in {len(took), len(took) + 1} and len({line["text"] for line in asked}) == len(asked) and len(answers) >= len(took)


async def test_everything_goes_on_from_a_backup_made_under_writes(stack: Stack, chat: WebChat) -> None:
    asked = await to_the_check(chat)
    busy, said = await WebChat(stack).start(), list[str]()

    async def keep_writing() -> None:
        while True:
            await busy.say(f"hello number {len(said)}")
            said.append(f"hello number {len(said)}")

    writing = asyncio.create_task(keep_writing())
    await until(lambda: len(said) >= 5, 30, "a few messages")
    before, copy = len(said), stack.home.parent / "backup"
    assert "holds everything" in await stack.command("backup", "--out", str(copy))
    writing.cancel()
    await asyncio.gather(writing, return_exceptions=True)
    no_word_is_logged(stack, stack.said)
    await stack.stop()
    shutil.rmtree(stack.home)
    status, _, err = await hearback(stack.environ, "restore", str(copy))
    assert status == 0, err
    with stack.output.open("wb") as out:
        stack.process = await asyncio.create_subprocess_exec(
            HEARBACK, "run", cwd=ROOT, env={**os.environ, **stack.environ}, stdout=out, stderr=asyncio.subprocess.STDOUT
        )
    await until(stack.is_ready, 150, "Hearback to be ready again")
    kept = [line["text"] for line in await busy.history() if line["author"] == "citizen"]
    assert kept[:before] == said[:before] and len(kept) == len(set(kept))
    assert "Mill Lane" in asked and "ASH-" in await chat.choose("Send it")
