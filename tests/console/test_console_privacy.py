"""An administrator finds a citizen by what they give, sees what is held, copies, holds and erases it; others do not."""

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from databases import environ_of, stored

from engagement.trackers import opened
from hearback.erasing import finish_here
from hearback.settings import Settings

NUMBER, WORDS = "07700 900123", "My food caddy was not emptied"


@pytest.mark.parametrize("sought", [NUMBER, "+447700900123", "0044 7700 900 123"])
async def test_a_citizen_is_found_by_their_number_however_it_is_written(console: Any, filled: Any, sought: str) -> None:
    browser = await console.signed_in()
    answer = await browser.post("/privacy/find", page="/privacy", sought=sought)
    assert answer.status == 200 and f"/conversations/{filled.caddy}" in answer.text and "they text from this number" in answer.text
    assert "900123" not in answer.text and "•••123" in answer.text, "masked until it is asked for"
    (looked,) = console.audited("looked_for_citizen")
    assert looked[1].startswith("contact:")


async def test_a_citizen_is_found_by_a_reference_and_by_a_conversation(console: Any, filled: Any) -> None:
    browser = await console.signed_in()
    for sought in ("ash-1042", filled.pothole):
        answer = await browser.post("/privacy/find", page="/privacy", sought=sought)
        assert f"/conversations/{filled.pothole}" in answer.text and "ASH-1042" in answer.text


async def test_nothing_is_said_of_who_is_not_there_and_looking_is_written_down(console: Any, filled: Any) -> None:
    browser = await console.signed_in()
    for sought in ("07700 900999", "nobody@example.org", "ASH-9999"):
        answer = await browser.post("/privacy/find", page="/privacy", sought=sought)
        assert answer.status == 200 and "We hold nothing under it" in answer.text and sought not in answer.text
    assert len(console.audited("looked_for_citizen")) == 3
    assert "900999" not in str(console.rows("select * from audit")), "what was typed is nowhere"
    assert (await browser.post("/privacy/find", page="/privacy", sought=" ")).status == 422


async def test_the_whole_number_is_shown_when_asked_for_and_that_is_written_down(console: Any, filled: Any) -> None:
    browser, whose = await console.signed_in(), await console.log.subjects.find("phone", NUMBER)
    answer = await browser.post("/privacy/phone", page="/privacy", whose=whose)
    assert "+447700900123" in answer.text and console.audited("showed_phone") == [(1, whose)]


async def test_the_copy_holds_their_words_and_nobody_elses(console: Any, filled: Any) -> None:
    browser, whose = await console.signed_in(), await console.log.subjects.find("phone", NUMBER)
    token = browser.token_of((await browser.get("/privacy")).text)
    async with browser.session.post(f"{console.url}/privacy/export", data={"csrf": token, "whose": whose}) as answer:
        assert answer.status == 200 and answer.content_type == "application/zip"
        archive = zipfile.ZipFile(io.BytesIO(await answer.read()))
    content, page = json.loads(archive.read("your-data.json")), archive.read("your-data.html").decode()
    assert [one["text"] for one in content["data"]["messages"] if one["author"] == "citizen"] == [WORDS]
    assert content["data"]["contacts"][0]["value"] == "+447700900123" and content["retention"]["messages"]["words"] == "24 months"
    assert WORDS in page and "Is anybody there?" not in page and "pothole" not in page
    assert "ada" not in archive.read("your-data.json").decode().replace("data", ""), "colleagues by role"
    assert console.audited("exported_citizen") == [(1, whose)]


async def test_what_is_held_is_not_erased_until_the_hold_is_lifted(console: Any, filled: Any) -> None:
    browser, whose = await console.signed_in(), await console.log.subjects.find("phone", NUMBER)
    assert (await browser.post("/privacy/hold", page="/privacy", whose=whose, reason="")).status == 422
    answer = await browser.post("/privacy/hold", page="/privacy", whose=whose, reason="Claim 2026/114")
    assert "Claim 2026/114" in answer.text and console.audited("placed_hold") == [(1, whose)]
    answer = await browser.post("/privacy/erase/confirm", page="/privacy", whose=whose, word="erase")
    assert answer.status == 409 and "A legal hold keeps it" in answer.text
    assert console.rows("select count(*) from messages where text = ?", WORDS) == [(1,)]
    assert "Claim 2026/114" in (await browser.get("/privacy/holds")).text
    held = json.loads((await browser.get("/privacy/holds.json")).text)["holds"]
    assert [(one["reason"], one["lifted_at"]) for one in held] == [("Claim 2026/114", None)]
    assert (await browser.post("/privacy/holds/1/lift", page="/privacy/holds")).location == "/privacy/holds?done=lifted"
    assert console.audited("lifted_hold") == [(1, whose)]
    assert (await browser.post("/privacy/holds/1/lift", page="/privacy/holds")).status == 404, "once"


async def test_a_word_is_typed_before_anything_goes(console: Any, filled: Any, tmp_path: Path) -> None:
    browser, whose = await console.signed_in(), await console.log.subjects.find("phone", NUMBER)
    answer = await browser.post("/privacy/erase", page="/privacy", whose=whose)
    assert answer.status == 200 and "What stays, and why" in answer.text
    assert (await browser.post("/privacy/erase/confirm", page="/privacy", whose=whose, word="yes")).status == 422
    assert console.rows("select count(*) from messages where text = ?", WORDS) == [(1,)]
    answer = await browser.post("/privacy/erase/confirm", page="/privacy", whose=whose, word="Erase ")
    assert answer.location == "/privacy?done=erased" and console.audited("erased_citizen") == [(1, whose)]
    settings = Settings.from_environ(environ_of(tmp_path))
    async with opened(settings) as trackers:
        await finish_here(settings, console.log, trackers)
    assert console.rows("select state from conversations where id = ?", filled.caddy) == [("erased",)]
    answer = await browser.post("/privacy/find", page="/privacy", sought=NUMBER)
    assert "We hold nothing under it" in answer.text
    files = stored(tmp_path)
    assert WORDS.encode() not in files


async def test_a_conversation_that_is_somebody_elses_is_spared(console: Any, filled: Any) -> None:
    other = await console.web_chat("My neighbour's number is 07700 900123")
    browser, whose = await console.signed_in(), await console.log.subjects.find("phone", NUMBER)
    assert "only typed in it" in (await browser.post("/privacy/erase", page="/privacy", whose=whose)).text
    await browser.post("/privacy/erase/confirm", page="/privacy", whose=whose, word="erase", spare=other)
    assert console.rows("select count(*) from messages where text like 'My neighbour%'") == [(1,)]
    assert console.rows("select count(*) from mentions") == [(0,)]
    assert console.rows("select count(*) from contacts where pseudonym = ?", console.log._keys.pseudonym("+447700900123")) == [(0,)]


async def test_a_rule_that_would_take_something_waits_for_an_administrator(console: Any, filled: Any) -> None:
    browser = await console.signed_in()
    console.move(days=3000)
    assert (await browser.get("/privacy/retention")).status in (200, 303)
    browser = await console.signed_in()
    answer = await browser.post("/privacy/retention/trial", page="/privacy/retention")
    assert answer.status == 200 and 'value="messages.words"' in answer.text
    stale = await browser.post("/privacy/retention/confirm", page="/privacy/retention", rule="messages.words", days="7")
    assert stale.status == 409 and "changed since you looked" in stale.text
    done = await browser.post("/privacy/retention/confirm", page="/privacy/retention", rule="messages.words", days="730")
    assert done.location == "/privacy/retention?done=confirmed"
    assert console.rows("select days, confirmed_by from retention_rules") == [(730, 1)]
    assert len(console.audited("confirmed_retention")) == 1
    data = json.loads((await browser.get("/privacy/retention.json")).text)
    assert {"messages.words", "audit.rows"} <= {one["name"] for one in data["rules"]} and data["runs"] == []


async def test_a_hold_on_one_conversation_leaves_the_others(console: Any, filled: Any) -> None:
    browser, whose = await console.signed_in(), await console.log.subjects.find("phone", NUMBER)
    other = await console.web_chat("Call me on 07700 900123")
    await browser.post("/privacy/hold", page="/privacy", whose=whose, reason="Claim 7", on=other)
    assert console.rows("select contact_id, conversation_id from legal_holds") == [(None, other)]
    assert await console.log.erasures.begin(filled.caddy) and not await console.log.erasures.begin(other)
    assert (await browser.post("/privacy/hold", page="/privacy", whose=whose, reason="Claim 7", on="0" * 32)).status == 404
