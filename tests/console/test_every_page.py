"""Every page that staff can open, in a real browser: axe-core finds nothing, nothing sticks out, and it can be read without JavaScript."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any
from urllib.parse import quote

from axe import found_by_axe
from browsing import ARGUMENTS, CHROMIUM, take_pictures, visited
from playwright.async_api import async_playwright

from console.access import ROUTES
from console.routes import Access
from engagement.values import Notice
from hearback.teaching.examples import Example

PIECES = {  # parts of pages that scripts fetch, and what only leads on
    "GET /", "GET /inbox/lists", "GET /events/inbox", "GET /conversations/{id}/lines", "GET /conversations/{id}/desk",
    "GET /teach/teachings/{id}/picture.svg", "GET /account/new-password",
}  # fmt: skip
PARTNER = "Ashdown Highways"  # of data/council/back_office.yml
ELSEWHERE = {"GET /teach/teachings/{id}"}  # needs a training: tests/console/test_teach_journey.py


async def addresses(console: Any, filled: Any) -> dict[str, list[str]]:
    """For each route of a page with something in its address, addresses at which there is something."""
    said = next(one for one in await console.log.messages(filled.pothole) if one.author == "citizen")
    ada = await console.log.staff.by_name("ada")
    example = Example(text="a deep hole in the road", intent="report_problem", about="POTHOLE")
    number = await console.log.teaching.propose(ada, said.id, example, redacted={})
    report = {"description": "Dark"}
    await console.log.requests.open(
        key="k2", conversation_id=filled.caddy, service_code="STREETLIGHT", service_name="Street light", report=report
    )
    await console.log.requests.sent("k2", reference="ASH-1043", token=None, service_notice=None, told=True)
    done = Notice(reference="ASH-1043", source="poll", word="done", at=console.at, agency=PARTNER, partner=PARTNER)
    await console.log.watch.noticed([done])
    boards = ("engagement", "understanding", "tasks", "outcomes", "partners", "costs", "channels", "disagreement_rate")
    return {
        "GET /conversations/{id}": [f"/conversations/{one}" for one in (filled.pothole, filled.caddy, filled.complaint)],
        "GET /conversations": ["/conversations", "/conversations?state=worth", "/conversations?text=nothing+of+this"],
        "GET /requests": ["/requests", "/requests?show=disagreements"],
        "GET /requests/{id}": ["/requests/1"],
        "GET /partners/{name}": [f"/partners/{quote(PARTNER)}"],
        "GET /measures/{name}": [f"/measures/{one}" for one in boards],
        "GET /teach/{id}": [f"/teach/{said.id}"],
        "GET /teach/examples/{id}": [f"/teach/examples/{number}"],
        "GET /people/{id}": ["/people/1"],
    }


async def test_every_page_is_accessible_fits_and_can_be_read_without_javascript(console: Any, filled: Any, tmp_path: Path) -> None:
    pictures = Path(os.environ.get("HEARBACK_SCREENSHOTS", tmp_path))
    known = await addresses(console, filled)
    pages = {
        route.name: known.get(route.name, [route.path])
        for route in console.app[ROUTES].values()
        if route.method == "GET" and route.access is Access.STAFF and route.name not in PIECES | ELSEWHERE
    }
    assert not [name for name, paths in pages.items() if "{" in paths[0]], "a page needs an address here at which there is something"
    session = await console.signed_in()
    cookie = {"name": "hearback_console", "value": session.cookie("hearback_console"), "url": console.url}
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        async with visited(browser, console.url, "/sign-in") as page:
            await page.context.add_cookies([cookie])
            for paths in pages.values():
                for number, path in enumerate(paths):
                    answer = await page.goto(path)
                    assert answer and answer.status == 200, path
                    assert await found_by_axe(page) == [], path
                    name = f"every{path.partition('?')[0].replace('/', '-')[:40]}-{number}"
                    await take_pictures(page, pictures, name)
        async with visited(browser, console.url, "/sign-in", java_script_enabled=False) as page:
            await page.context.add_cookies([cookie])
            for paths in pages.values():
                answer = await page.goto(paths[0])
                assert answer and answer.status == 200, paths[0]
                assert len((await page.locator("main").inner_text()).split()) > 5, paths[0]
                assert await page.locator("h1").count() == 1, paths[0]
        await browser.close()
