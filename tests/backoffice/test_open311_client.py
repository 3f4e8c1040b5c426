"""The Open311 client against small servers that behave like real ones: correct, odd, slow, lying."""

import contextlib
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from backoffice.errors import BackOfficeRefused, BackOfficeUnavailable, NotFound, OutcomeUnknown
from backoffice.open311 import Open311Client

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
NOW = datetime(2026, 11, 24, tzinfo=UTC)


def says(body: Any, status: int = 200) -> Handler:
    async def handler(request: web.Request) -> web.StreamResponse:
        return web.Response(text=body, status=status) if isinstance(body, str) else web.json_response(body, status=status)

    return handler


async def test_strings_numbers_and_nulls_are_read_as_what_they_mean(world: Any) -> None:
    client = await world(
        says([{"service_code": 1, "service_name": "Pothole", "metadata": "true", "keywords": "road, hole", "group": None}])
    )
    (service,) = await client.services()
    assert (service.code, service.metadata, service.keywords) == ("1", True, ("road", "hole"))


async def test_a_reference_of_zero_is_a_reference(world: Any) -> None:
    client = await world(says([{"service_request_id": 0, "status": "OPEN", "lat": 0, "long": "0"}]))
    request = await client.request("0")
    assert (request.reference, request.status, request.lat, request.long) == ("0", "open", 0.0, 0.0)
    assert (await client.create("1", {"address": "here"}, tag="HB-1")).reference == "0"


async def test_what_the_log_has_no_room_for_is_no_code_and_a_name_without_its_end(world: Any) -> None:
    client = await world(
        says(
            [
                {
                    "service_code": "c" * 80,
                    "service_name": "n" * 300,
                    "token": "t" * 81,
                    "service_request_id": 7,
                    "agency_responsible": "a" * 201,
                },
                {"service_code": "c" * 81, "service_name": "Pothole", "token": "t"},
            ]
        )
    )
    assert [(one.code, one.name) for one in await client.services()] == [("c" * 80, "n" * 200)]
    request = await client.request("7")
    assert (request.service_name, request.agency_responsible) == ("n" * 200, "a" * 200)
    created = await client.create("1", {"address": "here"}, tag="HB-1")
    assert (created.reference, created.token) == ("7", None)


XML = {
    "/v2/services.xml": "<services><service><service_code>9</service_code><service_name>Tree</service_name>"
    "<metadata>true</metadata></service></services>",
    "/v2/services/9.xml": "<service_definition><service_code>9</service_code><attributes><attribute><variable>true</variable><code>A</code>"
    "<datatype>singlevaluelist</datatype><required>true</required><order>1</order><description>Which?</description>"
    "<values><value><key>k</key><name>Oak</name></value></values></attribute></attributes></service_definition>",
    "/v2/requests.xml": "<service_requests><request><service_request_id>7</service_request_id></request></service_requests>",
}


async def test_a_server_that_speaks_only_xml(world: Any) -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        body = XML.get(request.path)
        return web.Response(text=body, content_type="text/xml") if body else web.Response(status=404, text="no such thing")

    client = await world(handler)
    assert [one.name for one in await client.services()] == ["Tree"]
    (attribute,) = await client.definition("9")
    assert (attribute.code, attribute.required, attribute.values) == ("A", True, (("k", "Oak"),))
    assert (await client.create("9", {"address": "here"}, tag="HB-1")).reference == "7"


async def test_what_a_create_sends(world: Any) -> None:
    client = await world(says([{"service_request_id": "5"}]))
    report = {
        "description": "<b>big</b> & <3",
        "address": "12 Mill Lane",
        "attributes": {"SIZE": "l", "KINDS": ["a", "b"]},
        "media_url": None,
    }
    await client.create("POTHOLE", report, tag="HB-1")
    ((_, path, _, body),) = world.calls
    assert path == "/v2/requests.json"
    for part in ("service_code=POTHOLE", "jurisdiction_id=town", "api_key=key", "address_string=12+Mill+Lane", "attribute%5BSIZE%5D=l",
                 "attribute%5BKINDS%5D%5B%5D=a", "attribute%5BKINDS%5D%5B%5D=b", "%5BHB-1%5D", "%26+%3C3"):  # fmt: skip
        assert part in body, part
    assert "media_url" not in body and "%3Cb%3E" not in body


async def test_a_point_goes_with_the_words_and_a_server_of_one_location_finds_them_in_the_description(world: Any) -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        form = await request.post()
        if "address_string" in form and "lat" in form:
            return web.json_response([{"code": 400, "description": "Send one location."}], status=400)
        return web.json_response([{"service_request_id": "5"}])

    client, report = await world(handler), {"description": "big", "address": "by the oak", "lat": 51.05, "long": 0.1}
    for _ in range(2):
        assert (await client.create("POTHOLE", report, tag="HB-1")).reference == "5"
    both, first, second = (body for _, _, _, body in world.calls)
    assert "address_string=by+the+oak" in both and "lat=51.05" in both and "long=0.1" in both
    assert first == second and "address_string" not in first and "by+the+oak" in first and "lat=51.05" in first


async def test_open_requests_of_a_service(world: Any) -> None:
    rows = [{"service_request_id": str(at), "service_code": code, "status": status} for at, (code, status) in enumerate(
        [("POTHOLE", "open"), ("POTHOLE", "CLOSED"), ("TREE", "open")])]  # fmt: skip
    client = await world(says(rows))
    assert [one.reference for one in await client.open_requests("POTHOLE", since=NOW)] == ["0"]
    assert "service_code=POTHOLE&status=open&start_date=2026-11-24" in world.calls[0][2]


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (says([{"code": 403, "description": "api key"}], 403), BackOfficeRefused),
        (says([{"code": 400, "description": "no location"}], 400), BackOfficeRefused),
        (says([{"code": 404, "description": "no such service"}], 404), NotFound),
        (says("", 500), OutcomeUnknown),
        (says("<html>it works</html", 200), OutcomeUnknown),
        (says([{"code": 500, "description": "try later"}], 503), BackOfficeUnavailable),
    ],
)
async def test_a_create_that_fails_is_never_sent_twice(world: Any, answer: Handler, error: type[Exception]) -> None:
    client = await world(answer)
    with pytest.raises(error):
        await client.create("POTHOLE", {"address": "here"}, tag="HB-1")
    assert len(world.calls) == 1


async def test_a_server_that_drops_the_line_after_a_create(world: Any) -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        assert request.transport
        request.transport.close()
        return web.Response()

    client = await world(handler)
    with pytest.raises(OutcomeUnknown):
        await client.create("POTHOLE", {"address": "here"}, tag="HB-1")


async def test_nobody_there_means_nothing_was_sent() -> None:
    async with aiohttp.ClientSession() as session:
        client = Open311Client(session, url="http://127.0.0.1:9/v2")
        with pytest.raises(BackOfficeUnavailable) as refused:
            await client.create("POTHOLE", {"address": "here"}, tag="HB-1")
        assert not isinstance(refused.value, OutcomeUnknown)


async def test_reads_are_tried_again(world: Any) -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        return web.json_response([]) if len(world.calls) == 3 else web.Response(status=502)

    client = await world(handler)
    assert await client.services() == []
    assert len(world.calls) == 3


@pytest.mark.parametrize("status", [404, 500])
async def test_an_unknown_request_is_unknown_even_where_the_server_calls_it_its_own_fault(world: Any, status: int) -> None:
    client = await world(says([{"code": 404, "description": "no such request"}], status))
    with pytest.raises(NotFound):
        await client.request("1")


async def test_an_earlier_try_is_found_by_its_tag(world: Any) -> None:
    rows = [
        {"service_request_id": "1", "description": "x\n[HB-AA]"},
        {"service_request_id": "2", "description": "y\n[HB-BB]"},
        {"description": None},
    ]
    client = await world(says(rows))
    assert (await client.find_created("P", tag="HB-BB", since=NOW)).reference == "2"
    assert await client.find_created("P", tag="HB-CC", since=NOW) is None


@pytest.mark.parametrize("body", ["[]", "{}", "null", "[1, null, []]", "<a/>", "[{}]", '{"attributes": 5}', '[{"attributes": [null, 1]}]'])
async def test_nonsense_is_no_crash(world: Any, body: str) -> None:
    client = await world(says(body))
    for call in (client.services, partial(client.definition, "1"), partial(client.request, "1"), partial(client.reference_of, "t")):
        with contextlib.suppress(BackOfficeUnavailable, NotFound):
            await call()
