"""Every route says who may call it, every answer carries the headers, every failure is an answer."""

from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from console import access
from console.access import ACCESS, Access, UndeclaredRoute, check_declared
from console.errors import answer_errors

HEX = "0" * 32


def routes(app: web.Application) -> set[str]:
    return {f"{route.method} {route.resource.canonical}" for route in app.router.routes() if route.resource and route.method != "HEAD"}


async def test_the_table_and_the_router_name_the_same_routes(console: Any) -> None:
    assert routes(console.app) == set(ACCESS)


async def test_a_route_that_is_not_in_the_table_does_not_start() -> None:
    async def handler(request: web.Request) -> web.Response:
        return web.Response()

    app = web.Application()
    app.router.add_get("/forgotten", handler)
    with pytest.raises(UndeclaredRoute, match="GET /forgotten"):
        check_declared(app)


async def test_a_route_that_slips_through_is_refused(console: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(access.ACCESS, "GET /requests")
    browser = await console.signed_in()
    assert (await browser.get("/requests")).status == 500


@pytest.mark.parametrize("name", sorted(ACCESS))
async def test_nobody_gets_further_than_the_table_says(console: Any, name: str) -> None:
    method, _, path = name.partition(" ")
    path = (
        path.replace("/handovers/{id}", "/handovers/1")
        .replace("{name}", "completion_rate")
        .replace("{id}", HEX)
        .replace("{path}", "favicon.svg")
    )
    browser = console.browser()
    data = {} if method == "GET" else {"data": {"csrf": "x"}}
    answer = await browser.send(method, path, **data)
    expected = {Access.OPEN: {200}, Access.SIGN_IN: {200, 403}, Access.STAFF: {303}, Access.API: {401}}[ACCESS[name]]
    assert answer.status in expected
    if answer.status == 303:
        assert answer.location.startswith("/sign-in")


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
        assert "<script" not in text and "<style" not in text and " style=" not in text and " onclick=" not in text


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
    console.rows("alter table conversations rename to away")
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
