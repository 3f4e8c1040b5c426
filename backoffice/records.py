"""What the council's systems tell us, read leniently: real servers send "true", numbers for ids, and nulls."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from math import isfinite
from typing import Any

DATATYPES = ("string", "number", "datetime", "text", "singlevaluelist", "multivaluelist")
REFERENCE = re.compile(r"[^\s<>\"'{}\[\]]{1,80}")
NO_REFERENCE = ("null", "none", "nil", "undefined", "nan", "error")
LONGEST_CODE, LONGEST_NAME = 80, 200  # what the engagement log has room for: PostgreSQL takes no letter more
OUTCOMES = ("fixed", "partly", "not_fixed", "not_mine")


def text_of(value: Any) -> str | None:
    """A text, or None for null, nothing and blanks; numbers become text, 0 too."""
    if value is None or isinstance(value, (dict, list, bool)):
        return None
    return str(value).replace("\x00", "").strip() or None


def reference_of(value: Any) -> str | None:
    """A reference that can be one: some servers put an error's text, or half a page, where it should be."""
    text = text_of(value)
    return text if text and REFERENCE.fullmatch(text) and text.lower() not in NO_REFERENCE else None


def code_of(value: Any) -> str | None:
    """A code or token that can be given back as it came; None where it is too long for one, as half of it means nothing."""
    text = text_of(value)
    return text if text and len(text) <= LONGEST_CODE else None


def name_of(value: Any) -> str | None:
    """A name for people to read, whose end does not matter."""
    return (text_of(value) or "")[:LONGEST_NAME] or None


def rows_of(value: Any) -> list[dict[str, Any]]:
    """The objects of a list; nothing for what is no list."""
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


def flag(value: Any) -> bool:
    return value is True or str(value).strip().lower() in {"true", "1", "yes"}


def number(value: Any) -> float | None:
    try:
        read = None if value is None else float(value)
    except (TypeError, ValueError):
        return None
    return read if read is not None and isfinite(read) else None


def moment(value: Any) -> datetime | None:
    """An ISO 8601 time; one without a zone, which the standard forbids, is taken as UTC."""
    try:
        read = datetime.fromisoformat(str(value).strip())
    except ValueError:
        return None
    return read if read.tzinfo else read.replace(tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Attribute:
    """One question of a service definition. `values` are (key, name) pairs of a list."""

    code: str
    question: str
    datatype: str = "string"
    required: bool = False
    variable: bool = True
    order: int = 0
    hint: str | None = None
    values: tuple[tuple[str, str], ...] = ()

    @classmethod
    def read(cls, row: dict[str, Any]) -> Attribute | None:
        code = text_of(row.get("code"))
        if code is None:
            return None
        datatype = (text_of(row.get("datatype")) or "string").lower()
        pairs = [(text_of(one.get("key")), text_of(one.get("name"))) for one in rows_of(row.get("values"))]
        return cls(
            code=code,
            question=text_of(row.get("description")) or code,
            datatype=datatype if datatype in DATATYPES else "string",
            required=flag(row.get("required")),
            variable=flag(row.get("variable", True)),
            order=int(number(row.get("order")) or 0),
            hint=text_of(row.get("datatype_description")),
            values=tuple((key, name or key) for key, name in pairs if key),
        )


@dataclass(frozen=True, kw_only=True)
class Service:
    """A kind of request that the back office takes."""

    code: str
    name: str
    description: str | None = None
    metadata: bool = False
    keywords: tuple[str, ...] = ()
    group: str | None = None

    @classmethod
    def read(cls, row: dict[str, Any]) -> Service | None:
        code, name = code_of(row.get("service_code")), name_of(row.get("service_name"))
        if code is None or name is None:
            return None
        words = tuple(word.strip() for word in (text_of(row.get("keywords")) or "").split(",") if word.strip())
        return cls(
            code=code,
            name=name,
            description=text_of(row.get("description")),
            metadata=flag(row.get("metadata")),
            keywords=words,
            group=text_of(row.get("group")),
        )


@dataclass(frozen=True, kw_only=True)
class ServiceRequest:
    """A request as the back office sees it. `status` is open or closed; closed does not mean fixed."""

    reference: str
    service_code: str | None
    status: str
    status_notes: str | None = None
    service_name: str | None = None
    description: str | None = None
    agency_responsible: str | None = None
    service_notice: str | None = None
    requested_at: datetime | None = None
    updated_at: datetime | None = None
    expected_at: datetime | None = None
    address: str | None = None
    lat: float | None = None
    long: float | None = None
    media_url: str | None = None
    given: str | None = None  # its state as given, the finer one where the server names one; None where it names none at all

    @classmethod
    def read(cls, row: dict[str, Any]) -> ServiceRequest | None:
        reference = text_of(row.get("service_request_id"))
        if reference is None:
            return None
        more = row.get("extended_attributes")
        finer = row.get("detailed_status") or (more.get("detailed_status") if isinstance(more, dict) else None)
        return cls(
            reference=reference,
            given=text_of(finer) or text_of(row.get("status")),
            service_code=text_of(row.get("service_code")),
            status=(text_of(row.get("status")) or "open").lower(),
            status_notes=text_of(row.get("status_notes")),
            service_name=name_of(row.get("service_name")),
            description=text_of(row.get("description")),
            agency_responsible=name_of(row.get("agency_responsible")),
            service_notice=text_of(row.get("service_notice")),
            requested_at=moment(row.get("requested_datetime")),
            updated_at=moment(row.get("updated_datetime")),
            expected_at=moment(row.get("expected_datetime")),
            address=text_of(row.get("address")),
            lat=number(row.get("lat")),
            long=number(row.get("long")),
            media_url=text_of(row.get("media_url")),
        )


@dataclass(frozen=True, kw_only=True)
class Created:
    """The back office's receipt: a reference, or a token that becomes one later, or neither (blackbox)."""

    reference: str | None
    token: str | None
    service_notice: str | None


@dataclass(frozen=True, kw_only=True)
class Update:
    """Something that was done or said about a request, its state as given. `update_id` is empty where there is none."""

    reference: str
    update_id: str
    status: str | None
    description: str | None = None
    at: datetime | None = None
    media_url: str | None = None

    @classmethod
    def read(cls, row: dict[str, Any]) -> Update | None:
        reference = text_of(row.get("service_request_id"))
        if reference is None:
            return None
        return cls(
            reference=reference,
            update_id=text_of(row.get("update_id")) or "",
            status=text_of(row.get("status")),
            description=text_of(row.get("description")),
            at=moment(row.get("updated_datetime")),
            media_url=text_of(row.get("media_url")),
        )


@dataclass(frozen=True, kw_only=True)
class OutcomeReport:
    """How a request came out for its citizen, as the back office gives it out. See docs/open311_outcomes.md."""

    reference: str
    outcome: str
    at: datetime | None
    channel: str | None
    round: int

    @classmethod
    def read(cls, row: dict[str, Any]) -> OutcomeReport | None:
        reference, outcome = text_of(row.get("service_request_id")), text_of(row.get("outcome"))
        if reference is None or outcome not in OUTCOMES:
            return None
        return cls(
            reference=reference,
            outcome=outcome,
            at=moment(row.get("reported_datetime")),
            channel=text_of(row.get("channel")),
            round=int(number(row.get("round")) or 1),
        )
