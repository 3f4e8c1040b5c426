"""The directory of support as HSDS 3 objects, built from directory.yml; every id is stable."""

from __future__ import annotations

import re
import uuid
from calendar import day_name
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from backoffice.sandbox.places import Point

Item = dict[str, Any]
DATA = Path(__file__).with_name("directory.yml")
NAMESPACE = uuid.UUID("5a5a5a5a-0000-4000-8000-a5bd0e000001")
TIMES = re.compile(r"(?:(MONTHLY) )?([A-Z0-9,]+) (\d\d:\d\d)-(\d\d:\d\d)(?: #(.+))?")
LANGUAGES = {"en": "English", "ar": "Arabic", "prs": "Dari", "ti": "Tigrinya", "uk": "Ukrainian"}
ORDINALS = ("first", "second", "third", "fourth")
DAYS = dict(zip(("MO", "TU", "WE", "TH", "FR", "SA", "SU"), day_name, strict=True))
AREA = "Ashdown Borough"
LISTED = (
    *("id", "name", "description", "url", "email", "status", "fees", "eligibility_description", "minimum_age", "maximum_age"),
    *("assured_date", "assurer_email", "alert", "last_modified", "organization"),
)


def id_of(kind: str, *names: str) -> str:
    return str(uuid.uuid5(NAMESPACE, "/".join((kind, *names))))


@dataclass
class Directory:
    """services and service_at_locations are fully nested; `points` and `terms` help to search them, by service id."""

    taxonomies: list[Item] = field(default_factory=list)
    terms: list[Item] = field(default_factory=list)
    services: list[Item] = field(default_factory=list)
    at_locations: list[Item] = field(default_factory=list)
    points: dict[str, list[Point]] = field(default_factory=dict)
    term_ids: dict[str, set[str]] = field(default_factory=dict)


def load_directory() -> Directory:
    content = yaml.safe_load(DATA.read_text(encoding="utf-8"))
    directory, slugs = Directory(), dict[str, Item]()
    for name, taxonomy in content["taxonomies"].items():
        head = {"id": id_of("taxonomy", name), "name": taxonomy["name"], "description": taxonomy["description"], "version": "1"}
        terms = [_term(slug, term, head) for slug, term in taxonomy["terms"].items()]
        slugs |= dict(zip(taxonomy["terms"], terms, strict=True))
        directory.taxonomies.append({**head, "taxonomy_terms": terms})
        directory.terms += terms
    for slug, service in content["services"].items():
        _add_service(directory, content, slugs, slug, service)
    return directory


def listed(service: Item) -> Item:
    """A service as lists give it: only what it has once."""
    return {name: service[name] for name in LISTED if name in service}


def listed_at_location(item: Item) -> Item:
    location = {name: value for name, value in item["location"].items() if name not in ("addresses", "accessibility")}
    return {"id": item["id"], "location": location, "service": listed(item["service"])}


def _term(slug: str, term: Item, taxonomy: Item) -> Item:
    parent = {"parent_id": id_of("term", term["parent"])} if "parent" in term else {}
    return {
        "id": id_of("term", slug),
        "code": slug,
        "name": term["name"],
        "description": term["name"],
        **parent,
        "taxonomy": taxonomy["name"],
        "taxonomy_detail": taxonomy,
    }


def _add_service(directory: Directory, content: Item, terms: dict[str, Item], slug: str, given: Item) -> None:
    id = id_of("service", slug)
    phone = {"id": id_of("phone", slug), "number": given["phone"], "type": "voice"}
    chosen = [terms[name] for name in (*given["needs"], *given.get("people", ()))]
    places = [(name, content["locations"][name]) for name in given.get("at", ())]
    email = f"{given['organization']}@ashdown.example"
    service: Item = {
        "id": id,
        "name": given["name"],
        "description": given["description"],
        "url": f"https://ashdown.example/support/{slug}",
        "email": email,
        "status": given.get("status", "active"),
        "fees": given["fees"],
        **_ages(given.get("ages", "-")),
        **({"eligibility_description": given["eligibility"]} if "eligibility" in given else {}),
        "assured_date": str(content["assured"]),
        "assurer_email": "directory@ashdown.example",
        **({"alert": given["alert"]} if "alert" in given else {}),
        "last_modified": content["last_modified"],
        "phones": [phone],
        "schedules": [_schedule(slug, place, text) for place, text in enumerate(given["times"])],
        "service_areas": [{"id": id_of("area", slug), "name": AREA, "service_area": AREA}],
        "service_at_locations": [{"id": id_of("at", slug, name), "location": _location(name, place)} for name, place in places],
        "languages": [
            {"id": id_of("language", slug, code), "code": code, "name": LANGUAGES[code]} for code in ["en", *given.get("languages", ())]
        ],
        "organization": _organization(given["organization"], content["organizations"][given["organization"]], email),
        "cost_options": _cost(slug, given),
        "required_documents": [{"id": id_of("document", slug, text), "document": text} for text in given.get("documents", ())],
        "contacts": [{"id": id_of("contact", slug), "name": given["name"], "email": email, "phones": [phone]}],
        "attributes": [
            {"id": id_of("attribute", slug, term["code"]), "link_entity": "service", "link_type": "taxonomy_term", "taxonomy_term": term}
            for term in chosen
        ],
    }
    directory.services.append(service)
    directory.points[id] = [(place["lat"], place["long"]) for _, place in places]
    directory.term_ids[id] = {term[key] for term in chosen for key in ("id", "parent_id") if key in term}
    flat = {name: value for name, value in service.items() if name != "service_at_locations"}
    directory.at_locations += [{**at, "service": flat} for at in service["service_at_locations"]]


def _ages(text: str) -> Item:
    """ "60-" → {"minimum_age": 60}"""
    lowest, highest = text.split("-")
    return {**({"minimum_age": int(lowest)} if lowest else {}), **({"maximum_age": int(highest)} if highest else {})}


def _schedule(slug: str, place: int, text: str) -> Item:
    found = TIMES.fullmatch(text)
    if not found:
        raise ValueError(f"{slug}: {text!r} is not a schedule")
    often, days, opens, closes, note = found.groups()
    return {
        "id": id_of("schedule", slug, str(place)),
        "freq": often or "WEEKLY",
        "interval": 1,
        "byday": days,
        "opens_at": f"{opens}:00",
        "closes_at": f"{closes}:00",
        "description": _in_words(often, days, opens, closes, note),
    }


def _in_words(often: str | None, days: str, opens: str, closes: str, note: str | None) -> str:
    """ "Monday to Friday, 9am to 4:30pm"; "First Saturday of the month, 10am to noon" """
    names = days.split(",")
    if often:
        parts = [f"{ORDINALS[int(name[0]) - 1]} {DAYS[name[1:]]}" for name in names]
        part = f"{_and(parts)} of the month"
        part = part[0].upper() + part[1:]
    elif names in (list(DAYS)[:5], list(DAYS)):
        part = f"{DAYS[names[0]]} to {DAYS[names[-1]]}"
    else:
        part = _and([DAYS[name] for name in names])
    hours = "day and night" if (opens, closes) == ("00:00", "23:59") else f"{_hour(opens)} to {_hour(closes)}"
    return f"{part}, {hours}" + (f" ({note})" if note else "")


def _and(parts: list[str]) -> str:
    return " and ".join([part for part in (", ".join(parts[:-1]), parts[-1]) if part])


def _hour(text: str) -> str:
    """ "16:30" → "4:30pm" """
    hour, minute = int(text[:2]), text[3:]
    if (hour, minute) in ((12, "00"), (23, "59")):
        return "noon" if hour == 12 else "midnight"
    return f"{(hour - 1) % 12 + 1}{'' if minute == '00' else ':' + minute}{'am' if hour < 12 else 'pm'}"


def _location(name: str, place: Item) -> Item:
    address = {"address_1": place["address"], "city": "Ashdown", "state_province": "Ashdown", "postal_code": place["postcode"]}
    access = {"id": id_of("accessibility", name), "description": place["access"], "accessibility": place["access"]}
    return {
        "id": id_of("location", name),
        "location_type": "physical",
        "name": place["name"],
        "latitude": place["lat"],
        "longitude": place["long"],
        "addresses": [{"id": id_of("address", name), **address, "country": "GB", "address_type": "physical"}],
        "accessibility": [access],
    }


def _organization(slug: str, organization: Item, email: str) -> Item:
    website = f"https://{slug}.ashdown.example"
    return {"id": id_of("organization", slug), **organization, "email": email, "website": website, "uri": website}


def _cost(slug: str, given: Item) -> list[Item]:
    amount, words = given.get("cost", (0, given["fees"]))
    return [{"id": id_of("cost", slug), "option": given["fees"], "currency": "GBP", "amount": amount, "amount_description": words}]
