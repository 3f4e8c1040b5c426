"""Citizens' and back offices' words are words wherever they are shown: no page makes markup, a formula or a header of them."""

from __future__ import annotations

import csv
import io
import re
from html.parser import HTMLParser
from typing import Any

import pytest
from doors import Doors

from console.access import ROUTES
from engagement.values import Notice
from hearback.spreadsheet import cell, table

MARK = "zqx"
HOSTILE = f"<script>{MARK}(1)</script><img src=x onerror={MARK}(1)>\"'><svg/onload={MARK}(1)>{{{{7*7}}}}${{7*7}}</textarea></title>"
# These and no others may run or load something, whatever stands between.
OURS = re.compile(r"/static/|/chat|/widget|/photos/")


class Markup(HTMLParser):
    """What a browser would make of a page: its elements with their attributes, and the text between them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_data(self, data: str) -> None:
        self.text += data


def no_markup_of_theirs(page: str, name: str) -> None:
    """No element or handler on the page came out of the hostile words."""
    for tag, attributes in Markup(page).elements:
        assert not [one for one in attributes if one.startswith("on")], (name, tag, attributes)
        assert tag != "svg" or "onload" not in attributes, name
        for link in ("src", "href", "action", "formaction", "srcdoc"):
            value = attributes.get(link, "")
            assert not value.strip().lower().startswith(("javascript:", "data:text", "x ")) and value != "x", (name, tag, value)
        assert tag != "script" or OURS.match(attributes.get("src", "")), (name, attributes)
    assert "49" not in re.findall(rf"{MARK}[^<]{{0,60}}", page), name


async def filled_with(console: Any, words: str) -> str:
    """A conversation, a request, a partner, a hand-over, a view, a note and people, all by this name."""
    log = console.log
    conversation = await console.web_chat(words, reply=words, entities=[{"entity": "road", "value": words}], form=words)
    await log.requests.open(
        key="k", conversation_id=conversation, service_code=words[:80], service_name=words, report={"description": words}
    )
    await log.requests.sent("k", reference=words[:40], token=None, service_notice=words, told=True, agency=words)
    await log.watch.noticed([Notice(reference=words[:40], source="poll", word="done", at=console.at, notes=words, agency=words)])
    await log.hand_over(conversation, key="h", reason="make_complaint", priority=1)
    await console.text_message(words)
    await console.web_chat("I want to complain about it", number=2)
    console.rows("update staff set display_name = ? where username = 'ada'", words[:80])
    return str(conversation)


async def pages_of(console: Any, conversation: str) -> list[tuple[str, str]]:
    """Every page of the console that a signed-in person can read."""
    browser, found = await console.signed_in(), []
    known = {"{id:[0-9A-Za-z_-]{1,32}}": conversation, "{id:[1-9]\\d{0,8}}": "1", "{name:[a-z_]{1,40}}": "completion_rate"}
    for route in console.app[ROUTES].values():
        path = route.path
        for pattern, value in known.items():
            path = path.replace(pattern, value)
        if route.method == "GET" and "{" not in path and not path.startswith(("/events", "/sign-in")):
            answer = await browser.get(path)
            assert answer.status < 500, path
            if answer.headers.get("Content-Type", "").startswith("text/html"):
                found.append((path, answer.text))
    return found


async def test_every_page_of_the_console_shows_hostile_words_as_words(console: Any) -> None:
    conversation = await filled_with(console, HOSTILE)
    pages = await pages_of(console, conversation)
    assert len(pages) > 25
    showing = [name for name, page in pages if MARK in Markup(page).text]
    assert {f"/conversations/{conversation}", "/conversations", "/requests", "/partners", "/inbox"} <= set(showing), showing
    for name, page in pages:
        no_markup_of_theirs(page, name)
    browser = await console.signed_in()
    for path in ("/conversations?text=", "/requests?service=", "/audit?subject=", "/conversations?reference=", "/sign-in?next=", "/"):
        answer = await browser.get(path + "%3Cscript%3Ezqx(1)%3C/script%3E%22onfocus=zqx(1)")
        no_markup_of_theirs(answer.text, path)


async def test_answers_of_the_consoles_api_are_no_pages(console: Any) -> None:
    conversation = await filled_with(console, HOSTILE)
    headers = await console.token()
    for path in (
        "conversations",
        f"conversations/{conversation}",
        "requests",
        "inbox",
        "audit",
        "people",
        "conversations.csv",
        "requests.csv",
    ):
        answer = await console.browser().get(f"/api/{path}", headers=headers)
        assert answer.status == 200 and answer.headers["Content-Type"].startswith(("application/json", "text/csv")), path
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


async def test_the_chats_pages_show_hostile_words_as_words(doors: Doors) -> None:
    token = await doors.begin()
    assert (await doors.call("POST", "/api/chat/messages", token=token, json={"text": HOSTILE})).status == 202
    for path in ("/chat", "/chat/print", "/chat/end", "/chat/delete", "/chat/phone", "/chat?language=%3Cscript%3Ezqx(1)%3C/script%3E"):
        page = (await doors.call("GET", path, token=token)).body.decode()
        no_markup_of_theirs(page, path)
        assert path not in ("/chat", "/chat/print") or MARK in Markup(page).text
    written = await doors.call("GET", "/api/chat/transcript", token=token)
    assert written.headers["Content-Type"].startswith("text/plain") and "attachment" in written.headers["Content-Disposition"]
    refused = await doors.call("POST", "/chat", token=token, data={"text": HOSTILE * 40}, headers={"Sec-Fetch-Site": "same-origin"})
    no_markup_of_theirs(refused.body.decode(), "a text that was too long")


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
async def test_no_cell_of_any_table_begins_a_formula(console: Any, start: str) -> None:
    await filled_with(console, f"{start}cmd|' /C calc'!A1")
    browser, headers, tables = console.browser(), await console.token(), 0
    for route in console.app[ROUTES].values():
        if route.path.endswith(".csv"):
            answer = await browser.get(route.path.replace("{name:[a-z_]{1,40}}", "completion_rate"), headers=headers)
            rows, tables = list(csv.reader(io.StringIO(answer.text, newline=""))), tables + 1
            assert answer.status == 200 and not [one for row in rows for one in row if one.startswith(start) and not one[1:2].isdigit()]
    assert tables >= 4


@pytest.mark.parametrize("text", ['a"b', "a,b", "a\r\nb", 'a",=1+1,"', "\x00", "a;=1", "\ufeff=1"])
def test_a_cell_stays_one_cell(text: str) -> None:
    (_, (read,)) = csv.reader(io.StringIO(table(["a"], [{"a": text}]), newline=""))
    assert read.lstrip("'") == text.lstrip("'") and cell(text) == read
