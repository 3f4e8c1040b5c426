"""The services that the pretend council takes in: those of services.yml, and what was added or removed while running."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from backoffice.sandbox.answers import Refused
from backoffice.sandbox.store import Store

Service = dict[str, Any]
FILE = Path(__file__).with_name("services.yml")
DATATYPES = ("string", "number", "datetime", "text", "singlevaluelist", "multivaluelist")
LISTS = ("singlevaluelist", "multivaluelist")
TYPES = ("realtime", "batch", "blackbox")
LISTED = ("service_code", "service_name", "description", "metadata", "type", "keywords", "group")
TEXTS = ("description", "keywords", "group", "agency_responsible", "service_notice")
DEFAULT_DAYS = 10
COUNCIL = "Ashdown Borough Council"


class Catalogue:
    """Service by service_code, in the order of services.yml, added ones last."""

    def __init__(self, store: Store) -> None:
        content = yaml.safe_load(FILE.read_text(encoding="utf-8"))
        self._store = store
        self._changeset: str = content["changeset"]
        self._groups: dict[str, dict[str, str]] = content["groups"]
        self._file = {item["service_code"]: self.read(item) for item in content["services"]}

    def all(self) -> dict[str, Service]:
        services = {**self._file, **self._store.services()}
        return {code: service for code, service in services.items() if service is not None}

    def changeset(self) -> str:
        """When services last changed (W3C datetime)."""
        return str(self._store.kept("changeset") or self._changeset)

    def put(self, service: Service, now: str) -> None:
        self._store.put_service(service["service_code"], service)
        self._store.keep("changeset", now)

    def remove(self, code: str, now: str) -> bool:
        if code not in self.all():
            return False
        self._store.put_service(code, None)
        self._store.keep("changeset", now)
        return True

    def read(self, item: Mapping[str, Any]) -> Service:
        """Check a service in GeoReport's own fields plus `attributes` and fill in what was left out; raises Refused(400)."""
        wrong = [f"{name} is missing." for name in ("service_code", "service_name") if not _text(item.get(name))]
        if "/" in str(item.get("service_code")):
            wrong.append("service_code must not hold a slash.")
        wrong += [f"{name} must be text." for name in TEXTS if not _text_or_none(item.get(name))]
        if item.get("type", "realtime") not in TYPES:
            wrong.append(f"type must be one of {', '.join(TYPES)}.")
        for name in ("days", "token_polls"):
            if not _count(item.get(name, 0)):
                wrong.append(f"{name} must be a whole number from 0 to 3650.")
        attributes, wrong_attributes = _attributes(item.get("attributes") or [])
        if wrong or wrong_attributes:
            raise Refused(400, *wrong, *wrong_attributes)
        group = self._groups.get(item.get("group") or "", {})
        return {
            "service_code": item["service_code"],
            "service_name": item["service_name"],
            "description": item.get("description"),
            "metadata": bool(attributes),
            "type": item.get("type", "realtime"),
            "keywords": item.get("keywords"),
            "group": item.get("group"),
            "attributes": attributes,
            "days": item.get("days", DEFAULT_DAYS),
            "token_polls": item.get("token_polls", 0),
            "agency_responsible": item.get("agency_responsible") or group.get("agency_responsible", COUNCIL),
            "service_notice": item.get("service_notice") or group.get("service_notice"),
        }


def listed(service: Service) -> dict[str, Any]:
    return {name: service[name] for name in LISTED}


def _text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _text_or_none(value: object) -> bool:
    return value is None or isinstance(value, str)


def _count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 3650


def _attributes(items: object) -> tuple[list[dict[str, Any]], list[str]]:
    if not isinstance(items, list) or not all(isinstance(item, Mapping) for item in items):
        return [], ["attributes must be a list of objects."]
    wrong = [sentence for item in items for sentence in _wrong_with(item)]
    read = [] if wrong else [_attribute(item, place) for place, item in enumerate(items, 1)]
    for name in ("code", "order"):
        if len({item[name] for item in read}) < len(read):
            wrong.append(f"Each attribute needs its own {name}.")
    return read, wrong


def _wrong_with(item: Mapping[str, Any]) -> list[str]:
    code, datatype, values = item.get("code"), item.get("datatype"), item.get("values") or []
    wrong = [] if _text(code) and not set("[]") & set(str(code)) else ["An attribute's code must be text without square brackets."]
    wrong += [f"{code}: {name} must be true or false." for name in ("variable", "required") if not isinstance(item.get(name, True), bool)]
    wrong += [f"{code}: {name} must be text." for name in ("description", "datatype_description") if not _text_or_none(item.get(name))]
    if datatype not in DATATYPES:
        wrong.append(f"{code}: datatype must be one of {', '.join(DATATYPES)}.")
    if not _count(item.get("order", 1)) or item.get("order") == 0:
        wrong.append(f"{code}: order must be a whole number from 1.")
    pairs = isinstance(values, list) and all(isinstance(v, Mapping) and _text(v.get("key")) and _text(v.get("name")) for v in values)
    if not pairs or (datatype in LISTS and not values):
        wrong.append(f"{code}: values must be a list of objects with key and name.")
    return wrong


def _attribute(item: Mapping[str, Any], place: int) -> dict[str, Any]:
    attribute = {
        "variable": item.get("variable", True),
        "code": item["code"],
        "datatype": item["datatype"],
        "required": item.get("required", False),
        "datatype_description": item.get("datatype_description"),
        "order": item.get("order", place),
        "description": item.get("description"),
    }
    if item["datatype"] in LISTS:
        attribute["values"] = [{"key": value["key"], "name": value["name"]} for value in item["values"]]
    return attribute
