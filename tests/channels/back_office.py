"""A small back office with a request for each citizen, whose story a test writes; it answers well, slowly, wrongly or not at all."""

from __future__ import annotations

import asyncio
import itertools
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

CLOSED = ("CLOSED", "FIXED", "DUPLICATE", "NO_FURTHER_ACTION", "NOT_COUNCILS_RESPONSIBILITY")
NONSENSE = (
    (500, ""), (200, "<html>502 Bad Gateway"), (200, "{}"), (200, '[{"service_request_id": "ASH-1"'), (200, "null"), (404, "<h1>Not found"),
    (500, '[{"code": 500, "description": "Something went wrong."}]'), (200, '[{"service_request_id": "X-9", "status": "closed"}]'),
    (400, '[{"code": 400, "description": "Unexpected parameter."}]'), (403, "no"), (429, ""), (200, "[[[[1]]]]"), (302, ""),
)  # fmt: skip


def written(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass
class BackOffice:
    """`mode` is well, slow, wrong or away. `lists`: whether several ids can be asked for; `feed`: whether it has a list of updates."""

    mode: str = "well"
    lists: str = "well"  # well, ignored (gives all), refused (500 where one of them is unknown), first (gives the first only)
    feed: bool = True
    requests: dict[str, dict[str, Any]] = field(default_factory=dict)
    updates: list[dict[str, Any]] = field(default_factory=list)
    tokens: dict[str, tuple[int, str]] = field(default_factory=dict)  # polls that are still needed, and what it becomes
    outcomes: list[dict[str, str]] | None = None
    calls: Counter[str] = field(default_factory=Counter)
    asked: list[str] = field(default_factory=list)
    numbers: Any = field(default_factory=lambda: itertools.count(1))

    def happens(self, reference: str, status: str, at: datetime, words: str = "") -> None:
        """One update of a request, which changes how it looks."""
        request = self.requests.setdefault(reference, {"service_request_id": reference, "service_code": "POTHOLE"})
        request |= {"status": "closed" if status in CLOSED else "open", "updated_datetime": written(at), "status_notes": words or None}
        number = next(self.numbers)
        self.updates.append(
            {"service_request_id": reference, "update_id": f"ASHU-{number}", "status": status, "description": words,
             "updated_datetime": written(at)}
        )  # fmt: skip

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_route("*", "/v2/{path:.*}", self.answer)
        return app

    async def answer(self, request: web.Request) -> web.StreamResponse:
        path = request.match_info["path"].rsplit(".", 1)[0]
        name = path.split("/")[0]
        self.calls[name] += 1
        self.asked.append(request.path_qs)
        if self.mode == "away":
            assert request.transport
            request.transport.close()
            return web.Response()
        if self.mode == "slow" and self.calls[name] % 2:
            await asyncio.sleep(0.15)
        if self.mode == "wrong" and sum(self.calls.values()) % 3:
            status, body = NONSENSE[sum(self.calls.values()) % len(NONSENSE)]
            return web.Response(status=status, text=body, headers={"Location": "/v2/lost"} if status == 302 else {})
        rows = await self._rows(request, name, path)
        if rows is None:
            return web.json_response([{"code": 404, "description": "There is no such thing."}], status=404)
        return web.json_response(rows)

    async def _rows(self, request: web.Request, name: str, path: str) -> list[dict[str, Any]] | None:
        if request.method == "POST":
            if name != "outcomes" or self.outcomes is None:
                return None
            form = {str(key): str(value) for key, value in (await request.post()).items()}
            self.outcomes.append(form)
            return [{"outcome_id": form["outcome_id"]}]
        if name == "tokens":
            return self._token(path.removeprefix("tokens/"))
        if name == "servicerequestupdates":
            return self._between(self.updates, "updated_datetime", request) if self.feed else None
        if name == "outcomes":
            return self._between(self.outcomes, "reported_datetime", request) if self.outcomes is not None else None
        if path != "requests":
            found = self.requests.get(path.removeprefix("requests/"))
            return [found] if found else None
        ids = [one for one in request.query.get("service_request_id", "").split(",") if one]
        if self.lists == "refused" and not set(ids) <= self.requests.keys():
            raise web.HTTPInternalServerError(text="oh")
        if self.lists == "ignored" or not ids:
            return list(self.requests.values())
        return [self.requests[one] for one in ids[: 1 if self.lists == "first" else None] if one in self.requests]

    def _between(self, rows: Any, when: str, request: web.Request) -> list[dict[str, Any]]:
        start, end = request.query["start_date"], request.query["end_date"]
        return [row for row in rows if start <= row[when] <= end][:1000]

    def _token(self, token: str) -> list[dict[str, Any]] | None:
        if token not in self.tokens:
            return None
        needed, reference = self.tokens[token]
        self.tokens[token] = (max(0, needed - 1), reference)
        return [{"token": token, "service_request_id": None if needed else reference}]
