"""The pretend council's Open311 GeoReport v2 endpoint, with FixMyStreet's servicerequestupdates and outcomes of our own."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from aiohttp import web

from backoffice.sandbox import intake, outcomes
from backoffice.sandbox.answers import Refused, answer, refusal
from backoffice.sandbox.council import CLOSED_STATES, OPEN_STATES, Council, after, shown, shown_update, written
from backoffice.sandbox.faults import spoil
from backoffice.sandbox.intake import Form, moment, read_form
from backoffice.sandbox.services import LISTED, Service
from backoffice.sandbox.store import number, reference
from hearback.settings import SANDBOX_API_KEY

BASE = "/open311/v2"
JURISDICTION = "ashdown.example"
CONTACT = "The sandbox of Hearback plays Ashdown Borough Council, which is made up."
KEY_SERVICE = f"The key is {SANDBOX_API_KEY}."
SPECIFICATION = "http://wiki.open311.org/GeoReport_v2"
WINDOW = timedelta(days=90)
Call = Callable[[web.Request], Awaitable[tuple[str, Any]]]


class GeoReport:
    """Each call returns the name of the outer XML element and the JSON value; the format is the address's extension."""

    def __init__(self, council: Council) -> None:
        self.council = council

    async def discovery(self, request: web.Request) -> tuple[str, Any]:
        try:
            origin = request.url.origin()
        except ValueError as error:
            raise Refused(400, "The Host header cannot be read.") from error
        changeset = self.council.catalogue.changeset()
        endpoint = {
            "specification": SPECIFICATION,
            "url": f"{origin}{BASE}",
            "changeset": changeset,
            "type": "test",
            "formats": ["text/xml", "application/json"],
        }
        return "discovery", {"changeset": changeset, "contact": CONTACT, "key_service": KEY_SERVICE, "endpoints": [endpoint]}

    async def services(self, request: web.Request) -> tuple[str, Any]:
        return "services", [{name: service[name] for name in LISTED} for service in self.council.catalogue.all().values()]

    async def definition(self, request: web.Request) -> tuple[str, Any]:
        service = self._service(request.match_info["code"])
        return "service_definition", {"service_code": service["service_code"], "attributes": service["attributes"]}

    async def create(self, request: web.Request) -> tuple[str, Any]:
        form = await self._keyed_form(request)
        if not form.one("service_code"):
            raise Refused(400, "service_code is missing.")
        service = self._service(form.one("service_code"))
        given, wrong = intake.attributes(form, service)
        wrong += intake.check_texts(form)
        place: dict[str, Any] = {}
        try:
            place = intake.location(form)
        except Refused as refused:
            wrong[:0] = refused.sentences
        if wrong:
            raise Refused(400, *wrong)
        now = self.council.clock.now()
        row = {
            **place,
            "token": secrets.token_hex(8) if service["type"] == "batch" else None,
            "token_polls": service["token_polls"],
            "status": "open",
            "description": form.one("description") or None,
            "media_url": form.one("media_url") or None,
            "requested_datetime": written(now),
            "updated_datetime": written(now),
            "expected_datetime": written(after(now, service["days"])),
            **{name: service[name] for name in ("service_code", "service_name", "agency_responsible", "service_notice")},
        }
        made = reference(self.council.store.add_request(row, given, form.kept()))
        reply = {"realtime": {"service_request_id": made}, "batch": {"token": row["token"]}, "blackbox": {}}[service["type"]]
        extra = {"service_notice": service["service_notice"], "account_id": form.one("account_id")}
        return "service_requests", [{**reply, **{name: value for name, value in extra.items() if value}}]

    async def token(self, request: web.Request) -> tuple[str, Any]:
        token = request.match_info["token"]
        row = self.council.store.poll_token(token)
        if row is None:
            raise Refused(404, f"There is no token {token[:60]}.")
        ready = None if row["token_polls"] else reference(row["number"])
        return "service_requests", [{"service_request_id": ready, "token": token}]

    async def query(self, request: web.Request) -> tuple[str, Any]:
        form = Form(request.query.items())
        ids = _listed(form, "service_request_id")
        if ids:
            numbers = [found for found in map(number, ids) if found]
            return "service_requests", [shown(row) for row in self.council.store.requests(numbers)]
        statuses = _listed(form, "status")
        if not set(statuses) <= {"open", "closed"}:
            raise Refused(400, "status must be open or closed, or both with a comma between.")
        start, end = self._window(form)
        return "service_requests", [shown(row) for row in self.council.store.find(start, end, _listed(form, "service_code"), statuses)]

    async def one(self, request: web.Request) -> tuple[str, Any]:
        return "service_requests", [shown(self.council.request(request.match_info["id"]))]

    async def updates(self, request: web.Request) -> tuple[str, Any]:
        rows = self.council.store.updates(*self._window(Form(request.query.items())))
        return "service_request_updates", [shown_update(row) for row in rows]

    async def add_update(self, request: web.Request) -> tuple[str, Any]:
        form = await self._keyed_form(request)
        needed = ("update_id", "service_request_id", "status", "updated_datetime")
        wrong = [f"{name} is missing." for name in needed if not form.one(name)]
        wrong += [] if form.has("description") else ["description is missing."]
        wrong += intake.check_texts(form)
        if wrong:
            raise Refused(400, *wrong)
        row = self.council.request(form.one("service_request_id"))
        state = form.one("status").lower().replace(" ", "_")
        if state not in OPEN_STATES + CLOSED_STATES:
            raise Refused(400, f"status must be one of {', '.join(OPEN_STATES + CLOSED_STATES)}.")
        at = written(moment("updated_datetime", form.one("updated_datetime")))
        kept = {"media_url": form.one("media_url") or None, "posted": form.kept()}
        update_id = self.council.update(row, state, form.one("description"), update_id=form.one("update_id"), at=at, **kept)
        return "service_request_updates", [{"update_id": update_id}]

    async def outcomes(self, request: web.Request) -> tuple[str, Any]:
        return outcomes.listed(self.council, self._window(Form(request.query.items())))

    async def add_outcome(self, request: web.Request) -> tuple[str, Any]:
        return outcomes.keep(self.council, await self._keyed_form(request))

    async def nothing(self, request: web.Request) -> tuple[str, Any]:
        raise Refused(404, f"There is no {request.method} {request.path[:200]}: end the address in .xml or .json.")

    async def _keyed_form(self, request: web.Request) -> Form:
        form = await read_form(request)
        if not hmac.compare_digest(form.one("api_key").encode(), SANDBOX_API_KEY.encode()):
            raise Refused(403, "api_key is wrong." if form.one("api_key") else "api_key is missing.")
        _check_jurisdiction(form)
        return form

    def _service(self, code: str) -> Service:
        service = self.council.catalogue.all().get(code)
        if service is None:
            raise Refused(404, f"There is no service {code[:60]}.")
        return service

    def _window(self, form: Form) -> tuple[str, str]:
        """start_date and end_date, each from the other where one is missing, the last 90 days where both are."""
        now = self.council.clock.now()
        given = {name: moment(name, form.one(name)) for name in ("start_date", "end_date") if form.one(name)}
        end = given.get("end_date") or (min(now, after(given["start_date"], 90)) if given else now)
        start = given.get("start_date") or after(end, -90)
        if given.keys() == {"start_date", "end_date"} and (start > end or end - start > WINDOW):
            raise Refused(400, "start_date must be before end_date, by 90 days at most.")
        return written(start), written(end)


def _listed(form: Form, name: str) -> list[str]:
    """Values with commas between, in one field or several."""
    return [part.strip() for key, value in form.fields if key == name for part in value.split(",") if part.strip()]


def _check_jurisdiction(form: Form) -> None:
    if form.one("jurisdiction_id") not in ("", JURISDICTION):
        raise Refused(404, f"There is no jurisdiction {form.one('jurisdiction_id')[:60]}: this endpoint serves {JURISDICTION}.")


def routes(council: Council) -> list[web.RouteDef]:
    geo = GeoReport(council)

    def serve(call: Call) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def handle(request: web.Request) -> web.StreamResponse:
            kind = request.match_info.get("format") or ("json" if request.path.endswith(".json") else "xml")
            fault = council.faults.take()
            if fault and "after" not in fault:
                spoiled = await spoil(fault, kind, request)
                if spoiled is not None:
                    return spoiled
            try:
                _check_jurisdiction(Form(request.query.items()))
                done = answer(kind, *await call(request))
            except Refused as refused:
                done = refusal(kind, refused)
            return (await spoil(fault, kind, request) or done) if "after" in fault else done

        return handle

    kinds = "{format:xml|json}"
    return [
        web.get(f"{BASE}/discovery.{kinds}", serve(geo.discovery)),
        web.get(f"{BASE}/services.{kinds}", serve(geo.services)),
        web.get(f"{BASE}/services/{{code}}.{kinds}", serve(geo.definition)),
        web.post(f"{BASE}/requests.{kinds}", serve(geo.create)),
        web.get(f"{BASE}/requests.{kinds}", serve(geo.query)),
        web.get(f"{BASE}/requests/{{id}}.{kinds}", serve(geo.one)),
        web.get(f"{BASE}/tokens/{{token}}.{kinds}", serve(geo.token)),
        web.get(f"{BASE}/servicerequestupdates.{kinds}", serve(geo.updates)),
        web.post(f"{BASE}/servicerequestupdates.{kinds}", serve(geo.add_update)),
        web.get(f"{BASE}/outcomes.{kinds}", serve(geo.outcomes)),
        web.post(f"{BASE}/outcomes.{kinds}", serve(geo.add_outcome)),
        web.route("*", f"{BASE}/{{rest:.*}}", serve(geo.nothing)),
    ]
