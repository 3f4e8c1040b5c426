"""GeoReport v2: creating and asking for requests."""

from __future__ import annotations

import asyncio
import json
import sqlite3

import pytest

HOLE = {"service_code": "POTHOLE", "lat": "51.05", "long": "0.1", "attribute[size]": "plate"}


async def test_a_request_is_created_and_given_back(sandbox):
    status, made = await sandbox.post(
        "requests.json", {**HOLE, "description": "Deep\r\nhole", "account_id": "42", "email": "a@example.org", "phone": "07700900123"}
    )
    notice = "We inspect within 5 working days. We make anything dangerous safe first."
    assert (status, made) == (200, [{"service_request_id": "ASH-104201", "service_notice": notice, "account_id": "42"}])
    status, found = await sandbox.get("requests/ASH-104201.json")
    assert status == 200
    assert found == [
        {
            "service_request_id": "ASH-104201",
            "status": "open",
            "status_notes": None,
            "service_name": "Pothole or broken road surface",
            "service_code": "POTHOLE",
            "description": "Deep\nhole",
            "agency_responsible": "Ashdown Highways",
            "service_notice": notice,
            "requested_datetime": "2026-11-24T09:30:00Z",
            "updated_datetime": "2026-11-24T09:30:00Z",
            "expected_datetime": "2026-12-22T09:30:00Z",
            "address": None,
            "address_id": None,
            "zipcode": None,
            "lat": 51.05,
            "long": 0.1,
            "media_url": None,
        }
    ]


async def test_zero_is_a_place(sandbox):
    _, made = await sandbox.post("requests.json", {**HOLE, "lat": "0", "long": "0"})
    _, found = await sandbox.get(f"requests/{made[0]['service_request_id']}.json")
    assert (found[0]["lat"], found[0]["long"]) == (0, 0)


@pytest.mark.parametrize("place", [{"address_string": "1 High Street, AS1 1AA"}, {"address_id": "100012345678"}])
async def test_an_address_or_its_id_is_a_place_too(sandbox, place):
    status, made = await sandbox.post("requests.json", {"service_code": "LITTER", "lat": "", "long": "", **place})
    assert status == 200
    _, found = await sandbox.get(f"requests/{made[0]['service_request_id']}.json")
    assert [found[0]["address"], found[0]["address_id"]] == [place.get("address_string"), place.get("address_id")]


async def test_answers_and_all_posted_fields_are_kept_but_not_the_key(sandbox, settings):
    fields = {"service_code": "FLYTIP", "address_string": "A lane", "attribute[kinds][]": ["bags", "tyres"], "attribute[bags]": "4"}
    status, _ = await sandbox.post("requests.json", {**fields, "first_name": "Ann"})
    assert status == 200
    row = sqlite3.connect(settings.home / "sandbox" / "sandbox.db").execute("SELECT attributes, posted FROM requests").fetchone()
    assert json.loads(row[0]) == {"kinds": ["bags", "tyres"], "bags": ["4"]}
    assert ["first_name", "Ann"] in json.loads(row[1])
    assert "api_key" not in row[1]


async def test_the_key_may_stand_in_the_address(sandbox):
    reply = await sandbox.client.post("/open311/v2/requests.json?api_key=sandbox", data={"service_code": "LITTER", "address_id": "1"})
    assert reply.status == 200


async def test_requests_made_at_once_have_their_own_references(sandbox):
    made = await asyncio.gather(*(sandbox.litter() for _ in range(40)))
    assert sorted(made) == [f"ASH-{number}" for number in range(104201, 104241)]


async def test_a_restart_loses_nothing_and_reuses_no_reference(open_sandbox):
    sandbox = await open_sandbox()
    first, second = await sandbox.litter(description="Cans"), await sandbox.litter()
    await sandbox.play(second, "close", status_notes="Swept")
    before = await sandbox.get("requests.json"), await sandbox.get("servicerequestupdates.json")
    await sandbox.fault({"status": 503}, count=1)
    sandbox = await open_sandbox()
    assert (await sandbox.get("requests.json"))[0] == 503
    assert (await sandbox.get("requests.json"), await sandbox.get("servicerequestupdates.json")) == before
    assert await sandbox.litter() not in (first, second)


async def test_asking_by_reference_overrides_everything_else(sandbox):
    old = await sandbox.litter()
    sandbox.time.move(days=200)
    new, _ = await sandbox.litter(), await sandbox.litter()
    ids = f"{old},{new},ASH-999999,rubbish"
    status, found = await sandbox.get("requests.json", service_request_id=ids, status="closed", start_date="x")
    assert (status, [item["service_request_id"] for item in found]) == (200, [new, old])


async def test_requests_are_found_by_service_and_status(sandbox):
    _, made = await sandbox.post("requests.json", HOLE)
    hole, litter = made[0]["service_request_id"], await sandbox.litter()
    await sandbox.play(hole, "close")

    async def found(**query: str) -> set[str]:
        return {item["service_request_id"] for item in (await sandbox.get("requests.json", **query))[1]}

    assert await found() == await found(status="", service_code="") == await found(status="open,closed") == {hole, litter}
    assert await found(status="closed") == await found(service_code="POTHOLE") == {hole}
    assert await found(service_code="POTHOLE,LITTER", status="open") == {litter}
    assert await found(service_code="NONE") == set()


async def test_without_dates_the_last_90_days_are_searched(sandbox):
    await sandbox.litter()
    sandbox.time.move(days=90)
    assert len((await sandbox.get("requests.json"))[1]) == 1
    sandbox.time.move(seconds=1)
    assert (await sandbox.get("requests.json"))[1] == []


async def test_dates_bound_the_search_and_one_date_alone_spans_90_days(sandbox):
    await sandbox.litter()
    sandbox.time.move(days=200)

    async def count(**query: str) -> int:
        return len((await sandbox.get("requests.json", **query))[1])

    assert await count(start_date="2026-11-24T09:30:00Z") == await count(end_date="2026-11-24T09:30:00Z") == 1
    assert await count(start_date="2026-11-24T10:30:00+01:00", end_date="2026-11-24T09:30:00Z") == 1
    assert await count(start_date="2026-11-24T09:30:01Z") == await count(end_date="2026-11-24T09:29:59Z") == 0
    assert await count(start_date="2026-08-26T09:29:00Z") == 0


async def test_at_most_1000_requests_are_given(sandbox):
    for _ in range(1003):
        await sandbox.litter()
    _, found = await sandbox.get("requests.json")
    assert (len(found), found[0]["service_request_id"]) == (1000, "ASH-105203")


@pytest.mark.parametrize(("kind", "expected"), [("batch", {"token"}), ("blackbox", set())])
async def test_a_batch_service_gives_a_token_and_a_blackbox_neither(sandbox, kind, expected):
    service = {"service_code": "SLOW", "service_name": "Slow", "type": kind, "token_polls": 1}
    assert (await sandbox.client.post("/sandbox/services", json=service)).status == 201
    status, made = await sandbox.post("requests.json", {"service_code": "SLOW", "address_id": "1"})
    assert (status, set(made[0])) == (200, expected)
    if kind == "batch":
        token = made[0]["token"]
        assert await sandbox.get(f"tokens/{token}.json") == (200, [{"service_request_id": None, "token": token}])
        assert await sandbox.get(f"tokens/{token}.json") == (200, [{"service_request_id": "ASH-104201", "token": token}])
