"""GeoReport v2 on the line: asking, sending, and what answers mean. Reads are retried, what is sent never is.

The format is JSON where the server speaks it and XML, which the standard demands of every server, where it does not.
"""

from __future__ import annotations

import asyncio
import re
from datetime import UTC, datetime
from typing import Any
from xml.etree import ElementTree

import aiohttp
import orjson

from backoffice.bodies import LARGEST, body_of
from backoffice.errors import BackOfficeError, BackOfficeRefused, BackOfficeUnavailable, NotFound, OutcomeUnknown, StillUnderWay
from backoffice.records import rows_of, text_of

READ_TRIES = 3
PAUSE = 0.3
TIMEOUT = aiohttp.ClientTimeout(total=10, connect=3)
LISTS = {
    *("services", "service_requests", "attributes", "values", "errors", "endpoints", "formats"),
    *("service_request_updates", "service_requests_updates", "service_request_outcomes"),
}
ROWS = ("errors", "service_requests", "services", "service_request_updates", "service_requests_updates", "service_request_outcomes")
GATEWAY_TIMEOUT = 504
REFUSED = (405, 501)  # what a server answers that knows no such call


class Wire:
    """One GeoReport v2 endpoint (`url` ends in …/v2)."""

    def __init__(self, session: aiohttp.ClientSession, *, url: str, api_key: str = "", jurisdiction: str = "") -> None:
        self._session, self._url, self._api_key = session, url.rstrip("/"), api_key
        self._common = {"jurisdiction_id": jurisdiction} if jurisdiction else {}
        self._format = "json"

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
        status, body = await self._get(path, query, self._format)
        if self._no_json(status, body):
            in_xml = await self._get(path, query, "xml")
            if in_xml[0] < 300:
                self._format = "xml"  # this server does not speak JSON
                status, body = in_xml
        return _rows(status, body)

    async def _get(self, path: str, query: dict[str, str], form: str) -> tuple[int, bytes]:
        try:
            async with self._session.get(f"{self._url}/{path}.{form}", params=query, timeout=TIMEOUT) as answer:
                return answer.status, await body_of(answer)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise BackOfficeUnavailable(type(error).__name__) from None

    def _no_json(self, status: int, body: bytes) -> bool:
        """Whether this may be the answer of a server that speaks XML only."""
        return self._format == "json" and status in {404, 406, 415} and not _json(body)

    async def _send(self, path: str, form: list[tuple[str, str]]) -> list[dict[str, Any]]:
        status, body = await self._post(path, form, self._format)
        if self._no_json(status, body):
            in_xml = await self._post(path, form, "xml")
            if in_xml[0] < 300:
                self._format = "xml"
                status, body = in_xml
        if status == GATEWAY_TIMEOUT:
            raise StillUnderWay(f"answered {status}")
        if status >= 500 and status not in REFUSED and not _errors(body):
            raise OutcomeUnknown(f"answered {status}")
        if status < 300 and not _parsed(body):
            raise OutcomeUnknown("answered with nothing that can be read")
        return _rows(status, body)

    async def _post(self, path: str, form: list[tuple[str, str]], kind: str) -> tuple[int, bytes]:
        try:
            data = aiohttp.FormData(form, charset="utf-8")
            async with self._session.post(f"{self._url}/{path}.{kind}", data=data, timeout=TIMEOUT) as answer:
                return answer.status, await body_of(answer)
        except aiohttp.ClientConnectorError as error:
            raise BackOfficeUnavailable(type(error).__name__) from None
        except TimeoutError as error:
            raise StillUnderWay(type(error).__name__) from None
        except (aiohttp.ClientError, OSError) as error:
            raise OutcomeUnknown(type(error).__name__) from None


def no_markup(text: str) -> str:
    """The standard forbids HTML in descriptions: a "<" that would open a tag gets a space behind it."""
    return re.sub(r"<(?=[a-zA-Z/!?])", "< ", text)


def w3c(moment: datetime) -> str:
    """UTC to the second with Z, which every server reads."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


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
    reasons = [words for _, words in errors]
    if (status >= 500 or status == 429) and status not in REFUSED:
        return BackOfficeUnavailable(f"answered {status}", reasons=tuple(reasons))
    return BackOfficeRefused(status, reasons)


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
        except (ElementTree.ParseError, ValueError, LookupError, RecursionError):  # an encoding that nobody knows, a tree without end
            return None
    if isinstance(value, dict):
        value = next((value[name] for name in ROWS if isinstance(value.get(name), list)), [value])
    return rows_of(value) if isinstance(value, list) else None


def _from_xml(element: ElementTree.Element) -> Any:
    if element.tag in LISTS or (len(element) > 1 and len({child.tag for child in element}) == 1 and element.tag != "service_definition"):
        return [_from_xml(child) for child in element]
    if len(element):
        return {child.tag: _from_xml(child) for child in element}
    return element.text
