"""Rasa is started anew with the model that was put in use, and nothing else is."""

import asyncio
import sys
from pathlib import Path

import pytest

from hearback.models import Models
from hearback.settings import Settings
from hearback.supervisor import Child, Supervisor

SLEEPER = [sys.executable, "-c", "import time; time.sleep(60)"]


async def until(condition: object, seconds: float = 10) -> None:
    for _ in range(int(seconds * 20)):
        if condition():  # type: ignore[operator]
            return
        await asyncio.sleep(0.05)
    raise AssertionError("it did not come about")


async def test_another_model_ends_rasa_and_starts_it_with_that_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings.from_environ(
        {"HEARBACK_HOME": str(tmp_path), "HEARBACK_MODELS": str(tmp_path / "models"), "HEARBACK_REVIEWED": str(tmp_path / "reviewed")}
    )
    models = Models.of(settings)
    models.folder.mkdir()
    for name in ("a.tar.gz", "b.tar.gz"):
        (models.folder / name).write_bytes(b"a model")
    models.promote({"model": "a.tar.gz", "fingerprint": "1", "reviewed": {}}, why="trained")
    supervisor = Supervisor(settings, models.folder / "a.tar.gz")
    rasa, other = (Child(name, SLEEPER, tmp_path / "logs" / f"{name}.log") for name in ("rasa", "channels"))
    supervisor.children = [rasa, other]
    running = asyncio.create_task(supervisor.keep_running())
    await until(lambda: rasa.process and other.process)
    first, others_first = rasa.process, other.process
    await asyncio.sleep(1.5)
    assert rasa.process is first and rasa.command == SLEEPER  # the model in use is the one it began with
    models.promote({"model": "b.tar.gz", "fingerprint": "2", "reviewed": {}}, why="taught")
    await until(lambda: rasa.process is not first)
    assert first and first.returncode is not None and rasa.deaths == 0
    assert str(models.folder / "b.tar.gz") in rasa.command
    assert other.process is others_first and others_first and others_first.returncode is None
    await supervisor.stop()
    await running
