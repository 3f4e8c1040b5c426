"""The sandbox's page: the newest requests, each with a button to play the partner."""

from __future__ import annotations

from pathlib import Path

from aiohttp import web
from jinja2 import Environment, FileSystemLoader

from backoffice.sandbox.council import Council, answers, shown
from backoffice.sandbox.store import Row, number
from hearback.dates import local

NEWEST = 50
PAGES = Environment(loader=FileSystemLoader(Path(__file__).parent), autoescape=True, trim_blocks=True, lstrip_blocks=True)
HEADERS = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'", "Cache-Control": "no-store"}


def routes(council: Council) -> list[web.RouteDef]:
    async def page(request: web.Request) -> web.Response:
        rows = council.store.newest(NEWEST)
        said: dict[int, list[Row]] = {row["number"]: [] for row in rows}
        for outcome in council.store.outcomes_of(said):
            said[outcome["number"]].append(outcome)
        requests = [{**shown(row), "answers": answers(row, council.catalogue), "outcomes": said[row["number"]]} for row in rows]
        changed = council.store.request(number(request.query.get("changed", "")))
        text = PAGES.get_template("page.html").render(
            requests=requests, changed=changed and shown(changed), newest=NEWEST, now=local(council.clock.now())
        )
        return web.Response(text=text, content_type="text/html", charset="utf-8", headers=HEADERS)

    return [web.get("/", page)]
