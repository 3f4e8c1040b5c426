"""A copy of everything that is held of one citizen: a ZIP with a page to read, the same as JSON, and their photos."""

from __future__ import annotations

import asyncio
import io
import json
import sys
import zipfile
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

import jinja2

from engagement.database import Database, LogUnavailable
from engagement.log import EngagementLog
from engagement.migrations import upgrade
from engagement.privacy.subjects import Several, Subject
from hearback import profile, retention
from hearback.clock import shared_clock
from hearback.dates import local
from hearback.keys import load_keys
from hearback.photo_files import photo_path
from hearback.settings import Settings

TEMPLATES = Path(__file__).parent / "templates"
ON_THEIR_OWN = ("conversations", "messages", "photos", "contacts")
PAGE, DATA = "your-data.html", "your-data.json"


async def copy_of(log: EngagementLog, subject: Subject, *, home: Path, now: datetime, spared: Iterable[str] = ()) -> bytes:
    """The ZIP. `subject` was asked for whole; `spared` conversations are somebody else's and left out."""
    rows = await log.subjects.rows(subject, spared)
    council = profile.council()
    schedule = {table: dict(kinds) for table, kinds in retention.schedule().says.items()}
    content = {
        "made_at": now,
        "controller": council["name"],
        "privacy_notice": council["privacy"],
        "retention": {name: schedule[name] for name in [*rows, "rasa_trackers"] if name in schedule},
        "held_elsewhere": {
            "council_systems": [dict(zip(("reference", "service", "agency"), one, strict=True)) for one in subject.references],
            "text_provider": {"texts": subject.texts},
        },
        "data": rows,
    }
    files = [(id, photo_path(home, id)) for id in (row["id"] for row in rows["photos"])]
    return await asyncio.to_thread(_packed, content, files, council)


def _packed(content: dict[str, Any], photos: list[tuple[str, Path]], council: dict[str, Any]) -> bytes:
    there = [id for id, path in photos if path.exists()]
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(DATA, json.dumps(content, default=_text, ensure_ascii=False, indent=1))
        archive.writestr(PAGE, _page(content, there, council))
        for id, path in photos:
            if id in there:
                archive.write(path, f"photos/{id}.jpg")
    return out.getvalue()


def _page(content: dict[str, Any], photos: list[str], council: dict[str, Any]) -> str:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES), autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["moment"] = _moment
    chats = content["data"]["conversations"]
    lines: dict[str, list[dict[str, Any]]] = {chat["id"]: [] for chat in chats}
    for message in content["data"]["messages"]:
        if message.get("text") or message.get("media") or message.get("location"):
            lines[message["conversation_id"]].append(message)
    others = {
        name: rows for name, rows in content["data"].items() if rows and name not in ("conversations", "messages", "photos", "contacts")
    }
    return environment.get_template("your_data.html").render(content=content, lines=lines, others=others, photos=photos, council=council)


def _moment(value: datetime) -> str:
    return f"{local(value):%d.%m.%Y %H:%M}"


def _text(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(type(value).__name__)


async def write(settings: Settings, kind: str, value: str, *, out: Path, spared: list[str]) -> int:
    """`hearback privacy export`: the copy of one citizen into a file that only its owner reads."""
    database = Database(settings.database_url)
    clock = shared_clock(settings.home, settings.time_scale)
    log = EngagementLog(database, clock, load_keys(settings.home))
    try:
        await upgrade(database)
        name = await log.subjects.find(kind, value)
        subject = await log.subjects.of(name, whole=True) if name else None
        if subject is None:
            print("Nothing is held under it.")  # noqa: T201
            return 0
        await log.subjects.exported(subject.name, staff_id=None)
        data = await copy_of(log, subject, home=settings.home, now=clock.now(), spared=spared)
    except Several:
        print("Several people follow this report: give a phone number, an e-mail address or a conversation.", file=sys.stderr)  # noqa: T201
        return 1
    except LogUnavailable as error:
        print(f"The database cannot be read ({error}).", file=sys.stderr)  # noqa: T201
        return 1
    finally:
        await log.close()
    out.touch(mode=0o600)
    out.write_bytes(data)
    print(f"{len(subject.chats)} conversations are in {out}.")  # noqa: T201
    return 0
