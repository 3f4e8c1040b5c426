"""The `hearback` command."""

from __future__ import annotations

import argparse
import os
import sys
from datetime import date
from pathlib import Path
from typing import Any

from hearback.commands import COMMANDS
from hearback.settings import Settings, SettingsError


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="hearback", description="A council's assistant on web chat and SMS that asks citizens whether it worked."
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    start = commands.add_parser("run", help="start everything and keep it running (make run does the set-up first)")
    apart = "start only these processes, with commas between: doors, worker, rasa, actions, console, sandbox (with PostgreSQL)"
    start.add_argument("--only", action="append", default=[], metavar="NAMES", help=apart)
    train = commands.add_parser("train", help="train the assistant where something it learns from has changed")
    train.add_argument("--force", action="store_true", help="train even when nothing has changed")
    teach = commands.add_parser("teach", help="teach the assistant what colleagues marked and approved, if no figure falls too far by it")
    teach.add_argument("--teaching", type=int, help="go on with a training that the console began")
    teach.add_argument("--by", metavar="USERNAME", help="who began it")
    commands.add_parser("understand", help="read lines of text, print what the assistant makes of each as one JSON object a line")
    doctor = commands.add_parser("doctor", help="check settings, database, model and neighbours, and say what to do")
    doctor.add_argument("--json", action="store_true", help="for programs")
    user = commands.add_parser("user", help="people who may sign in to the console")
    what = "add a person, give a new password, make an API token, or reset a second factor"
    user.add_argument("action", choices=["add", "password", "token", "second-factor"], help=what)
    user.add_argument("username")
    user.add_argument("--role", default="reviewer", choices=["reviewer", "approver", "agent", "analyst", "admin"])
    user.add_argument("--name", default="command line", help="what the API token is for")
    user.add_argument(
        "--scope", action="append", help="what the API token may read, such as requests; may be given several times (all that the role may)"
    )
    user.add_argument("--days", type=int, help="after how many days the API token ends (never)")
    export = commands.add_parser("export", help="write measures and outcomes as open data, nobody's words or places among them")
    export.add_argument("--out", type=Path, required=True, help="the folder for the files")
    export.add_argument("--start", type=date.fromisoformat, help="the first day, like 2026-11-01")
    export.add_argument("--end", type=date.fromisoformat, help="the last day")
    _add_privacy(commands)
    _add_copies(commands)
    benches = commands.add_parser("bench", help="what is needed to measure").add_subparsers(dest="what", required=True)
    seed = benches.add_parser("seed", help="fill an empty database with a made-up city")
    seed.add_argument("--messages", type=int, default=100_000, help="how many messages, ten to a conversation")
    seed.add_argument("--requests", type=int, default=10_000, help="how many requests")
    seed.add_argument("--seed", type=int, default=1, help="another number makes another city")
    seed.add_argument("--url", help="the database, in place of HEARBACK_DATABASE_URL")
    seed.add_argument("--home", type=Path, help="the data folder, in place of HEARBACK_HOME")
    given = parser.parse_args()
    if given.command == "doctor":
        from hearback.doctor.examining import misread

        if (status := misread(os.environ, as_json=given.json)) is not None:
            sys.exit(status)
    try:
        sys.exit(COMMANDS[given.command](given, Settings.from_environ()))
    except SettingsError as error:
        print(error, file=sys.stderr)  # noqa: T201
        sys.exit(2)


def _add_copies(commands: Any) -> None:
    """`backup` and `restore`."""
    backup = commands.add_parser("backup", help="copy database, photos, keys and model into one file, while everything runs")
    backup.add_argument("--out", type=Path, required=True, help="the file; only its owner may read it, for it holds the keys")
    restore = commands.add_parser("restore", help="make an empty data folder what it was when a backup was made")
    restore.add_argument("file", type=Path, help="what `hearback backup` wrote")
    restore.add_argument(
        "--erasures", type=Path, metavar="FOLDER", help="the data folder of before: what was erased there since is erased again"
    )


def _add_privacy(commands: Any) -> None:
    """`erase`, `privacy export` and `retention`."""
    erase = commands.add_parser("erase", help="erase everything of one citizen, after showing what that is")
    erase.add_argument("--dry-run", action="store_true", help="only show what would go and what stays")
    erase.add_argument("--yes", action="store_true", help="do not ask")
    privacy = commands.add_parser("privacy", help="what is held of one citizen").add_subparsers(dest="what", required=True)
    access = privacy.add_parser("export", help="write everything of one citizen into a ZIP file, for their right of access")
    access.add_argument("--out", type=Path, required=True, help="the ZIP file")
    for command in (erase, access):
        whose = command.add_mutually_exclusive_group(required=True)
        for kind in ("phone", "email", "reference", "conversation"):
            whose.add_argument(f"--{kind}", help=f"the citizen's {kind}" if kind != "reference" else "the reference of a request or case")
        command.add_argument("--leave-out", action="append", default=[], metavar="ID", help="a conversation that is somebody else's")
    retention = commands.add_parser("retention", help="what the council's retention schedule would take away today")
    retention.add_argument("--dry-run", action="store_true", required=True, help="only show it: the doors do it, once a day")


if __name__ == "__main__":
    main()
