"""What servers in use do beside the standard, each against a small server that does it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiohttp import web

from backoffice.errors import BackOfficeRefused, BackOfficeUnavailable, NotFound

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
ERROR = [{"code": 500, "description": "service_request_id not found"}]


def says(body: Any, status: int = 200) -> Any:
    async def handler(request: web.Request) -> web.StreamResponse:
        return web.Response(text=body, status=status) if isinstance(body, str) else web.json_response(body, status=status)

    return handler


async def test_an_unknown_id_answered_with_500_and_errors_is_told_from_a_server_that_is_down(world: Any) -> None:
    client = await world(says(ERROR, 500))
    with pytest.raises(BackOfficeUnavailable) as refused:
        await client.request("1")
    assert refused.value.reasons == ("service_request_id not found",)
    client = await world(says("", 500))
    with pytest.raises(BackOfficeUnavailable) as refused:
        await client.request("1")
    assert refused.value.reasons == ()


@pytest.mark.parametrize("status", [400, 403])
async def test_a_missing_key_may_be_answered_400(world: Any, status: int) -> None:
    client = await world(says([{"code": status, "description": "api_key is missing."}], status), api_key="")
    with pytest.raises(BackOfficeRefused):
        await client.create("1", {"address": "here"}, tag="HB-1")
    assert "api_key" not in world.calls[0][3]


async def test_a_strict_server_is_sent_nothing_that_it_does_not_know(world: Any) -> None:
    known = {"start_date", "end_date", "service_code", "service_request_id", "status"}

    async def strict(request: web.Request) -> web.StreamResponse:
        unknown = set(request.query) - known
        return web.json_response([{"code": 400, "description": "Unexpected."}] if unknown else [], status=400 if unknown else 200)

    client = await world(strict, jurisdiction="")
    assert await client.updates(NOW, NOW + timedelta(days=1)) == []
    assert await client.requests(["1", "2"]) == []
    assert await client.find_created("1", tag="HB-1", since=NOW) is None
    assert await client.open_requests("1", since=NOW) == []


@pytest.mark.parametrize("body", [[{}], [{"service_request_id": None}], [{"service_request_id": ""}], [{"service_notice": "Thanks"}]])
async def test_no_request_id_in_the_response(world: Any, body: Any) -> None:
    client = await world(says(body))
    created = await client.create("1", {"address": "here"}, tag="HB-1")
    assert (created.reference, created.token) == (None, None)


@pytest.mark.parametrize("bad", ["<p>Error</p>", "null", "undefined", "Internal error at line 5", "x" * 200, {"id": 5}, [7], True])
async def test_bad_data_where_the_id_should_be_is_no_reference(world: Any, bad: Any) -> None:
    client = await world(says([{"service_request_id": bad, "token": "T1"}]))
    created = await client.create("1", {"address": "here"}, tag="HB-1")
    assert (created.reference, created.token) == (None, "T1")
    assert await client.reference_of("T1") is None


async def test_a_token_that_is_not_ready_and_a_server_without_tokens(world: Any) -> None:
    client = await world(says([{"service_request_id": None, "token": "T1"}]))
    assert await client.reference_of("T1") is None
    client = await world(says("<h1>Not found</h1>", 404))
    with pytest.raises(NotFound):
        await client.reference_of("T1")


async def test_an_answer_may_stand_in_an_object(world: Any) -> None:
    client = await world(says({"service_requests": [{"service_request_id": 7}]}))
    assert [one.reference for one in await client.requests(["7"])] == ["7"]
    client = await world(says({"service_request_updates": [{"service_request_id": 7, "update_id": 1, "status": "OPEN"}]}))
    assert [one.update_id for one in await client.updates(NOW, NOW + timedelta(days=1)) or []] == ["1"]


async def test_null_is_absent(world: Any) -> None:
    names = (
        "status",
        "status_notes",
        "agency_responsible",
        "requested_datetime",
        "updated_datetime",
        "expected_datetime",
        "lat",
        "extended",
    )
    client = await world(says([{"service_request_id": "7", **dict.fromkeys(names)}]))
    request, bare = await client.request("7"), (await (await world(says([{"service_request_id": "7"}]))).request("7"))
    assert request == bare and request.given is None


@pytest.mark.parametrize("where", [{"detailed_status": "In progress"}, {"extended_attributes": {"detailed_status": "In progress"}}])
async def test_a_finer_state_may_stand_beside_the_status(world: Any, where: dict[str, Any]) -> None:
    client = await world(says([{"service_request_id": "7", "status": "open", **where}]))
    request = await client.request("7")
    assert (request.status, request.given) == ("open", "In progress")


async def test_a_datetime_without_a_zone_is_utc_and_nonsense_is_none(world: Any) -> None:
    rows = [{"service_request_id": "7", "updated_datetime": "2026-11-24T09:30:00", "expected_datetime": "soon"}]
    request = await (await world(says(rows))).request("7")
    assert (request.updated_at, request.expected_at) == (datetime(2026, 11, 24, 9, 30, tzinfo=UTC), None)


async def test_a_json_server_without_a_list_of_updates_stays_one_of_json(world: Any) -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        if request.path == "/v2/requests.json":
            return web.json_response([{"service_request_id": "7"}])
        return web.Response(text="<h1>Not found</h1>", status=404)

    client = await world(handler)
    assert await client.updates(NOW, NOW + timedelta(days=1)) is None
    assert await client.outcomes(NOW, NOW + timedelta(days=1)) is None
    assert len(await client.requests(["7"])) == 1
    assert (await client.create("1", {"address": "here"}, tag="HB-1")).reference == "7"


@pytest.mark.parametrize("status", [400, 403, 405, 501])
async def test_a_list_of_updates_that_is_refused_is_none(world: Any, status: int) -> None:
    assert await (await world(says("", status))).updates(NOW, NOW + timedelta(days=1)) is None


@pytest.mark.parametrize("body", ["{}", '[{"code": 500, "description": "x"}]', "[{}]", "<html>502", "null", '{"a": '])
async def test_nonsense_in_place_of_updates_is_no_empty_list(world: Any, body: str) -> None:
    client = await world(says(body))
    with pytest.raises(BackOfficeUnavailable):
        await client.updates(NOW, NOW + timedelta(days=1))


XML = """<?xml version="1.0" encoding="utf-8"?>
<{root}><request_update><update_id>638344</update_id><service_request_id>1</service_request_id><status>action_scheduled</status>
<description>A crew comes &amp; fills it.</description><updated_datetime>2026-11-24T10:00:00+01:00</updated_datetime>
</request_update></{root}>"""


@pytest.mark.parametrize("root", ["service_request_updates", "service_requests_updates"])
async def test_updates_of_a_server_of_xml_only(world: Any, root: str) -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        if request.path.endswith(".xml"):
            return web.Response(text=XML.format(root=root), content_type="text/xml")
        return web.Response(status=406)

    (update,) = await (await world(handler)).updates(NOW, NOW + timedelta(days=1))
    assert (update.reference, update.update_id, update.status) == ("1", "638344", "action_scheduled")
    assert (update.description, update.at) == ("A crew comes & fills it.", datetime(2026, 11, 24, 9, tzinfo=UTC))


async def test_a_create_on_a_server_of_xml_only_is_sent_again_as_it_was_not_taken(world: Any) -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        body = "<service_requests><request><service_request_id>7</service_request_id></request></service_requests>"
        return web.Response(text=body) if request.path.endswith(".xml") else web.Response(status=404, text="no")

    assert (await (await world(handler)).create("1", {"address": "here"}, tag="HB-1")).reference == "7"


def feed(rows: list[dict[str, Any]]) -> Any:
    """A list of updates with the standard's limits: 90 days, 1,000 rows; an end is left out."""

    async def handler(request: web.Request) -> web.StreamResponse:
        start, end = (datetime.fromisoformat(request.query[name]) for name in ("start_date", "end_date"))
        if end - start > timedelta(days=90):
            return web.json_response([{"code": 400, "description": "90 days at most."}], status=400)
        inside = [row for row in rows if start <= datetime.fromisoformat(row["updated_datetime"]) < end]
        return web.json_response(inside[:1000])

    return handler


def update(number: int, at: datetime) -> dict[str, Any]:
    return {"service_request_id": f"ASH-{number}", "update_id": number, "status": "CLOSED", "updated_datetime": at.isoformat()}


async def test_a_year_of_updates_is_read_in_windows_and_none_of_a_thousand_is_cut_off(world: Any) -> None:
    burst = [update(number, NOW + timedelta(days=100, seconds=number)) for number in range(2500)]
    sparse = [update(10_000 + day, NOW + timedelta(days=day)) for day in range(365)]
    client = await world(feed([*burst, *sparse]))
    found = await client.updates(NOW, NOW + timedelta(days=365))
    assert len(found) == len({one.update_id for one in found}) == 2865
    assert [one.at for one in found] == sorted(one.at for one in found)


async def test_a_thousand_updates_of_one_second_do_not_halve_for_ever(world: Any) -> None:
    client = await world(feed([update(number, NOW) for number in range(1500)]))
    assert len(await client.updates(NOW, NOW + timedelta(days=1))) == 1000
    assert len(world.calls) < 50


async def test_a_long_answer_is_read_to_its_end(world: Any) -> None:
    rows = [{"service_request_id": str(number), "description": "x" * 3000} for number in range(1000)]
    assert len(await (await world(says(rows))).requests(["1"])) == 1000


async def test_many_references_go_in_addresses_of_a_sane_length(world: Any) -> None:
    client = await world(says([]))
    await client.requests([f"REFERENCE-{number:06d}" for number in range(500)])
    asked = [query for _, _, query, _ in world.calls]
    assert max(map(len, asked)) < 2000
    assert sum(query.count("REFERENCE-") for query in asked) == 500


async def test_a_reference_is_no_path(world: Any) -> None:
    client = await world(says([]))
    with pytest.raises(NotFound):
        await client.request("../services?x=")
    assert world.calls[0][1].startswith("/v2/requests/")


async def test_outcomes_are_written_and_read(world: Any) -> None:
    rows = [
        {"service_request_id": 7, "outcome": "not_fixed", "reported_datetime": "2026-11-24T10:00:00Z", "channel": "sms", "round": "2"},
        {"service_request_id": 7, "outcome": "brilliant"},
    ]
    client = await world(says(rows))
    (outcome,) = await client.outcomes(NOW - timedelta(days=1), NOW)
    assert (outcome.reference, outcome.outcome, outcome.channel, outcome.round) == ("7", "not_fixed", "sms", 2)
    await client.report_outcome("7", outcome_id="HB-1", outcome="fixed", at=NOW, channel="web", round=1)
    _, path, _, body = world.calls[-1]
    assert path == "/v2/outcomes.json" and "outcome=fixed" in body and "api_key=key" in body and "jurisdiction_id=town" in body
