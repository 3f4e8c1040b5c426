"""GeoReport v2 by other people's measures: the official schemas, an independent client, and XML against JSON."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import georeport
import jsonschema
import pytest

SCHEMAS = Path(__file__).resolve().parents[4] / "shared" / "data" / "georeport-schemas"
with_schemas = pytest.mark.skipif(not SCHEMAS.exists(), reason=f"the official schemas are not at {SCHEMAS}")


def check(name: str, data: Any) -> None:
    """Validate against an official schema, and the items of a list each against theirs."""
    item = {"services": "service", "requests": "request"}.get(name)
    if item:
        assert isinstance(data, list) and data
        for one in data:
            check(item, one)
    else:
        assert isinstance(data, dict)
        jsonschema.validate(data, json.loads((SCHEMAS / f"{name}.json").read_text()))


def as_json_from_xml(element: ElementTree.Element, twin: Any) -> Any:
    """Read XML in the shape of its JSON twin; all values as text."""
    if isinstance(twin, list):
        assert len(element) == len(twin)
        return [as_json_from_xml(child, item) for child, item in zip(element, twin, strict=True)]
    if isinstance(twin, dict):
        assert [child.tag for child in element] == list(twin)
        return {child.tag: as_json_from_xml(child, twin[child.tag]) for child in element}
    return element.text


def as_text(value: Any) -> Any:
    if isinstance(value, list):
        return [as_text(item) for item in value]
    if isinstance(value, dict):
        return {key: as_text(item) for key, item in value.items()}
    if isinstance(value, bool):
        return str(value).lower()
    return None if value is None else str(value) or None


async def filled(sandbox: Any) -> None:
    fields = {"service_code": "GRAFFITI", "lat": "0", "long": "-0.25", "attribute[offensive]": "no", "media_url": "https://a.example/1.jpg"}
    await sandbox.post("requests.json", {**fields, "description": "Ŵall & <3\nnew line"})
    reference = await sandbox.litter()
    await sandbox.play(reference, "close", status_notes="Swept")
    at = {"reported_datetime": "2026-11-24T09:30:00Z", "round": "1", "channel": "sms"}
    await sandbox.post("outcomes.json", {"service_request_id": reference, "outcome_id": "HB-1", "outcome": "fixed", **at})
    sandbox.time.move(hours=1)


@with_schemas
async def test_every_answer_fits_the_official_schemas(sandbox):
    await filled(sandbox)
    _, services = await sandbox.get("services.json")
    check("services", services)
    for service in services:
        status, definition = await sandbox.get(f"services/{service['service_code']}.json")
        assert status == 200
        check("service-definition", definition)
    check("requests", (await sandbox.get("requests.json"))[1])
    check("requests", (await sandbox.get("requests/ASH-104202.json"))[1])


@pytest.mark.parametrize(
    "path",
    ["discovery", "services", "services/FLOOD", "services/LITTER", "requests", "requests/ASH-104201", "requests/NONE", "tokens/x"]
    + ["servicerequestupdates", "outcomes"],
)
async def test_xml_says_what_json_says(sandbox, path):
    await filled(sandbox)
    status, twin = await sandbox.get(f"{path}.json")
    async with sandbox.client.get(f"/open311/v2/{path}.xml") as reply:
        assert reply.status == status
        assert reply.headers["Content-Type"] == "text/xml; charset=utf-8"
        body = await reply.read()
    assert body.startswith(b'<?xml version="1.0" encoding="utf-8"?>')
    assert as_json_from_xml(ElementTree.fromstring(body), twin) == as_text(twin)


async def test_discovery_names_this_endpoint_and_both_formats(sandbox):
    _, found = await sandbox.get("discovery.json")
    (endpoint,) = found["endpoints"]
    assert endpoint["url"] == sandbox.url
    assert endpoint["specification"] == "http://wiki.open311.org/GeoReport_v2"
    assert endpoint["formats"] == ["text/xml", "application/json"]
    assert {"changeset", "contact", "key_service"} < set(found)


@pytest.mark.parametrize("kind", ["json", "xml"])
async def test_an_independent_client_can_use_it(sandbox, kind):
    await filled(sandbox)
    client = georeport.GeoReport(sandbox.url, api_key="sandbox", output_format=kind)
    services = await asyncio.to_thread(client.get_service_list)
    assert len(services) == 26
    definition = await asyncio.to_thread(client.get_service_definition, "POTHOLE")
    assert definition["service_code"] == "POTHOLE"
    assert {item["service_request_id"] for item in await asyncio.to_thread(client.get_service_requests)} == {"ASH-104201", "ASH-104202"}
    closed = await asyncio.to_thread(client.get_service_requests, status="closed", start_date="2026-11-01T00:00:00Z")
    assert (closed if kind == "xml" else closed[0])["status_notes"] == "Swept"
    found = await asyncio.to_thread(client.get_service_request, "ASH-104201")
    assert found["description"] == "Ŵall & <3\nnew line"
