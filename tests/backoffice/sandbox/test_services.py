"""The council's services: what services.yml holds, and services added while running."""

from __future__ import annotations

import pytest

CODES = (
    "POTHOLE PAVEMENT STREETLIGHT TRAFFICLIGHT SIGN FLYTIP LITTER GRAFFITI FLYPOST DOGFOUL DEADANIMAL STRAYDOG ABANDONED "
    "PARKING TREE HEDGE DRAIN FLOOD NOISE PEST EMPTYPROP ROUGHSLEEP MISSEDBIN NEWBIN BULKY REPAIR"
)
SKIP = {
    "service_code": "SKIP",
    "service_name": "Skip permit",
    "description": "Put a skip on the road.",
    "keywords": "skip,permit",
    "group": "Roads and pavements",
    "attributes": [{"code": "days", "datatype": "number", "required": True, "description": "For how many days?"}],
}


async def test_the_26_services_are_there_each_in_full(sandbox):
    _, services = await sandbox.get("services.json")
    assert [service["service_code"] for service in services] == CODES.split()
    for service in services:
        assert all(service[name] for name in ("service_name", "description", "keywords", "group")), service
        assert service["type"] == "realtime"
    assert len({service["service_name"] for service in services}) == 26


async def test_definitions_ask_at_most_three_things_and_cover_every_datatype(sandbox):
    _, services = await sandbox.get("services.json")
    datatypes, informing = set(), 0
    for service in services:
        _, definition = await sandbox.get(f"services/{service['service_code']}.json")
        asked = [item for item in definition["attributes"] if item["variable"]]
        informing += len(definition["attributes"]) > len(asked)
        assert service["metadata"] == bool(definition["attributes"])
        if service["metadata"]:
            assert len(asked) <= 3
            assert sum(item["required"] for item in asked) in (1, 2), service
        assert [item["order"] for item in definition["attributes"]] == list(range(1, len(definition["attributes"]) + 1))
        assert all(item["description"] for item in definition["attributes"])
        assert all(("values" in item) == item["datatype"].endswith("list") for item in definition["attributes"])
        datatypes |= {item["datatype"] for item in asked}
    assert datatypes == {"string", "number", "datetime", "text", "singlevaluelist", "multivaluelist"}
    assert informing == 1


async def test_every_service_takes_a_request_with_its_required_answers_only(sandbox):
    example = {"string": "x", "text": "x", "number": "2", "datetime": "2026-11-23"}
    _, services = await sandbox.get("services.json")
    for service in services:
        _, definition = await sandbox.get(f"services/{service['service_code']}.json")
        fields = {"service_code": service["service_code"], "address_string": "1 High Street"}
        for item in definition["attributes"]:
            if item["required"]:
                fields[f"attribute[{item['code']}]"] = item["values"][0]["key"] if "values" in item else example[item["datatype"]]
        status, made = await sandbox.post("requests.json", fields)
        assert (status, len(made)) == (200, 1), made


async def test_a_service_added_while_running_can_be_used_at_once_and_survives_a_restart(open_sandbox):
    sandbox = await open_sandbox()
    _, before = await sandbox.get("discovery.json")
    assert (await sandbox.client.post("/sandbox/services", json=SKIP)).status == 201
    fields = {"service_code": "SKIP", "address_id": "1", "attribute[days]": "3"}
    assert (await sandbox.post("requests.json", fields))[0] == 200
    assert (await sandbox.get("discovery.json"))[1]["changeset"] > before["changeset"]
    sandbox = await open_sandbox()
    _, services = await sandbox.get("services.json")
    assert services[-1] == {**{name: SKIP[name] for name in SKIP if name != "attributes"}, "metadata": True, "type": "realtime"}
    _, found = await sandbox.get("requests.json")
    assert found[0]["agency_responsible"] == "Ashdown Highways"


async def test_a_service_can_be_replaced_and_removed(open_sandbox):
    sandbox = await open_sandbox()
    reference = await sandbox.litter()
    assert (await sandbox.client.post("/sandbox/services", json={"service_code": "LITTER", "service_name": "Rubbish"})).status == 201
    _, services = await sandbox.get("services.json")
    assert [services[6]["service_name"], len(services)] == ["Rubbish", 26]
    assert (await sandbox.client.delete("/sandbox/services/LITTER")).status == 204
    assert (await sandbox.client.delete("/sandbox/services/LITTER")).status == 404
    sandbox = await open_sandbox()
    assert (await sandbox.get("services/LITTER.json"))[0] == 404
    assert (await sandbox.get(f"requests/{reference}.json"))[1][0]["service_name"] == "Litter or overflowing public bin"
    assert (await sandbox.client.get("/")).status == 200


@pytest.mark.parametrize(
    "change",
    [
        {"service_code": ""},
        {"service_code": "A/B"},
        {"service_name": None},
        {"description": 5},
        {"type": "slow"},
        {"days": -1},
        {"days": True},
        {"token_polls": "1"},
        {"attributes": {"code": "a"}},
        {"attributes": ["x"]},
        {"attributes": [{"code": "a", "datatype": "money"}]},
        {"attributes": [{"code": "a[", "datatype": "text"}]},
        {"attributes": [{"code": "a", "datatype": "text", "required": "true"}]},
        {"attributes": [{"code": "a", "datatype": "text", "order": 0}]},
        {"attributes": [{"code": "a", "datatype": "singlevaluelist"}]},
        {"attributes": [{"code": "a", "datatype": "multivaluelist", "values": [{"key": 1, "name": "One"}]}]},
        {"attributes": [{"code": "a", "datatype": "text"}, {"code": "a", "datatype": "text"}]},
        {"attributes": [{"code": "a", "datatype": "text", "order": 1}, {"code": "b", "datatype": "text", "order": 1}]},
    ],
)
async def test_a_service_that_makes_no_sense_is_refused(sandbox, change):
    async with sandbox.client.post("/sandbox/services", json={**SKIP, **change}) as reply:
        assert reply.status == 400, await reply.text()
    assert len((await sandbox.get("services.json"))[1]) == 26
