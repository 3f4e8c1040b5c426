"""What happens to a request afterwards: the partner closes it, updates come and go, and the page to do so by hand."""

from __future__ import annotations

import re

import pytest

AT = "2026-11-24T09:30:00Z"


def update(reference: str, **more: str) -> dict[str, str]:
    return {"update_id": "77", "service_request_id": reference, "status": "open", "description": "Not done", "updated_datetime": AT, **more}


async def test_the_partner_closes_a_request(sandbox):
    reference = await sandbox.litter()
    sandbox.time.move(hours=5)
    status, body = await sandbox.play(reference, "close", status_notes="Swept", agency_responsible="Broom Ltd")
    assert (status, len(body)) == (200, 1)
    assert {"status": "closed", "status_notes": "Swept", "agency_responsible": "Broom Ltd"}.items() <= body[0].items()
    assert (body[0]["requested_datetime"], body[0]["updated_datetime"]) == ("2026-11-24T09:30:00Z", "2026-11-24T14:30:00Z")
    assert await sandbox.get(f"requests/{reference}.json") == (200, body)


async def test_the_closing_date_stays_when_a_closed_request_is_closed_or_updated_again(sandbox):
    reference = await sandbox.litter()
    await sandbox.play(reference, "close")
    sandbox.time.move(hours=5)
    for verb in ("close", "update"):
        _, body = await sandbox.play(reference, verb, status_notes=f"More by {verb}")
        assert (body[0]["status"], body[0]["status_notes"]) == ("closed", f"More by {verb}")
        assert body[0]["updated_datetime"] == "2026-11-24T09:30:00Z"


async def test_the_partner_says_how_it_goes_and_reopens(sandbox):
    reference = await sandbox.litter()
    _, body = await sandbox.play(reference, "update", status_notes="Crew booked", expected_datetime="2026-12-01T09:00:00+01:00")
    assert (body[0]["status"], body[0]["status_notes"], body[0]["expected_datetime"]) == ("open", "Crew booked", "2026-12-01T08:00:00Z")
    await sandbox.play(reference, "close", status_notes="Done")
    sandbox.time.move(days=1)
    _, body = await sandbox.play(reference, "reopen", status_notes="Still there")
    assert (body[0]["status"], body[0]["status_notes"], body[0]["updated_datetime"]) == ("open", "Still there", "2026-11-25T09:30:00Z")
    _, updates = await sandbox.get("servicerequestupdates.json")
    assert [item["status"] for item in updates] == ["open", "closed", "open"]
    assert [item["description"] for item in updates] == ["Crew booked", "Done", "Still there"]
    assert len({item["update_id"] for item in updates}) == 3


@pytest.mark.parametrize("verb", ["close", "reopen", "update"])
async def test_an_unknown_request_cannot_be_played(sandbox, verb):
    status, body = await sandbox.play("ASH-104299", verb)
    assert (status, body) == (404, [{"code": 404, "description": "There is no request ASH-104299."}])


async def test_an_open_update_reopens_a_closed_request(sandbox):
    reference = await sandbox.litter()
    await sandbox.play(reference, "close", status_notes="Swept")
    sandbox.time.move(days=1)
    assert await sandbox.post("servicerequestupdates.json", update(reference, status="OPEN")) == (200, [{"update_id": "77"}])
    _, found = await sandbox.get(f"requests/{reference}.json")
    assert (found[0]["status"], found[0]["status_notes"], found[0]["updated_datetime"]) == ("open", "Not done", "2026-11-25T09:30:00Z")


async def test_the_same_update_twice_counts_once(sandbox):
    reference = await sandbox.litter()
    await sandbox.play(reference, "close")
    for _ in range(2):
        assert (await sandbox.post("servicerequestupdates.json", update(reference)))[0] == 200
        await sandbox.play(reference, "close")
    _, found = await sandbox.get(f"requests/{reference}.json")
    assert found[0]["status"] == "closed"
    _, updates = await sandbox.get("servicerequestupdates.json")
    assert [item["update_id"] for item in updates].count("77") == 1


async def test_a_finer_state_is_kept_and_opens_or_closes(sandbox):
    reference = await sandbox.litter()
    await sandbox.post("servicerequestupdates.json", update(reference, status="investigating"))
    assert (await sandbox.get(f"requests/{reference}.json"))[1][0]["status"] == "open"
    await sandbox.post("servicerequestupdates.json", update(reference, update_id="78", status="duplicate"))
    assert (await sandbox.get(f"requests/{reference}.json"))[1][0]["status"] == "closed"
    _, updates = await sandbox.get("servicerequestupdates.json", start_date="2026-11-24T09:00:00Z", end_date="2026-11-24T11:00:00Z")
    assert [item["status"] for item in updates] == ["investigating", "duplicate"]
    assert set(updates[0]) == {"update_id", "service_request_id", "status", "description", "updated_datetime", "media_url"}
    assert await sandbox.get("servicerequestupdates.json", start_date="2026-11-24T09:30:01Z", end_date="2026-11-25T00:00:00Z") == (200, [])


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"update_id": ""}, 400),
        ({"status": ""}, 400),
        ({"status": "mended"}, 400),
        ({"updated_datetime": "now"}, 400),
        ({"service_request_id": ""}, 400),
        ({"service_request_id": "ASH-999999"}, 404),
    ],
)
async def test_a_wrong_update_is_refused(sandbox, change, status):
    reference = await sandbox.litter()
    got, body = await sandbox.post("servicerequestupdates.json", {**update(reference), **change})
    assert (got, body[0]["code"]) == (status, status)


async def test_the_page_lists_requests_safely_and_its_form_closes_one(sandbox):
    reference = await sandbox.litter(description='I said "x" & <3 <script', address_string="</dd><script>alert(1)</script>")
    text = await (await sandbox.client.get("/")).text()
    assert "<script" not in text
    assert "&lt;script&gt;alert(1)" in text
    for link in ('href="/phone"', 'href="/open311/v2/services.json"'):
        assert link in text
    action = re.search(r'action="([^"]+/close)"', text)
    assert action and f"Close {reference}" in text
    async with sandbox.client.post(action[1], data={"status_notes": "Swept"}, allow_redirects=False) as reply:
        assert (reply.status, reply.headers["Location"]) == (303, f"/?changed={reference}")
    text = await (await sandbox.client.get(f"/?changed={reference}")).text()
    assert f"{reference} is now closed." in text
    assert f"Reopen {reference}" in text


async def test_the_page_is_fine_with_nothing_and_with_nonsense(sandbox):
    assert "No requests yet." in await (await sandbox.client.get("/?changed=<script>")).text()


async def test_a_form_that_asks_for_json_gets_json(sandbox):
    reference = await sandbox.litter()
    path, headers = f"/open311/v2/requests/{reference}/close", {"Accept": "application/json"}
    async with sandbox.client.post(path, data={"status_notes": "Swept"}, headers=headers) as reply:
        assert [item["status"] for item in await reply.json()] == ["closed"]
