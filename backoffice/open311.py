"""A client of Open311 GeoReport v2: services, their definitions, requests. Reads are retried, a create never is.

The format is JSON where the server speaks it and XML, which the standard demands of every server, where it does not.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from xml.etree import ElementTree

import aiohttp
import orjson

from backoffice.errors import BackOfficeError, BackOfficeRefused, BackOfficeUnavailable, NotFound, OutcomeUnknown
from backoffice.records import Attribute, Created, Service, ServiceRequest, rows_of, text_of

LARGEST = 8 * 1024 * 1024
READ_TRIES = 3
PAUSE = 0.3
TIMEOUT = aiohttp.ClientTimeout(total=10, connect=3)
WHERE = re.compile(r"location|address|\blat", re.IGNORECASE)
LISTS = {"services", "service_requests", "attributes", "values", "errors", "service_request_updates", "endpoints", "formats"}


class Open311Client:
    """Talks to one GeoReport v2 endpoint (`url` ends in …/v2)."""

    def __init__(self, session: aiohttp.ClientSession, *, url: str, api_key: str = "", jurisdiction: str = "") -> None:
        self._session, self._url, self._api_key = session, url.rstrip("/"), api_key
        self._common = {"jurisdiction_id": jurisdiction} if jurisdiction else {}
        self._format = "json"
        self._one_location = False  # this server takes a point or an address, not both

    async def services(self) -> list[Service]:
        rows = await self._read("services")
        return [service for row in rows if (service := Service.read(row))]

    async def definition(self, code: str) -> list[Attribute]:
        """The questions of a service, in their order; those that only inform are left in (`variable` is false)."""
        rows = await self._read(f"services/{code}")
        found = rows_of(rows[0].get("attributes")) if rows else []
        attributes = [one for row in found if (one := Attribute.read(row))]
        return sorted(attributes, key=lambda one: one.order)

    async def create(self, service_code: str, report: dict[str, Any], *, tag: str) -> Created:
        """Raise a request. `report` holds description, address, lat and long, attributes, media_url, contact; `tag` marks it as ours.

        Where a point is known, the words for the place go with it; a server that takes one location finds them in the description.
        """
        both = bool(report.get("address")) and report.get("lat") is not None and report.get("long") is not None
        if both and not self._one_location:
            try:
                return await self._create(service_code, report, tag=tag)
            except BackOfficeRefused as error:
                if not any(WHERE.search(reason) for reason in error.reasons):
                    raise
            self._one_location = True
        if both:
            report = {**report, "address": None, "description": f"{report.get('description') or ''}\n({report['address']})"}
        return await self._create(service_code, report, tag=tag)

    async def _create(self, service_code: str, report: dict[str, Any], *, tag: str) -> Created:
        form: list[tuple[str, str]] = [("service_code", service_code), *self._common.items()]
        if self._api_key:
            form.append(("api_key", self._api_key))
        form.append(("description", f"{no_markup(report.get('description') or '')[:3900]}\n[{tag}]"))
        if report.get("lat") is not None and report.get("long") is not None:
            form += [("lat", str(report["lat"])), ("long", str(report["long"]))]
        if report.get("address"):
            form.append(("address_string", report["address"]))
        form += [(name, str(report[name])) for name in ("media_url", "email", "phone", "first_name", "last_name") if report.get(name)]
        for code, value in (report.get("attributes") or {}).items():
            if isinstance(value, list):
                form += [(f"attribute[{code}][]", str(one)) for one in value]
            else:
                form.append((f"attribute[{code}]", str(value)))
        rows = await self._send("requests", form)
        first = rows[0] if rows else {}
        return Created(
            reference=text_of(first.get("service_request_id")),
            token=text_of(first.get("token")),
            service_notice=text_of(first.get("service_notice")),
        )

    async def find_created(self, service_code: str, *, tag: str, since: datetime) -> ServiceRequest | None:
        """The request that carries our tag, if the back office has it: asked before sending one again."""
        rows = await self._read("requests", service_code=service_code, start_date=since.isoformat(timespec="seconds"))
        requests = [request for row in rows if (request := ServiceRequest.read(row))]
        return next((request for request in requests if f"[{tag}]" in (request.description or "")), None)

    async def open_requests(self, service_code: str, *, since: datetime) -> list[ServiceRequest]:
        """The open requests of a service, made since then; most servers look back 90 days at most."""
        rows = await self._read("requests", service_code=service_code, status="open", start_date=since.isoformat(timespec="seconds"))
        found = [request for row in rows if (request := ServiceRequest.read(row))]
        return [request for request in found if request.status == "open" and request.service_code in {None, service_code}]

    async def reference_of(self, token: str) -> str | None:
        """The reference that a token stands for, or None while there is none."""
        rows = await self._read(f"tokens/{token}")
        return text_of(rows[0].get("service_request_id")) if rows else None

    async def request(self, reference: str) -> ServiceRequest:
        rows = await self._read(f"requests/{reference}")
        for row in rows:
            if request := ServiceRequest.read(row):
                return request
        raise NotFound(reference)

    async def requests(self, references: Iterable[str]) -> list[ServiceRequest]:
        """Several requests in one call."""
        rows = await self._read("requests", service_request_id=",".join(references))
        return [request for row in rows if (request := ServiceRequest.read(row))]

    async def update(
        self, reference: str, *, update_id: str, status: str, description: str, at: datetime, media_url: str | None = None
    ) -> None:
        """Add a comment or a status (FixMyStreet's extension); `update_id` is ours, so that the server can tell a repeat."""
        form = [
            ("service_request_id", reference), ("update_id", update_id), ("status", status), ("description", no_markup(description)),
            ("updated_datetime", at.isoformat(timespec="seconds")), *self._common.items(),
        ]  # fmt: skip
        if media_url:
            form.append(("media_url", media_url))
        await self._send("servicerequestupdates", [*form, ("api_key", self._api_key)] if self._api_key else form)

    async def _read(self, path: str, **query: str) -> list[dict[str, Any]]:
        wanted = {**self._common, **query}
        for attempt in range(READ_TRIES):
            try:
                return await self._read_once(path, wanted)
            except BackOfficeUnavailable:
                if attempt == READ_TRIES - 1:
                    raise
                await asyncio.sleep(PAUSE * 2**attempt)
        raise AssertionError("unreachable")

    async def _read_once(self, path: str, query: dict[str, str]) -> list[dict[str, Any]]:
        try:
            async with self._session.get(f"{self._url}/{path}.{self._format}", params=query, timeout=TIMEOUT) as answer:
                body = await answer.content.read(LARGEST + 1)
                if self._format == "json" and answer.status in {404, 406, 415} and not _json(body):
                    self._format = "xml"  # this server does not speak JSON
                    return await self._read_once(path, query)
                return _rows(answer.status, body)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise BackOfficeUnavailable(type(error).__name__) from None

    async def _send(self, path: str, form: list[tuple[str, str]]) -> list[dict[str, Any]]:
        try:
            data = aiohttp.FormData(form, charset="utf-8")
            async with self._session.post(f"{self._url}/{path}.{self._format}", data=data, timeout=TIMEOUT) as answer:
                body = await answer.content.read(LARGEST + 1)
                if answer.status >= 500 and not _errors(body):
                    raise OutcomeUnknown(f"answered {answer.status}")
                if answer.status < 300 and not _parsed(body):
                    raise OutcomeUnknown("answered with nothing that can be read")
                return _rows(answer.status, body)
        except aiohttp.ClientConnectorError as error:
            raise BackOfficeUnavailable(type(error).__name__) from None
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise OutcomeUnknown(type(error).__name__) from None


def no_markup(text: str) -> str:
    """The standard forbids HTML in descriptions: a "<" that would open a tag gets a space behind it."""
    return re.sub(r"<(?=[a-zA-Z/!?])", "< ", text)


def _rows(status: int, body: bytes) -> list[dict[str, Any]]:
    """The answer's rows, or the error of our family that it stands for."""
    if status < 300:
        parsed = _parsed(body)
        if parsed is None:
            raise BackOfficeUnavailable("answered with nothing that can be read")
        return parsed
    raise _error(status, _errors(body))


def _error(status: int, errors: list[tuple[str | None, str]]) -> BackOfficeError:
    codes = {code for code, _ in errors}
    if status == 404 or "404" in codes:
        return NotFound()
    if status >= 500 or status == 429:
        return BackOfficeUnavailable(f"answered {status}")
    return BackOfficeRefused(status, [words for _, words in errors])


def _errors(body: bytes) -> list[tuple[str | None, str]]:
    return [(text_of(row.get("code")), text_of(row.get("description")) or "") for row in _parsed(body) or () if "description" in row]


def _json(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return None


def _parsed(body: bytes) -> list[dict[str, Any]] | None:
    """Rows from JSON or XML, whichever it is; None when it is neither or too large."""
    if len(body) > LARGEST:
        return None
    value = _json(body)
    if value is None:
        try:
            value = _from_xml(ElementTree.fromstring(body))
        except ElementTree.ParseError:
            return None
    if isinstance(value, dict):
        value = next((value[name] for name in ("errors", "service_requests", "services") if isinstance(value.get(name), list)), [value])
    return rows_of(value) if isinstance(value, list) else None


def _from_xml(element: ElementTree.Element) -> Any:
    if element.tag in LISTS or (len(element) > 1 and len({child.tag for child in element}) == 1 and element.tag != "service_definition"):
        return [_from_xml(child) for child in element]
    if len(element):
        return {child.tag: _from_xml(child) for child in element}
    return element.text
