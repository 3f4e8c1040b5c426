"""Trains the assistant when what it learns from has changed. Rasa's own fingerprints decide what of it is trained anew."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from hearback.models import Models, now
from hearback.settings import ROOT


class TrainingFailed(Exception):
    """Rasa made no model; the message is the end of what it wrote."""


def fingerprint() -> str:
    """Changes when anything that the assistant learns from does."""
    return Models.of().fingerprint()


def current() -> Path | None:
    """The model in use, or None when there is none or what it learned from has changed."""
    return Models.of().current()


def newest() -> Path | None:
    """The model that was made last, whatever it learned from."""
    return max(Models.of().folder.glob("*.tar.gz"), default=None, key=lambda path: path.stat().st_mtime)


def make(models: Models, *, reviewed: Mapping[str, str] | None = None, force: bool = False) -> Path:
    """Train a model that nobody uses yet; `reviewed` in place of the reviewed files that lie there. Raises TrainingFailed."""
    models.folder.mkdir(parents=True, exist_ok=True)
    name = time.strftime("hearback-%Y%m%d-%H%M%S")
    with tempfile.TemporaryDirectory(prefix="hearback-") as folder:
        staged = None
        if reviewed is not None:
            staged = Path(folder, "reviewed")
            staged.mkdir()
            for file, text in reviewed.items():
                (staged / file).write_text(text, encoding="utf-8")
        command = [sys.executable, "-m", "rasa", "train", "--fixed-model-name", name, "--out", folder]
        command += ["--data", *models.data(staged), *(["--force"] if force else [])]
        environment = {**os.environ, "RASA_TELEMETRY_ENABLED": "false", "TQDM_DISABLE": "1"}
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
        made = Path(folder, f"{name}.tar.gz")
        if done.returncode != 0 or not made.is_file():
            raise TrainingFailed("\n".join((done.stdout + done.stderr).splitlines()[-25:]))
        shutil.move(made, models.folder / made.name)
    return models.folder / made.name


def train(*, force: bool = False) -> int:
    """Make a current model; returns an exit status."""
    models = Models.of()
    if not force and (model := models.current()):
        print(f"The model {model.name} is current.")  # noqa: T201
        return 0
    print("Training a model. This takes about half a minute.", flush=True)  # noqa: T201
    made, files = models.fingerprint(), models.reviewed_files()
    try:
        model = make(models, force=force)
    except TrainingFailed as failed:
        print(failed, file=sys.stderr)  # noqa: T201
        print("The training failed; the lines above say why. Run `uv run rasa data validate` to look for typing errors.", file=sys.stderr)  # noqa: T201
        return 1
    before = models.chosen().get("model")
    known = models.record(before)["examples"] if before else []
    record = {"model": model.name, "fingerprint": made, "made_at": now(), "from": before, "examples": known, "new": [], "reviewed": files}
    models.promote(record, why="trained")
    print(f"Trained {model.name}.")  # noqa: T201
    return 0
