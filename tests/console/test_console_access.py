"""Every route says who may call it, every answer carries the headers, every failure is an answer."""

import re
from types import SimpleNamespace
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from databases import take_away

from console.access import ROUTES, UndeclaredRoute, add_routes, check_declared
from console.errors import answer_errors
from console.routes import ROLES, Access, Route

HEX = "0" * 32


EXAMPLES = {"id": HEX, "name": "completion_rate", "path": "favicon.svg"}


async def test_a_route_that_says_nothing_of_its_caller_does_not_start() -> None:
    async def handler(request: web.Request) -> web.Response:
        return web.Response()

    app = web.Application()
    add_routes(app, ())
    app.router.add_get("/forgotten", handler)
    with pytest.raises(UndeclaredRoute, match="GET /forgotten"):
        check_declared(app)


async def test_a_route_that_slips_through_is_refused(console: Any) -> None:
    del console.app[ROUTES]["GET /requests"]
    browser = await console.signed_in()
    assert (await browser.get("/requests")).status == 500


def example(path: str) -> str:
    """An address of a route, with values that its patterns take."""

    def value(one: re.Match[str]) -> str:
        known = EXAMPLES.get(one[1], "1")
        return known if re.fullmatch(one[2] or ".+", known) else "1"

    return re.sub(r"\{(\w+)(?::((?:[^{}]|\{[^{}]*\})*))?\}", value, path)


async def call(browser: Any, route: Route, headers: dict[str, str] | None = None) -> Any:
    if route.path.startswith("/events"):  # never ends: its head is all that is looked at
        async with browser.session.get(browser.url + route.path, allow_redirects=False) as answer:
            return SimpleNamespace(status=answer.status, text="", location=answer.headers.get("Location", ""))
    data = {} if route.method == "GET" else {"data": {"csrf": "forged"}}
    return await browser.send(route.method, example(route.path), headers=headers, **data)


async def test_nobody_gets_further_than_the_sign_in(console: Any) -> None:
    expected = {Access.OPEN: {200}, Access.SIGN_IN: {200, 303, 400, 403, 404}, Access.STAFF: {303}, Access.API: {401}}
    for route in console.app[ROUTES].values():
        answer = await call(console.browser(), route)
        assert answer.status in expected[route.access], route.name
        if route.access is Access.STAFF:
            assert answer.location.startswith("/sign-in"), route.name


@pytest.mark.parametrize("role", [*ROLES, "none"])
async def test_a_role_opens_its_own_routes_and_no_others(console: Any, role: str) -> None:
    await console.add("kim", role)
    browser, headers = await console.signed_in("kim"), await console.token("kim")
    for route in console.app[ROUTES].values():
        if route.access not in (Access.STAFF, Access.API) or route.path == "/sign-out":
            continue
        by_token = headers if route.access is Access.API else None
        status = (await call(browser, route, by_token)).status
        if role in route.roles:
            assert status < 500 and status != 401 and (status != 403 or route.method == "POST"), (route.name, status)
        else:
            assert status == 403, (route.name, status)


async def test_who_is_refused_is_told_what_to_do_and_it_is_written_down_once_a_minute(console: Any) -> None:
    await console.add("kim", "analyst")
    browser = await console.signed_in("kim")
    for _ in range(3):
        answer = await browser.get("/conversations?text=secret")
        assert answer.status == 403 and "analyst. This page is for administrators, agents, approvers and reviewers." in answer.text
        assert "ask an administrator" in answer.text
    console.move(seconds=61)
    await browser.get("/conversations")
    noted = console.rows("select staff_id, subject, details from audit where action = 'refused'")
    assert noted == [(2, "GET /conversations", '{"role": "analyst"}')] * 2


async def test_another_role_counts_at_once_for_sessions_and_tokens(console: Any) -> None:
    await console.add("kim", "reviewer")
    browser, headers = await console.signed_in("kim"), await console.token("kim")
    ada = await console.signed_in()
    assert (await browser.get("/conversations")).status == 200
    assert (await console.browser().get("/api/conversations", headers=headers)).status == 200
    assert (await ada.post("/people/2", role="analyst")).status == 303
    assert (await browser.get("/conversations")).status == 403
    assert (await console.browser().get("/api/conversations", headers=headers)).status == 403
    assert (await ada.post("/people/2", role="admin")).status == 303
    assert (await browser.get("/people")).status == 200


async def test_a_forged_form_changes_nothing(console: Any) -> None:
    browser = await console.signed_in()
    for route in console.app[ROUTES].values():
        if route.method == "POST":
            assert (await call(browser, route)).status == 403, route.name
            elsewhere = {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}
            assert (await call(browser, route, elsewhere)).status == 403, route.name


async def test_every_answer_carries_the_headers(console: Any, filled: Any) -> None:
    browser = await console.signed_in()
    for path in [
        "/",
        "/conversations",
        f"/conversations/{filled.pothole}",
        "/nothing",
        "/conversations?page=x",
        "/api/requests",
        "/health",
        "/sign-out",
    ]:
        headers = (await browser.get(path)).headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy and "unsafe" not in policy
        assert headers["X-Content-Type-Options"] == "nosniff" and headers["Referrer-Policy"] == "no-referrer"
        assert headers["Cache-Control"] == "no-store" and headers["Server"] == "Hearback"


async def test_no_page_has_inline_scripts_or_styles(console: Any, filled: Any) -> None:
    browser = await console.signed_in()
    for path in ["/sign-in", "/conversations", f"/conversations/{filled.caddy}", "/requests", "/account", "/nothing"]:
        text = (await browser.get(path)).text
        assert (
            not re.search(r"<script(?! src=\"/static/)", text)
            and "<style" not in text
            and " style=" not in text
            and " onclick=" not in text
        )


async def test_styles_are_kept_for_long_under_an_address_of_their_content(console: Any) -> None:
    browser = console.browser()
    page = (await browser.get("/sign-in")).text
    address = page.split('rel="icon" href="')[1].split('"')[0]
    answer = await browser.get(address)
    assert (
        answer.status == 200
        and "immutable" in answer.headers["Cache-Control"]
        and answer.headers["Content-Type"].startswith("image/svg+xml")
    )
    other = await browser.get("/static/favicon.svg?v=old")
    assert other.headers["Cache-Control"] == "no-cache"
    assert (await browser.get("/static/favicon.svg", headers={"If-None-Match": other.headers["ETag"]})).status == 304


@pytest.mark.parametrize(
    "path", ["/static/../app.py", "/static/%2e%2e/app.py", "/static/..%2fapp.py", "/static/templates/layout.html", "/static/"]
)
async def test_nothing_else_is_served(console: Any, path: str) -> None:
    assert (await console.browser().get(path)).status == 404


async def test_a_missing_page_is_a_page(console: Any) -> None:
    answer = await console.browser().get("/nothing")
    assert answer.status == 404 and "Page not found" in answer.text and "Sign out" not in answer.text
    answer = await (await console.signed_in()).get(f"/conversations/{HEX}")
    assert answer.status == 404 and "Sign out" in answer.text


async def test_a_log_that_does_not_answer_is_a_sentence(console: Any) -> None:
    browser, headers = await console.signed_in(), await console.token()
    take_away(console.home)
    answer = await browser.get("/conversations")
    assert answer.status == 503 and "cannot be read just now" in answer.text and "Citizens are not affected" in answer.text
    answer = await console.browser().get("/api/conversations", headers=headers)
    assert answer.status == 503 and "engagement log" in answer.text and answer.headers["Retry-After"]
    assert (await console.browser().get("/health")).text == '{"status": "ok"}'


async def test_what_fails_tells_nobody_a_citizens_words(caplog: pytest.LogCaptureFixture) -> None:
    async def broken(request: web.Request) -> web.Response:
        raise RuntimeError("".join(["my ", "secret"]))

    app = web.Application(middlewares=[answer_errors])
    app.router.add_get("/api/broken", broken)
    async with TestClient(TestServer(app)) as client:
        answer = await client.get("/api/broken")
        assert answer.status == 500 and "Something went wrong" in await answer.text()
    assert "RuntimeError" in caplog.text and "my secret" not in caplog.text
