"""The `hearback` command."""

from __future__ import annotations

import argparse
import asyncio
import sys

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
    user.add_argument("action", choices=["add", "password", "token"], help="add a person, give a new password, or make an API token")
    user.add_argument("username")
    user.add_argument("--role", default="reviewer", choices=["reviewer", "approver", "agent", "analyst", "admin"])
    user.add_argument("--name", default="command line", help="what the API token is for")
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
    from hearback.people import manage

    return asyncio.run(manage(settings, given.action, given.username, role=given.role, name=given.name))


if __name__ == "__main__":
    main()
