"""Those who come to the doors: a citizen at a browser, a citizen with a phone, a service team's program, a partner of the council."""

from __future__ import annotations

import contextlib
import itertools
import json
import re
import secrets
import sqlite3
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import aiohttp
from stack import Stack, until
from twilio_world import Text

REFERENCE = re.compile(r"ASH-\d{6,}")


def reference_in(words: str) -> str:
    found = REFERENCE.search(words)
    assert found, f"no reference in {words!r}"
    return found[0]


@dataclass
class Answer:
    """What the assistant said to one message. `choices` are the titles of the last line that has some."""

    id: int
    messages: list[dict[str, Any]]

    @property
    def text(self) -> str:
        return "\n".join(message["text"] for message in self.messages)

    @property
    def choices(self) -> list[str]:
        return [choice["title"] for choice in self.messages[-1]["choices"]] if self.messages else []

    def __contains__(self, words: str) -> bool:
        return words in self.text


class WebChat:
    """A citizen at the web chat's API."""

    def __init__(self, stack: Stack) -> None:
        self.stack, self.token, self.conversation = stack, "", ""
        self.offered: dict[str, str] = {}

    async def start(self) -> WebChat:
        async with self.stack.http.post(f"{self.stack.url}/api/chat/sessions") as answer:
            assert answer.status == 201
            body = await answer.json()
        self.token, self.conversation = body["token"], body["conversation"]
        self._offer(body["messages"])
        return self

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    async def call(self, method: str, path: str, **more: Any) -> tuple[int, Any]:
        """A call with this citizen's token: status and JSON."""
        headers = {**self.headers, **more.pop("headers", {})}
        async with self.stack.http.request(method, f"{self.stack.url}/api/chat/{path}", headers=headers, **more) as answer:
            if answer.status == 204:
                return 204, None
            assert answer.content_type == "application/json", await answer.text()
            return answer.status, await answer.json()

    async def post(self, *, wait: float | None = None, **body: Any) -> tuple[int, Any]:
        if isinstance(body.get("text"), str):
            self.stack.said.add(body["text"])
        return await self.call("POST", "messages" if wait is None else f"messages?wait={wait:g}", json=body)

    async def say(self, text: str) -> Answer:
        """Write something and wait for the answer."""
        return await self._sent(text=text)

    async def send(self, **body: Any) -> Answer:
        """Send a message of any kind and wait for the answer."""
        return await self._sent(**body)

    async def choose(self, title: str) -> Answer:
        """Take one of the choices of the latest answer."""
        assert title in self.offered, f"{title!r} is not among {list(self.offered)}"
        return await self._sent(choice=self.offered[title])

    async def _sent(self, **body: Any) -> Answer:
        status, got = await self.post(wait=20, client_id=str(uuid.uuid4()), **body)
        assert status == 200, got
        self._offer(got["messages"])
        return Answer(got["id"], got["messages"])

    def _offer(self, messages: list[dict[str, Any]]) -> None:
        self.offered = {choice["title"]: choice["id"] for message in messages for choice in message["choices"]}

    async def history(self, after: int = 0) -> list[dict[str, Any]]:
        status, body = await self.call("GET", f"messages?after={after}")
        assert status == 200
        return list(body["messages"])

    async def heard(self, words: str, *, seconds: float = 20.0) -> dict[str, Any]:
        """The line with these words, as soon as the citizen has it."""

        async def look() -> dict[str, Any] | None:
            return next((line for line in await self.history() if words in line["text"]), None)

        found = await until(look, seconds, f"the citizen to read {words!r}")
        assert found is not None
        return found

    async def events(self, *, last: int | None = None) -> AsyncIterator[tuple[int, dict[str, Any]]]:
        """(id, message) of each message on the live line; close the iterator to hang up."""
        async with contextlib.aclosing(self.live(last=last)) as line:
            async for kind, id, told in line:
                if kind == "message":
                    assert id is not None
                    yield id, told

    async def live(self, *, last: int | None = None) -> AsyncIterator[tuple[str, int | None, dict[str, Any]]]:
        """(kind, id, data) of each server-sent event."""
        headers = {**self.headers, **({"Last-Event-ID": str(last)} if last is not None else {})}
        timeout = aiohttp.ClientTimeout(total=60)
        async with self.stack.http.get(f"{self.stack.url}/api/chat/events", headers=headers, timeout=timeout) as answer:
            assert answer.status == 200 and answer.content_type == "text/event-stream"
            fields: dict[str, str] = {}
            async for raw in answer.content:
                name, _, value = raw.decode().rstrip("\n").partition(": ")
                if name:
                    fields[name] = value
                elif "data" in fields:
                    yield fields["event"], int(fields["id"]) if "id" in fields else None, json.loads(fields["data"])
                    fields = {}

    async def add_photo(self, data: bytes, content_type: str = "image/jpeg") -> dict[str, Any]:
        """Upload a photo, which waits to be sent."""
        status, body = await self.call("POST", "photos", data=data, headers={"Content-Type": content_type})
        assert status == 201, body
        return dict(body)


@dataclass(eq=False)
class Phone:
    """A citizen with a phone; `read` is how many texts they have read, `sid` names the latest that they sent."""

    stack: Stack
    number: str
    read: int = 0
    sid: str = ""

    def __post_init__(self) -> None:
        self.stack.numbers.add(self.number)

    async def text(self, words: str, **more: str) -> str:
        """Send a text; returns its MessageSid."""
        self.sid = more.pop("sid", f"SM{secrets.token_hex(16)}")
        self.stack.said.add(words)
        assert await self.stack.twilio.deliver(self.number, words, sid=self.sid, **more) == 200
        return self.sid

    async def say(self, words: str, expects: str, *, seconds: float = 20.0) -> str:
        """Send a text and read until the expected words have come; returns all that came."""
        await self.text(words)
        return await self.reads(expects, seconds=seconds)

    async def reads(self, expects: str, *, seconds: float = 20.0) -> str:
        """Read on until a text with these words is here."""

        def look() -> bool:
            return any(expects in text.body for text in self.texts[self.read :])

        try:
            await until(look, seconds, f"a text with {expects!r}")
        except AssertionError:
            raise AssertionError(f"no text with {expects!r}, but {[text.body for text in self.texts[self.read :]]}") from None
        fresh = self.texts[self.read :]
        self.read = len(self.texts)
        return "\n".join(text.body for text in fresh)

    @property
    def texts(self) -> list[Text]:
        return self.stack.twilio.sent_to(self.number)


class ConsoleApi:
    """A program of a service team, with a bearer token."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack

    async def get(self, path: str, **query: str) -> Any:
        headers = {"Authorization": f"Bearer {self.stack.api_token}"}
        async with self.stack.http.get(f"{self.stack.console_url}/api/{path}", headers=headers, params=query) as answer:
            assert answer.status == 200, (answer.status, await answer.text())
            return await answer.json()

    async def conversations(self, **query: str) -> list[dict[str, Any]]:
        return list((await self.get("conversations", **query))["conversations"])

    async def conversation(self, id: str) -> dict[str, Any]:
        return dict(await self.get(f"conversations/{id}"))

    async def of(self, phone: Phone) -> dict[str, Any]:
        """A phone's conversation, whole. The console shows no numbers, so its id is looked up by the MessageSid in the log's file."""
        ((found,),) = self.stack.rows("SELECT conversation_id FROM messages WHERE provider_id = ?", phone.sid)
        return await self.conversation(found)

    async def requests(self) -> list[dict[str, Any]]:
        """Every request, whatever the page."""
        first = await self.get("requests")
        rest = [await self.get("requests", page=str(page)) for page in range(2, first["pages"] + 1)]
        return [row for page in (first, *rest) for row in page["requests"]]

    async def request(self, reference: str) -> dict[str, Any]:
        (found,) = [row for row in await self.requests() if row["reference"] == reference]
        return found


class Sandbox:
    """The pretend council's back office, as its staff and partners see it."""

    def __init__(self, stack: Stack) -> None:
        self.stack, self.url = stack, f"{stack.sandbox_url}/open311/v2"

    async def requests(self, **query: str) -> list[dict[str, Any]]:
        async with self.stack.http.get(f"{self.url}/requests.json", params=query) as answer:
            assert answer.status == 200
            return list(await answer.json())

    async def request(self, reference: str) -> dict[str, Any]:
        async with self.stack.http.get(f"{self.url}/requests/{reference}.json") as answer:
            assert answer.status == 200, await answer.text()
            (found,) = await answer.json()
            return dict(found)

    async def attributes(self, reference: str) -> dict[str, list[str]]:
        """The answers to the service's questions as they were posted; GeoReport takes them and never gives them out."""
        number = int(reference.removeprefix("ASH-"))
        with contextlib.closing(sqlite3.connect(f"file:{self.stack.home}/sandbox/sandbox.db?mode=ro", uri=True)) as kept:
            (row,) = kept.execute("SELECT attributes FROM requests WHERE number = ?", [number])
        return dict(json.loads(row[0]))

    async def close(self, reference: str, notes: str, agency: str) -> None:
        body = {"status_notes": notes, "agency_responsible": agency}
        async with self.stack.http.post(f"{self.url}/requests/{reference}/close", json=body) as answer:
            assert answer.status == 200

    async def updates(self) -> list[dict[str, Any]]:
        """The updates of requests of the last 90 days."""
        async with self.stack.http.get(f"{self.url}/servicerequestupdates.json") as answer:
            assert answer.status == 200
            return list(await answer.json())

    async def forward(self, by: str) -> None:
        """Move the clock of everything on: "3 days"."""
        async with self.stack.http.post(f"{self.stack.sandbox_url}/sandbox/clock", json={"forward": by}) as answer:
            assert answer.status == 200, await answer.text()

    def grow_old(self) -> None:
        """Let every report be older than what counts as nearby, so that one test's reports do not meet another's."""
        with contextlib.closing(sqlite3.connect(f"file:{self.stack.home}/sandbox/sandbox.db?mode=rw", uri=True, timeout=10)) as kept:
            kept.execute("UPDATE requests SET requested_datetime = '2000-01-01T00:00:00Z'")
            kept.commit()

    async def bins(self, path: str, **query: str) -> Any:
        """What the rounds system answers."""
        async with self.stack.http.get(f"{self.stack.sandbox_url}/bins/{path}", params=query) as answer:
            assert answer.status == 200, await answer.text()
            return await answer.json()

    async def fault(self, fault: dict[str, Any] | None, *, count: int | None = None, system: str = "open311") -> None:
        """Make the back office or the rounds system ("bins") fail, or with None make it well again."""
        body = {system: fault, **({"count": count} if count else {})}
        async with self.stack.http.post(f"{self.stack.sandbox_url}/sandbox/faults", json=body) as answer:
            assert answer.status == 200, await answer.text()


MOBILES = itertools.count(100)  # Ofcom keeps 07700 900000 to 900999 for drama


def new_phone(stack: Stack) -> Phone:
    return Phone(stack, f"+447700900{next(MOBILES)}")
