"""Dashboards: what they show, what stands out, the way to the conversations behind, and what an analyst does not see."""

import asyncio
import json
import re
from datetime import UTC, datetime
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from console.boards import BOARDS
from console.comparing import apart, change
from engagement.measures.registry import MEASURES
from engagement.measures.values import Cost, Ratio
from engagement.values import Notice


@pytest.fixture
async def year(console: Any) -> None:
    """In September ten potholes of Highways of which nine are fixed; in November forty of which four are; ten of Lumen, all fixed."""
    for month, partner, fixed, number in ((9, "Highways", 9, 10), (11, "Highways", 4, 40), (11, "Lumen", 10, 10)):
        console.at = datetime(2026, month, 10, 9, tzinfo=UTC)
        for place in range(number):
            key = f"{month}{partner}{place}"
            conversation = await console.web_chat("A pothole")
            await console.log.requests.open(
                key=key, conversation_id=conversation, service_code="POTHOLE", service_name="Pothole", report={}
            )
            await console.log.requests.sent(key, reference=key, token=None, service_notice=None, told=True, agency=partner)
            await console.log.watch.noticed([Notice(reference=key, source="poll", word="done", at=console.at)])
            outcome = await console.log.outcomes.of_request((await console.log.requests.by_reference(key)).id)
            answer = "fixed" if place < fixed else "not_fixed"
            await console.log.outcomes.answer(outcome.id, answer, key=key, channel="web", remedy=None if place < fixed else "with_team")
    console.at = datetime(2026, 11, 23, 14, 5, tzinfo=UTC)


async def data(console: Any, path: str) -> Any:
    return json.loads((await console.browser().get(path, headers=await console.token())).text)


@pytest.mark.parametrize("board", BOARDS)
async def test_every_dashboard_is_a_page_and_its_numbers(console: Any, year: None, board: str) -> None:
    browser = await console.signed_in()
    page = (await browser.get(f"/measures/{board}")).text
    found = await data(console, f"/measures/{board}.json")
    assert page.count("<section") == len(found["charts"]) and found["charts"]
    for chart in found["charts"]:
        assert f'id="{chart["id"]}-table"' in page
        assert MEASURES[chart["measure"]].sentence.replace("'", "&#39;") in page
    assert await data(console, f"/api/measures/{board}") == found


async def test_two_months_are_compared_with_what_lies_in_the_interval(console: Any, year: None) -> None:
    found = await data(console, "/measures/outcomes.json")
    confirmed = next(one for one in found["charts"] if (one["measure"], one["kind"]) == ("confirmed_outcome_rate", "trend"))
    assert [(row["name"], row["numerator"], row["denominator"], row["so_far"]) for row in confirmed["rows"]] == [
        ("2026-09", 9, 10, False),
        ("2026-11", 14, 50, True),
    ]
    # November is not over: September stands out.
    assert confirmed["finding"] == {"kind": "latest", "last": confirmed["rows"][0], "before": None, "beyond_noise": None}
    page = unescape((await (await console.signed_in()).get("/measures/outcomes")).text)
    assert "Confirmed outcomes: 90.0% in September 2026" in page and "November 2026, so far" in page


async def test_partners_that_differ_are_named_and_their_intervals_stand_beside(console: Any, year: None) -> None:
    page = unescape((await (await console.signed_in()).get("/measures/partners?period=month")).text)
    assert "Disagreement: Lumen 0.0%, Highways 90.0%" in page
    assert "Confirmed outcomes: Lumen 100.0%, Highways 10.0%" in page


async def test_the_time_before_is_compared_and_noise_is_called_no_clear_change(console: Any, year: None) -> None:
    page = unescape((await (await console.signed_in()).get("/measures/disagreement_rate?start=2026-11-01&end=2026-11-30")).text)
    assert "compared with 2 October 2026 to 31 October 2026" in page
    found = await data(console, "/measures/disagreement_rate.json?start=2026-09-01&end=2026-11-30&compare=none")
    assert found["before"] is None and found["wholes"]["disagreement_rate"]["change"] is None
    found = await data(console, "/measures/disagreement_rate.json?period=month&compare=previous")
    assert found["before"] == {"start": "2026-10-01T00:00:00+01:00", "end": "2026-11-01T00:00:00+00:00"}
    found = await data(console, "/measures/disagreement_rate.json?period=month&compare=year")
    assert found["before"] == {"start": "2025-11-01T00:00:00+00:00", "end": "2025-12-01T00:00:00+00:00"}


def test_a_change_is_one_where_the_interval_leaves_out_nought() -> None:
    # 56 of 70 and 48 of 80: the example of Newcombe's paper, whose method 10 gives 0.0524 to 0.3339.
    since = change(Ratio(56, 70), Ratio(48, 80))
    assert since is not None and since["beyond_noise"] is True
    assert (since["low"], since["high"]) == (pytest.approx(0.0524, abs=1e-4), pytest.approx(0.3339, abs=1e-4))
    assert (change(Ratio(50, 100), Ratio(52, 100)) or {})["beyond_noise"] is False
    assert change(Ratio(5, 9), Ratio(50, 100)) is None  # nine are too few
    spent = change(Cost(pence=500, count=10), Cost(pence=400, count=10))  # type: ignore[arg-type]
    assert spent is not None and (spent["difference"], spent["beyond_noise"]) == (10, None)


def test_figures_are_apart_where_their_intervals_leave_a_gap() -> None:
    assert apart({"low": 0.1, "high": 0.2, "value": 0.15}, {"low": 0.3, "high": 0.4, "value": 0.35})
    assert not apart({"low": 0.1, "high": 0.3, "value": 0.2}, {"low": 0.2, "high": 0.4, "value": 0.3})


async def test_each_link_leads_to_as_many_conversations_as_it_says(console: Any, year: None) -> None:
    found = await data(console, "/measures/partners.json?period=month")
    (lumen,) = (row for row in found["charts"][1]["rows"] if row["name"] == "Lumen")
    query = {name: values[0] for name, values in parse_qs(urlsplit(lumen["behind"]["numerator"]).query, keep_blank_values=True).items()}
    assert query == {
        "measure": "confirmed_outcome_rate", "of": "numerator", "by": "partner", "name": "Lumen", "start": "2026-11-01",
        "end": "2026-11-30",
    }  # fmt: skip
    assert lumen["numerator"] == 10


async def test_an_analyst_sees_the_numbers_without_a_way_to_what_citizens_said(console: Any, year: None) -> None:
    await console.add("ann", "analyst")
    browser = await console.signed_in("ann")
    for path in ("/measures", "/measures/outcomes", "/measures/disagreement_rate", "/partners", "/partners/Lumen"):
        answer = await browser.get(path)
        assert answer.status == 200 and 'href="/conversations' not in answer.text, path
    assert '"behind": {}' in (await browser.get("/measures/outcomes.json")).text


async def test_a_page_says_when_it_was_counted_and_a_small_log_is_counted_now(console: Any, year: None) -> None:
    browser = await console.signed_in()
    assert "As counted now." in (await browser.get("/measures/outcomes")).text
    console.log.measures.kept.small = 0.0  # as if it were large
    await browser.get("/measures/outcomes")
    console.move(minutes=7)
    assert "As counted today at 2:05pm" in (await browser.get("/measures/outcomes")).text
    await asyncio.gather(*console.log.measures.kept._running.values())
    assert "As counted today at 2:12pm" in (await browser.get("/measures/outcomes")).text


async def test_the_csv_of_a_chart_has_its_rows(console: Any, year: None) -> None:
    answer = await console.browser().get("/api/measures/disagreement_rate.csv?by=partner&period=month", headers=await console.token())
    lines = answer.text.splitlines()
    assert len(lines) == 4 and re.search(r"disagreement_rate,share,partner,Lumen,0,10,0\.0,", answer.text)
    assert console.audited("downloaded_csv") == [(1, "disagreement_rate")]
    for path, status in (("nothing.csv", 404), ("disagreement_rate.csv?by=step", 400), ("disagreement_rate.csv?by=partner&period=x", 400)):
        assert (await console.browser().get(f"/api/measures/{path}", headers=await console.token())).status == status


@pytest.mark.parametrize("query", ["period=x", "compare=x", "start=0001-01-01&end=0001-01-02&compare=year"])
async def test_times_that_cannot_be_are_refused(console: Any, query: str) -> None:
    assert (await (await console.signed_in()).get(f"/measures/outcomes?{query}")).status == 400
