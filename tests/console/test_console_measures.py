"""Measures on screen and for programs: the same numbers, with numerator, denominator and interval."""

import csv
import io
import json
from typing import Any

import pytest

from engagement.measures.registry import MEASURES
from engagement.values import Notice


@pytest.fixture
async def answered(console: Any) -> str:
    """Twelve potholes of Highways by web: eight fixed, four not; a bin of Cleaner, by text, that is not."""
    answers = ["fixed"] * 8 + ["not_fixed"] * 4
    for number, answer in enumerate(answers):
        await raised(console, await console.web_chat("A pothole", number=number), f"k{number}", "POTHOLE", "Highways", answer)
    conversation, _ = await console.text_message("My bin")
    await raised(console, conversation, "bin", "MISSEDBIN", "Cleaner", "not_fixed")
    return str(conversation)


async def raised(console: Any, conversation: str, key: str, service: str, agency: str, answer: str) -> None:
    log, reference = console.log, f"ASH-{key}"
    await log.requests.open(key=key, conversation_id=conversation, service_code=service, service_name=service.title(), report={})
    await log.requests.sent(key, reference=reference, token=None, service_notice=None, told=True, agency=agency)
    await log.watch.noticed([Notice(reference=reference, source="poll", word="done", at=console.at)])
    request = await log.requests.by_reference(reference)
    outcome = await log.outcomes.of_request(request.id)
    await log.outcomes.answer(
        outcome.id, answer, key=f"{key}-turn", channel=outcome.channel, remedy="reopening" if answer != "fixed" else None
    )


async def test_the_api_gives_every_measure_with_all_its_parts(console: Any, answered: str) -> None:
    found = json.loads((await console.browser().get("/api/measures", headers=await console.token())).text)
    assert found["period"] == {"start": None, "end": None}
    assert set(found["measures"]) == set(MEASURES)
    for name, one in found["measures"].items():
        assert {"sentence", "unit", "numerator", "denominator", "value", "low", "high", "enough", "by"} <= set(one)
        assert tuple(one["by"]) == MEASURES[name].by
        for part in (part for parts in one["by"].values() for part in parts):
            assert {"name", "numerator", "denominator", "value", "low", "high", "enough", "rank"} <= set(part)
    disagreement = found["measures"]["disagreement_rate"]
    assert (disagreement["numerator"], disagreement["denominator"], disagreement["enough"]) == (5, 13, True)
    highways, cleaner = disagreement["by"]["partner"]
    assert (highways["name"], highways["numerator"], highways["denominator"], highways["rank"]) == ("Highways", 4, 12, 1)
    assert highways["low"] < highways["value"] < highways["high"]
    assert (cleaner["name"], cleaner["numerator"], cleaner["denominator"], cleaner["value"], cleaner["rank"]) == (
        "Cleaner",
        1,
        1,
        None,
        None,
    )


async def test_the_csv_has_the_numbers_of_the_api(console: Any, answered: str) -> None:
    headers = await console.token()
    answer = await console.browser().get("/api/measures.csv", headers=headers)
    assert answer.headers["Content-Disposition"] == 'attachment; filename="hearback-measures-2026-11-23.csv"'
    rows = list(csv.DictReader(io.StringIO(answer.text, newline="")))
    found = json.loads((await console.browser().get("/api/measures", headers=headers)).text)["measures"]
    assert len(rows) == sum(1 + sum(len(parts) for parts in one["by"].values()) for one in found.values())
    (row,) = (row for row in rows if (row["measure"], row["by"], row["name"]) == ("disagreement_rate", "partner", "Highways"))
    assert (row["numerator"], row["denominator"], row["value"]) == ("4", "12", str(found["disagreement_rate"]["by"]["partner"][0]["value"]))
    assert console.audited("downloaded_csv") == [(1, "measures")]


async def test_a_period_is_days_with_the_last_one_in_it(console: Any, answered: str) -> None:
    headers = await console.token()

    async def denominator(query: str) -> int:
        found = json.loads((await console.browser().get(f"/api/measures?{query}", headers=headers)).text)
        return int(found["measures"]["disagreement_rate"]["denominator"])

    assert await denominator("start=2026-11-23&end=2026-11-23") == 13
    assert await denominator("start=2026-11-24") == 0
    assert await denominator("end=2026-11-22") == 0
    assert await denominator("start=2026-11-23T14:05:00%2B00:00&end=2026-11-23T14:06:00%2B00:00") == 13
    assert await denominator("end=2026-11-23T14:05:00%2B00:00") == 0


@pytest.mark.parametrize(
    "query", ["start=x", "end=2026-13-01", "start=2026-11-02&end=2026-11-01", "start=2026-11-01T10:00", "end=9999-12-31"]
)
@pytest.mark.parametrize("path", ["/api/measures", "/api/measures.csv", "/measures", "/measures/completion_rate"])
async def test_a_period_that_cannot_be_is_refused_with_a_sentence(console: Any, path: str, query: str) -> None:
    browser = await console.signed_in()
    answer = await browser.get(f"{path}?{query}")
    assert answer.status == 400 and ("must be" in answer.text)


async def test_the_pages_show_numerator_denominator_and_interval(console: Any, answered: str) -> None:
    browser = await console.signed_in()
    page = (await browser.get("/measures")).text
    for name in MEASURES:
        assert f'href="/measures/{name}"' in page, name
    one = (await browser.get("/measures/disagreement_rate")).text
    for shown in ("38.5%", "17.7% to 64.5%", "Highways", "Cleaner", "Too few to say", "Numerator", "contract manager"):
        assert shown in one, shown
    assert (await browser.get("/measures/nothing_known")).status == 404


async def test_every_measure_has_a_page_with_its_definition(console: Any, answered: str) -> None:
    browser = await console.signed_in()
    for name in MEASURES:
        page = await browser.get(f"/measures/{name}?start=2026-01-01")
        assert page.status == 200 and "Who looks at it" in page.text, name
        assert 'href="/measures?start=2026-01-01"' in page.text


async def test_a_name_of_a_partner_is_text_and_nothing_else(console: Any) -> None:
    await raised(console, await console.web_chat("A pothole"), "x", "POTHOLE", "<script>alert(1)</script>", "fixed")
    page = (await (await console.signed_in()).get("/measures/disagreement_rate")).text
    assert "<script>" not in page and "&lt;script&gt;" in page
