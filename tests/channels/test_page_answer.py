"""The page behind the link in an e-mail: it asks, takes an answer once, and tells little to who only looks."""

from __future__ import annotations

import asyncio
import io
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from doors import Answer, Doors, open_doors
from mail_world import CITIZEN, SENDER, contact_of, mail_server
from PIL import Image
from sqlalchemy import update

from channels import limits, page_answer
from engagement.tables import conversations, outcomes
from engagement.values import Conversation, Message, Notice, Reply
from hearback.clock import Clock

BROWSER = {"Accept": "text/html", "Sec-Fetch-Site": "same-origin"}
TURN = {"messages": [{"text": "I have asked for ASH-104233 to be opened again.", "buttons": []}], "intent": "outcome_not_fixed"}
TURN |= {
    "confidence": 1.0,
    "entities": [],
    "intents": [],
    "services": [],
    "actions": [],
    "form": None,
    "told": None,
    "language": "en",
    "journal": [],
}


@dataclass
class Link:
    """A report whose question was mailed, and an assistant that answers each turn with TURN."""

    doors: Doors
    conversation: Conversation
    contact_id: int
    outcome_id: int
    turns: list[dict[str, Any]] = field(default_factory=list)

    @property
    def path(self) -> str:
        return f"/outcome/{self.doors.log.mails.answer_token(self.outcome_id)}"

    @property
    def stop(self) -> str:
        return self.doors.log.mails.stop_token(self.contact_id)

    async def get(self, path: str = "") -> str:
        answer = await self.doors.call("GET", path or self.path, headers=BROWSER)
        assert answer.status == 200
        return str(answer.body.decode())

    async def send(self, **fields: str | bytes) -> Answer:
        form = aiohttp.FormData()
        form.add_field("photo", b"", filename="", content_type="application/octet-stream")  # as browsers do where none was chosen
        for name, value in fields.items():
            form.add_field(name, value, filename="hole.png" if isinstance(value, bytes) else None)
        return await self.doors.call("POST", self.path, data=form, headers=BROWSER)

    async def said(self) -> list[Message]:
        """What the citizen said in the conversation."""
        return [one for one in await self.doors.log.messages(self.conversation.id) if one.author == "citizen"]


@asynccontextmanager
async def assistant(turns: list[dict[str, Any]]) -> AsyncIterator[int]:
    """Stands for Rasa on a free port: notes each turn and answers with TURN."""

    async def turn(request: web.Request) -> web.Response:
        turns.append(await request.json())
        return web.json_response(TURN)

    app = web.Application()
    app.add_routes([web.post("/webhooks/hearback/turn", turn)])
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


async def asked(doors: Doors, *, language: str = "en") -> Link:
    _, conversation, _ = await doors.log.chats.start(Reply(text="Hello"), language=language)
    log, contact_id, key = doors.log, await contact_of(doors.log, CITIZEN), f"{conversation.id}:1"
    await log.requests.open(
        key=key, conversation_id=conversation.id, service_code="GRAFFITI", service_name="Graffiti", contact_id=contact_id,
        report={"address": "the wall of 7 high street, by Sam's", "description": "a rude word"}, updates=True,
    )  # fmt: skip
    await log.requests.sent(key, reference="ASH-104233", token=None, service_notice=None, told=True)
    await log.watch.noticed([Notice(reference="ASH-104233", source="poll", word="done", at=Clock().now())])
    request = await log.requests.by_reference("ASH-104233")
    assert request is not None
    outcome = await log.outcomes.of_request(request.id)
    assert outcome is not None
    now = update(outcomes).where(outcomes.c.id == outcome.id).values(due_at=outcome.created_at)  # the doors' clock is the real one
    await doors.database.write(lambda connection: connection.execute(now))
    assert await log.outcomes.ask(outcome.id, Reply(text="Is it fixed?"), within=conversation.id, email_to=contact_id)
    return Link(doors, conversation, contact_id, outcome.id)


@pytest.fixture
async def link(tmp_path: Path) -> AsyncIterator[Link]:
    turns: list[dict[str, Any]] = []
    async with mail_server() as server, assistant(turns) as port:
        mail = {"HEARBACK_SMTP_URL": f"smtp://127.0.0.1:{server.port}", "HEARBACK_MAIL_FROM": SENDER}
        async with open_doors(tmp_path, HEARBACK_RASA_PORT=str(port), **mail) as doors:
            link = await asked(doors)
            link.turns = turns
            yield link


def picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "grey").save(out, "PNG")
    return out.getvalue()


def form_of(page: str) -> str:
    found = re.search(r'name="form" value="(\w+)"', page)
    assert found is not None
    return found[1]


async def test_the_page_asks_and_shows_nothing_private(link: Link) -> None:
    answer = await link.doors.call("GET", link.path, headers=BROWSER)
    page = answer.body.decode()
    assert "Graffiti, High Street" in page and "ASH-104233" in page
    for private in ("7 high", "Sam", "rude", CITIZEN, link.conversation.id):
        assert private not in page
    assert re.findall(r'type="radio" value="(\w+)"', page) == ["fixed", "partly", "not_fixed", "not_mine"]
    assert "<script" not in page
    assert answer.headers["Referrer-Policy"] == "no-referrer" and answer.headers["Cache-Control"] == "no-store"
    assert "noindex" in answer.headers["X-Robots-Tag"] and "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "Set-Cookie" not in answer.headers


async def test_looking_changes_nothing(link: Link) -> None:
    before = await link.doors.log.outcomes.one(link.outcome_id)
    for method in ("GET", "HEAD", "GET"):
        assert (await link.doors.call(method, f"{link.path}?answer=fixed", headers=BROWSER)).status == 200
    assert await link.said() == []
    assert await link.doors.log.outcomes.one(link.outcome_id) == before


async def test_an_answer_is_the_citizen_s_message_and_the_assistant_s_reply_stands_on_the_page(link: Link) -> None:
    answer = await link.send(answer="not_fixed", words="still there\nmate", form="f1")
    page = answer.body.decode()
    assert answer.status == 200
    assert "We have your answer" in page and TURN["messages"][0]["text"] in page  # type: ignore[index]
    [message] = await link.said()
    assert message.text == "No, it is not fixed\nstill there\nmate"
    assert message.payload == f'/outcome_not_fixed{{"choice":"outcome:{link.outcome_id}"}}'
    assert message.state == "answered"
    [turn] = link.turns
    assert (turn["payload"], turn["said"], turn["channel"]) == (message.payload, "still there\nmate", "web")
    assert message.public()["client_id"]  # the chat shows it like any other


async def test_the_same_form_twice_is_one_message_and_another_answer_is_another(link: Link) -> None:
    form = form_of(await link.get())
    answers = await asyncio.gather(*(link.send(answer="fixed", words="thanks", form=form) for _ in range(3)))
    assert {answer.status for answer in answers} == {200}
    assert len(await link.said()) == 1
    await link.send(answer="partly", words="thanks", form=form)  # gone back in the browser
    assert [one.text for one in await link.said()] == ["Yes, it is fixed\nthanks", "Only partly\nthanks"]
    assert len(link.turns) == 2


async def test_a_photo_comes_with_the_answer_once(link: Link) -> None:
    for _ in range(2):
        assert (await link.send(answer="not_fixed", words="", photo=picture(), form="f1")).status == 200
    [message] = await link.said()
    [medium] = message.media
    assert message.text == "No, it is not fixed"
    assert (medium["width"], medium["height"]) == (40, 30)
    assert link.turns[0]["media"] == [medium]
    files = list((link.doors.home / "photos").glob("??/*.jpg"))
    assert [path.stem for path in files] == [medium["photo"]]


@pytest.mark.parametrize(
    ("fields", "field", "words"),
    [
        ({"words": "still there"}, "answer", "Select one answer."),
        ({"answer": "glad", "words": "still there"}, "answer", "Select one answer."),
        ({"answer": "fixed", "words": "still there " * 200}, "words", "The message is too long."),
        ({"answer": "fixed", "words": "still there", "photo": b"no picture"}, "photo", "We cannot open this photo."),
    ],
)
async def test_a_mistake_is_named_and_what_was_written_stays(link: Link, fields: dict[str, Any], field: str, words: str) -> None:
    answer = await link.send(**fields, form="f1")
    page = answer.body.decode()
    assert answer.status == 422
    assert f'<a href="#{field}">{words}' in page and f'id="{field}-error"' in page and f'id="{field}"' in page
    assert "<title>Error:" in page
    assert "still there" in page
    assert await link.said() == []


async def test_who_answered_sees_it_and_may_change_it(link: Link) -> None:
    await link.doors.log.outcomes.answer(link.outcome_id, "fixed", key="1", channel="web", words="my own words")
    page = await link.get()
    assert "you told us: Yes, it is fixed." in page
    assert "my own words" not in page
    assert (await link.send(answer="not_fixed", form="f2")).status == 200
    assert [one.text for one in await link.said()] == ["No, it is not fixed"]


@pytest.mark.parametrize("answer", ["fixed", "partly", "not_fixed", "not_mine"])
async def test_while_the_assistant_is_away_the_page_says_what_happens_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: str
) -> None:
    monkeypatch.setattr(page_answer, "WAIT", 0.1)
    async with open_doors(tmp_path, HEARBACK_SMTP_URL="smtp://127.0.0.1:1", HEARBACK_MAIL_FROM=SENDER) as doors:
        link = await asked(doors)
        page = (await link.send(answer=answer, form="f1")).body.decode()
        assert ("asking the team to look at it again" in page) == (answer in ("partly", "not_fixed"))
        assert "glad" not in page.lower()
        [message] = await link.said()
        assert message.state == "received"  # it is taken up when the assistant is back


async def test_an_answer_counts_after_the_chat_has_ended_and_not_after_it_was_deleted(link: Link) -> None:
    await link.doors.log.chats.end(link.conversation.id)
    assert (await link.send(answer="not_fixed", words="no", form="f1")).status == 200
    assert len(await link.said()) == len(link.turns) == 1
    path = link.path
    await link.doors.log.erasures.begin(link.conversation.id)
    for method in ("GET", "POST"):
        answer = await link.doors.call(method, path, headers=BROWSER)
        assert answer.status == 404
        assert "This link does not work" in answer.body.decode()


async def test_an_answer_counts_while_a_person_has_the_conversation(link: Link) -> None:
    ours = conversations.c.id == link.conversation.id
    await link.doors.database.write(lambda connection: connection.execute(update(conversations).where(ours).values(state="with_staff")))
    assert (await link.send(answer="not_fixed", words="no", form="f1")).status == 200
    assert len(link.turns) == 1
    [message] = await link.said()
    assert message.state == "answered"


@pytest.mark.parametrize("token", ["x", "A" * 43, "%00", "..%2f..", "é", "%ff", "1.x", "1.é"])
async def test_an_unknown_link_is_told_kindly(link: Link, token: str) -> None:
    for path in (f"/outcome/{token}", f"/mail/stop/{token}"):
        for method in ("GET", "POST"):
            answer = await link.doors.call(method, path, headers=BROWSER)
            assert answer.status == 404
            assert "This link does not work" in answer.body.decode()


async def test_one_link_does_not_take_answers_without_end(link: Link) -> None:
    for _ in range(limits.ANSWERS.count):
        assert (await link.send(words="x")).status == 422
    refused = await link.send(words="x")
    assert refused.status == 429
    assert int(refused.headers["Retry-After"]) > 0


@pytest.mark.parametrize(("code", "title"), [("cy", "A yw wedi'i drwsio?"), ("pl", "Czy problem jest usunięty?")])
async def test_the_page_speaks_other_languages(link: Link, code: str, title: str) -> None:
    answer = await link.doors.call("GET", f"{link.path}?language={code}", headers=BROWSER)
    page = answer.body.decode().replace("&#39;", "'")
    assert f'<html lang="{code}"' in page
    assert title in page
    assert f"hearback_language={code}" in answer.headers["Set-Cookie"]


async def test_the_stop_page_asks_first_and_stops_then(link: Link) -> None:
    async def stopped() -> bool:
        log = link.doors.log
        return bool(await link.doors.database.read(lambda connection: log._stopped(connection, link.contact_id)))

    page = await link.get(f"/mail/stop/{link.stop}")
    assert f'action="/mail/stop/{link.stop}"' in page
    assert not await stopped()
    done = await link.doors.call("POST", f"/mail/stop/{link.stop}", headers=BROWSER)
    assert done.status == 200 and "no more emails" in done.body.decode()
    assert await stopped()
    again = await link.doors.call("POST", f"/mail/start/{link.stop}", headers=BROWSER)
    assert again.status == 200
    assert not await stopped()


async def test_one_click_in_a_mail_program_stops_e_mail(link: Link) -> None:
    one_click = await link.doors.call("POST", f"/mail/stop/{link.stop}", data={"List-Unsubscribe": "One-Click"}, allow_redirects=False)
    assert one_click.status == 200
    page = await link.doors.log.mails.write(
        key="progress:1:done", contact_id=link.contact_id, conversation_id=link.conversation.id,
        response="utter_mail_outcome_general", values={},
    )  # fmt: skip
    assert not page
