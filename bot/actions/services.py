"""What custom actions work with, built in one place at the first turn and kept while the action server runs."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import aiohttp

from backoffice import calls, catalogue
from backoffice.bins import Bins
from backoffice.catalogue import Catalogue
from backoffice.councils import Councils
from backoffice.directory import Directory
from backoffice.open311 import Open311Client
from backoffice.places import Gazetteer
from engagement.database import Database
from engagement.log import EngagementLog
from hearback import profile
from hearback.area import Area
from hearback.clock import Clock, shared_clock
from hearback.keys import load_keys
from hearback.settings import Settings


@dataclass(frozen=True)
class Services:
    """The council's systems and the engagement log."""

    settings: Settings
    log: EngagementLog
    open311: Open311Client
    directory: Directory
    bins: Bins
    gazetteer: Gazetteer
    councils: Councils
    clock: Clock

    @property
    def catalogue(self) -> Catalogue:
        return catalogue.read(self.settings.home)


@cache
def services() -> Services:
    """Call inside the running loop: the HTTP session belongs to it."""
    settings = Settings.from_environ()
    clock = shared_clock(settings.home, settings.time_scale)
    session, area = aiohttp.ClientSession(trace_configs=[calls.watching(settings.systems)]), Area.read(profile.FOLDER)
    return Services(
        settings=settings,
        log=EngagementLog(Database(settings.database_url), clock, load_keys(settings.home), email=bool(settings.smtp)),
        open311=Open311Client(
            session, url=settings.open311_url, api_key=settings.open311_api_key, jurisdiction=settings.open311_jurisdiction
        ),
        directory=Directory(session, url=settings.hsds_url),
        bins=Bins(session, url=settings.bins_url),
        gazetteer=Gazetteer(session, url=settings.gazetteer_url, key=settings.gazetteer_key, custodian_code=area.custodian_code),
        councils=Councils(area, profile.FOLDER),
        clock=clock,
    )
