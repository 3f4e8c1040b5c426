"""The API: what programs read."""

import csv
import io
import json
from typing import Any

import pytest

from engagement.values import Reply

PATHS = ["/api/conversations", "/api/conversations.csv", "/api/requests", "/api/requests.csv", f"/api/conversations/{'0' * 32}"]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("header", [None, "Bearer", "Bearer ", "Bearer wrong", "Basic YTpi", "wrong"])
async def test_without_a_good_token_there_is_nothing(console: Any, path: str, header: str | None) -> None:
    answer = await console.browser().get(path, headers={"Authorization": header} if header else {})
    assert answer.status == 401 and "token" in json.loads(answer.text)["error"] and answer.headers["WWW-Authenticate"].startswith("Bearer")


async def test_a_bad_token_is_refused_even_with_a_cookie(console: Any) -> None:
    browser = await console.signed_in()
    assert (await browser.get("/api/requests")).status == 200
    assert (await browser.get("/api/requests", headers={"Authorization": "Bearer wrong"})).status == 401


async def test_conversations(console: Any, filled: Any) -> None:
    headers = await console.token()
    answer = await console.browser().get("/api/conversations?state=waiting", headers=headers)
    found = json.loads(answer.text)
    assert {name: found[name] for name in ("total", "page", "pages")} == {"total": 1, "page": 1, "pages": 1}
    (one,) = found["conversations"]
    assert (
        one["id"] == filled.complaint and one["channel"] == "web" and one["state"] == "waiting" and one["waiting_for"] == "make_complaint"
    )
    everything = json.loads((await console.browser().get("/api/conversations", headers=headers)).text)
    assert everything["total"] == 4 and [one["channel"] for one in everything["conversations"]] == ["sms", "web", "sms", "web"]


async def test_one_conversation_is_the_contract(console: Any, filled: Any) -> None:
    answer = await console.browser().get(f"/api/conversations/{filled.pothole}", headers=await console.token())
    found = json.loads(answer.text)
    assert (found["id"], found["channel"], found["state"], found["created_at"]) == (
        filled.pothole,
        "web",
        "open",
        "2026-11-23T14:05:00+00:00",
    )
    greeting, asked, answered = found["messages"]
    assert len(asked.pop("trace")) == 16 and "trace" not in greeting
    assert {**asked} | {"id": 0} == {
        "id": 0, "author": "citizen", "text": "A deep pothole in Station Road", "state": "answered", "intent": "report_problem",
        "confidence": 0.93, "entities": [{"entity": "road", "value": "Station Road"}], "services": [{"code": "POTHOLE", "score": 0.91}],
        "actions": ["action_match_service"], "choices": [], "at": "2026-11-23T14:05:00+00:00", "segments": None, "error": None,
        "reply_to": None, "intents": [], "form": "report_form", "picked": False, "media": [], "page": 0, "cost": None,
        "step": None, "calls": [], "example": None,
    }  # fmt: skip
    assert answered["reply_to"] == asked["id"] and answered["choices"] == [{"id": "c1", "title": "Yes, send it"}]
    assert greeting["author"] == "bot" and greeting["reply_to"] is None
    (request,) = found["requests"]
    assert request["reference"] == "ASH-1042" and request["declared_at"] == "2026-11-23T15:05:00+00:00"
    assert request["report"] == {"description": "Deep"}
    assert found["handovers"] == [] and "payload" not in answer.text and "07700900999" not in answer.text
    assert console.audited("read_conversation") == [(1, filled.pothole)]


async def test_the_number_is_not_in_the_api(console: Any, filled: Any) -> None:
    answer = await console.browser().get(f"/api/conversations/{filled.caddy}", headers=await console.token())
    assert "7700900" not in answer.text
    last = json.loads(answer.text)["messages"][-1]
    assert (last["state"], last["segments"], last["error"]) == ("undelivered", 2, "30003")


async def test_conversations_with_a_text_that_did_not_arrive_are_found(console: Any, filled: Any) -> None:
    headers = await console.token()
    found = json.loads((await console.browser().get("/api/conversations?state=undelivered", headers=headers)).text)
    assert [(one["id"], one["undelivered"]) for one in found["conversations"]] == [(filled.caddy, 1)] and found["total"] == 1
    everything = json.loads((await console.browser().get("/api/conversations", headers=headers)).text)["conversations"]
    assert {one["id"]: one["undelivered"] for one in everything if one["undelivered"]} == {filled.caddy: 1}


async def test_what_was_held_back_from_who_opted_out_is_no_failure(console: Any, filled: Any) -> None:
    conversation = await console.log.conversation(filled.unheard)
    (said,) = await console.log.tell(conversation, Reply(text="news", author="system"))
    await console.log.outbox.refused(said.id, error="stopped")
    found = json.loads((await console.browser().get("/api/conversations?state=undelivered", headers=await console.token())).text)
    assert [one["id"] for one in found["conversations"]] == [filled.caddy]


async def test_hand_overs_are_in_the_api(console: Any, filled: Any) -> None:
    answer = await console.browser().get(f"/api/conversations/{filled.complaint}", headers=await console.token())
    (handover,) = json.loads(answer.text)["handovers"]
    assert (handover["reason"], handover["state"], handover["priority"]) == ("make_complaint", "waiting", 1)


async def test_requests(console: Any, filled: Any) -> None:
    found = json.loads((await console.browser().get("/api/requests", headers=await console.token())).text)
    assert (found["total"], found["page"], found["pages"]) == (1, 1, 1)
    (one,) = found["requests"]
    assert (one["reference"], one["service_code"], one["status"], one["agency_responsible"]) == (
        "ASH-1042",
        "POTHOLE",
        "closed",
        "Highways Ltd",
    )
    assert one["conversation_id"] == filled.pothole


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/nothing", 404),
        (f"/api/conversations/{'0' * 32}", 404),
        ("/api/conversations/..%2f", 404),
        ("/api/conversations?state=x", 400),
        ("/api/conversations.csv?channel=x", 400),
        ("/api/requests?page=x", 400),
    ],
)
async def test_errors_are_json_with_a_sentence(console: Any, path: str, status: int) -> None:
    answer = await console.browser().get(path, headers=await console.token())
    assert answer.status == status and json.loads(answer.text)["error"].endswith(".")


async def test_the_api_only_reads(console: Any) -> None:
    answer = await console.browser().send("POST", "/api/conversations", headers=await console.token(), json={})
    assert answer.status == 405 and "error" in json.loads(answer.text) and "GET" in answer.headers["Allow"]


async def test_a_page_beyond_the_last_is_empty(console: Any, filled: Any) -> None:
    found = json.loads((await console.browser().get("/api/conversations?page=9", headers=await console.token())).text)
    assert found == {"conversations": [], "total": 4, "page": 9, "pages": 1, "more": False}


async def test_csv_holds_every_conversation_of_the_filter(console: Any) -> None:
    for number in range(60):
        await console.web_chat(f"bin {number}")
    answer = await console.browser().get("/api/conversations.csv?text=bin", headers=await console.token())
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert len(rows) == 60 and {row["channel"] for row in rows} == {"web"}
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="hearback-conversations-2026-11-23.csv"'
    assert console.audited("downloaded_csv") == [(1, "conversations")]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", '=HYPERLINK("http://evil","x")', '=1,"2"\n3'])
async def test_no_cell_is_a_formula(console: Any, text: str) -> None:
    conversation = await console.web_chat(text)
    await console.log.requests.open(key="k", conversation_id=conversation, service_code="X", service_name=text, report={})
    await console.log.requests.sent("k", reference=text, token=None, service_notice=None, told=True, agency=text)
    headers = await console.token()
    (row,) = csv.DictReader(io.StringIO((await console.browser().get("/api/conversations.csv", headers=headers)).text, newline=""))
    assert row["first_words"] == f"'{text}" and row["references"] == f"'{text}"
    (row,) = csv.DictReader(io.StringIO((await console.browser().get("/api/requests.csv", headers=headers)).text, newline=""))
    assert row["reference"] == f"'{text}" and row["service_name"] == f"'{text}" and row["agency_responsible"] == f"'{text}"


async def test_an_empty_csv_has_its_headings(console: Any) -> None:
    answer = await console.browser().get("/api/requests.csv", headers=await console.token())
    assert answer.text.startswith("reference,service_code,") and answer.text.count("\r\n") == 1
