"""What can be looked at on this machine: the data folder, keys, model, database, disk, clock, backups."""

from __future__ import annotations

import os
import shutil
import stat
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from engagement import copies
from engagement.database import Database, LogUnavailable
from engagement.log import EngagementLog
from engagement.migrations import newest
from hearback import backup
from hearback.clock import moved, shared_clock
from hearback.doctor.findings import FINE, Finding, fine, wrong
from hearback.keys import load_keys
from hearback.models import Models
from hearback.settings import TWILIO_REAL_API, Settings

LEAST_DISK = 1_000_000_000  # bytes
OLDEST_BACKUP = timedelta(days=8)
MODEL_OLD = timedelta(days=365)
INSIDE = ("127.0.0.1", "localhost", "::1", "0.0.0.0")


async def home(settings: Settings) -> Finding:
    if not settings.home.is_dir():
        return wrong(f"{settings.home} does not exist yet: run `make run` once.")
    if not os.access(settings.home, os.W_OK | os.X_OK):
        return wrong(f"{settings.home} cannot be written to: give it to the user who runs Hearback.")
    return FINE


async def disk(settings: Settings) -> Finding:
    if not settings.home.is_dir():
        return wrong(f"{settings.home} does not exist yet.")
    free = shutil.disk_usage(settings.home).free
    if free < LEAST_DISK:
        return wrong(f"Only {free / 1e6:.0f} MB are free at {settings.home}: make room, or what citizens write cannot be kept.")
    return fine(f"{free / 1e9:.0f} GB are free")


async def keys(settings: Settings) -> Finding:
    path = settings.home / "keys.json"
    if not path.is_file():
        return wrong(f"{path} does not exist yet: the first start makes it.")
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        return wrong(f"{path} can be read by others: chmod 600 {path}")
    try:
        load_keys(settings.home)
    except (OSError, ValueError, KeyError):
        return wrong(f"{path} cannot be read: take it from the backup; without it citizens' numbers cannot be read.")
    return FINE


async def model(settings: Settings) -> Finding:
    models = Models.of(settings)
    chosen = models.chosen()
    name = str(chosen.get("model") or "")
    if not name or not (models.folder / name).is_file():
        return wrong("There is no model in use: run `uv run hearback train`.")
    if not models.current():
        return wrong(f"{name} is in use, and what it learned from has changed since: run `uv run hearback train`.")
    age = datetime.now(UTC) - datetime.fromtimestamp((models.folder / name).stat().st_mtime, UTC)
    if age > MODEL_OLD:
        return wrong(f"{name} is {age.days} days old: look in the console at what it does not understand, and teach it.")
    return fine(f"{name}, {age.days} days old")


async def database(settings: Settings) -> Finding:
    """Reachable, writable, and of the layout that this version works with."""
    if copies.is_sqlite(settings.database_url) and not copies.sqlite_path(settings.database_url).is_file():
        return wrong("There is no database yet: run `make run` once.")
    if not (settings.home / "keys.json").is_file():
        return wrong("There are no keys yet, by which the database is read.")
    opened = Database(settings.database_url)
    log = EngagementLog(opened, shared_clock(settings.home, settings.time_scale), load_keys(settings.home))
    try:
        revision = await log.copies.revision()
        await log.copies.can_be_written()
    except LogUnavailable as error:
        return wrong(f"The database cannot be read or written ({error}): look at HEARBACK_DATABASE_URL, its server and its disk.")
    except Exception as error:
        return wrong(f"The database holds no log of Hearback ({type(error).__name__}): look at HEARBACK_DATABASE_URL.")
    finally:
        await log.close()
    if revision != newest():
        if revision in copies.known_revisions():
            return wrong(f"The database is at {revision}, this version works with {newest()}: restart Hearback, which brings it there.")
        return wrong(f"The database ({revision}) is newer than this version ({newest()}): run the newer one.")
    return fine(f"at {revision}")


async def clock(settings: Settings) -> Finding:
    by = moved(settings.home)
    if by or settings.time_scale != 1:
        says = "The clock of this data folder was moved on or goes faster: for trials only."
        return wrong(says) if settings.twilio_account and settings.twilio_api == TWILIO_REAL_API else fine(says)
    return FINE


async def backups(settings: Settings) -> Finding:
    made = backup.last(settings.home)
    real = bool(settings.open311 or (settings.twilio_account and settings.twilio_api == TWILIO_REAL_API))
    if made is None:
        says = "no backup was made yet: `uv run hearback backup --out FILE`, each night"
        return wrong(says[0].upper() + says[1:] + ".") if real else fine(f"{says}, once citizens are real")
    age = datetime.now(UTC) - made
    if age > OLDEST_BACKUP:
        return wrong(f"The last backup is {age.days} days old: look at what runs `hearback backup` each night.")
    return fine(f"the last one is {age.total_seconds() / 3600:.0f} hours old")


async def public(settings: Settings) -> Finding:
    address = urlsplit(settings.public_url)
    if settings.twilio_account and settings.twilio_api == TWILIO_REAL_API:
        if address.scheme != "https" or address.hostname in INSIDE:
            return wrong(f"HEARBACK_PUBLIC_URL is {settings.public_url}: Twilio and citizens need https, and must reach it.")
        return FINE
    if address.scheme == "http" and address.hostname not in INSIDE:
        return wrong(f"HEARBACK_PUBLIC_URL is {settings.public_url}: what citizens write must not go over an open line; give https.")
    return fine("for this machine" if address.hostname in INSIDE else settings.public_url)
