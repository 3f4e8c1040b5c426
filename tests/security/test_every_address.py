"""What every answer of every address carries, whatever was asked; and that no answer repeats whom the caller claims to have called."""

from __future__ import annotations

import re
from typing import Any

import pytest
from aiohttp import web
from doors import COUNCIL, Answer, Doors
from yarl import URL

from console.access import ROUTES
from console.routes import Route

EXAMPLES = {"id": "0" * 32, "token": "a" * 43, "format": "json", "name": "completion_rate", "path": "favicon.svg"}
EVIL = "evil.example"
LIES = {"Host": EVIL, "X-Forwarded-Host": EVIL, "X-Forwarded-Proto": "https", "Forwarded": f"host={EVIL}", "Referer": f"https://{EVIL}/"}


def example(path: str) -> str:
    """An address of a route, with values that its patterns take."""

    def value(one: re.Match[str]) -> str:
        known = EXAMPLES.get(one[1], "1")
        return known if re.fullmatch(one[2] or ".+", known) else "1"

    return re.sub(r"\{(\w+)(?::((?:[^{}]|\{[^{}]*\})*))?\}", value, path)


def addresses(app: web.Application) -> list[tuple[str, str]]:
    """Every method and address of the doors, files and the line that never ends left out."""
    found = {(route.method, example(route.resource.canonical)) for route in app.router.routes() if route.resource is not None}
    return sorted(found - {("GET", "/static"), ("HEAD", "/static"), ("GET", "/api/chat/events")})


async def walk(doors: Doors, **how: Any) -> list[tuple[str, Answer]]:
    token = await doors.begin()
    tried = [
        *addresses(doors.app),
        ("GET", "/nothing"),
        ("PATCH", "/chat"),
        ("GET", "/static/nothing.js"),
        ("GET", "/static/built/chat.css"),
    ]
    return [(f"{method} {path}", await doors.call(method, path, token=token, allow_redirects=False, **how)) for method, path in tried]


async def test_every_answer_of_the_doors_says_what_browsers_may_do(doors: Doors) -> None:
    answers = await walk(doors)
    assert len(answers) > 60
    for name, answer in answers:
        headers = answer.headers
        policy = headers["Content-Security-Policy"]
        assert answer.status < 500 or name.endswith("/ready"), (name, answer.status)
        assert "default-src 'none'" in policy and "unsafe" not in policy and "*" not in policy.replace("https://*", ""), name
        assert "frame-ancestors 'self'" in policy or "sandbox" in policy, name
        assert headers["X-Content-Type-Options"] == "nosniff" and headers["X-Frame-Options"] == "SAMEORIGIN", name
        assert headers["Referrer-Policy"] == "no-referrer" and headers["Server"] == "Hearback", name
        assert "camera=(self)" in headers["Permissions-Policy"] and headers["Strict-Transport-Security"], name
        assert name.startswith(("GET /static", "HEAD /static")) or headers["Cache-Control"], name


async def test_every_cookie_of_the_doors_is_hidden_from_scripts_and_goes_by_https(doors: Doors) -> None:
    set_cookies = [cookie for _, answer in await walk(doors) for cookie in answer.headers.getall("Set-Cookie", [])]
    chat = await doors.call("POST", "/chat", data={"text": "hello"}, headers={"Sec-Fetch-Site": "same-origin"}, allow_redirects=False)
    set_cookies += chat.headers.getall("Set-Cookie", [])
    assert any(cookie.startswith("hearback_chat=") for cookie in set_cookies)
    for cookie in set_cookies:
        if not cookie.partition("=")[2].startswith('"";'):
            assert "HttpOnly" in cookie and "Secure" in cookie and "SameSite=" in cookie and "SameSite=None" not in cookie, cookie


async def test_no_answer_of_the_doors_believes_whom_the_caller_claims_to_call(doors: Doors) -> None:
    for name, answer in await walk(doors, headers=LIES):
        body = answer.body if isinstance(answer.body, bytes) else repr(answer.body).encode()
        assert EVIL.encode() not in body and EVIL not in str(answer.headers), name


async def test_no_page_of_another_site_is_told_that_it_may_read_answers(doors: Doors) -> None:
    for name, answer in await walk(doors, headers={"Origin": f"https://{EVIL}", "Sec-Fetch-Site": "cross-site"}):
        allowed = answer.headers.get("Access-Control-Allow-Origin")
        assert allowed is None or (allowed == "*" and name.startswith(("GET /widget", "HEAD /widget", "GET /static/built/"))), name
        assert "Access-Control-Allow-Credentials" not in answer.headers, name
    token = await doors.begin(headers={"Origin": COUNCIL})
    for _, answer in [("", await doors.call("GET", "/api/chat/session", token=token, headers={"Origin": COUNCIL}))]:
        assert answer.status == 200 and answer.headers["Access-Control-Allow-Origin"] == COUNCIL


@pytest.mark.parametrize(
    "path",
    [
        "/static/../app.py", "/static/%2e%2e/app.py", "/static/..%2f..%2fkeys.json", "/static/built/..%5c..%5capp.py",
        "/static//etc/passwd",
        "/static/%00", "/static/....//app.py", "/photos/..%2fkeys.json.jpg", "/photos/%2e%2e%2f%2e%2e%2fkeys.jpg",
        "/photos/" + "A" * 32 + ".jpg",
        "/api/chat/photos/..%2f..%2fkeys.json", "/widget/..%2fapp.py", "/.git/config", "/hearback.db", "/keys.json",
    ],
)  # fmt: skip
async def test_nothing_beside_the_pages_is_served(doors: Doors, path: str) -> None:
    token = await doors.begin()
    async with doors.http.get(URL(doors.url + path, encoded=True), headers={"Authorization": f"Bearer {token}"}) as answer:
        assert answer.status in {400, 401, 404}, answer.status
        assert b"rasa_token" not in await answer.read()


@pytest.mark.parametrize(
    "after", ["//evil.example", "https://evil.example", "/\\evil.example", "\\\\evil.example", "/%0d%0aX: 1", "javascript:alert(1)"]
)
async def test_no_form_of_the_chat_leads_to_another_site(doors: Doors, after: str) -> None:
    """Whatever a form or an address says of where to go on."""
    token = await doors.begin()
    for name in ("next", "back", "to", "url", "return", "redirect"):
        for path in ("/chat", "/chat/language", "/chat/leave", "/chat/new", "/chat/end", "/chat/rating"):
            answer = await doors.call(
                "POST", f"{path}?{name}={after}", token=token, data={name: after, "language": "cy"}, allow_redirects=False
            )
            assert answer.headers.get("Location", "/").startswith("/") and EVIL not in answer.headers.get("Location", "")


async def by_hand(browser: Any, route: Route) -> Any:
    data = {} if route.method == "GET" else {"data": {"csrf": "forged"}}
    return await browser.send(route.method, example(route.path), headers=LIES, **data)


async def test_every_answer_of_the_console_carries_the_headers_and_believes_no_host(console: Any, filled: Any) -> None:
    browser, other = await console.signed_in(), console.browser()
    routes = [route for route in console.app[ROUTES].values() if not route.path.startswith("/events") and route.path != "/sign-out"]
    assert len(routes) > 120
    for route in routes:
        for who in (browser, other):
            answer = await by_hand(who, route)
            headers = answer.headers
            policy = headers["Content-Security-Policy"]
            assert answer.status < 500, route.name
            assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy and "unsafe" not in policy, route.name
            assert headers["X-Frame-Options"] == "DENY" and headers["X-Content-Type-Options"] == "nosniff", route.name
            assert headers["Referrer-Policy"] == "no-referrer" and headers["Server"] == "Hearback", route.name
            assert "Access-Control-Allow-Origin" not in headers and EVIL not in answer.text and EVIL not in str(headers), route.name
            for cookie in headers.getall("Set-Cookie", []):
                assert "HttpOnly" in cookie and "Secure" in cookie and "SameSite=" in cookie, (route.name, cookie)
