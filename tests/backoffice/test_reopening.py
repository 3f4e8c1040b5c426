"""A "no" in the back office: opened again where that can be, else a new request that names the first; never twice."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from backoffice import georeport
from backoffice.errors import BackOfficeRefused, BackOfficeUnavailable, OutcomeUnknown
from backoffice.open311 import Open311Client
from backoffice.reopening import Remedy, dispute

AT = datetime(2026, 11, 24, 12, tzinfo=UTC)
REPORT = {"description": "Deep hole", "address": "12 Mill Lane", "media_url": "https://a.example/old.jpg"}


@dataclass
class Town:
    """A back office of one request. `updates` says how it answers an update, 200 with its effect or without (`comments`)."""

    status: str = "closed"
    answers: int = 200
    comments: bool = False
    known: bool = True
    refuses_new: int = 0
    drops_after: str = ""  # the path whose line breaks after the work was done
    feed: bool = True
    heard: dict[str, dict[str, Any]] = field(default_factory=dict)
    new: list[dict[str, Any]] = field(default_factory=list)

    def app(self) -> web.Application:
        app = web.Application()
        app.add_routes(
            [
                web.get("/v2/requests/{id}.json", self.one), web.get("/v2/requests.json", self.find),
                web.post("/v2/requests.json", self.make),
                web.post("/v2/servicerequestupdates.json", self.update), web.get("/v2/servicerequestupdates.json", self.updates),
            ]
        )  # fmt: skip
        return app

    async def one(self, request: web.Request) -> web.Response:
        if not self.known:
            return refusal(404)
        return web.json_response([{"service_request_id": "T-1", "status": self.status}])

    async def find(self, request: web.Request) -> web.Response:
        return web.json_response(
            [{"service_request_id": f"T-{at}", "description": row["description"]} for at, row in enumerate(self.new, 2)]
        )

    async def make(self, request: web.Request) -> web.Response:
        if self.refuses_new:
            return refusal(self.refuses_new)
        self.new.append(dict(await request.post()))
        self._break(request)
        return web.json_response([{"service_request_id": f"T-{len(self.new) + 1}"}])

    async def update(self, request: web.Request) -> web.Response:
        form = dict(await request.post())
        if self.answers != 200:
            return refusal(self.answers)
        if form["update_id"] not in self.heard:
            self.heard[str(form["update_id"])] = form
            if form["status"] == "REOPEN" and not self.comments:
                self.status = "open"
        self._break(request)
        return web.json_response([{"update_id": form["update_id"]}])

    async def updates(self, request: web.Request) -> web.Response:
        if not self.feed:
            return refusal(404)
        return web.json_response(list(self.heard.values()))

    def _break(self, request: web.Request) -> None:
        if self.drops_after == request.path and request.transport:
            self.drops_after = ""
            request.transport.close()


def refusal(status: int) -> web.Response:
    return web.json_response([{"code": status, "description": "No."}], status=status)


@dataclass
class Office:
    town: Town
    client: Open311Client

    async def no(self, **more: Any) -> Remedy:
        given: dict[str, Any] = {"words": "still there mate", "media_url": "https://a.example/new.jpg", **more}
        return await dispute(self.client, reference="T-1", tag="HB-TAG", at=AT, service_code="POTHOLE", report=REPORT, **given)


@pytest.fixture
async def office(monkeypatch: Any) -> AsyncIterator[Office]:
    monkeypatch.setattr(georeport, "PAUSE", 0.01)
    town = Town()
    async with TestServer(town.app()) as server, aiohttp.ClientSession() as session:
        yield Office(town, Open311Client(session, url=str(server.make_url("/v2")), api_key="key"))


async def test_a_closed_request_is_opened_again_with_the_citizens_words_and_photo(office: Office) -> None:
    assert await office.no() == Remedy(kind="reopened", reference="T-1")
    (update,) = office.town.heard.values()
    assert update["status"] == "REOPEN" and update["description"].endswith("still there mate")
    assert update["media_url"] == "https://a.example/new.jpg" and update["updated_datetime"] == "2026-11-24T12:00:00Z"
    assert office.town.status == "open" and not office.town.new


async def test_an_open_request_gets_a_comment(office: Office) -> None:
    office.town.status = "open"
    assert await office.no() == Remedy(kind="reopened", reference="T-1")
    assert [one["status"] for one in office.town.heard.values()] == ["OPEN"]


@pytest.mark.parametrize("status", [400, 403, 404, 405, 501])
async def test_a_server_without_updates_gets_a_new_request_that_names_the_first(office: Office, status: int) -> None:
    office.town.answers = status
    assert await office.no() == Remedy(kind="linked", reference="T-2")
    (new,) = office.town.new
    assert new["description"].startswith("This is about T-1,") and "still there mate" in new["description"]
    assert "Deep hole" in new["description"] and "[HB-TAG]" in new["description"] and new["media_url"].endswith("new.jpg")


async def test_a_request_that_is_gone_and_one_that_comments_do_not_open_get_a_new_one(office: Office) -> None:
    office.town.known = False
    assert (await office.no()).kind == "linked"
    office.town.known, office.town.comments = True, True
    office.town.new.clear()
    assert (await office.no()).kind == "linked"


@pytest.mark.parametrize("path", ["/v2/servicerequestupdates.json", "/v2/requests.json"])
async def test_a_line_that_breaks_after_the_work_was_done_doubles_nothing(office: Office, path: str) -> None:
    office.town.drops_after = path
    office.town.answers = 200 if "updates" in path else 404
    with pytest.raises(OutcomeUnknown):
        await office.no()
    first, second = await office.no(again=True), await office.no(again=True)
    assert first == second
    assert len(office.town.heard) + len(office.town.new) == 1


async def test_closed_once_more_before_the_second_try_is_still_one_reopening(office: Office) -> None:
    await office.no()
    office.town.status = "closed"
    assert await office.no(again=True) == Remedy(kind="reopened", reference="T-1")
    assert not office.town.new


async def test_a_server_that_is_down_is_asked_later(office: Office) -> None:
    office.town.answers = 503
    with pytest.raises(BackOfficeUnavailable):
        await office.no()
    assert not office.town.new
    office.town.answers = 200
    assert (await office.no(again=True)).kind == "reopened"


async def test_a_server_that_takes_nothing_says_so(office: Office) -> None:
    office.town.answers = office.town.refuses_new = 400
    with pytest.raises(BackOfficeRefused):
        await office.no()


async def test_an_answer_without_words_or_a_photo(office: Office) -> None:
    await office.no(words="", media_url=None)
    (update,) = office.town.heard.values()
    assert "media_url" not in update and update["description"]
