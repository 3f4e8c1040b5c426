"""The `hearback` command."""

from __future__ import annotations

import argparse
import asyncio
import sys
from datetime import date
from pathlib import Path

from hearback.settings import Settings, SettingsError


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="hearback", description="A council's assistant on web chat and SMS that asks citizens whether it worked."
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    commands.add_parser("run", help="start everything and keep it running (make run does the set-up first)")
    train = commands.add_parser("train", help="train the assistant where something it learns from has changed")
    train.add_argument("--force", action="store_true", help="train even when nothing has changed")
    commands.add_parser("understand", help="read lines of text, print what the assistant makes of each as one JSON object a line")
    commands.add_parser("doctor", help="check settings, database, model and neighbours, and say what to do")
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
    benches = commands.add_parser("bench", help="what is needed to measure").add_subparsers(dest="what", required=True)
    seed = benches.add_parser("seed", help="fill an empty database with a made-up city")
    seed.add_argument("--messages", type=int, default=100_000, help="how many messages, ten to a conversation")
    seed.add_argument("--requests", type=int, default=10_000, help="how many requests")
    seed.add_argument("--seed", type=int, default=1, help="another number makes another city")
    seed.add_argument("--url", help="the database, in place of HEARBACK_DATABASE_URL")
    seed.add_argument("--home", type=Path, help="the data folder, in place of HEARBACK_HOME")
    given = parser.parse_args()
    try:
        sys.exit(_run(given, Settings.from_environ()))
    except SettingsError as error:
        print(error, file=sys.stderr)  # noqa: T201
        sys.exit(2)


def _run(given: argparse.Namespace, settings: Settings) -> int:
    if given.command == "run":
        from hearback.supervisor import run

        return asyncio.run(run(settings))
    if given.command == "train":
        from hearback.training import train

        return train(force=given.force)
    if given.command == "understand":
        from bot.nlu.understand import understand

        return understand(sys.stdin, sys.stdout)
    if given.command == "doctor":
        from hearback.doctor import examine

        return asyncio.run(examine(settings))
    if given.command == "export":
        from hearback.exporting import export

        return asyncio.run(export(settings, given.out, start=given.start, end=given.end))
    if given.command == "bench":
        from hearback.bench.seed import run as fill

        return fill(given, settings)
    from console.app import scopes_of
    from hearback.people import manage

    return asyncio.run(
        manage(
            settings, given.action, given.username, role=given.role, name=given.name, scopes=given.scope, days=given.days, known=scopes_of
        )
    )


if __name__ == "__main__":
    main()
