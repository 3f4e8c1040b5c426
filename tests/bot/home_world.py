"""A citizen at the task form, over a real sandbox council, a real engagement log and a clock that a test moves; only Rasa is left out."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import orjson
import pytest
import yaml
from aiohttp.test_utils import TestServer
from databases import database_of
from rasa_sdk.executor import CollectingDispatcher

from backoffice import catalogue
from backoffice.bins import Bins
from backoffice.councils import Councils
from backoffice.directory import Directory
from backoffice.open311 import Open311Client
from backoffice.places import Gazetteer
from backoffice.sandbox.app import make_app
from bot.actions.services import Services
from bot.actions.task_form import ValidateTaskForm
from bot.actions.turn import Say, Turn
from bot.nlu.language import council_language
from engagement.log import EngagementLog
from engagement.values import Reply
from hearback import profile
from hearback.clock import Clock
from hearback.keys import load_keys
from hearback.settings import ROOT, SANDBOX_API_KEY, Settings

RESPONSES = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))["responses"]
LANGUAGE = council_language()


@dataclass
class World:
    """The council's systems at a time that a test moves; `sandbox` is the base address of the pretend council."""

    services: Services
    http: aiohttp.ClientSession
    sandbox: str
    at: datetime = datetime(2026, 5, 19, 16, 30, tzinfo=UTC)  # Tuesday, 17:30 in Ashdown

    async def fault(self, system: str, fault: dict[str, Any] | None, **more: Any) -> None:
        async with self.http.post(f"{self.sandbox}/sandbox/faults", json={system: fault, **more}) as reply:
            assert reply.status == 200

    async def get(self, path: str, **query: str) -> Any:
        async with self.http.get(f"{self.sandbox}/{path}", params=query) as reply:
            assert reply.status == 200, await reply.text()
            return await reply.json()

    async def requests(self, service: str) -> list[dict[str, Any]]:
        return list(await self.get("open311/v2/requests.json", service_code=service))


@dataclass
class Citizen:
    """Says things to the task form; `heard` is what the latest turn answered, `choices` its titles and payloads."""

    world: World
    conversation: str
    channel: str = "web"
    slots: dict[str, Any] = field(default_factory=dict)
    turns: int = 0
    choices: dict[str, str] = field(default_factory=dict)

    async def say(self, words: str, intent: str = "inform", sure: float = 0.9, services: tuple[tuple[str, float], ...] = ()) -> str:
        found = LANGUAGE(words).user_data["found"]
        entities: dict[str, str] = {}
        for one in found:
            entities.setdefault(one.label, one.value)
        return await self._turn(text=words, intent=intent, confidence=sure, entities=entities, services=services)

    async def choose(self, title: str) -> str:
        payload = self.choices[title]
        intent, _, more = payload.removeprefix("/").partition("{")
        return await self._turn(text=payload, intent=intent, confidence=1.0, entities=orjson.loads("{" + more) if more else {}, services=())

    async def again(self) -> str:
        """The latest turn once more, as after a death in its middle."""
        self.turns, self.slots = self.turns - 1, self.before
        return await self._turn(**self.latest)

    async def _turn(self, **understood: Any) -> str:
        self.latest, self.before, self.turns = understood, dict(self.slots), self.turns + 1
        turn = Turn(
            conversation=self.conversation, message_id=str(self.turns), channel=self.channel, information=(), contacts=(),
            asked=self.slots.get("requested_slot"), returning=False, previous_action=None, slots=self.slots,
            **{"media": (), **understood},
        )  # fmt: skip
        spoken = CollectingDispatcher()
        events = await ValidateTaskForm().answer(Say(spoken), turn, self.world.services)
        self.slots = {**self.slots, **{one["name"]: one["value"] for one in orjson.loads(orjson.dumps(events))}}
        lines, self.choices = [], {}
        for one in spoken.messages:
            variants = RESPONSES[one["response"]]
            spoken_here = [variant for variant in variants if _in_language(variant, str(self.slots.get("language") or "en"))] or variants
            own = [variant for variant in spoken_here if variant.get("channel") == self.channel] or [
                variant for variant in spoken_here if "channel" not in variant
            ]
            values = {name: value for name, value in one.items() if name not in {"response", "buttons", "text", "template"}}
            lines.append(own[0]["text"].format(**values))
            buttons = [*(one["buttons"] or ()), *own[0].get("buttons", ())]
            self.choices = {button["title"]: button["payload"] for button in buttons} or self.choices
        return "\n".join(lines)

    @property
    def done(self) -> bool:
        return not self.slots.get("tasks")


def _in_language(variant: dict[str, Any], language: str) -> bool:
    """Whether a variation of a response is wording in this language; what names none is English."""
    return language == next((one["value"] for one in variant.get("condition", ()) if one.get("name") == "language"), "en")


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    settings = replace(Settings.from_environ({}), home=tmp_path)
    keys, opened = load_keys(tmp_path), []
    clock = Clock(read=lambda: opened[0].at.timestamp() if opened else World.at.timestamp())
    database = database_of(tmp_path)
    server = TestServer(make_app(settings, keys, clock))
    await server.start_server()
    base = str(server.make_url("")).rstrip("/")
    async with aiohttp.ClientSession() as http:
        open311 = Open311Client(http, url=f"{base}/open311/v2", api_key=SANDBOX_API_KEY)
        await catalogue.refresh(open311, tmp_path)
        services = Services(
            settings=settings, log=EngagementLog(database, clock, keys), open311=open311, directory=Directory(http, url=f"{base}/hsds"),
            bins=Bins(http, url=f"{base}/bins"), gazetteer=Gazetteer(http, url=f"{base}/places/v1"),
            councils=Councils(profile.area(), profile.FOLDER), clock=clock,
        )  # fmt: skip
        opened.append(World(services, http, base))
        yield opened[0]
    await server.close()
    await database.close()


@pytest.fixture
async def citizen(world: World) -> Citizen:
    _, conversation, _ = await world.services.log.chats.start(Reply(text="Hello"))
    return Citizen(world, conversation.id)
