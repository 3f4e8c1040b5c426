"""`hearback erase`: everything of one citizen goes, after a look at what that is."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import time

import aiohttp

from engagement.database import Database, LogUnavailable
from engagement.erasure import Held
from engagement.line import is_done
from engagement.log import EngagementLog
from engagement.migrations import upgrade
from engagement.privacy.subjects import Several, Subject
from engagement.trackers import PostgresqlRows, SqliteRows, opened
from hearback.clock import shared_clock
from hearback.keys import load_keys
from hearback.photo_files import remove_photos
from hearback.settings import Settings

WORD = "erase"  # to be typed
DOORS_WITHIN = 60.0  # seconds in which doors that run finish what was begun
NOT_BY_NUMBER = "Several people follow this report and none of them made it here. Give their phone number, e-mail address or conversation."


async def erase(settings: Settings, kind: str, value: str, *, dry_run: bool, yes: bool, spared: list[str]) -> int:
    """Show what goes and what stays, ask, begin, and finish: here, or by the doors where they run."""
    database = Database(settings.database_url)
    log = EngagementLog(database, shared_clock(settings.home, settings.time_scale), load_keys(settings.home))
    try:
        await upgrade(database)
        return await _erase(settings, log, kind, value, dry_run=dry_run, yes=yes, spared=spared)
    except LogUnavailable as error:
        return _fail(f"The database cannot be used ({error}).")
    finally:
        await log.close()


async def _erase(settings: Settings, log: EngagementLog, kind: str, value: str, *, dry_run: bool, yes: bool, spared: list[str]) -> int:
    try:
        name = await log.subjects.find(kind, value)
    except Several:
        return _fail(NOT_BY_NUMBER)
    subject = await log.subjects.of(name) if name else None
    if subject is None or not (subject.contacts or any(chat.state != "erased" for chat in subject.chats)):
        print("Nothing is held under it.")  # noqa: T201
        return 0 if dry_run else await _finish(settings, log)
    for line in preview(subject, spared):
        print(line)  # noqa: T201
    if subject.holds:
        numbers = ", ".join(map(str, subject.holds))
        return _fail(f"A legal hold keeps it (number {numbers}): an administrator lifts it in the console. Nothing was erased.")
    if dry_run:
        print("Nothing was erased: this was a trial.")  # noqa: T201
        return 0
    if not yes and not _confirmed():
        return _fail("Nothing was erased.")
    try:
        await log.erasures.begin_citizen(subject.conversation_ids, subject.contact_ids, source="command", name=subject.name, spared=spared)
    except Held:
        return _fail("A legal hold was placed meanwhile. Nothing was erased.")
    return await _finish(settings, log)


def preview(subject: Subject, spared: list[str]) -> list[str]:
    """What is held, what goes and what stays, in sentences without a word or number of the citizen."""
    goes = [chat for chat in subject.chats if chat.id not in spared]
    lines = [f"{len(goes)} conversations and {len(subject.contacts)} numbers or addresses would be erased:"]
    lines += [
        f"  {chat.id}  {chat.channel}, begun {chat.created_at:%d.%m.%Y}, {chat.state}; known by: {', '.join(chat.how)}" for chat in goes
    ]
    lines += [f"  {held.table}: {held.count}" for held in subject.holdings if held.count]
    lines += [f"  photos' files: {len(subject.photos)}"] if subject.photos else []
    if any(chat.how == ("mentioned",) for chat in goes):
        lines.append("Where a number was only typed, the conversation may be somebody else's: --leave-out ID spares its words.")
    lines.append("These stay: that there was a conversation, counts, requests without their words, the audit, and of a STOP its pseudonym.")
    if subject.references:
        lines.append("In the council's own systems, to be erased there by hand:")
        lines += [f"  {reference}  {service}{f', {agency}' if agency else ''}" for reference, service, agency in subject.references]
    if subject.texts:
        lines.append(f"With the text provider: {subject.texts} texts, which it deletes by its own period or in its console.")
    if subject.unsent:
        lines.append(f"{subject.unsent} requests are still on their way to the back office: their words go once they are there.")
    return lines


def _confirmed() -> bool:
    print(f'Type "{WORD}" to erase it for good: ', end="", flush=True)  # noqa: T201
    return sys.stdin.readline().strip().lower() == WORD


async def _finish(settings: Settings, log: EngagementLog) -> int:
    """Bring to an end what was begun, now or by a process that died."""
    begun = await log.erasures.begun()
    if begun and await _doors_run(settings):
        until = time.monotonic() + DOORS_WITHIN
        while time.monotonic() < until and await log.erasures.still_there(begun):
            await asyncio.sleep(0.5)
    elif begun:
        async with opened(settings) as trackers:
            await finish_here(settings, log, trackers)
    await log.erasures.tidy_search()
    await log.erasures.leave_no_trace()
    if left := await log.erasures.still_there(begun):
        print(f"{len(left)} conversations are not erased to the end yet: the doors go on, or run this again.")  # noqa: T201
        return 3
    print(f"{len(begun)} conversations were erased to the end." if begun else "Nothing is left to do.")  # noqa: T201
    return 0


async def finish_here(settings: Settings, log: EngagementLog, trackers: SqliteRows | PostgresqlRows) -> None:
    """Finish without the doors: Rasa's memory and photos' files first, the log's mark last."""
    for conversation_id in await log.erasures.begun():
        await trackers.delete(conversation_id)
        await asyncio.to_thread(remove_photos, settings.home, await log.photos.of_conversation(conversation_id))
        await log.erasures.finish(conversation_id)
    await log.erasures.leave_no_trace()


async def _doors_run(settings: Settings) -> bool:
    """Doors, or a worker anywhere, that run know what is with the assistant just now: they finish it themselves, within seconds."""
    if settings.database.startswith("postgresql") and await is_done(settings.database, "erasing"):
        return True
    ready = f"http://{settings.host}:{settings.port}/ready"
    with contextlib.suppress(aiohttp.ClientError, TimeoutError, OSError):
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as session, session.get(ready):
            return True
    return False


def _fail(sentence: str) -> int:
    print(sentence, file=sys.stderr)  # noqa: T201
    return 1
