"""Pages from templates."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import aiohttp_jinja2
import jinja2
from aiohttp import web

from console import amounts, navigation, times
from console.access import may
from console.alerts import DANGER
from console.parts import CALLER, CLOCK, COUNCIL
from console.static import ASSETS

TEMPLATES = Path(__file__).parent / "templates"


def set_up(app: web.Application) -> None:
    """Give the application its templates, with escaping always on."""
    environment = aiohttp_jinja2.setup(
        app,
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(time_at=times.at, time_in_full=times.in_full, time_since=times.since, day=times.day)
    environment.filters.update(pounds=amounts.pounds, counted=amounts.counted, amount=amounts.amount)
    environment.filters.update(interval=amounts.interval, difference=amounts.difference, month=amounts.month)
    environment.globals.update(static=app[ASSETS].address, council=app[COUNCIL])


def page(request: web.Request, template: str, *, status: int = 200, **context: Any) -> web.Response:
    """A template as an answer. Every template knows `person`, `csrf`, `path`, `now`, `status`, `sections`, and `opens`: whether a
    page, named as its route is, may be opened."""
    who = request.get(CALLER)
    known = {
        "person": who.person if who else None,
        "csrf": who.session.csrf if who and who.session else "",
        "path": request.path,
        "status": status,
        "now": request.app[CLOCK].now(),
        "sections": navigation.sections(request),
        "opens": lambda address: may(request, address),
        "danger": request.get(DANGER),
    }
    return aiohttp_jinja2.render_template(template, request, {**known, **context}, status=status)


def words(request: web.Request, template: str, name: str) -> Any:
    """What a template of words calls things: one of its `set` values."""
    environment = aiohttp_jinja2.get_env(request.app)
    return getattr(environment.get_template(template).make_module(), name)
