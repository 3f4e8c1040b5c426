"""The back office's push: five times is once, in any order, and nothing without the key."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from doors import Answer, Doors, open_doors
from watched import Watched

KEY = "push-key-é"
PATH = "/open311/v2/servicerequestupdates"


class Office(Watched):
    doors: Doors

    async def push(self, kind: str = "json", **changed: Any) -> Answer:
        at = (datetime.now(UTC) + timedelta(seconds=1)).isoformat(timespec="seconds")
        form = {"api_key": KEY, "update_id": "U1", "service_request_id": "ASH-1", "status": "CLOSED", "description": "Filled.",
                "updated_datetime": at, **changed}  # fmt: skip
        sent = {name: value for name, value in form.items() if value is not None}
        return await self.doors.call("POST", f"{PATH}.{kind}", data=sent)


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    async with open_doors(tmp_path, HEARBACK_PUSH_KEY=KEY, HEARBACK_OPEN311_JURISDICTION="town") as doors:
        office = Office(doors.log, doors.database, datetime.now(UTC))
        office.doors = doors
        await office.request()
        yield office


async def test_the_same_update_five_times_at_once_is_one(office: Office) -> None:
    answers = await asyncio.gather(*(office.push(updated_datetime="2026-11-26T09:00:00Z") for _ in range(5)))
    assert [(one.status, one.body) for one in answers] == [(200, [{"update_id": "U1"}])] * 5
    assert await office.events("progress") == await office.events("declared") == ["done"]
    (first,) = await office.rounds()
    assert (first.declared, first.state) == ("done", "waiting")


async def test_updates_that_come_out_of_order_end_where_the_last_one_says(office: Office) -> None:
    now = datetime.now(UTC)
    for status, seconds in (("REOPEN", 3), ("INVESTIGATING", 1), ("CLOSED", 2)):
        at = (now + timedelta(seconds=seconds - 10)).isoformat()
        assert (await office.push(update_id=status, status=status, updated_datetime=at)).status == 200
    row = await office.row()
    assert (row.status, row.progress, row.detailed_status) == ("open", "open", "REOPEN")


@pytest.mark.parametrize("key", [None, "", "wrong", KEY + "x", "\x00"])
async def test_without_the_key_nothing_is_read(office: Office, key: str | None, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        answer = await office.push(api_key=key, service_request_id="ASH-9")
    assert (answer.status, answer.body) == (403, [{"code": 403, "description": "api_key is missing or wrong."}])
    assert await office.events("progress") == []
    assert not any(word in caplog.text for word in ("push-key", "wrong", "Filled"))


async def test_where_no_key_is_set_there_is_no_such_door(tmp_path: Path) -> None:
    async with open_doors(tmp_path) as doors:
        for key in ("", "x"):
            assert (await doors.call("POST", f"{PATH}.json", data={"api_key": key})).status == 404


@pytest.mark.parametrize(
    ("changed", "status", "says"),
    [
        ({"service_request_id": "ASH-9"}, 404, "no such request"),
        ({"jurisdiction_id": "elsewhere"}, 404, "no such jurisdiction"),
        ({"service_request_id": "<b>1</b>"}, 400, "cannot be one"),
        ({"service_request_id": "x" * 500}, 400, "cannot be one"),
        ({"update_id": None}, 400, "update_id is missing"),
        ({"update_id": "\x00 "}, 400, "update_id is missing"),
        ({"status": ""}, 400, "status is missing"),
        ({"updated_datetime": None}, 400, "updated_datetime is missing"),
        ({"updated_datetime": "yesterday"}, 400, "updated_datetime must be"),
        ({"description": "x" * 40_000}, 400, "too large"),
    ],
)
async def test_what_cannot_be_taken_is_answered_with_errors(office: Office, changed: dict[str, Any], status: int, says: str) -> None:
    in_json, in_xml = await office.push(**changed), await office.push("xml", **changed)
    assert in_json.status == in_xml.status == status
    assert says in in_json.body[0]["description"] and in_json.body[0]["code"] == status
    element = ElementTree.fromstring(in_xml.body)
    assert element.tag == "errors" and element.findtext("error/code") == str(status)
    assert await office.events("progress") == []


async def test_all_that_is_missing_is_named_at_once(office: Office) -> None:
    answer = await office.push(update_id=None, status=None)
    assert [one["description"] for one in answer.body] == ["update_id is missing.", "status is missing."]


async def test_xml_is_answered_as_xml(office: Office) -> None:
    answer = await office.push("xml", jurisdiction_id="town")
    assert answer.status == 200 and answer.headers["Content-Type"].startswith("text/xml")
    assert ElementTree.fromstring(answer.body).findtext("request_update/update_id") == "U1"


@pytest.mark.parametrize("at", ["1970-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
async def test_a_time_of_another_century_is_now(office: Office, at: str) -> None:
    assert (await office.push(updated_datetime=at)).status == 200
    (first,) = await office.rounds()
    assert first.declared == "done" and abs(first.declared_at - datetime.now(UTC)) < timedelta(minutes=1)
    assert (await office.push(updated_datetime=at)).status == 200
    assert await office.events("progress") == ["done"]


async def test_a_time_without_a_zone_is_utc(office: Office) -> None:
    at = datetime.now(UTC).replace(microsecond=0)
    assert (await office.push(updated_datetime=at.replace(tzinfo=None).isoformat())).status == 200
    assert abs((await office.rounds())[0].declared_at - at) < timedelta(seconds=1)


async def test_an_unknown_status_is_kept_and_the_request_is_looked_at_at_once(office: Office) -> None:
    await office.log.watch.looked(["key-1"], again=datetime.now(UTC) + timedelta(days=1))
    assert (await office.push(status="Gully jetted")).status == 200
    row = await office.row()
    assert (row.progress, row.detailed_status) == ("open", "Gully jetted")
    assert [one.key for one in await office.log.watch.due(5)] == ["key-1"]


async def test_hostile_words_are_kept_as_words(office: Office) -> None:
    words = "<script>alert(1)</script>\x00'; DROP TABLE requests; -- " + "x" * 9000
    assert (await office.push(description=words, status="In Progress" + "x" * 500, update_id="U" * 5000)).status == 200
    row = await office.row()
    assert row.status_notes.startswith("<script>") and "\x00" not in row.status_notes and len(row.status_notes) == 4000
    assert len(row.detailed_status) == 80


@pytest.mark.parametrize("body", [b"", b"\xff\xfe", b"{}", b"api_key=%ff", b"&" * 500, b"a=1&" * 500])
async def test_a_body_that_is_no_form_is_refused(office: Office, body: bytes) -> None:
    answer = await office.doors.call("POST", f"{PATH}.json", data=body)
    assert answer.status in (400, 403) and answer.body[0]["code"] == answer.status
