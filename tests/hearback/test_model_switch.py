"""Another model takes over from the one in use while it goes on answering; one that does not load changes nothing."""

import asyncio
import sys
import time
from pathlib import Path

import aiohttp
import pytest

from hearback import succession
from hearback.models import Models
from hearback.settings import Settings
from hearback.supervisor import Child, Supervisor

SLEEPER = [sys.executable, "-c", "import time; time.sleep(60)"]
# Answers as Rasa's connector does: 503 while it loads, 200 when it is ready, its model's name for a turn.
RASA = """
import sys, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
began, model, port = time.time(), sys.argv[1], int(sys.argv[2])
class Door(BaseHTTPRequestHandler):
    def do_GET(self):
        ready = time.time() - began > 1 and "broken" not in model
        self.send_response(200 if ready else 503)
        self.end_headers()
        self.wfile.write(model.encode())
    def log_message(self, *_): pass
ThreadingHTTPServer(("127.0.0.1", port), Door).serve_forever()
"""


async def until(condition: object, seconds: float = 15) -> None:
    for _ in range(int(seconds * 20)):
        if condition():  # type: ignore[operator]
            return
        await asyncio.sleep(0.05)
    raise AssertionError("it did not come about")


class Small(Supervisor):
    """With small servers in place of Rasa."""

    def rasa_command(self, model: Path, port: int) -> list[str]:
        return [sys.executable, "-c", RASA, model.name, str(port)]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    port = succession.free_port(0)
    named = {"HEARBACK_HOME": str(tmp_path), "HEARBACK_MODELS": str(tmp_path / "models"), "HEARBACK_REVIEWED": str(tmp_path / "reviewed")}
    return Settings.from_environ({**named, "HEARBACK_RASA_PORT": str(port)})


def promote(models: Models, name: str) -> None:
    models.folder.mkdir(exist_ok=True)
    (models.folder / name).write_bytes(b"a model")
    models.promote({"model": name, "fingerprint": name, "reviewed": {}}, why="trained")


async def test_no_call_fails_while_another_model_takes_over(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(succession, "LAST_TURNS", 0.5)
    models = Models.of(settings)
    promote(models, "a.tar.gz")
    supervisor = Small(settings, models.folder / "a.tar.gz")
    first_command = supervisor.rasa_command(models.folder / "a.tar.gz", settings.rasa_port)
    rasa, other = (
        Child("rasa", first_command, tmp_path / "logs" / "rasa.log"),
        Child("channels", SLEEPER, tmp_path / "logs" / "channels.log"),
    )
    supervisor.children = [rasa, other]
    running = asyncio.create_task(supervisor.keep_running())
    await until(lambda: rasa.process and other.process)
    first, others_first, where = rasa.process, other.process, succession.Address(settings)
    assert first and await succession.becomes_ready(settings.rasa_port, "", first)
    answered: list[tuple[str, int, float]] = []

    async def call() -> None:
        async with aiohttp.ClientSession() as session:
            while True:
                began = time.monotonic()
                async with session.get(f"{where()}/webhooks/hearback/ready") as answer:
                    answered.append((await answer.text(), answer.status, time.monotonic() - began))
                await asyncio.sleep(0.02)

    calling = asyncio.create_task(call())
    promote(models, "b.tar.gz")
    await until(lambda: rasa.process is not first)
    await asyncio.sleep(0.3)
    assert not calling.done(), calling
    calling.cancel()
    assert {status for _, status, _ in answered} == {200} and max(took for *_, took in answered) < 1
    assert answered[0][0] == "a.tar.gz" and answered[-1][0] == "b.tar.gz"
    assert first.returncode is not None and rasa.deaths == 0
    assert other.process is others_first and others_first and others_first.returncode is None
    second = rasa.process
    assert second
    second.kill()  # whoever took over is started again in the same place
    await until(lambda: rasa.process is not second)
    assert rasa.process and await succession.becomes_ready(int(where().rpartition(":")[2]), "", rasa.process)
    await supervisor.stop()
    await running


async def test_a_model_that_does_not_load_changes_nothing(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(succession, "READY_WITHIN", 2.0)
    models = Models.of(settings)
    promote(models, "a.tar.gz")
    supervisor = Small(settings, models.folder / "a.tar.gz")
    rasa = Child("rasa", supervisor.rasa_command(models.folder / "a.tar.gz", settings.rasa_port), tmp_path / "logs" / "rasa.log")
    supervisor.children = [rasa]
    running = asyncio.create_task(supervisor.keep_running())
    await until(lambda: rasa.process)
    first, where = rasa.process, succession.Address(settings)
    promote(models, "broken.tar.gz")
    await until(lambda: supervisor.heirs)
    await until(lambda: all(one.returncode is not None for one in supervisor.heirs))
    assert rasa.process is first and first and first.returncode is None and where().endswith(f":{settings.rasa_port}")
    await supervisor.stop()
    await running
    assert first.returncode is not None


def test_a_file_that_says_nothing_leads_to_the_usual_port(settings: Settings) -> None:
    where, usual = succession.Address(settings), f"http://127.0.0.1:{settings.rasa_port}"
    assert where() == usual
    succession.point(settings.home, 4444)
    assert where() == "http://127.0.0.1:4444"
    for words in ("", "[]", '{"port": "x"}', '{"port": 0}'):
        (settings.home / succession.FILE).write_text(words)
        assert where() == usual
