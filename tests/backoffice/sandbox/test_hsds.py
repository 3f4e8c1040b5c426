"""The directory of support, as an HSDS client sees it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from backoffice.sandbox import hsds
from backoffice.sandbox.places import metres, postcode
from hearback.clock import Clock
from hearback.keys import load_keys
from hearback.settings import Settings

SAMPLES = Path(__file__).resolve().parents[4] / "shared" / "data" / "hsds"
PAGE = {"total_items", "total_pages", "page_number", "size", "first_page", "last_page", "empty", "contents"}


class Reader:
    def __init__(self, client: TestClient[Any, Any]) -> None:
        self.client = client

    async def get(self, path: str, **query: str | int) -> tuple[int, Any]:
        async with self.client.get(f"/hsds{path}", params=query) as reply:
            return reply.status, await reply.json()

    async def names(self, **query: str | int) -> list[str]:
        status, page = await self.get("/services", per_page=100, **query)
        assert status == 200, page
        return [service["name"] for service in page["contents"]]

    async def term(self, name: str) -> str:
        _, page = await self.get("/taxonomy_terms", search=name)
        return str(page["contents"][0]["id"])


@pytest.fixture
async def directory(settings: Settings) -> AsyncIterator[Reader]:
    app = web.Application()
    app.add_routes(hsds.routes(settings, load_keys(settings.home), Clock()))
    async with TestClient(TestServer(app)) as client:
        yield Reader(client)


def unlike(ours: Any, sample: Any, path: str) -> list[str]:
    """Where ours has a name that the sample has not, or another kind of value."""
    if isinstance(ours, dict) and isinstance(sample, dict):
        strange = [f"{path}.{name}" for name in ours.keys() - sample.keys()]
        return strange + [line for name in ours.keys() & sample.keys() for line in unlike(ours[name], sample[name], f"{path}.{name}")]
    if isinstance(ours, list) and isinstance(sample, list):
        return [line for item in ours for line in unlike(item, sample[0], f"{path}[]")] if sample else []
    numbers = isinstance(ours, int | float) and isinstance(sample, int | float)
    return [] if numbers or type(ours) is type(sample) else [f"{path}: {type(ours).__name__}"]


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the sample answers in ../shared are not here")
@pytest.mark.parametrize(
    ("path", "sample"),
    [("/services", "service_list"), ("/service_at_locations", "service_at_location_list"), ("/taxonomies", "taxonomy_list")],
)
async def test_lists_have_the_shape_of_the_samples(directory: Reader, path: str, sample: str) -> None:
    _, ours = await directory.get(path)
    assert set(ours) == PAGE
    # The sample list leaves out eligibility_description, which HSDS 3 has.
    theirs = json.loads((SAMPLES / f"{sample}.json").read_text())
    assert {line for line in unlike(ours, theirs, "") if "eligibility_description" not in line} == set()


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the sample answers in ../shared are not here")
async def test_every_service_has_the_shape_of_the_full_sample(directory: Reader) -> None:
    sample = json.loads((SAMPLES / "hsds30_service_full.json").read_text())
    _, page = await directory.get("/services", full="true", per_page=100)
    for service in page["contents"]:
        _, one = await directory.get(f"/services/{service['id']}")
        assert one == service
        # The UK profile's sample says what a term's and an access note's text fields are called.
        lines = set(unlike(service, sample, ""))
        assert {line for line in lines if not line.endswith((".service_area", ".accessibility[].accessibility"))} == set()
        assert {"id", "name", "status", "phones", "schedules", "service_areas", "organization"} <= set(service)


async def test_there_are_services_for_each_need(directory: Reader) -> None:
    _, page = await directory.get("/services", per_page=100, full="true")
    assert page["total_items"] >= 40
    assert len({service["organization"]["name"] for service in page["contents"]}) >= 15
    assert all(service["phones"][0]["number"].startswith("01632 960") for service in page["contents"])
    assert {service["status"] for service in page["contents"]} == {"active", "temporarily closed", "defunct"}
    for need in ("food bank", "debt", "befriending", "dementia café", "baby bank", "veterans", "refuge", "LGBT", "job club"):
        assert await directory.names(search=need), need


@pytest.mark.parametrize(
    ("said", "service"),
    [
        ("I've got no food in till friday", "Food bank"),
        ("I'm in debt up to my eyeballs and don't know where to turn", "Debt advice"),
        ("bailiffs are coming next week over my council tax and I can't pay", "Debt advice"),
        ("can someone help me fill in my PIP form", "Benefits and form filling"),
        ("lunch club for my dad, he's 79 and on his own", "Lunch club"),
        ("my husband controls all my money and who I see", "Domestic abuse helpline"),
        ("is there a carers group near Eastfield", "Carers' coffee morning"),
        ("drinking too much and want to stop", "Alcohol and drug support"),
        ("lonely since my wife died, is there anywhere I can go", "Befriending"),
        ("I am new in this country and I need english class", "English classes"),
        ("my son's got autism and we're struggling, what help's out there", "Autism and special needs family support"),
        ("warm space to sit in the daytime, cant afford heating", "Warm space"),
    ],
)
async def test_a_plain_sentence_finds_help_among_the_first_three(directory: Reader, said: str, service: str) -> None:
    assert service in (await directory.names(search=said))[:3]


async def test_words_that_nothing_has_find_nothing(directory: Reader) -> None:
    assert await directory.names(search="zzyzx") == await directory.names(search="what is there?") == []


async def test_opening_times_are_also_in_words(directory: Reader) -> None:
    _, page = await directory.get("/services", per_page=100, full="true")
    said = {service["name"]: [schedule["description"] for schedule in service["schedules"]] for service in page["contents"]}
    assert said["Food bank"] == ["Monday, Wednesday and Friday, 10am to 1pm"]
    assert said["Carers' advice and assessments"] == ["Monday to Friday, 9am to 4:30pm"]
    assert said["Grieving children"] == ["First Saturday of the month, 10am to noon"]
    assert said["Domestic abuse helpline"] == ["Monday to Sunday, day and night"]
    assert said["Bereavement support"][1] == "Second Saturday of the month, 2pm to 4pm (Walking group)"


async def test_pages_join_up(directory: Reader) -> None:
    _, whole = await directory.get("/services", per_page=100)
    seen, number = [], 0
    while True:
        number += 1
        _, page = await directory.get("/services", per_page=20, page=number)
        seen += page["contents"]
        assert (page["page_number"], page["first_page"], page["size"]) == (number, number == 1, len(page["contents"]))
        if page["last_page"]:
            break
    assert seen == whole["contents"] and number == page["total_pages"] == 3
    _, beyond = await directory.get("/services", page=99)
    assert beyond["empty"] is True and beyond["contents"] == []


async def test_terms_find_services_and_their_children(directory: Reader) -> None:
    assert "Debt advice" in await directory.names(taxonomy_term_id=await directory.term("Debt"))
    money = await directory.names(taxonomy_term_id=await directory.term("Money"))
    assert {"Debt advice", "Energy bills help", "Hardship fund"} <= set(money)
    _, page = await directory.get("/taxonomies")
    ids = {item["name"]: item["id"] for item in page["contents"]}
    _, people = await directory.get("/taxonomy_terms", taxonomy_id=ids["People"], per_page=100)
    assert {"Carers", "Veterans"} <= {item["name"] for item in people["contents"]}
    assert 0 < len(await directory.names(taxonomy_id=ids["People"])) < len(await directory.names())
    _, top = await directory.get("/taxonomy_terms", top_only="true", per_page=100)
    assert all("parent_id" not in item for item in top["contents"])
    _, one = await directory.get(f"/taxonomies/{ids['Needs']}")
    assert len(one["taxonomy_terms"]) > 20
    assert (await directory.get(f"/taxonomy_terms/{one['taxonomy_terms'][0]['id']}"))[1]["taxonomy"] == "Needs"


async def test_age_leaves_out_who_is_not_served(directory: Reader) -> None:
    child = await directory.names(minimum_age=10, maximum_age=10)
    assert "Young carers" in child and "Lunch club" not in child and "Food bank" in child
    assert "Youth club" not in await directory.names(minimum_age=75)


async def test_days_and_times_find_what_is_open(directory: Reader) -> None:
    saturday = await directory.names(day="SA")
    assert "Veterans' breakfast and drop-in" in saturday and "Debt advice" not in saturday
    evening = await directory.names(day="wednesday", start_time="18:00", end_time="20:00")
    assert {"Debt advice", "English classes", "Safe Haven evening café"} <= set(evening) and "Job club" not in evening


async def test_near_a_postcode_nearest_first(directory: Reader) -> None:
    near = await directory.names(postcode="ad3 1na", proximity=1500)
    assert near[0] in ("Baby bank", "Bumps and babies", "Grieving children", "Toy library", "Autism and special needs family support")
    assert "Domestic abuse helpline" not in near and "Job club" not in near
    assert set(await directory.names(postcode="AD1 9XX")) == set(await directory.names())
    assert await directory.names(postcode="SW1A 1AA") == []
    _, page = await directory.get("/service_at_locations", postcode="AD12BC", proximity=100, full="true")
    assert {item["location"]["name"] for item in page["contents"]} == {"The Old Mill Centre"}
    assert page["contents"][0]["service"]["schedules"]
    assert (await directory.get(f"/service_at_locations/{page['contents'][0]['id']}"))[1] == page["contents"][0]


async def test_minimal_ndjson_and_one_organization(directory: Reader) -> None:
    _, page = await directory.get("/services", minimal="true", per_page=100)
    assert set(page["contents"][0]) == {"id", "name", "status", "last_modified"}
    async with directory.client.get("/hsds/services", params={"format": "ndjson"}) as reply:
        lines = [json.loads(line) for line in (await reply.text()).splitlines()]
    assert len(lines) == page["total_items"]
    organization = lines[0]["organization"]["id"]
    assert len(await directory.names(organization_id=organization)) == 3
    assert await directory.names(modified_after="2030-01-01") == []


async def test_the_abuse_services_tell_no_address(directory: Reader) -> None:
    _, page = await directory.get("/services", search="abuse", full="true")
    assert page["contents"] and all(service["service_at_locations"] == [] for service in page["contents"])


@pytest.mark.parametrize(
    "query",
    [
        {"page": "0"},
        {"per_page": "x"},
        {"postcode": "AD1"},
        {"day": "noon"},
        {"start_time": "9"},
        {"minimum_age": "-1"},
        {"modified_after": "x"},
    ],
)
async def test_queries_that_cannot_be_read_are_refused(directory: Reader, query: dict[str, str]) -> None:
    status, body = await directory.get("/services", **query)
    assert status == 400 and body["error"]


async def test_unknown_ids_are_not_found_and_the_root_says_what_this_is(directory: Reader) -> None:
    for kind in ("services", "service_at_locations", "taxonomies", "taxonomy_terms"):
        assert (await directory.get(f"/{kind}/none"))[0] == 404
    for root in ("", "/"):
        assert (await directory.get(root))[1]["version"] == "HSDS-UK-3.0"


def test_postcodes_and_distances() -> None:
    assert (postcode(" ad12bc"), postcode("AD1"), postcode("AD1 2BC x")) == ("AD1 2BC", None, None)
    assert metres((51.5, 0.0), (51.51, 0.0)) == pytest.approx(1112, abs=1)
