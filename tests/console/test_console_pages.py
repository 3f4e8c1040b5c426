"""The pages: what they show, and what they never show."""

import re
from typing import Any

from engagement.values import Notice

XSS = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"


def ids(page: str) -> list[str]:
    return re.findall(r'href="/conversations/([0-9a-f]{32})[?"]', page)


async def test_an_empty_console_says_what_will_come(console: Any) -> None:
    browser = await console.signed_in()
    assert "No citizen has written yet" in (await browser.get("/conversations")).text
    assert "No request has been raised yet" in (await browser.get("/requests")).text
    assert "nobody is waiting for a person" in (await browser.get("/conversations?state=waiting")).text


async def test_the_newest_conversation_is_first(console: Any, filled: Any) -> None:
    browser = await console.signed_in()
    page = (await browser.get("/conversations")).text
    assert ids(page) == [filled.unheard, filled.complaint, filled.caddy, filled.pothole]
    assert "<strong>4</strong> conversations, newest first" in page


async def test_who_waits_for_a_person_stands_out_with_the_reason(console: Any, filled: Any) -> None:
    browser = await console.signed_in()
    page = (await browser.get("/conversations?state=waiting")).text
    assert ids(page) == [filled.complaint]
    assert "console-card--waiting" in page and "The citizen wants to complain, 30 minutes ago" in page


async def test_filters_narrow_the_list(console: Any, filled: Any) -> None:
    browser = await console.signed_in()
    for query, expected in {
        "channel=sms": [filled.unheard, filled.caddy],
        "channel=web&state=open": [filled.pothole],
        "state=unanswered": [filled.unheard],
        "state=ended": [],
        "text=STATION+road": [filled.pothole],
        "text=ash-1042": [filled.pothole],
        "text=100%25": [],
        "text=_": [],
        "channel=&state=&text=&page=": [filled.unheard, filled.complaint, filled.caddy, filled.pothole],
    }.items():
        assert ids((await browser.get(f"/conversations?{query}")).text) == expected, query


async def test_what_a_filter_does_not_know_is_a_sentence(console: Any) -> None:
    browser = await console.signed_in()
    for query, sentence in {
        "state=lost": "state must be one of",
        "channel=fax": "channel must be one of web, sms",
        "page=0": "page must be a number from 1",
        "page=-1": "page must be",
        "page=%C2%B2": "page must be",
        "page=99999999999999999999": "page must be",
        "text=%00": "cannot be searched",
        "text=" + "x" * 201: "200 characters or fewer",
    }.items():
        answer = await browser.get(f"/conversations?{query}")
        assert answer.status == 400 and sentence in answer.text, query


async def test_fifty_conversations_make_a_page(console: Any) -> None:
    for number in range(101):
        console.move(seconds=1)
        await console.web_chat(f"bin {number}")
    browser = await console.signed_in()
    first, second, third = [(await browser.get(f"/conversations?text=bin&page={page}")).text for page in (1, 2, 3)]
    assert [len(ids(page)) for page in (first, second, third)] == [50, 50, 1]
    assert len({*ids(first), *ids(second), *ids(third)}) == 101
    assert "Showing 51 to 100 of" in second
    assert 'href="/conversations?text=bin&amp;page=3" rel="next"' in second and 'aria-current="page">2</a>' in second
    beyond = await browser.get("/conversations?text=bin&page=4")
    assert beyond.status == 200 and "There is no page 4" in beyond.text


async def test_a_conversation_shows_what_was_understood_and_what_became_of_it(console: Any, filled: Any) -> None:
    browser = await console.signed_in()
    page = (await browser.get(f"/conversations/{filled.pothole}")).text
    for shown in [
        "A deep pothole in Station Road",
        "Understood as <strong>report problem</strong>, 93% sure", "POTHOLE", "91%", "action_match_service",
        "report_form", "Shall I send it?", "Yes, send it", "ASH-1042", "Closed", "Filled with tarmac", "Highways Ltd",
        "today at 2:05pm", "today at 3:05pm", "Shown in the web chat", "Deep",
    ]:  # fmt: skip
        assert shown in page, shown
    assert "/affirm" not in page and "07700900999" not in page


async def test_a_failed_text_message_says_why(console: Any, filled: Any) -> None:
    page = (await (await console.signed_in()).get(f"/conversations/{filled.caddy}")).text
    assert "Not delivered: the phone is off or out of reach (30003), 2 texts long" in page


async def test_each_reply_names_what_it_answers(console: Any, filled: Any) -> None:
    page = (await (await console.signed_in()).get(f"/conversations/{filled.caddy}")).text
    asked = re.search(r'In answer to <a class="govuk-link" href="#(message-\d+)">“My food caddy was not emptied”', page)
    assert asked and f'id="{asked[1]}"' in page


async def test_a_hand_over_and_an_unanswered_message_are_shown(console: Any, filled: Any) -> None:
    browser = await console.signed_in()
    page = (await browser.get(f"/conversations/{filled.complaint}")).text
    assert "Waiting for a person" in page and "The citizen wants to complain" in page and "Urgent" in page
    assert "Not answered yet" in (await browser.get(f"/conversations/{filled.unheard}")).text


async def test_reading_a_conversation_is_written_down(console: Any, filled: Any) -> None:
    browser = await console.signed_in()
    await browser.get(f"/conversations/{filled.pothole}")
    await browser.get(f"/conversations/{'0' * 32}")
    assert console.audited("read_conversation") == [(1, filled.pothole)]


async def test_a_number_is_masked_until_it_is_asked_for_and_that_is_written_down(console: Any, filled: Any) -> None:
    browser = await console.signed_in()
    path = f"/conversations/{filled.caddy}"
    page = (await browser.get(path)).text
    assert "+44•••••••123" in page and "7700900123" not in page
    assert (await browser.get(f"{path}/phone")).status == 405
    assert (await browser.post(f"{path}/phone", csrf="x")).status == 403
    assert not console.audited("showed_phone")
    shown = await browser.post(f"{path}/phone", page=path)
    assert shown.status == 200 and "+447700900123" in shown.text
    assert console.audited("showed_phone") == [(1, filled.caddy)]
    assert "Phone" not in (await browser.get(f"/conversations/{filled.pothole}")).text


async def test_nothing_that_others_wrote_becomes_markup(console: Any) -> None:
    log = console.log
    conversation = await console.web_chat(
        XSS, intent="<b>intent", reply=XSS, entities=[{"entity": XSS, "value": XSS}, XSS], services=[{"code": XSS, "score": XSS}, 1],
        actions=[XSS], form=XSS, intents=[{"name": XSS, "confidence": None}],
    )  # fmt: skip
    await log.requests.open(
        key="k", conversation_id=conversation, service_code=XSS, service_name=XSS, report={"description": XSS, "attributes": {XSS: [XSS]}}
    )
    await log.requests.sent("k", reference=XSS, token=None, service_notice=XSS, told=True, agency=XSS)
    await log.watch.noticed([Notice(reference=XSS, source="poll", word="open", at=console.at, notes=XSS, agency=XSS)])
    await log.hand_over(conversation, key="h", reason="<i>reason", priority=1)
    browser = await console.signed_in()
    await browser.post("/account/tokens", page="/account", name=XSS[:80])
    found = await browser.get("/conversations?text=%3Cscript%3E")
    pages = [found, *[await browser.get(path) for path in ("/conversations", f"/conversations/{conversation}", "/requests", "/account")]]
    pages.append(await browser.get("/conversations?text=%3Cscript%3Enot+there"))
    pages.append(await console.browser().sign_in(XSS, "x"))
    for page in pages:
        assert page.status in {200, 400}
        assert "<script>" not in page.text and "<img" not in page.text and "<b>" not in page.text and "<i>" not in page.text
    assert "&lt;script&gt;" in pages[2].text


async def test_understanding_of_any_shape_can_be_read(console: Any) -> None:
    browser = await console.signed_in()
    shapes: list[dict[str, Any]] = [
        {"entities": None, "services": "x"},
        {"entities": [1, None, {}], "services": [{}], "intents": ["a"]},
        {"actions": [None, 3]},
    ]
    for details in shapes:
        conversation = await console.web_chat("hello", **details)
        assert (await browser.get(f"/conversations/{conversation}")).status == 200


async def test_a_long_conversation_is_shown_page_by_page(console: Any) -> None:
    conversation_id = ""
    for number in range(503):
        conversation_id, _ = await console.text_message(f"message {number}.", sid=f"S{number}")
    browser, seen, path = await console.signed_in(), [], f"/conversations/{conversation_id}"
    while path:
        page = (await browser.get(path)).text
        seen = [*re.findall(r"message (\d+)\.</div>", page), *seen]
        earlier = re.search(r'href="([^"#]+)#messages-heading">Earlier messages', page)
        path = earlier[1].replace("&amp;", "&") if earlier else ""
    assert seen == [str(number) for number in range(503)]
    whole = await browser.get(f"/conversations/{conversation_id}.json")
    assert whole.text.count('"author": "citizen"') == 503


async def test_requests_are_listed_with_what_the_back_office_says(console: Any, filled: Any) -> None:
    page = (await (await console.signed_in()).get("/requests")).text
    for shown in [
        "ASH-1042",
        "Pothole",
        "Web chat",
        "With the back office",
        "<strong>Done</strong>",
        "Not asked yet",
        "£62.05",
        "Highways Ltd",
        "today at 3:05pm",
        "<strong>1</strong> request",
    ]:
        assert shown in page, shown


async def test_times_are_uk_times(console: Any) -> None:
    console.move(days=240)  # July: an hour ahead of UTC
    await console.web_chat("summer")
    console.move(days=1)
    browser = await console.signed_in()
    assert "yesterday at 3:05pm" in (await browser.get("/conversations")).text
    console.move(days=30)
    assert "21 July 2027 at 3:05pm" in (await (await console.signed_in()).get("/conversations")).text


async def test_a_mail_that_did_not_arrive_is_shown_with_the_server_s_code(console: Any) -> None:
    conversation = await console.web_chat("Is it fixed?")
    log = console.log
    log.mails.on = True
    contact = await log._database.write(lambda connection: log._contact(connection, "email", "sam@mail.example", console.at))
    await log.mails.write(
        key="progress:1:done", contact_id=contact, conversation_id=conversation, response="utter_mail_outcome_general", values={}
    )
    console.move(days=1)
    [mail] = await log.mails.claim()
    await log.mails.failed(mail.id, error="550")
    page = (await (await console.signed_in()).get(f"/conversations/{conversation}")).text
    assert "News of the request" in page and "Not delivered" in page and "The mail server answered: 550." in page
    assert "sam@mail.example" not in page
