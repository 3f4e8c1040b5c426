"""The way to the assistant: one turn to the connector of the Rasa that has the conversation."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

import aiohttp
import orjson

from channels import metrics
from channels.stations import Stations
from channels.words import choice
from engagement.values import Conversation, Message, Outcome, Reply, Understanding, message_name

# Well above the worst turn: when the caller gives up, Rasa throws the turn away and it must be run again.
TIMEOUT = aiohttp.ClientTimeout(total=60, connect=2)


class RasaUnavailable(Exception):
    """Rasa cannot be reached or has no model: the message waits."""


class TurnFailed(Exception):
    """Rasa ran the turn and an action of it failed; nothing of it was kept, so it can be run again."""


class Rasa:
    """`url`: one address, several, or what tells the one; with `shared` they remember the same, so that another can take over."""

    def __init__(self, session: aiohttp.ClientSession, *, url: str | Sequence[str] | Callable[[], str], token: str, shared: bool = False):
        self._session = session
        self._stations = Stations([url] if isinstance(url, str) else url, shared=shared)
        self._headers = {"Authorization": f"Bearer {token}"}

    async def turn(
        self, conversation: Conversation, message: Message, *, question: Outcome | None = None, latest: bool = False
    ) -> tuple[Understanding, list[Reply]]:
        """Run a message through the assistant; the same message again gives the same answer and runs nothing twice.

        `question` is what the citizen was asked about and has not answered; `latest` when it is what was said to them last.
        """
        body: dict[str, Any] = {
            "conversation": conversation.id,
            "message": message_name(message.id),
            "channel": conversation.channel,
            "language": conversation.language,
            "text": message.text,
            "payload": message.payload,
            "said": message.text.partition("\n")[2] if message.payload else "",  # what the citizen wrote with a choice, below its title
            "contacts": message.contacts,
            "media": message.media,
            "location": message.location,
            "trace": message.trace,
            "question": _asked(question, latest) if question else None,
        }
        station = self._stations.of(conversation.id)
        began = time.monotonic()
        try:
            async with self._session.post(
                f"{station}/webhooks/hearback/turn", data=orjson.dumps(body), headers=self._headers, timeout=TIMEOUT
            ) as answer:
                if answer.status == 502:
                    metrics.rasa_failed("turn_failed")
                    raise TurnFailed
                if answer.status != 200:
                    self._stations.away(station)
                    metrics.rasa_failed("not_ready")
                    raise RasaUnavailable(f"answered {answer.status}")
                self._stations.answers(station)
                told = orjson.loads(await answer.read())
        except (aiohttp.ClientError, TimeoutError, OSError, orjson.JSONDecodeError) as error:
            self._stations.away(station)
            metrics.rasa_failed("unavailable")
            raise RasaUnavailable(type(error).__name__) from None
        details = {name: told[name] for name in ("entities", "intents", "services", "actions", "form", "language", "told", "journal")}
        details["calls"] = told.get("calls") or []
        metrics.answered(took=time.monotonic() - began, actions=told.get("actions_ms", 0) / 1000, calls=details["calls"])
        return Understanding(intent=told["intent"], confidence=told["confidence"], details=details), _replies(told["messages"])

    async def forget(self, conversation_id: str) -> None:
        """Delete what the assistant remembers of a conversation; raises RasaUnavailable when it cannot be asked now."""
        station = self._stations.of(conversation_id)
        url = f"{station}/webhooks/hearback/conversations/{conversation_id}"
        try:
            async with self._session.delete(url, headers=self._headers, timeout=TIMEOUT) as answer:
                if answer.status != 204:
                    raise RasaUnavailable(f"answered {answer.status}")
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            self._stations.away(station)
            raise RasaUnavailable(type(error).__name__) from None

    async def ready(self) -> bool:
        """Whether every Rasa is ready, or with several that share what they remember any of them."""
        found = [await self._ready(station) for station in self._stations.all]
        return any(found) if self._stations.shared else all(found)

    async def _ready(self, station: str) -> bool:
        try:
            async with self._session.get(f"{station}/webhooks/hearback/ready", headers=self._headers, timeout=TIMEOUT) as answer:
                return answer.status == 200
        except (aiohttp.ClientError, TimeoutError, OSError):
            return False


def _asked(question: Outcome, latest: bool) -> dict[str, Any]:
    return {
        "id": question.id,
        "reference": question.reference,
        "service": question.service_code,
        "subject": question.subject,
        "latest": latest,
    }


def _replies(said: list[dict[str, Any]]) -> list[Reply]:
    return [
        Reply(text=one.get("text") or "", choices=tuple(choice(button["title"], button["payload"]) for button in one["buttons"]))
        for one in said
        if one.get("text") or one["buttons"]
    ]
