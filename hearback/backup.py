"""`hearback backup`: everything that must be kept, in one file, while everything runs.

The log is copied before the assistant's memory: a message that was answered in between is asked again, and gets the same answer.
"""

from __future__ import annotations

import asyncio
import hashlib
import io
import json
import os
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from engagement import copies
from engagement.database import Database, LogUnavailable
from engagement.log import EngagementLog
from hearback.clock import shared_clock
from hearback.keys import load_keys
from hearback.models import Models
from hearback.settings import Settings, SettingsError

FORMAT = 1
LAST = "backup.json"  # in the data folder: when the last backup was made
MANIFEST = "manifest.json"
LOG, DUMP = "hearback.db", "hearback.pgdump"
BESIDE = ("rasa.db", "sandbox/sandbox.db")  # SQLite files of the data folder that are copied as databases are
NOT_KEPT = ("logs", "sandbox")  # folders of the data folder that no citizen's case hangs on


async def backup(settings: Settings, out: Path) -> int:
    """Write the backup to `out`, which appears when it is whole."""
    if not (settings.home / "keys.json").is_file():
        print(f"{settings.home} holds no data of Hearback.", file=sys.stderr)  # noqa: T201
        return 1
    if out.resolve().is_relative_to(settings.home.resolve()):
        print(f"{out} lies in the data folder, which a backup is to survive: give another place.", file=sys.stderr)  # noqa: T201
        return 1
    database = Database(settings.database_url)
    log = EngagementLog(database, shared_clock(settings.home, settings.time_scale), load_keys(settings.home))
    try:
        revision = await log.copies.revision()
        size = await asyncio.to_thread(write, settings, out, revision)
    except (copies.CopyFailed, LogUnavailable, OSError) as error:
        print(f"There is no backup: {error if isinstance(error, copies.CopyFailed) else type(error).__name__}", file=sys.stderr)  # noqa: T201
        return 1
    finally:
        await log.close()
    (settings.home / LAST).write_text(json.dumps({"made_at": datetime.now(UTC).isoformat(timespec="seconds")}))
    print(f"{out} holds everything, {size / 1e6:.1f} MB. It holds the keys too: keep it where nobody else reads it.")  # noqa: T201
    return 0


def last(home: Path) -> datetime | None:
    """When the last backup of this data folder was made."""
    try:
        return datetime.fromisoformat(json.loads((home / LAST).read_text())["made_at"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def write(settings: Settings, out: Path, revision: str) -> int:
    """Returns the size in bytes."""
    out.parent.mkdir(parents=True, exist_ok=True)
    unfinished = out.with_name(f"{out.name}.{os.getpid()}")
    try:
        with (
            tempfile.TemporaryDirectory(prefix=".hearback-backup-", dir=out.parent) as folder,
            open(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file,
        ):
            with tarfile.open(fileobj=file, mode="w:gz", compresslevel=1) as tar:
                files = {name: _add(tar, name, path) for name, path in _files(settings, Path(folder))}
                model = Models.of(settings).chosen().get("model")
                told: dict[str, Any] = {
                    "format": FORMAT, "made_at": datetime.now(UTC).isoformat(timespec="seconds"), "hearback": version("hearback"),
                    "revision": revision, "model": model, "files": {name: hashed for name, hashed in files.items() if hashed},
                }  # fmt: skip
                _add_bytes(tar, MANIFEST, json.dumps(told, indent=2).encode())
            file.flush()
            os.fsync(file.fileno())
        os.replace(unfinished, out)
    finally:
        unfinished.unlink(missing_ok=True)
    return out.stat().st_size


def _files(settings: Settings, folder: Path) -> Iterator[tuple[str, Path]]:
    """(name in the backup, where it lies). The databases' copies are made in `folder`."""
    if copies.is_sqlite(settings.database_url):
        copies.copy_sqlite(copies.sqlite_path(settings.database_url), folder / LOG)
        yield LOG, folder / LOG
    else:
        copies.dump_postgresql(settings.database_url, folder / DUMP)
        yield DUMP, folder / DUMP
    for beside in BESIDE:
        if (settings.home / beside).is_file():
            copy = folder / Path(beside).name
            copies.copy_sqlite(settings.home / beside, copy)
            yield beside, copy
    yield from _plain(settings.home)
    models = Models.of(settings)
    if name := models.chosen().get("model"):
        stem = name.removesuffix(".tar.gz")
        for one in ("current.json", name, f"{stem}.json", f"{stem}.measured.json"):
            if (models.folder / one).is_file():
                yield f"models/{one}", models.folder / one


def _plain(home: Path) -> Iterator[tuple[str, Path]]:
    for path in sorted(home.rglob("*")):
        name = path.relative_to(home)
        database = any(part in path.name for part in (".db", ".db-wal", ".db-shm"))
        if path.is_file() and not path.is_symlink() and not database and name.parts[0] not in NOT_KEPT:
            yield str(name), path


def _add(tar: tarfile.TarFile, name: str, path: Path) -> str:
    """Returns the hash of what was written; empty where the file is gone meanwhile, as an erased photo is."""
    whole = hashlib.sha256()
    try:
        with path.open("rb") as file:
            entry = tar.gettarinfo(arcname=name, fileobj=file)
            entry.mode, entry.uname, entry.gname, entry.uid, entry.gid = 0o600, "", "", 0, 0
            tar.addfile(entry, _Hashed(file, whole))
    except FileNotFoundError:
        return ""
    return whole.hexdigest()


def _add_bytes(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(content), 0o600
    tar.addfile(entry, io.BytesIO(content))


class _Hashed(io.RawIOBase):
    """Hashes what is read through it."""

    def __init__(self, file: Any, whole: Any) -> None:
        self._file, self._whole = file, whole

    def read(self, size: int = -1) -> bytes:
        got: bytes = self._file.read(size)
        self._whole.update(got)
        return got


def checked(folder: Path) -> dict[str, Any]:
    """The manifest of a backup that was unpacked here; raises SettingsError where a file is missing, more or another."""
    try:
        told: dict[str, Any] = json.loads((folder / MANIFEST).read_text())
        expected = dict(told["files"])
    except (OSError, ValueError, KeyError, TypeError):
        raise SettingsError("This is no whole backup: its list of files is missing.") from None
    if told.get("format") != FORMAT:
        raise SettingsError("This backup was made by another version of Hearback: restore it with that one.")
    found = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()} - {MANIFEST}
    wrong = found ^ set(expected) or {name for name in found if _hash(folder / name) != expected[name]}
    if wrong:
        raise SettingsError(f"This backup is damaged: {sorted(wrong)[0]} is not what was written.")
    return told


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
