"""Reviewing: filters in the address, a citizen found without their number in it, saved views, notes, what is worth a look."""

import json
import re
from typing import Any

from engagement.values import Reply

NUMBER = "07700 900123"


def ids(page: str) -> list[str]:
    return re.findall(r'href="/conversations/([0-9a-f]{32})[?"]', page)


async def test_filters_go_together_and_stand_in_the_address(console: Any, filled: Any) -> None:
    browser = await console.signed_in()
    for query, expected in {
        "service=POTHOLE": [filled.pothole],
        "service=POTHOLE&channel=sms": [],
        "outcome=declared": [filled.pothole],
        "outcome=fixed": [],
        "reason=make_complaint": [filled.complaint],
        "confidence=low": [],
        "since=2026-11-23&until=2026-11-23&channel=sms": [filled.unheard, filled.caddy],
        "since=2026-11-24": [],
        "until=2026-11-22": [],
        "language=en&state=waiting": [filled.complaint],
        "state=worth": [],
        "text=caddy&service=POTHOLE": [],
    }.items():
        page = await browser.get(f"/conversations?{query}")
        assert page.status == 200 and ids(page.text) == expected, query
        found = json.loads((await browser.get(f"/conversations.json?{query}")).text)
        assert [one["id"] for one in found["conversations"]] == expected, query
    sent = await browser.post("/conversations/search", page="/conversations", text="caddy", channel="sms", task="", until="2026-12-24")
    assert sent.status == 303 and sent.location == "/conversations?channel=sms&text=caddy&until=2026-12-24"
    for query, sentence in {
        "since=tomorrow": "since must be a day like",
        "since=2026-11-24&until=2026-11-22": "since must be before until",
        "outcome=magic": "outcome must be one of",
        "citizen=me": "citizen must be a number",
        "measure=no_such": "measure must be the name of a measure",
        "task=" + "x" * 201: "task is too long",
    }.items():
        answer = await browser.get(f"/conversations?{query}")
        assert answer.status == 400 and sentence in answer.text, query


async def test_a_number_finds_its_citizen_is_noted_and_stays_out_of_addresses(console: Any, filled: Any) -> None:
    browser = await console.signed_in()
    sent = await browser.post("/conversations/search", page="/conversations", text=NUMBER)
    assert sent.location == "/conversations?citizen=1" and "7700" not in sent.location
    page = (await browser.get(sent.location)).text
    assert ids(page) == [filled.caddy] and "One citizen’s conversations" in page and "900123" not in page
    assert console.audited("searched_citizen") == [(1, "1")]
    typed = await browser.get("/conversations?text=%2B447700900123")
    assert typed.status == 303 and typed.location == "/conversations?citizen=1"
    await console.web_chat("Write to me at sam@mail.example", number=9)
    mailed = await browser.post("/conversations/search", page="/conversations", text="Sam@mail.example")
    assert len(ids((await browser.get(mailed.location)).text)) == 1
    unknown = await browser.post("/conversations/search", page="/conversations", text="nobody@mail.example")
    assert unknown.location == "/conversations?citizen=0" and not ids((await browser.get(unknown.location)).text)
    by_token = await browser.get("/api/conversations?text=07700900123", headers=await console.token())
    assert [one["id"] for one in json.loads(by_token.text)["conversations"]] == [filled.caddy]
    csv = await browser.get("/api/conversations.csv?text=07700900123", headers=await console.token())
    assert csv.text.count("\n") == 2
    assert not console.rows("select 1 from audit where cast(details as text) like '%900123%' or subject like '%900123%'")


async def test_a_view_is_saved_opened_shared_renamed_and_deleted(console: Any, filled: Any) -> None:
    await console.add("bea", "reviewer")
    ada, bea = await console.signed_in(), await console.signed_in("bea")
    saved = await ada.post("/conversations/views", page="/conversations", name="Texts", query="channel=sms&page=3&nonsense=1", shared="1")
    assert saved.location == "/conversations?channel=sms"
    page = (await bea.get("/conversations")).text
    assert '<a class="govuk-link" href="/conversations?channel=sms">Texts</a>' in page and "by ada" in page
    assert (await bea.post("/conversations/views/1", page="/conversations", name="Mine")).status == 404
    assert (await bea.post("/conversations/views/1/delete", page="/conversations")).status == 404
    assert (await ada.post("/conversations/views/1", page="/conversations/views", name="Our texts")).location == "/conversations/views"
    assert "Our texts" in (await ada.get("/conversations")).text and "Our texts" not in (await bea.get("/conversations")).text
    listed = json.loads((await ada.get("/conversations/views.json")).text)["views"]
    assert [(one["name"], one["shared"], one["address"]) for one in listed] == [("Our texts", False, "/conversations?channel=sms")]
    for fields, sentence in (
        ({"name": "", "query": "channel=sms"}, "Enter a name"),
        ({"name": "x", "query": "channel=fax"}, "Choose filters"),
    ):
        refused = await ada.post("/conversations/views", page="/conversations", **fields)
        assert refused.status == 400 and sentence in refused.text
    assert (await ada.post("/conversations/views/1/delete", page="/conversations/views")).status == 303
    assert "None yet" in (await ada.get("/conversations")).text


async def test_a_note_says_who_and_when_masks_numbers_and_goes_with_the_conversation(console: Any, filled: Any) -> None:
    browser, path = await console.signed_in(), f"/conversations/{filled.caddy}"
    for words, sentence in (("", "Write what colleagues should know"), ("x" * 2001, "2,000 characters or fewer")):
        refused = await browser.post(f"{path}/notes", page=path, note=words)
        assert refused.status == 400 and sentence in refused.text
    added = await browser.post(f"{path}/notes", page=path, note=f"Rang {NUMBER}, no answer", **{"in": "channel=sms"})
    assert added.location == f"{path}?in=channel%3Dsms#notes"
    page = (await browser.get(path)).text
    assert "Rang •••123, no answer" in page and "ada, " in page
    assert json.loads((await browser.get(f"{path}.json")).text)["notes"][0]["by"] == "ada"
    assert console.audited("added_note") == [(1, filled.caddy)]
    await console.log.erasures.begin(filled.caddy)
    assert console.rows("select * from notes") == []
    assert (await browser.post(f"{path}/notes", page=f"/conversations/{filled.pothole}", note="late")).status == 404


async def test_one_goes_through_a_list_and_comes_back_to_it(console: Any, filled: Any) -> None:
    browser = await console.signed_in()
    page = (await browser.get(f"/conversations/{filled.caddy}?in=channel%3Dsms")).text
    assert f'href="/conversations/{filled.unheard}?in=channel%3Dsms" rel="prev"' in page and "Last of the list" in page
    assert 'href="/conversations?channel=sms" class="govuk-back-link"' in page
    assert f'value="{console.url}/conversations/{filled.caddy}" readonly' in page
    forged = (await browser.get(f"/conversations/{filled.caddy}?in=channel%3Dfax%26next%3Dhttps://evil.example")).text
    assert "evil.example" not in forged
    plain = (await browser.get(f"/conversations/{filled.caddy}")).text
    assert 'rel="prev"' not in plain and 'rel="next"' not in plain


async def test_what_is_worth_a_look_says_why_and_leaves_when_somebody_has_looked(console: Any, filled: Any) -> None:
    ranked = [{"name": "report_problem", "confidence": 0.52}, {"name": "inform", "confidence": 0.46}]
    close = await console.web_chat("The lamp", intents=ranked)
    lost = await console.web_chat("Sing me a song", intent="out_of_scope")
    await console.log.chats.rate(lost, 1, None)
    browser = await console.signed_in()
    page = (await browser.get("/conversations?state=worth")).text
    assert ids(page) == [lost, close] and "Two intents were nearly as likely" in page and "Dissatisfied with the chat" in page
    found = json.loads((await browser.get("/conversations.json?state=worth")).text)["conversations"]
    assert [one["why"] for one in found] == [["not_understood", "low_rating"], ["close_call"]]
    done = await browser.post(f"/conversations/{lost}/looked", page="/conversations", back="list", **{"in": "state=worth"})
    assert done.location == f"/conversations?state=worth&looked={lost}"
    after = (await browser.get(done.location)).text
    assert ids(after) == [close] and "Marked as looked at" in after
    await browser.post(f"/conversations/{lost}/looked", page="/conversations", undo="1", back="list")
    assert ids((await browser.get("/conversations?state=worth")).text) == [lost, close]
    await browser.post(f"/conversations/{close}/looked", page="/conversations")
    console.move(minutes=5)
    conversation = await console.log.conversation(close)
    await console.log.tell(conversation, Reply(text="One more thing."))
    assert ids((await browser.get("/conversations?state=worth")).text) == [lost, close]
    assert console.audited("looked_at") == [(1, lost), (1, close)]


async def test_a_message_shows_what_was_asked_of_the_council_s_systems(console: Any) -> None:
    asked = [{"call": "GET requests/….json", "result": "unavailable", "ms": 812}]
    conversation = await console.web_chat(
        "Where is it?", calls=asked, journal=[{"task": "check_request", "did": "asked", "step": "which_one"}]
    )
    browser = await console.signed_in()
    page = (await browser.get(f"/conversations/{conversation}")).text
    assert "GET requests/….json" in page and "did not answer, 812 ms" in page
    line = json.loads((await browser.get(f"/conversations/{conversation}.json")).text)["messages"][1]
    assert line["calls"] == asked and line["step"] == "which_one"


async def test_the_api_gives_a_long_conversation_in_parts_too(console: Any) -> None:
    _, conversation, _ = await console.log.chats.start(Reply(text="Hello."))
    for number in range(40):
        await console.log.tell(conversation, Reply(text=f"line {number}"))
    browser = await console.signed_in()
    part = json.loads((await browser.get(f"/conversations/{conversation.id}.json?before=30")).text)
    assert part["count"] == 41 and len(part["messages"]) == 29 and part["later"] and not part["earlier"]
    rest = json.loads((await browser.get(f"/conversations/{conversation.id}.json?after=29")).text)
    assert len(rest["messages"]) == 12 and rest["earlier"] and not rest["later"]
    assert (await browser.get(f"/conversations/{conversation.id}.json?after=x")).status == 400


async def test_what_is_behind_each_figure_can_be_listed_and_narrowed(console: Any, filled: Any) -> None:
    browser, opened = await console.signed_in(), 0
    for name in console.log.measures.names:
        for of in ("numerator", "denominator"):
            answer = await browser.get(f"/conversations?measure={name}&of={of}")
            assert answer.status in {200, 400}, (name, of)
            opened += bool(ids(answer.text))
            within = f"measure%3D{name}%26of%3D{of}"
            if answer.status == 200:
                assert (await browser.get(f"/conversations/{filled.pothole}?in={within}")).status == 200
    assert opened
    page = (await browser.get("/conversations?measure=digital_take_up&of=denominator&by=channel&name=web&text=complain")).text
    assert ids(page) in ([filled.complaint], [])
