"""GeoReport v2: every refusal, outages on demand, and hostile callers."""

from __future__ import annotations

import asyncio
from xml.etree import ElementTree

import aiohttp
import pytest

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
HOLE = {"service_code": "POTHOLE", "address_string": "1 High Street", "attribute[size]": "plate"}


@pytest.mark.parametrize(("key", "words"), [("", "api_key is missing."), ("wrong", "api_key is wrong."), ("ключ", "api_key is wrong.")])
@pytest.mark.parametrize("path", ["requests", "servicerequestupdates"])
async def test_without_the_key_nothing_is_taken(sandbox, key, words, path):
    reply = await sandbox.client.post(f"/open311/v2/{path}.json", data={**HOLE, "api_key": key})
    assert (reply.status, await reply.json()) == (403, [{"code": 403, "description": words}])


@pytest.mark.parametrize(
    "path",
    [
        "services/NONE.json",
        "requests/ASH-104201.json",
        "requests/none.json",
        "requests/ASH-99999999999999999999999.json",
        "requests/ASH-٣٣٣٣٣٣.json",
        "tokens/none.json",
        "elsewhere.json",
        "services.json?jurisdiction_id=elsewhere.example",
    ],
)
async def test_what_is_not_there_is_404(sandbox, path):
    status, body = await sandbox.get(path)
    assert (status, body[0]["code"]) == (404, 404)
    assert body[0]["description"]


@pytest.mark.parametrize("path", ["services", "requests", "discovery", "services/POTHOLE", "services.html", ""])
async def test_an_address_without_a_format_is_404(sandbox, path):
    async with sandbox.client.get(f"/open311/v2/{path}") as reply:
        assert (reply.status, reply.content_type) == (404, "text/xml")
        assert ElementTree.fromstring(await reply.read()).findtext("error/code") == "404"


async def test_errors_come_in_the_format_asked_for(sandbox):
    async with sandbox.client.post("/open311/v2/requests.xml", data=HOLE) as reply:
        assert reply.status == 403
        assert reply.headers["Content-Type"] == "text/xml; charset=utf-8"
        root = ElementTree.fromstring(await reply.read())
    assert [(item.tag, item.findtext("code"), item.findtext("description")) for item in root] == [("error", "403", "api_key is missing.")]


@pytest.mark.parametrize(
    ("fields", "status", "words"),
    [
        ({"service_code": ""}, 400, "service_code is missing."),
        ({"service_code": "NONE"}, 404, "There is no service NONE."),
        ({"jurisdiction_id": "elsewhere.example"}, 404, "There is no jurisdiction elsewhere.example"),
        ({"address_string": " "}, 400, "none was sent"),
        ({"address_id": "1"}, 400, "exactly one location"),
        ({"address_string": "", "address_id": "1", "lat": "51", "long": "0"}, 400, "exactly one location"),
        ({"address_string": "", "lat": "51"}, 400, "lat and long must be sent together."),
        ({"address_string": "", "lat": "91", "long": "0"}, 400, "lat must be a number from -90 to 90."),
        ({"address_string": "", "lat": "nan", "long": "0"}, 400, "lat must be a number"),
        ({"address_string": "", "lat": "51", "long": "east"}, 400, "long must be a number"),
        ({"attribute[size]": ""}, 400, "attribute[size] is missing."),
        ({"attribute[size]": "huge"}, 400, "attribute[size] must be one of smaller, plate, larger."),
        ({"attribute[size]": ["plate", "larger"]}, 400, "attribute[size] takes one value."),
        ({"attribute[colour]": "red"}, 400, "POTHOLE has no attribute[colour]."),
        ({"attribute": "red"}, 400, "POTHOLE has no attribute."),
        ({"description": "x" * 4001}, 400, "description is longer than 4000 characters."),
        ({"description": "<b>big</b>"}, 400, "description must be plain text without HTML."),
        ({"media_url": "javascript:alert(1)"}, 400, "media_url must begin with"),
        ({"service_code": "FLYTIP", "attribute[size]": "", "attribute[kinds][]": ["bags", "x"]}, 400, "must be from bags, furniture"),
        ({"service_code": "BULKY", "attribute[size]": "", "attribute[count]": "two"}, 400, "attribute[count] must be a number."),
        ({"service_code": "NOISE", "attribute[size]": "", "attribute[heard]": "last night"}, 400, "attribute[heard] must be an ISO 8601"),
        ({"service_code": "NOISE", "attribute[size]": "", "attribute[heard]": "2026-11-24T09:30"}, 400, "attribute[heard] must be an ISO"),
        ({"service_code": "FLOOD", "attribute[size]": "", "attribute[danger]": "no"}, 400, "FLOOD has no attribute[danger]."),
    ],
)
async def test_a_wrong_request_is_refused_with_the_reason(sandbox, fields, status, words):
    got, body = await sandbox.post("requests.json", {**HOLE, **fields})
    assert got == status, body
    assert all(error["code"] == status for error in body)
    assert any(words in error["description"] for error in body), body
    assert (await sandbox.get("requests.json"))[1] == []


async def test_all_that_is_wrong_is_said_at_once(sandbox):
    _, body = await sandbox.post("requests.json", {"service_code": "NEWBIN", "description": "<i>"})
    assert len(body) == 4


@pytest.mark.parametrize(
    "query",
    [
        {"status": "pending"},
        {"start_date": "2026-11-24"},
        {"start_date": "2026-11-24T09:30:00"},
        {"start_date": "2026-13-24T09:30:00Z"},
        {"end_date": "yesterday"},
        {"start_date": "2026-01-01T00:00:00Z", "end_date": "2026-11-24T00:00:00Z"},
        {"start_date": "2026-11-25T00:00:00Z", "end_date": "2026-11-24T00:00:00Z"},
    ],
)
async def test_a_wrong_question_is_400(sandbox, query):
    status, body = await sandbox.get("requests.json", **query)
    assert (status, body[0]["code"]) == (400, 400)


@pytest.mark.parametrize("date", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59"])
@pytest.mark.parametrize("name", ["start_date", "end_date"])
async def test_the_ends_of_time_do_no_harm(sandbox, date, name):
    assert (await sandbox.get("requests.json", **{name: date}))[0] in (200, 400)


@pytest.mark.parametrize("path", ["requests.json", "servicerequestupdates.xml", "requests/ASH-104201/close", "requests/ASH-104201/update"])
@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"\xff\xfe=%ff", "application/x-www-form-urlencoded"),
        (b"service_code=%ff%fe&api_key=%00", "application/x-www-form-urlencoded"),
        (b"a=1&" * 600, "application/x-www-form-urlencoded"),
        (b"a" * 2_000_000, "application/x-www-form-urlencoded"),
        (b"{" * 2_000_000, "application/json"),
        (b"[" * 100_000, "application/json"),
        (b'{"status_notes": ', "application/json"),
        (b'{"status_notes": NaN}', "application/json"),
        (b'{"status_notes": "\\ud800"}', "application/json"),
        (b'{"status_notes": ["x"]}', "application/json"),
        (b'{"expected_datetime": "soon"}', "application/json"),
        (b"[1]", "application/json; charset=nonsense"),
        (b"<xml/>", "text/xml"),
        (b"--x\r\n\r\nbroken", "multipart/form-data; boundary=x"),
    ],
)
async def test_hostile_bodies_are_refused_in_order(sandbox, path, body, kind):
    await sandbox.litter()
    try:
        async with sandbox.client.post(f"/open311/v2/{path}", data=body, headers={"Content-Type": kind}, allow_redirects=False) as reply:
            assert reply.status in (303, 400, 403), await reply.text()
    except aiohttp.ClientConnectionError:  # an oversize body may be cut off while it is still being sent
        assert len(body) > 1_000_000
    assert (await sandbox.get("requests/ASH-104201.json"))[0] == 200


@pytest.mark.parametrize("path", ["services/%ff%00.xml", "requests/%3Cscript%3E.xml", "requests.xml?status=%ff%00", "tokens/%ed%a0%80.xml"])
async def test_odd_addresses_get_well_formed_errors(sandbox, path):
    reader, writer = await asyncio.open_connection(sandbox.client.host, sandbox.client.port)
    writer.write(f"GET /open311/v2/{path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
    head, body = (await reader.read()).split(b"\r\n\r\n", 1)
    writer.close()
    assert head.split()[1] in (b"400", b"404")
    assert ElementTree.fromstring(body).findtext("error/code") in ("400", "404")


async def test_control_characters_do_not_break_the_xml(sandbox):
    reference = await sandbox.litter(description="bell \x07 and \x00 and <3 & ]]> \U0001f600")
    async with sandbox.client.get(f"/open311/v2/requests/{reference}.xml") as reply:
        text = ElementTree.fromstring(await reply.read()).findtext("request/description")
    assert text == "bell \ufffd and \ufffd and <3 & ]]> \U0001f600"


@pytest.mark.parametrize("host", ["a b<", "[", "x:99999", "%%"])
async def test_a_broken_host_header_is_no_crash(sandbox, host):
    async with sandbox.client.get("/open311/v2/discovery.json", headers={"Host": host}) as reply:
        assert reply.status in (200, 400)


async def test_an_outage_lasts_as_many_answers_as_told(sandbox):
    await sandbox.fault({"status": 503}, count=2)
    statuses = [(await sandbox.get("services.json"))[0] for _ in range(3)]
    assert statuses == [503, 503, 200]
    assert await (await sandbox.client.get("/sandbox/faults")).json() == {"open311": None, "count": None}


async def test_an_outage_without_a_count_lasts_until_it_is_ended(sandbox):
    await sandbox.fault({"status": 500})
    for _ in range(3):
        assert (await sandbox.get("services.json"))[0] == 500
    assert (await sandbox.post("requests.json", HOLE))[0] == 500
    await sandbox.fault(None)
    assert await sandbox.get("requests.json") == (200, [])


async def test_answers_can_be_late_dropped_or_garbage(sandbox):
    await sandbox.fault({"delay": 0.3}, count=1)
    start = asyncio.get_running_loop().time()
    assert (await sandbox.get("services.json"))[0] == 200
    assert asyncio.get_running_loop().time() - start >= 0.3
    await sandbox.fault({"drop": True}, count=1)
    with pytest.raises(aiohttp.ClientError):
        await sandbox.post("requests.json", HOLE)
    await sandbox.fault({"garbage": True}, count=1)
    with pytest.raises(ValueError):
        await sandbox.get("services.json")
    assert await sandbox.get("requests.json") == (200, [])


async def test_an_answer_can_be_lost_after_the_work_was_done(sandbox):
    await sandbox.fault({"drop": True, "after": True}, count=1)
    with pytest.raises(aiohttp.ClientError):
        await sandbox.post("requests.json", HOLE)
    assert len((await sandbox.get("requests.json"))[1]) == 1


@pytest.mark.parametrize(
    "body",
    ["{", "[]", "{}", '{"open311": 5}', '{"open311": {}}', '{"open311": {"status": 200}}', '{"open311": {"status": true}}']
    + ['{"open311": {"delay": -1}}', '{"open311": {"delay": 1e999}}', '{"open311": null, "count": 0}', '{"hsds": null}'],
)
async def test_a_fault_that_makes_no_sense_is_refused(sandbox, body):
    async with sandbox.client.post("/sandbox/faults", data=body) as reply:
        assert reply.status == 400
    assert (await sandbox.get("services.json"))[0] == 200


async def test_the_bin_system_has_faults_of_its_own(sandbox):
    async with sandbox.client.post("/sandbox/faults", json={"bins": {"status": 503}, "count": 1}) as reply:
        assert (await reply.json())["bins"] == {"status": 503}
    assert (await sandbox.get("services.json"))[0] == 200
    for status in (503, 200):
        async with sandbox.client.get("/bins/containers") as reply:
            assert reply.status == status
    assert await (await sandbox.client.get("/sandbox/faults")).json() == {"open311": None, "count": None}
