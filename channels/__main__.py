"""`python -m channels`: the citizens' doors on HEARBACK_PORT."""

from __future__ import annotations

from channels.app import make_app
from engagement.database import Database
from engagement.log import EngagementLog
from hearback import private, serving
from hearback.clock import shared_clock
from hearback.keys import load_keys
from hearback.settings import Settings


def main() -> None:
    settings = Settings.from_environ()
    private.only_ours(settings.home)
    clock, keys = shared_clock(settings.home, settings.time_scale), load_keys(settings.home)
    log = EngagementLog(Database(settings.database_url), clock, keys, email=bool(settings.smtp))
    serving.serve(make_app(settings, log, clock, keys), host=settings.host, port=settings.port, setting="HEARBACK_PORT", process="channels")


if __name__ == "__main__":
    main()
