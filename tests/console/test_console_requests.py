"""Requests with their three facts and the clock of a "no"; hand-overs that are closed; what it all cost."""

import csv
import io
import json
from typing import Any

import pytest

from engagement.handovers import dispute_key
from engagement.values import Notice


@pytest.fixture
async def disagreed(console: Any) -> dict[str, str]:
    """Three requests: one newly raised, one done and unanswered, one done and "not fixed" whose clock runs. The oldest is the no."""
    conversations = {}
    for name in ("no", "waits", "new"):
        conversations[name] = await console.web_chat(f"The {name} pothole")
        await console.log.requests.open(
            key=name, conversation_id=conversations[name], service_code="POTHOLE", service_name="Pothole", report={"description": name}
        )
        await console.log.requests.sent(name, reference=f"ASH-{name}", token=None, service_notice=None, told=True, agency="Highways")
        if name != "new":
            notice = Notice(
                reference=f"ASH-{name}",
                source="poll",
                word="done",
                given="FIXED - COUNCIL",
                at=console.at,
                partner="Highways",
                contractor="Tar Ltd",
            )
            await console.log.watch.noticed([notice])
        console.move(minutes=5)
    outcome = await no(console)
    await console.log.outcomes.answer(outcome.id, "not_fixed", key="t1", channel="web", words="still there", remedy="with_team")
    return conversations


async def no(console: Any) -> Any:
    request = await console.log.requests.by_reference("ASH-no")
    return await console.log.outcomes.of_request(request.id)


async def api(console: Any, path: str) -> Any:
    return json.loads((await console.browser().get(path, headers=await console.token())).text)


async def test_who_disagrees_comes_first(console: Any, disagreed: dict[str, str]) -> None:
    assert [one["reference"] for one in (await api(console, "/api/requests"))["requests"]] == ["ASH-no", "ASH-new", "ASH-waits"]
    found = await api(console, "/api/requests?show=disagreements")
    assert ([one["reference"] for one in found["requests"]], found["total"]) == (["ASH-no"], 1)
    found = await api(console, "/api/requests?show=waiting")
    assert ([one["reference"] for one in found["requests"]], found["total"]) == (["ASH-waits"], 1)
    assert (await console.browser().get("/api/requests?show=x", headers=await console.token())).status == 400


async def test_the_three_facts_are_apart(console: Any, disagreed: dict[str, str]) -> None:
    found = {one["reference"]: one for one in (await api(console, "/api/requests"))["requests"]}
    one = found["ASH-no"]
    assert (one["partner"], one["contractor"]) == ("Highways", "Tar Ltd")
    assert one["outcome"]["declared"] == "done" and one["outcome"]["declared_at"] == "2026-11-23T14:05:00+00:00"
    assert one["outcome"]["handled_by"] == "bot" and one["outcome"]["confirmed"] == "not_fixed"
    assert (one["outcome"]["remedy"], one["outcome"]["round"], len(one["outcome"]["rounds"])) == ("with_team", 1, 1)
    assert one["outcome"]["act_by"] == "2026-11-25T17:00:00+00:00"  # two working days after Monday, at five
    assert one["cost"] == 6205.2  # 5.0 overhead, 0.2 for a turn, 6200 for the partner
    assert (found["ASH-waits"]["outcome"]["confirmed"], found["ASH-new"]["outcome"]["declared"]) == (None, None)
    assert found["ASH-new"]["cost"] == 5.2


async def test_the_clock_says_what_is_left_and_what_is_overdue(console: Any, disagreed: dict[str, str]) -> None:
    page = (await (await console.signed_in()).get("/requests")).text
    assert "2 days left" in page and "Not fixed" in page and "Asked" not in page
    console.move(days=3)
    page = (await (await console.signed_in()).get("/requests?show=disagreements")).text
    assert "Overdue by 21 hours" in page and "ASH-waits" not in page


async def test_the_csv_has_the_latest_round(console: Any, disagreed: dict[str, str]) -> None:
    answer = await console.browser().get("/api/requests.csv?show=disagreements", headers=await console.token())
    (row,) = csv.DictReader(io.StringIO(answer.text, newline=""))
    assert (row["reference"], row["confirmed"], row["round"], row["state"], row["cost"]) == ("ASH-no", "not_fixed", "1", "sent", "6205.2")


async def test_the_conversation_shows_what_was_heard_and_what_it_cost(console: Any, disagreed: dict[str, str]) -> None:
    page = (await (await console.signed_in()).get(f"/conversations/{disagreed['no']}")).text
    for shown in (
        "Whether it worked",
        "FIXED - COUNCIL",
        "seen in the back office",
        "still there",
        "£62.05",
        "5p overhead",
        "£62.00 partners",
    ):
        assert shown in page, shown
    found = await api(console, f"/api/conversations/{disagreed['no']}")
    assert found["cost"] == {"texts": 0, "turns": 0.2, "staff": 0, "overhead": 5, "fees": 6200, "total": 6205.2}
    (outcome,) = found["outcomes"]
    assert [event["fact"] for event in outcome["events"]] == ["handled", "progress", "declared", "confirmed"]
    assert found["requests"][0]["outcome"]["confirmed"] == "not_fixed"


async def test_closing_a_hand_over_charges_the_minutes_and_stops_the_clock(console: Any, disagreed: dict[str, str]) -> None:
    conversation = disagreed["no"]
    await console.log.handovers.open(conversation, key=dispute_key((await no(console)).id), reason="outcome_not_fixed")
    browser, page = await console.signed_in(), f"/conversations/{conversation}"
    closed = await browser.post("/handovers/1/close", page=page, minutes="2,5", note="Crew sent again")
    assert (closed.status, closed.location) == (303, f"{page}?closed=1#handover-1")
    shown = (await browser.get(f"{page}?closed=1")).text
    assert "The hand-over is closed. The assistant answers this citizen again." in shown
    assert "It took 2.5 minutes." in shown and "Crew sent again" in shown and "Acted on" in shown
    found = await api(console, f"/api/conversations/{conversation}")
    assert (found["state"], found["cost"]["staff"], found["cost"]["total"]) == ("open", 137.5, 6342.7)
    assert found["requests"][0]["outcome"]["settled_at"] is not None
    assert (await api(console, "/api/requests?show=disagreements"))["total"] == 0
    assert console.audited("closed_handover") == [(1, conversation)]
    again = await browser.send("POST", "/handovers/1/close", data={"csrf": browser.token_of(shown), "minutes": "9", "note": ""})
    assert again.status == 303
    assert (await api(console, f"/api/conversations/{conversation}"))["cost"]["staff"] == 137.5


@pytest.mark.parametrize(("minutes", "note"), [("", ""), ("x", ""), ("-1", ""), ("601", ""), ("nan", ""), ("5", "x" * 2001)])
async def test_what_cannot_be_right_closes_nothing(console: Any, disagreed: dict[str, str], minutes: str, note: str) -> None:
    await console.log.handovers.open(disagreed["no"], key="h1", reason="outcome_not_fixed")
    browser = await console.signed_in()
    answer = await browser.post("/handovers/1/close", page=f"/conversations/{disagreed['no']}", minutes=minutes, note=note)
    assert answer.status == 400 and "There is a problem" in answer.text
    assert console.rows("select state, minutes from handovers") == [("waiting", None)]


async def test_closing_needs_the_forms_token_and_a_hand_over(console: Any, disagreed: dict[str, str]) -> None:
    browser = await console.signed_in()
    assert (await browser.post("/handovers/1/close", csrf="x", minutes="1")).status == 403
    assert (await browser.post("/handovers/77/close", page="/account", minutes="1")).status == 404


async def test_a_no_is_settled_when_it_is_declared_anew(console: Any, disagreed: dict[str, str]) -> None:
    conversation, log = await console.web_chat("Another"), console.log
    await log.requests.open(key="r", conversation_id=conversation, service_code="SIGN", service_name="Sign", report={})
    await log.requests.sent("r", reference="ASH-r", token=None, service_notice=None, told=True)
    await log.watch.noticed([Notice(reference="ASH-r", source="poll", word="done", at=console.at)])
    request = await log.requests.by_reference("ASH-r")
    first = await log.outcomes.of_request(request.id)
    await log.outcomes.answer(first.id, "partly", key="t", channel="web", remedy="reopening")
    await log.outcomes.remedied(first.id, "reopened", reference="ASH-r", told=True)
    assert (await api(console, "/api/requests?show=disagreements"))["total"] == 2
    console.move(days=1)
    await log.watch.noticed([Notice(reference="ASH-r", source="poll", word="done", at=console.at)])
    assert (await log.outcomes.one(first.id)).settled_at == console.at
    assert (await api(console, "/api/requests?show=disagreements"))["total"] == 1
