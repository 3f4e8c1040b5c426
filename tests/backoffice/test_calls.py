"""What a turn asked the council's systems is told without whom it was about."""

import asyncio

import pytest
from aiohttp import ClientError, ClientSession, web
from aiohttp.test_utils import TestServer

from backoffice import calls
from hearback import trace


async def test_calls_of_a_turn_are_told_without_words_or_numbers() -> None:
    async def answer(request: web.Request) -> web.Response:
        return web.Response(status=503 if "services" in request.path else 404 if "ASH" in request.path else 200)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    async with TestServer(app) as server, ClientSession(trace_configs=[calls.watching()]) as session:

        async def turn(*paths: str) -> list[calls.Call]:
            with calls.recorded() as made:
                for path in paths:
                    async with session.get(server.make_url(path), params={"postcode": "AB1 2CD"}):
                        pass
            return made

        first, second = await asyncio.gather(
            turn("/open311/v2/requests/ASH-1042.json", "/open311/v2/services.json"), turn("/bins/100012345678/missed", "/Sam%20Smith")
        )
        async with session.get(server.make_url("/outside")):
            pass
    assert [(one["call"], one["result"]) for one in first] == [("GET requests/….json", "refused"), ("GET v2/services.json", "unavailable")]
    assert [(one["call"], one["result"]) for one in second] == [("GET …/missed", "ok"), ("GET …", "ok")]
    assert all(isinstance(one["ms"], int) for one in first + second)


async def test_a_system_that_does_not_answer_is_told_too() -> None:
    async with ClientSession(trace_configs=[calls.watching()]) as session:
        with calls.recorded() as made, pytest.raises(ClientError):
            await session.get("http://127.0.0.1:9/requests.json")
    assert [(one["call"], one["result"]) for one in made] == [("GET requests.json", "unavailable")]


async def test_the_councils_systems_are_told_the_trace_and_nobody_else_is() -> None:
    came: list[tuple[str, str | None]] = []

    async def answer(request: web.Request) -> web.Response:
        came.append((request.path, request.headers.get("X-Request-ID")))
        return web.Response(status=500 if "bad" in request.path else 200)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    told: list[calls.Call] = []
    async with TestServer(app) as server:
        watching = calls.watching({str(server.make_url("/open311")): "open311"}, tell=told.append)
        async with ClientSession(trace_configs=[watching]) as session:
            trace.follow("0123456789abcdef")
            for path in ("/open311/services.json", "/open311/bad.json", "/elsewhere"):
                async with session.get(server.make_url(path)):
                    pass
            trace.follow(None)
            async with session.get(server.make_url("/open311/services.json")):
                pass
    assert came == [
        ("/open311/services.json", "0123456789abcdef"),
        ("/open311/bad.json", "0123456789abcdef"),
        ("/elsewhere", None),
        ("/open311/services.json", None),
    ]
    assert [(one.get("to"), one["result"]) for one in told] == [
        ("open311", "ok"),
        ("open311", "unavailable"),
        (None, "ok"),
        ("open311", "ok"),
    ]
