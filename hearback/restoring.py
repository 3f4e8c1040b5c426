"""`hearback restore`: an empty data folder becomes what it was when a backup was made."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any

from engagement import copies
from engagement.database import Database, LogUnavailable
from engagement.log import EngagementLog
from engagement.migrations import upgrade
from hearback.backup import DUMP, LOG, MANIFEST, checked
from hearback.clock import Clock, shared_clock
from hearback.keys import load_keys
from hearback.models import Models
from hearback.settings import Settings, SettingsError


async def restore(settings: Settings, file: Path, *, erasures: Path | None = None) -> int:
    """Check the backup, put it in place, and put right what happened since: what may have been sent, what was erased."""
    _empty(settings)
    orders = await _orders(erasures) if erasures else {}
    settings.home.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".hearback-restore-", dir=settings.home.parent) as folder:
        told = await asyncio.to_thread(_unpacked, file, Path(folder))
        await asyncio.to_thread(_put, settings, Path(folder), told)
    database = Database(settings.database_url)
    clock = shared_clock(settings.home, settings.time_scale)
    log = EngagementLog(database, clock, load_keys(settings.home))
    try:
        await upgrade(database)
        doubted, erased = await log.copies.doubt_what_was_queued(), await log.copies.erase_again(orders)
    except LogUnavailable as error:
        raise SettingsError(f"The restored database cannot be used ({error}).") from None
    finally:
        await log.close()
    print(f"{settings.home} is as it was at {told['made_at']}.")  # noqa: T201
    if doubted:
        print(f"{doubted} texts waited then: Twilio is asked whether it has them before they go out.")  # noqa: T201
    if orders:
        print(f"{erased} conversations that were erased since are being erased again.")  # noqa: T201
    else:
        print("What was erased since is back: run these erasures again (docs/privacy.md).")  # noqa: T201
    return 0


def _empty(settings: Settings) -> None:
    if settings.home.exists() and (not settings.home.is_dir() or any(settings.home.iterdir())):
        raise SettingsError(f"{settings.home} is in use: give HEARBACK_HOME a folder that is empty or not there yet.")
    if copies.is_sqlite(settings.database_url) and (path := copies.sqlite_path(settings.database_url)).exists():
        raise SettingsError(f"{path} is there already: HEARBACK_DATABASE_URL must name a database that is not.")


async def _orders(folder: Path) -> dict[str, list[int]]:
    """What the data folder of before was ordered to erase; it is read from a copy, and not changed."""
    if not (folder / LOG).is_file():
        raise SettingsError(f"{folder} holds no {LOG}: give the data folder of before.")
    with tempfile.TemporaryDirectory() as temporary:
        copy = Path(temporary) / LOG
        await asyncio.to_thread(copies.copy_sqlite, folder / LOG, copy)
        log = EngagementLog(Database(f"sqlite+aiosqlite:///{copy}"), Clock(), load_keys(folder))
        try:
            return await log.copies.ordered()
        finally:
            await log.close()


def _unpacked(file: Path, folder: Path) -> dict[str, Any]:
    """Unpack and check; the manifest."""
    try:
        with tarfile.open(file, "r:gz") as tar:
            tar.extractall(folder, filter="data")
    except (tarfile.TarError, EOFError, OSError) as error:
        raise SettingsError(f"{file} cannot be read as a backup ({type(error).__name__}).") from None
    told = checked(folder)
    if told["revision"] not in copies.known_revisions():
        raise SettingsError(f"This backup's database ({told['revision']}) is newer than this Hearback: restore it with a newer one.")
    return told


def _put(settings: Settings, folder: Path, told: dict[str, Any]) -> None:
    """The log first: a restore that fails there leaves the data folder empty, and can be tried again."""
    sqlite = copies.is_sqlite(settings.database_url)
    if (folder / LOG).is_file() is not sqlite:
        raise SettingsError("This backup is of the other kind of database: set HEARBACK_DATABASE_URL as it was.")
    if not sqlite:
        try:
            copies.load_postgresql(settings.database_url, folder / DUMP)
        except copies.CopyFailed as error:
            raise SettingsError(f"The database was not restored, it must be empty. {error}") from None
    _put_model(settings, folder, told.get("model"))
    shutil.rmtree(folder / "models", ignore_errors=True)
    for name in (MANIFEST, DUMP):
        (folder / name).unlink(missing_ok=True)
    if sqlite and (path := copies.sqlite_path(settings.database_url)) != settings.home / LOG:
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(folder / LOG, path)
    settings.home.mkdir(parents=True, exist_ok=True)
    for path in folder.iterdir():
        os.replace(path, settings.home / path.name)


def _put_model(settings: Settings, folder: Path, name: str | None) -> None:
    """The model that was in use, where none is in use here."""
    models = Models.of(settings)
    if not name or not (folder / "models" / name).is_file():
        return
    if chosen := models.chosen().get("model"):
        print(f"The model {chosen} stays in use; {name} was in use then.", file=sys.stderr)  # noqa: T201
        return
    models.folder.mkdir(parents=True, exist_ok=True)
    record = Models(folder / "models", settings.reviewed).record(name)
    for path in (folder / "models").iterdir():
        if path.name != "current.json":
            shutil.copyfile(path, models.folder / path.name)
    models.promote(record, why="restored")
