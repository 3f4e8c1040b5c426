"""`hearback user`: people who may sign in to the console."""

from __future__ import annotations

import getpass
import secrets
import sys
from collections.abc import Callable

from engagement.database import Database, LogUnavailable
from engagement.log import EngagementLog
from engagement.migrations import upgrade
from engagement.passwords import PasswordRefused, hash_password
from hearback.clock import shared_clock
from hearback.keys import load_keys
from hearback.settings import Settings, SettingsError


async def manage(
    settings: Settings,
    action: str,
    username: str,
    *,
    role: str,
    name: str,
    scopes: list[str] | None = None,
    days: int | None = None,
    known: Callable[[str], list[str]] = lambda role: [],
) -> int:
    """Add a person, give a new password, reset a second factor, or make an API token, which is printed once.

    `known` tells the scopes that a role may use.
    """
    database = Database(settings.database_url)
    log = EngagementLog(database, shared_clock(settings.home, settings.time_scale), load_keys(settings.home))
    try:
        await upgrade(database)
        if action == "token":
            return await _make_token(log, username, name, scopes, days, known)
        if action == "second-factor":
            return await _reset_second_factor(log, username)
        return await _do(log, action, username, role)
    finally:
        await log.close()


async def _make_token(
    log: EngagementLog, username: str, name: str, scopes: list[str] | None, days: int | None, known: Callable[[str], list[str]]
) -> int:
    person = await log.staff.by_name(username)
    if person is None:
        return _fail(f"Nobody is called {username}.")
    if days is not None and not 1 <= days <= 3650:
        return _fail("A token holds from 1 to 3650 days.")
    may = known(person.role)
    if unknown := sorted(set(scopes or ()) - set(may)):
        return _fail(f"{', '.join(unknown)} is no scope of the role {person.role}: give {', '.join(may)}.")
    print(await log.staff.make_api_token(person, name, scopes=scopes, days=days))  # noqa: T201
    return 0


async def _reset_second_factor(log: EngagementLog, username: str) -> int:
    person = await log.staff.by_name(username)
    if person is None:
        return _fail(f"Nobody is called {username}.")
    await log.colleagues.reset_second_factor(None, person.id)
    print(f"{username} signs in without a second factor now; their sessions have ended.")  # noqa: T201
    return 0


async def _do(log: EngagementLog, action: str, username: str, role: str) -> int:
    password = (getpass.getpass("New password: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")) or secrets.token_urlsafe(12)
    try:
        hashed = hash_password(password)
    except PasswordRefused as error:
        return _fail(str(error))
    if action == "add":
        if not await log.staff.add(username, hashed, role):
            return _fail(f"There is somebody called {username} already.")
        print(f"{username} can sign in now, as {role}.")  # noqa: T201
        return 0
    if not await log.staff.set_password(username, hashed):
        return _fail(f"Nobody is called {username}.")
    print(f"{username} has a new password; their sessions have ended.")  # noqa: T201
    return 0


def _fail(sentence: str) -> int:
    print(sentence, file=sys.stderr)  # noqa: T201
    return 1


async def prepare(settings: Settings) -> str | None:
    """Bring the database up to date and make the first administrator; returns a password that was made, to be printed once."""
    database = Database(settings.database_url)
    log = EngagementLog(database, shared_clock(settings.home, settings.time_scale), load_keys(settings.home))
    try:
        await upgrade(database)
        if await log.staff.count():
            return None
        password = settings.admin_password or secrets.token_urlsafe(12)
        first = await log.staff.add("admin", hash_password(password, check=not settings.admin_password), "admin")
        return password if first and not settings.admin_password else None
    except LogUnavailable as error:
        raise SettingsError(f"HEARBACK_DATABASE_URL names a database that cannot be used ({error}).") from None
    finally:
        await log.close()
