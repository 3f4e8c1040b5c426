"""Reads what callers of the sandbox send, and says in a sentence each what is wrong with it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from datetime import UTC, date, datetime
from math import isfinite
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import web

from backoffice.sandbox.answers import Refused
from backoffice.sandbox.services import Service

FORM = "application/x-www-form-urlencoded"
LONGEST = 4000
ATTRIBUTE = re.compile(r"attribute\[([^\[\]]+)\](?:\[\])?")
NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")
TAG = re.compile(r"</?[a-z!][^>]*>", re.IGNORECASE)
W3C = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)", re.ASCII)


class Form:
    """Posted fields in order. An empty field is an absent one, as GeoReport demands."""

    def __init__(self, fields: Iterable[tuple[str, str]]) -> None:
        self.fields = [(name, value.replace("\r\n", "\n").strip()) for name, value in fields]

    def one(self, name: str) -> str:
        return next((value for key, value in self.fields if key == name and value), "")

    def has(self, name: str) -> bool:
        return any(key == name for key, _ in self.fields)

    def kept(self) -> list[tuple[str, str]]:
        """What is worth keeping: all but the key."""
        return [(name, value) for name, value in self.fields if name != "api_key" and value]


async def read_form(request: web.Request) -> Form:
    """The form in the body; fields in the address count too, since several clients put the key there."""
    text = await _body(request)
    if text and request.content_type != FORM:
        raise Refused(400, f"Send the fields as {FORM}.")
    try:
        return Form([*parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=500), *request.query.items()])
    except ValueError as error:
        raise Refused(400, "The form cannot be read.") from error


async def read_object(request: web.Request) -> dict[str, Any]:
    """A JSON object in the body; an empty body is an empty object."""
    text = await _body(request)
    try:
        content = json.loads(text, parse_constant=_no_number) if text.strip() else {}
        json.dumps(content, ensure_ascii=False).encode()  # a lone surrogate cannot be kept
    except (ValueError, RecursionError) as error:
        raise Refused(400, "The body is not JSON.") from error
    if not isinstance(content, dict):
        raise Refused(400, "The body must be a JSON object.")
    return content


def _no_number(text: str) -> None:
    raise ValueError(text)


async def _body(request: web.Request) -> str:
    try:
        return (await request.read()).decode("utf-8")
    except web.HTTPRequestEntityTooLarge as error:
        raise Refused(400, "The body is too large.") from error
    except UnicodeDecodeError as error:
        raise Refused(400, "The body is not UTF-8.") from error


def moment(name: str, text: str) -> datetime:
    """A W3C datetime with Z or an offset, in UTC; raises Refused(400)."""
    try:
        if not W3C.fullmatch(text):
            raise ValueError
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise Refused(400, f"{name} must be a date and time such as 2026-11-24T09:30:00Z, with Z or an offset.") from error


def location(form: Form) -> dict[str, Any]:
    """The location of a request: lat and long, which address_string may put into words, or one of the three; raises Refused(400)."""
    lat, long = form.one("lat"), form.one("long")
    if bool(lat) != bool(long):
        raise Refused(400, "lat and long must be sent together.")
    given = [*(["lat and long"] if lat else []), *(name for name in ("address_string", "address_id") if form.one(name))]
    if len(given) != 1 and given != ["lat and long", "address_string"]:
        what = f"not {', '.join(given)}" if given else "none was sent"
        raise Refused(400, f"Send exactly one location, lat and long or address_string or address_id: {what}.")
    return {
        "lat": _degrees("lat", lat, 90) if lat else None,
        "long": _degrees("long", long, 180) if long else None,
        "address": form.one("address_string") or None,
        "address_id": form.one("address_id") or None,
    }


def _degrees(name: str, text: str, most: int) -> float:
    value = float(text) if NUMBER.fullmatch(text) else float("nan")
    if isfinite(value) and abs(value) <= most:
        return value
    raise Refused(400, f"{name} must be a number from -{most} to {most}.")


def check_texts(form: Form) -> list[str]:
    """What is wrong with the fields that are neither location nor attributes."""
    wrong = [f"{name[:60]} is longer than {LONGEST} characters." for name, value in form.fields if len(value) > LONGEST]
    if TAG.search(form.one("description")):
        wrong.append("description must be plain text without HTML.")
    if form.one("media_url") and not form.one("media_url").startswith(("http://", "https://")):
        wrong.append("media_url must begin with http:// or https://.")
    return wrong


def attributes(form: Form, service: Service) -> tuple[dict[str, list[str]], list[str]]:
    """The answers to a service's questions by attribute code, and what is wrong with them."""
    asked = {item["code"]: item for item in service["attributes"] if item["variable"]}
    given: dict[str, list[str]] = {}
    wrong = []
    for name, value in form.fields:
        if name.startswith("attribute") and value:
            match = ATTRIBUTE.fullmatch(name)
            if match and match[1] in asked:
                given.setdefault(match[1], []).append(value)
            else:
                wrong.append(f"{service['service_code']} has no {name[:60]}.")
    for code, item in asked.items():
        if code in given:
            wrong += [f"attribute[{code}] {sentence}" for sentence in _wrong_with(item, given[code])]
        elif item["required"]:
            wrong.append(f"attribute[{code}] is missing.")
    return given, wrong


def _wrong_with(item: dict[str, Any], values: list[str]) -> list[str]:
    datatype = item["datatype"]
    wrong = []
    if datatype != "multivaluelist" and len(values) > 1:
        wrong.append("takes one value.")
    if datatype == "number" and not all(NUMBER.fullmatch(value) for value in values):
        wrong.append("must be a number.")
    if datatype == "datetime" and not all(_is_datetime(value) for value in values):
        wrong.append("must be an ISO 8601 date, or a date and time with Z or an offset.")
    keys = [value["key"] for value in item.get("values", ())]
    if keys and not set(values) <= set(keys):
        wrong.append(f"must be {'from' if datatype == 'multivaluelist' else 'one of'} {', '.join(keys)}.")
    return wrong


def _is_datetime(text: str) -> bool:
    try:
        if len(text) == 10:
            return bool(date.fromisoformat(text))
        return datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False
