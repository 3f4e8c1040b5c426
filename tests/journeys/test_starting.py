"""`hearback run` refuses what cannot work with one sentence that names the setting, and can be stopped at any time."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from pathlib import Path

import pytest
from stack import HEARBACK, PORTS, ROOT, STOP_WITHIN, Stack, hearback, processes, settings_for, until

NOWHERE = "http://127.0.0.1:9"


@pytest.mark.parametrize(
    ("settings", "names"),
    [
        ({"HEARBACK_PORT": "abc"}, "HEARBACK_PORT"),
        ({"HEARBACK_CONSOLE_PORT": "70000"}, "HEARBACK_CONSOLE_PORT"),
        ({"HEARBACK_RASA_PORT": "-1"}, "HEARBACK_RASA_PORT"),
        ({"HEARBACK_PORT": "8081", "HEARBACK_CONSOLE_PORT": "8081"}, "HEARBACK_CONSOLE_PORT"),
        ({"HEARBACK_TIME_SCALE": "fast"}, "HEARBACK_TIME_SCALE"),
        ({"HEARBACK_TIME_SCALE": "nan"}, "HEARBACK_TIME_SCALE"),
        ({"HEARBACK_TIME_SCALE": "60", "HEARBACK_TWILIO_API": "https://api.twilio.com"}, "HEARBACK_TIME_SCALE"),
        ({"HEARBACK_PUBLIC_URL": "ashdown.example"}, "HEARBACK_PUBLIC_URL"),
        ({"TWILIO_AUTH_TOKEN": ""}, "TWILIO_AUTH_TOKEN"),
        ({"TWILIO_FROM": ""}, "TWILIO_FROM"),
        ({"HEARBACK_DATABASE_URL": "mysql://x"}, "HEARBACK_DATABASE_URL"),
        ({"HEARBACK_HOME": "/proc/hearback"}, "HEARBACK_HOME"),
        ({"HEARBACK_HOST": "256.1.1.1"}, "HEARBACK_HOST"),
    ],
    ids=str,
)
async def test_a_bad_setting_ends_the_start_with_a_sentence(tmp_path: Path, settings: dict[str, str], names: str) -> None:
    status, out, err = await hearback(settings_for(tmp_path / "home", NOWHERE, **settings), "run")
    assert status == 2, (out, err)
    (sentence,) = err.splitlines()
    assert names in sentence and sentence.endswith(".") and out == ""


@pytest.mark.parametrize("port", PORTS)
async def test_a_port_that_is_taken_ends_the_start_with_a_sentence(stack: Stack, tmp_path: Path, port: str) -> None:
    taken = stack.environ[port]
    status, _, err = await hearback(settings_for(tmp_path / "home", NOWHERE, **{port: taken}), "run")
    assert status == 2
    (sentence,) = err.splitlines()
    assert port in sentence and taken in sentence


async def test_it_can_be_stopped_while_it_starts(tmp_path: Path) -> None:
    home, output = tmp_path / "home", tmp_path / "run.out"
    environ = {**os.environ, **settings_for(home, NOWHERE)}
    with output.open("wb") as out:
        process = await asyncio.create_subprocess_exec(HEARBACK, "run", cwd=ROOT, env=environ, stdout=out, stderr=out)
    await until(lambda: "Starting" in output.read_text(), 30, "the first child")
    began = time.monotonic()
    process.send_signal(signal.SIGTERM)
    assert await asyncio.wait_for(process.wait(), STOP_WITHIN + 5) == 0
    assert time.monotonic() - began < STOP_WITHIN
    mark = f"HEARBACK_HOME={home}".encode()
    assert [one.command for one in processes() if mark in one.environ.split(b"\0")] == []
