"""Stock Rasa: an environment made from the lock in `stock/`, a project on our language data with Rasa's own defaults, its server."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import yaml

from hearback.bench import client, processes
from hearback.bench.machine import when
from hearback.bench.processes import BenchError, Process, Ran
from hearback.settings import ROOT

HERE = Path(__file__).parent / "stock"
LANGUAGE = ROOT / "data" / "nlu"
RESTART = "restart"  # Rasa has a rule of its own for an intent of this name
EPOCHS = "Rasa's own (100)"
TELL_EVERY = 30.0  # seconds
ENVIRONMENT = {"RASA_TELEMETRY_ENABLED": "false", "TQDM_DISABLE": "1", "SANIC_ACCESS_LOG": "false", "TF_CPP_MIN_LOG_LEVEL": "3"}


def uv() -> str:
    """Where uv is: `uv run` names it to its children, else the path or the one that the Makefile fetched."""
    found = os.environ.get("UV") or shutil.which("uv") or str(ROOT / ".tools" / "bin" / "uv")
    if not Path(found).is_file():
        raise BenchError("uv was not found. Run `make setup` first.")
    return found


class Stock:
    name = "stock"
    title = "stock Rasa 3.6.21"

    def __init__(self, home: Path, epochs: int | None, retrain: bool = False) -> None:
        self.folder, self.epochs, self.retrain = home / "stock", epochs, retrain
        self.environment, self.project = self.folder / "environment", self.folder / "project"
        self.python = str(self.environment / "bin" / "python")
        self.running: Process | None = None
        self.port = 0
        self._log, self._model = self.folder / "logs" / "setup.log", self.folder / "models" / "stock.tar.gz"

    async def prepare(self) -> None:
        """Make the environment and the project where they are missing or no longer what they should be."""
        lock = (HERE / "requirements.txt").read_text()
        made = self.folder / "requirements.txt"
        if not made.is_file() or made.read_text() != lock:
            self.folder.mkdir(parents=True, exist_ok=True)
            shutil.rmtree(self.environment, ignore_errors=True)
            print(f"Installing stock Rasa with TensorFlow in {self.environment}: about 2.7 GB, some minutes.", flush=True)  # noqa: T201
            create = [uv(), "venv", "--no-config", "--quiet", "--python", "3.11", str(self.environment)]
            await self._run(create, seconds=300)
            install = [uv(), "pip", "install", "--no-config", "--no-deps", "--compile-bytecode", "--python", self.python]
            await self._run([*install, "-r", str(HERE / "requirements.txt")], seconds=3600)
            made.write_text(lock)
        self._write_project()

    async def _run(self, command: list[str], seconds: float, folder: Path | None = None, look: Callable[[], None] | None = None) -> Ran:
        return await processes.run(
            command, folder=folder or self.folder, environment=ENVIRONMENT, log=self._log, seconds=seconds, look=look
        )

    def _write_project(self) -> None:
        """`rasa init`'s shape with our intents: each has one utterance, in a rule and in a short story."""
        intents = sorted(path.stem for path in LANGUAGE.glob("*.yml"))
        answered = [name for name in [*intents, "nlu_fallback"] if name != RESTART]
        responses = {f"utter_{name}": [{"text": f"Stock Rasa's answer to {name}."}] for name in answered}
        rules = [_story("rule", name, [name]) for name in answered]
        stories = [_story("story", f"{name} in the middle", ["greet", name, "thanks", "goodbye"]) for name in answered[:-1]]
        written = {
            "config.yml": self._config(),
            "domain.yml": {
                "version": "3.1", "intents": intents, "responses": responses,
                "session_config": {"session_expiration_time": 60, "carry_over_slots_to_new_session": True},
            },
            "data/rules.yml": {"version": "3.1", "rules": rules},
            "data/stories.yml": {"version": "3.1", "stories": stories},
            "credentials.yml": {"rest": None},
            "endpoints.yml": {"tracker_store": {"type": "SQL", "dialect": "sqlite", "db": str(self.folder / "tracker.db")}},
        }  # fmt: skip
        for name, value in written.items():
            path = self.project / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(yaml.safe_dump(value, sort_keys=False))

    def _config(self) -> dict[str, Any]:
        """The default pipeline and policies as this Rasa ships them."""
        shipped = next(self.environment.glob("lib/python*/site-packages/rasa/engine/recipes/config_files/default_config.yml"))
        config: dict[str, Any] = yaml.safe_load(shipped.read_text())
        config["assistant_id"] = "stock"
        for component in [*config["pipeline"], *config["policies"]]:
            if self.epochs is not None and "epochs" in component:
                component["epochs"] = self.epochs
        return config

    def fingerprint(self) -> str:
        """Changes when anything that stock Rasa learns from does."""
        files = [*sorted(LANGUAGE.glob("*.yml")), *sorted(self.project.rglob("*.yml"))]
        return hashlib.sha256(b"".join(path.read_bytes() for path in files if path.name != "endpoints.yml")).hexdigest()

    def trained(self) -> dict[str, Any] | None:
        """What is known of the model that is there, or None when it is missing or learned from something else."""
        try:
            kept: dict[str, Any] = json.loads((self.folder / "model.json").read_text())
        except (FileNotFoundError, ValueError):
            return None
        return kept if kept["fingerprint"] == self.fingerprint() and self._model.is_file() else None

    async def train(self, say: Callable[[str], None]) -> dict[str, Any]:
        """Train from nothing, telling epochs; returns {seconds, processor_seconds, megabytes, epochs, fingerprint, when}."""
        say(f"Training stock Rasa, epochs: {self.epochs or EPOCHS}. With all of its own it takes 60 to 70 min, once for the same data.")
        command = [
            self.python, "-m", "rasa", "train", "--force", "--data", str(LANGUAGE), str(self.project / "data"), "--out",
            str(self.folder / "models"), "--fixed-model-name", "stock",
        ]  # fmt: skip
        ran = await self._run(command, seconds=3 * 3600, folder=self.project, look=Progress(self._log, say).look)
        kept = {**asdict(ran), "epochs": self.epochs or EPOCHS, "fingerprint": self.fingerprint(), "when": when()}
        (self.folder / "model.json").write_text(json.dumps(kept, indent=2))
        return kept

    async def start(self) -> None:
        """Start the server and return when it answers; the model is loaded by then."""
        self.port = processes.free_ports(1)[0]
        command = [
            self.python, "-m", "rasa", "run", "--model", str(self._model), "--interface", "127.0.0.1",
            "--port", str(self.port), "--endpoints", "endpoints.yml", "--credentials", "credentials.yml",
        ]  # fmt: skip
        log = self.folder / "logs" / "server.log"
        self.running = await processes.start(command, folder=self.project, environment=ENVIRONMENT, log=log)
        await processes.until_ready(self.running, f"http://127.0.0.1:{self.port}/", 300)

    async def stop(self) -> None:
        if self.running:
            await self.running.stop()
        self.running = None

    def forget(self) -> None:
        """Begin with an empty store."""
        for path in self.folder.glob("tracker.db*"):
            path.unlink()

    def door(self) -> client.Door:
        return client.RestDoor(f"http://127.0.0.1:{self.port}")

    async def parse(self, texts: Sequence[str]) -> processes.Parsed:
        """The intents understood from texts, and milliseconds of each."""
        return await processes.parse(
            self.python, self._model, texts, folder=self.project, environment=ENVIRONMENT, work=self.folder / "logs"
        )  # fmt: skip

    def size(self) -> float:
        return processes.size_of(self.environment)


class Progress:
    """Tells how far a training is, from the bars that it writes."""

    def __init__(self, log: Path, say: Callable[[str], None]) -> None:
        self._log, self._say = log, say
        self._read = log.stat().st_size if log.exists() else 0  # what older trainings wrote is left out
        self._told, self._next = "", 0.0

    def look(self) -> None:
        """Say the component and its epoch where they have changed, at most twice a minute."""
        if time.monotonic() < self._next or not self._log.exists():
            return
        with self._log.open("rb") as log:
            log.seek(self._read)
            written = log.read().decode(errors="replace")
        self._next = time.monotonic() + TELL_EVERY
        if (told := training_of(written)) != self._told:
            self._say(f"Stock Rasa trains {told}.")
            self._told = told


def training_of(written: str) -> str:
    """What a training's log says last of the component in hand and its epoch; empty before the first."""
    _, started, rest = written.rpartition("Starting to train component '")
    epochs = re.findall(r"Epochs:[^|\r\n]*\|[^|\r\n]*\| (\d+)/(\d+) ", rest)
    of = f", epoch {epochs[-1][0]} of {epochs[-1][1]}" if epochs else ""
    return f"{rest.partition(chr(39))[0]}{of}" if started else ""


def _story(kind: str, name: str, intents: list[str]) -> dict[str, Any]:
    steps = [step for intent in intents for step in ({"intent": intent}, {"action": f"utter_{intent}"})]
    return {kind: re.sub(r"_", " ", name), "steps": steps}
