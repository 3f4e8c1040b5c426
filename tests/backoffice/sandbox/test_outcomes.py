"""Outcomes as open data: what citizens said, beside what was declared; and our client against the sandbox."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import pytest

from backoffice.open311 import Open311Client
from backoffice.reopening import Remedy, dispute


def said(reference: str, **changed: str) -> dict[str, str]:
    given = {"service_request_id": reference, "outcome_id": "HB-1", "outcome": "not_fixed", "reported_datetime": "2026-11-24T09:30:00Z"}
    return {**given, "channel": "sms", "round": "1", **changed}


async def test_an_outcome_is_kept_once_listed_and_shown(sandbox: Any) -> None:
    reference = await sandbox.litter()
    for _ in range(5):
        assert await sandbox.post("outcomes.json", said(reference)) == (200, [{"outcome_id": "HB-1"}])
    assert await sandbox.get("outcomes.json") == (200, [{**said(reference), "round": 1}])
    async with sandbox.client.get("/") as page:
        assert "not fixed (round 1, sms" in await page.text()


async def test_a_later_answer_replaces_an_earlier_one_and_not_the_other_way_round(sandbox: Any) -> None:
    reference = await sandbox.litter()
    sandbox.time.move(minutes=5)
    await sandbox.post("outcomes.json", said(reference))
    await sandbox.post("outcomes.json", said(reference, outcome="fixed", reported_datetime="2026-11-24T09:31:00Z"))
    await sandbox.post("outcomes.json", said(reference))
    assert [one["outcome"] for one in (await sandbox.get("outcomes.json"))[1]] == ["fixed"]
    assert (await sandbox.get(f"requests/{reference}.json"))[1][0]["status"] == "open"


async def test_outcomes_outlive_a_restart(open_sandbox: Callable[[], Awaitable[Any]]) -> None:
    sandbox = await open_sandbox()
    await sandbox.post("outcomes.json", said(await sandbox.litter()))
    assert len((await (await open_sandbox()).get("outcomes.json"))[1]) == 1


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"outcome": "brilliant"}, 400), ({"outcome": ""}, 400), ({"outcome_id": ""}, 400), ({"channel": "pigeon"}, 400),
        ({"round": "0"}, 400), ({"round": "two"}, 400), ({"reported_datetime": "today"}, 400), ({"api_key": "x"}, 403),
        ({"service_request_id": "ASH-999999"}, 404),
    ],
)  # fmt: skip
async def test_what_cannot_be_taken_is_named(sandbox: Any, changed: dict[str, str], status: int) -> None:
    given = said(await sandbox.litter(), **changed)
    if "api_key" in given:
        async with sandbox.client.post("/open311/v2/outcomes.json", data=given) as answer:
            answered, body = answer.status, await answer.json()
    else:
        answered, body = await sandbox.post("outcomes.json", given)
    assert answered == status and body[0]["code"] == status and body[0]["description"]
    assert (await sandbox.get("outcomes.json"))[1] == []


@pytest.fixture
async def client(sandbox: Any) -> Any:
    async with aiohttp.ClientSession() as session:
        yield Open311Client(session, url=sandbox.url, api_key="sandbox", jurisdiction="ashdown.example")


async def test_our_client_writes_and_reads_them(sandbox: Any, client: Open311Client) -> None:
    reference, now = await sandbox.litter(), sandbox.time.at
    await client.report_outcome(reference, outcome_id="HB-1", outcome="partly", at=now, channel="web", round=2)
    (outcome,) = await client.outcomes(now, now.replace(hour=12)) or []
    assert (outcome.reference, outcome.outcome, outcome.at, outcome.channel, outcome.round) == (reference, "partly", now, "web", 2)


async def test_a_no_opens_the_request_again_and_its_update_is_in_the_list(sandbox: Any, client: Open311Client) -> None:
    reference = await sandbox.litter()
    await sandbox.play(reference, "close", status_notes="Cleared.")
    sandbox.time.move(minutes=5)
    told: dict[str, Any] = {"tag": "HB-0123456789", "words": "still there", "at": sandbox.time.at, "service_code": "LITTER", "report": {}}
    for again in (False, True, True):
        assert await dispute(client, reference=reference, again=again, **told) == Remedy(kind="reopened", reference=reference)
    assert (await client.request(reference)).status == "open"
    updates = await client.updates(sandbox.time.at.replace(hour=0), sandbox.time.at.replace(hour=23)) or []
    assert [one.status for one in updates] == ["closed", "reopen"]
    assert len((await sandbox.get("requests.json"))[1]) == 1
