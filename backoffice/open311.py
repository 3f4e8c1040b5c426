"""A client of Open311 GeoReport v2: services, their definitions, requests."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from urllib.parse import quote

import aiohttp

from backoffice.errors import BackOfficeRefused, BackOfficeUnavailable, NotFound
from backoffice.georeport import no_markup, w3c
from backoffice.open311_updates import Updates
from backoffice.records import Attribute, Created, Service, ServiceRequest, code_of, reference_of, rows_of, text_of

WHERE = re.compile(r"location|address|\blat", re.IGNORECASE)
LONGEST_LIST = 1000  # characters of references in one address


class Open311Client(Updates):
    """Talks to one GeoReport v2 endpoint (`url` ends in …/v2)."""

    def __init__(self, session: aiohttp.ClientSession, *, url: str, api_key: str = "", jurisdiction: str = "") -> None:
        super().__init__(session, url=url, api_key=api_key, jurisdiction=jurisdiction)
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
            reference=reference_of(first.get("service_request_id")),
            token=code_of(first.get("token")),
            service_notice=text_of(first.get("service_notice")),
        )

    async def find_created(self, service_code: str, *, tag: str, since: datetime) -> ServiceRequest | None:
        """The request that carries our tag, if the back office has it: asked before sending one again."""
        rows = await self._read("requests", service_code=service_code, start_date=w3c(since))
        requests = [request for row in rows if (request := ServiceRequest.read(row))]
        return next((request for request in requests if f"[{tag}]" in (request.description or "")), None)

    async def open_requests(self, service_code: str, *, since: datetime) -> list[ServiceRequest]:
        """The open requests of a service, made since then; most servers look back 90 days at most."""
        rows = await self._read("requests", service_code=service_code, status="open", start_date=w3c(since))
        found = [request for row in rows if (request := ServiceRequest.read(row))]
        return [request for request in found if request.status == "open" and request.service_code in {None, service_code}]

    async def reference_of(self, token: str) -> str | None:
        """The reference that a token stands for, or None while there is none."""
        rows = await self._read(f"tokens/{quote(token, safe='')}")
        return reference_of(rows[0].get("service_request_id")) if rows else None

    async def request(self, reference: str) -> ServiceRequest:
        rows = await self._read(f"requests/{quote(reference, safe='')}")
        for row in rows:
            if request := ServiceRequest.read(row):
                return request
        if rows:
            raise BackOfficeUnavailable("answered with something that is no request")
        raise NotFound(reference)

    async def requests(self, references: Iterable[str]) -> list[ServiceRequest]:
        """Several requests at once, in as many calls as keep the addresses short.

        A server may leave some out, and one that ignores lists gives others: look at what came.
        """
        rows = []
        for listed in _listed(references):
            rows += await self._read("requests", service_request_id=listed)
        return [request for row in rows if (request := ServiceRequest.read(row))]


def _listed(references: Iterable[str]) -> list[str]:
    """Lists with commas between, none of them longer than an address bears."""
    lists: list[str] = []
    for reference in references:
        if lists and len(lists[-1]) + len(reference) < LONGEST_LIST:
            lists[-1] += f",{reference}"
        else:
            lists.append(reference)
    return lists
