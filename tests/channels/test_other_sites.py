"""Pages of other sites: those that may embed the chat can use it with a token, any other one can do nothing."""

from __future__ import annotations

import pytest
from doors import COUNCIL, PUBLIC, Doors

PATHS = ("/api/chat/sessions", "/api/chat/messages", "/api/chat/photos", "/api/chat/end", "/api/chat/rating")


async def preflight(doors: Doors, origin: str, path: str = "/api/chat/messages", method: str = "POST"):  # type: ignore[no-untyped-def]
    asks = {"Origin": origin, "Access-Control-Request-Method": method, "Access-Control-Request-Headers": "authorization, content-type"}
    return await doors.call("OPTIONS", path, headers=asks)


@pytest.mark.parametrize("path", PATHS)
async def test_a_page_that_may_embed_the_chat_is_told_what_it_may_send(doors: Doors, path: str) -> None:
    told = await preflight(doors, COUNCIL, path)
    assert told.status == 204 and told.headers["Access-Control-Allow-Origin"] == COUNCIL
    assert {"GET", "POST", "DELETE"} == set(told.headers["Access-Control-Allow-Methods"].split(", "))
    assert {"Authorization", "Content-Type", "Last-Event-ID"} == set(told.headers["Access-Control-Allow-Headers"].split(", "))
    assert "Origin" in told.headers["Vary"] and "Access-Control-Allow-Credentials" not in told.headers


@pytest.mark.parametrize(
    "origin", ["https://elsewhere.example", "null", "https://www.ashdown.example.evil.example", "http://www.ashdown.example"]
)
async def test_any_other_page_is_refused_whatever_token_it_shows(doors: Doors, origin: str) -> None:
    asked = await preflight(doors, origin)
    assert asked.status == 403 and "Access-Control-Allow-Origin" not in asked.headers
    token = await doors.begin()
    for method, path in (*(("POST", path) for path in PATHS), ("GET", "/api/chat/session"), ("DELETE", "/api/chat/session")):
        refused = await doors.call(method, path, token=token, headers={"Origin": origin})
        assert refused.status == 403 and "Access-Control-Allow-Origin" not in refused.headers, (method, path)
    assert (await doors.call("GET", "/api/chat/session", token=token)).status == 200


async def test_an_embedded_chat_reads_answers_and_refusals_and_gets_no_cookie(doors: Doors) -> None:
    begun = await doors.call("POST", "/api/chat/sessions", headers={"Origin": COUNCIL})
    assert begun.status == 201 and "Set-Cookie" not in begun.headers
    for answer in (begun, await doors.call("POST", "/api/chat/end", token="wrong", headers={"Origin": COUNCIL})):
        assert answer.headers["Access-Control-Allow-Origin"] == COUNCIL
        assert set(answer.headers["Access-Control-Expose-Headers"].split(", ")) == {"Hearback-Token", "Retry-After"}
        assert "Access-Control-Allow-Credentials" not in answer.headers


async def test_our_own_pages_and_programs_need_no_permission(doors: Doors) -> None:
    for headers in ({}, {"Origin": PUBLIC}, {"Origin": doors.url}, {"Origin": "null", "Sec-Fetch-Site": "same-origin"}):
        answer = await doors.call("POST", "/api/chat/sessions", headers=headers)
        assert answer.status == 201 and "Access-Control-Allow-Origin" not in answer.headers, headers


async def test_other_parts_answer_no_preflight(doors: Doors) -> None:
    for path in ("/chat", "/sms/inbound", "/ready", "/"):
        asked = await preflight(doors, COUNCIL, path)
        assert asked.status in {404, 405} and "Access-Control-Allow-Origin" not in asked.headers


async def test_what_a_page_loads_to_show_the_chat_may_be_loaded_anywhere_and_nothing_else(doors: Doors) -> None:
    for path in ("/widget.js", "/static/built/chat.css"):
        loaded = await doors.call("GET", path)
        assert loaded.headers["Cross-Origin-Resource-Policy"] == "cross-origin" and loaded.headers["Access-Control-Allow-Origin"] == "*"
    for path in ("/chat", "/", "/api/chat/session", "/ready"):
        own = await doors.call("GET", path, headers={"Origin": COUNCIL} if path.startswith("/api") else {})
        assert own.headers["Cross-Origin-Resource-Policy"] == "same-origin" and own.headers.get("Access-Control-Allow-Origin") != "*"


async def test_pages_run_no_code_but_our_own(doors: Doors) -> None:
    policy = (await doors.call("GET", "/chat")).headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "script-src 'self';" in policy and "unsafe" not in policy
    assert "img-src 'self' blob: data:;" in policy, "no map in the council's settings"
