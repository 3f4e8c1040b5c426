"""What each word of the `hearback` command does; imported only when it is asked for, so that the command answers at once."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Callable

from hearback.settings import Settings, SettingsError


def run(given: argparse.Namespace, settings: Settings) -> int:
    from hearback.supervisor import APART, run

    only = list(dict.fromkeys(name.strip() for names in given.only for name in names.split(",") if name.strip()))
    if unknown := [name for name in only if name not in APART] or (given.only and not only and ["nothing"]):
        raise SettingsError(f"--only names {', '.join(unknown)}: give {', '.join(APART[:-1])} or {APART[-1]}, with commas between them.")
    return asyncio.run(run(settings, only))


def train(given: argparse.Namespace, settings: Settings) -> int:
    from hearback.training import train

    return train(force=given.force)


def teach(given: argparse.Namespace, settings: Settings) -> int:
    from hearback.teaching.run import teach

    return asyncio.run(teach(settings, teaching_id=given.teaching, by=given.by))


def understand(given: argparse.Namespace, settings: Settings) -> int:
    from bot.nlu.understand import understand

    return understand(sys.stdin, sys.stdout)


def doctor(given: argparse.Namespace, settings: Settings) -> int:
    from hearback.doctor.examining import examine

    return asyncio.run(examine(settings, as_json=given.json))


def user(given: argparse.Namespace, settings: Settings) -> int:
    from console.app import scopes_of
    from hearback.people import manage

    what = {"role": given.role, "name": given.name, "scopes": given.scope, "days": given.days, "known": scopes_of}
    return asyncio.run(manage(settings, given.action, given.username, **what))


def export(given: argparse.Namespace, settings: Settings) -> int:
    from hearback.exporting import export

    return asyncio.run(export(settings, given.out, start=given.start, end=given.end))


def erase(given: argparse.Namespace, settings: Settings) -> int:
    from hearback.erasing import erase

    kind, value = _whose(given)
    return asyncio.run(erase(settings, kind, value, dry_run=given.dry_run, yes=given.yes, spared=given.leave_out))


def privacy(given: argparse.Namespace, settings: Settings) -> int:
    from hearback.subject_access import write

    return asyncio.run(write(settings, *_whose(given), out=given.out, spared=given.leave_out))


def retention(given: argparse.Namespace, settings: Settings) -> int:
    from hearback.retaining import show

    return asyncio.run(show(settings))


def bench(given: argparse.Namespace, settings: Settings) -> int:
    from hearback.bench.seed import run as fill

    return fill(given, settings)


def backup(given: argparse.Namespace, settings: Settings) -> int:
    from hearback.backup import backup

    return asyncio.run(backup(settings, given.out))


def restore(given: argparse.Namespace, settings: Settings) -> int:
    from hearback.restoring import restore

    return asyncio.run(restore(settings, given.file, erasures=given.erasures))


def _whose(given: argparse.Namespace) -> tuple[str, str]:
    return next((kind, value) for kind in ("phone", "email", "reference", "conversation") if (value := getattr(given, kind)) is not None)


COMMANDS: dict[str, Callable[[argparse.Namespace, Settings], int]] = {
    one.__name__: one for one in (run, train, teach, understand, doctor, user, export, erase, privacy, retention, bench, backup, restore)
}
