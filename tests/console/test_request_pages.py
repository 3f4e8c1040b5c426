"""One request, filters, a "no" that a colleague settles, partners, and dangers on top of every page."""

import json
from typing import Any
from urllib.parse import quote

import pytest

from engagement.handovers import dispute_key
from engagement.values import Notice


async def raise_request(
    console: Any, key: str, *, service: str = "POTHOLE", partner: str = "Highways", answer: str | None = None, remedy: str | None = None
) -> str:
    conversation = await console.web_chat(f"The {key}")
    await console.log.requests.open(
        key=key, conversation_id=conversation, service_code=service, service_name=service.title(), report={"description": "a secret hole"}
    )
    await console.log.requests.sent(key, reference=f"ASH-{key}", token=None, service_notice=None, told=True, agency=partner)
    if answer:
        await console.log.watch.noticed([Notice(reference=f"ASH-{key}", source="poll", word="done", at=console.at)])
        request = await console.log.requests.by_reference(f"ASH-{key}")
        outcome = await console.log.outcomes.of_request(request.id)
        await console.log.outcomes.answer(outcome.id, answer, key=key, channel="web", words="secret words", remedy=remedy)
    return str(conversation)


@pytest.fixture
async def three(console: Any) -> None:
    """1: a pothole of Highways; 2: a bin of Waste & Co/North with a no that nobody takes up; 3: a pothole with a no whose clock runs."""
    await raise_request(console, "one")
    await raise_request(console, "two", service="MISSEDBIN", partner="Waste & Co/North", answer="not_fixed")
    await raise_request(console, "three", answer="partly", remedy="with_team")


async def references(console: Any, query: str) -> list[str]:
    answer = await console.browser().get(f"/api/requests?{query}", headers=await console.token())
    return [one["reference"].removeprefix("ASH-") for one in json.loads(answer.text)["requests"]]


async def test_the_list_is_filtered(console: Any, three: None) -> None:
    assert await references(console, "service=POTHOLE") == ["three", "one"]
    assert await references(console, f"partner={quote('Waste & Co/North')}") == ["two"]
    assert await references(console, "channel=sms") == []
    assert await references(console, "channel=web&service=POTHOLE&show=disagreements") == ["three"]
    assert await references(console, "state=kept") == []
    assert await references(console, "show=overdue") == []
    console.move(days=7)
    assert await references(console, "show=overdue") == ["three"]
    page = (await (await console.signed_in()).get("/requests?service=POTHOLE&state=sent")).text
    assert "<strong>2</strong> requests" in page and "Show all again" in page
    for wrong in ("channel=x", "state=x", "show=x", f"partner={'x' * 201}"):
        assert (await (await console.signed_in()).get(f"/requests?{wrong}")).status == 400, wrong


async def test_pages_follow_one_another_without_a_gap_or_a_repeat(console: Any, three: None) -> None:
    for number in range(4):
        await raise_request(console, f"later {number}")
    whole = [row["reference"] for row in (await console.log.review.requests(1, per_page=50))[0]]
    assert whole[:2] == ["ASH-three", "ASH-two"] and whole[2:4] == ["ASH-later 3", "ASH-later 2"] and len(set(whole)) == 7
    for size in (1, 2, 3, 5):
        pages = [(await console.log.review.requests(number, per_page=size))[0] for number in range(1, 9)]
        assert [row["reference"] for page in pages for row in page] == whole, size


async def test_one_request_shows_its_rounds_to_those_who_may_read_words(console: Any, three: None) -> None:
    page = (await (await console.signed_in()).get("/requests/3")).text
    for shown in ("ASH-three", "Round 1", "Partly fixed", "secret words", "a secret hole", "Read the conversation", "I have acted on it"):
        assert shown in page, shown
    assert console.audited("read_request") == [(1, "3")]
    await console.add("ann", "analyst")
    browser = await console.signed_in("ann")
    for path in ("/requests/3", "/requests/3.json"):
        text = (await browser.get(path)).text
        assert "ASH-three" in text and "secret" not in text and "/conversations/" not in text and "settle" not in text.split("settled")[0]
    assert (await browser.get("/requests/99")).status == 404


async def test_a_no_that_nobody_takes_up_can_be_settled_with_a_note(console: Any, three: None) -> None:
    assert await references(console, "show=disagreements") == ["three", "two"]
    browser = await console.signed_in()
    empty = await browser.post("/requests/2/settle", page="/requests/2", round="1", note=" ")
    assert empty.status == 400 and "Write what was done" in empty.text
    answer = await browser.post("/requests/2/settle", page="/requests/2", round="1", note="The crew came back on Tuesday")
    assert (answer.status, answer.location) == (303, "/requests/2?settled=1")
    page = (await browser.get("/requests/2?settled=1")).text
    assert "The crew came back on Tuesday" in page and "It is written down" in page and "I have acted on it" not in page
    assert await references(console, "show=disagreements") == ["three"]
    assert console.audited("settled") == [(1, "2")]
    assert (await browser.post("/requests/2/settle", page="/account", round="7", note="x")).status == 404


async def test_settling_closes_the_hand_over_about_it_and_charges_its_minutes(console: Any, three: None) -> None:
    request = await console.log.requests.by_reference("ASH-three")
    outcome = await console.log.outcomes.of_request(request.id)
    await console.log.handovers.open(request.conversation_id, key=dispute_key(outcome.id), reason="outcome_partly")
    browser = await console.signed_in()
    wrong = await browser.post("/requests/3/settle", page="/requests/3", round="1", note="Done", minutes="x")
    assert wrong.status == 400 and "Enter how many minutes" in wrong.text
    assert (await browser.post("/requests/3/settle", page="/requests/3", round="1", note="Done", minutes="4")).status == 303
    assert console.rows("select state, minutes, note from handovers") == [("closed", 4.0, "Done")]
    assert console.rows("select count(*) from outcome_events where fact = 'settled'") == [(1,)]


async def test_who_only_reviews_may_not_settle(console: Any, three: None) -> None:
    await console.add("rob", "reviewer")
    browser = await console.signed_in("rob")
    page = (await browser.get("/requests/2")).text
    assert "I have acted on it" not in page
    answer = await browser.send("POST", "/requests/2/settle", data={"csrf": browser.token_of(page), "round": "1", "note": "x"})
    assert answer.status == 403


async def test_partners_stand_with_what_is_open_disagreed_and_overdue(console: Any, three: None) -> None:
    for number in range(12):
        await raise_request(
            console, f"h{number}", answer="fixed" if number < 9 else "not_fixed", remedy=None if number < 9 else "with_team"
        )
    console.move(days=7)
    found = json.loads((await console.browser().get("/api/partners", headers=await console.token())).text)["partners"]
    highways, waste = found
    assert (highways["name"], highways["open"], highways["unsettled"], highways["overdue"]) == ("Highways", 1, 4, 4)
    # Of Highways thirteen answered: nine fixed, four not; of the other one, which is too few.
    assert (highways["disagreement_rate"]["numerator"], highways["disagreement_rate"]["denominator"]) == (4, 13)
    assert (waste["name"], waste["disagreement_rate"]["value"], waste["disagreement_rate"]["denominator"]) == ("Waste & Co/North", None, 1)
    browser = await console.signed_in()
    page = (await browser.get("/partners")).text
    assert "Too few to say" in page and 'href="/partners/Waste%20%26%20Co%2FNorth"' in page and "30.8%" in page
    one = (await browser.get("/partners/Waste%20%26%20Co%2FNorth")).text
    assert "ASH-two" in one and "ASH-three" not in one
    assert json.loads((await browser.get("/partners/Highways.json")).text)["total"] == 14
    assert (await browser.get("/partners/Nobody")).status == 404


async def test_a_danger_stands_on_top_of_every_page_until_it_is_closed(console: Any, three: None) -> None:
    conversation = await console.web_chat("I smell gas", intent="report_danger")
    browser = await console.signed_in()
    assert "danger" not in (await browser.get("/account")).text
    console.move(seconds=5)
    await console.log.hand_over(conversation, key="gas", reason="report_danger", priority=2)
    console.move(minutes=12)
    for path in ("/account", "/requests", "/measures", f"/conversations/{conversation}"):
        page = (await browser.get(path)).text
        assert "1 danger reported by citizens, the oldest 12 minutes ago" in page and f'href="/conversations/{conversation}"' in page, path
    await console.add("ann", "analyst")
    assert "reported by citizens" not in (await (await console.signed_in("ann")).get("/measures")).text
    await browser.post("/handovers/1/close", page=f"/conversations/{conversation}", minutes="3", note="")
    assert "reported by citizens" not in (await browser.get("/account")).text


async def test_fifty_who_click_ask_once_for_dangers(console: Any) -> None:
    browser = await console.signed_in()
    asked = console.log._database.asked
    before = asked["open"]
    for _ in range(5):
        await browser.get("/account")
    assert asked["open"] - before == 1
