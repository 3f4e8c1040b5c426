"""`python -m channels [doors|worker]`: the citizens' doors on HEARBACK_PORT with the worker behind them, or only one of the two."""

from __future__ import annotations

import argparse
import sys

from channels.app import BOTH, DOORS, WORKER, make_app
from engagement.database import Database
from engagement.log import EngagementLog
from hearback import private, serving
from hearback.clock import shared_clock
from hearback.keys import load_keys
from hearback.settings import Settings, SettingsError


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m channels")
    parser.add_argument("part", nargs="?", choices=[DOORS, WORKER], help="only this part; it needs PostgreSQL (both parts)")
    part = parser.parse_args().part
    settings = Settings.from_environ()
    if part:
        try:
            settings.check_apart()
        except SettingsError as error:
            print(error, file=sys.stderr)  # noqa: T201
            sys.exit(2)
    private.only_ours(settings.home)
    clock, keys = shared_clock(settings.home, settings.time_scale), load_keys(settings.home)
    log = EngagementLog(Database(settings.database_url), clock, keys, email=bool(settings.smtp))
    app = make_app(settings, log, clock, keys, parts=frozenset({part}) if part else BOTH)
    port, name = (settings.worker_port, "HEARBACK_WORKER_PORT") if part == WORKER else (settings.port, "HEARBACK_PORT")
    serving.serve(app, host=settings.host, port=port, setting=name, process=part or "channels", form=settings.log_format)


if __name__ == "__main__":
    main()
