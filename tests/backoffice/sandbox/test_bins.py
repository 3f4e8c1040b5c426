"""The bin system: whose bin goes when, and what may be reported."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from backoffice.sandbox import bins
from backoffice.sandbox.addresses import Addresses
from backoffice.sandbox.rounds import CONTAINERS, Rounds
from hearback.clock import Clock
from hearback.keys import load_keys
from hearback.settings import Settings

MONDAY = date(2026, 5, 18)  # Monday 25 May 2026 is a bank holiday.


class Council:
    """A client of the bin system at a time that a test moves."""

    def __init__(self, settings: Settings) -> None:
        self.settings, self.now = settings, datetime(2026, 5, 19, 8, 0, tzinfo=UTC)
        self.client: TestClient[Any, Any]

    async def open(self) -> None:
        app = web.Application()
        app.add_routes(bins.routes(self.settings, load_keys(self.settings.home), Clock(read=lambda: self.now.timestamp())))
        self.client = TestClient(TestServer(app))
        await self.client.start_server()

    async def get(self, path: str, **query: str) -> tuple[int, Any]:
        async with self.client.get(f"/bins/{path}", params=query) as reply:
            return reply.status, await reply.json()

    async def uprn(self, words: str) -> str:
        _, found = await self.get("addresses", q=words)
        assert len(found) == 1, found
        return str(found[0]["uprn"])

    async def missed(self, uprn: str, container: str, **more: str) -> tuple[int, Any]:
        async with self.client.post("/bins/missed", json={"uprn": uprn, "container": container, **more}) as reply:
            return reply.status, await reply.json()


@pytest.fixture
async def council(settings: Settings) -> AsyncIterator[Council]:
    opened = Council(settings)
    await opened.open()
    yield opened
    await opened.client.close()


async def test_a_postcode_gives_its_households(council: Council) -> None:
    status, found = await council.get("addresses", postcode="ad12bc")
    assert status == 200 and len(found) == 40
    assert set(found[0]) == {"uprn", "address", "postcode", "lat", "long"}
    assert found[11]["address"] == "12 Mill Lane, AD1 2BC" and len(found[11]["uprn"]) == 12
    assert (await council.get("addresses", postcode="AD1 9ZZ"))[1] == []


@pytest.mark.parametrize(
    ("words", "addresses"),
    [
        ("12 Mill Lane", ["12 Mill Lane, AD1 2BC"]),
        ("12 mill ln, AD12BC", ["12 Mill Lane, AD1 2BC"]),
        ("12 mill", ["12 Mill Lane, AD1 2BC", "12 Mill Road, AD1 2BD"]),
        ("14 Church St", ["14 Church Street, AD1 2DA", "14 Church Street, AD4 2WE"]),
        ("14 church street ad4 2we", ["14 Church Street, AD4 2WE"]),
        ("flat 3 weavers crt", ["Flat 3, Weavers Court, Station Road, AD2 4JH"]),
        ("7 saint annes rd", ["7 St Anne's Road, AD2 4JA"]),
        ("1 Nowhere Lane", []),
        ("!!", []),
    ],
)
async def test_an_address_is_found_as_people_write_it(council: Council, words: str, addresses: list[str]) -> None:
    _, found = await council.get("addresses", q=words)
    assert [item["address"] for item in found] == addresses


def test_every_uprn_is_one_household() -> None:
    addresses = Addresses()
    homes = [home for code in addresses.postcodes() for home in addresses.find(code=code)]
    assert len({home.uprn for home in homes}) == len({home.address for home in homes}) == len(homes) > 2000
    assert len(addresses.postcodes()) >= 55


async def test_refuse_and_recycling_take_turns_and_food_goes_weekly(council: Council) -> None:
    _, found = await council.get("collections", uprn=await council.uprn("12 Mill Lane"))
    days = {kind: [date.fromisoformat(item["date"]) for item in found if item["container"] == kind] for kind in CONTAINERS}
    assert len(days["food"]) in (8, 9) and days["recycling"] == days["garden"]
    assert set(days["refuse"]) | set(days["recycling"]) == set(days["food"]) and not set(days["refuse"]) & set(days["recycling"])
    assert max(days["food"]) <= council.now.date() + timedelta(weeks=8)
    assert {item["state"] for item in found} == {"due"} and {item["round"] for item in found} == {"TU-A"}


async def test_a_bank_holiday_moves_the_week_by_a_day(council: Council) -> None:
    _, found = await council.get("collections", uprn=await council.uprn("12 Mill Lane"))
    food = [item["date"] for item in found if item["container"] == "food"]
    assert food[:3] == ["2026-05-19", "2026-05-27", "2026-06-02"]


@pytest.mark.parametrize(
    ("monday", "days"),
    [
        (date(2026, 5, 25), [26, 27, 28, 29, 30]),  # Spring bank holiday, Monday
        (date(2026, 3, 30), [30, 31, 1, 2, 4]),  # Good Friday, 3 April
        (date(2025, 12, 22), [22, 23, 24, 27, 28]),  # Christmas on Thursday and Friday
        (date(2026, 6, 1), [1, 2, 3, 4, 5]),
    ],
)
def test_rounds_run_later_from_the_holiday_on(monday: date, days: list[int]) -> None:
    assert [Rounds().collected_on(monday, weekday).day for weekday in range(5)] == days


async def test_garden_waste_rests_in_winter_and_blocks_have_none(council: Council) -> None:
    _, found = await council.get("collections", uprn=await council.uprn("flat 3 weavers court"))
    assert "garden" not in {item["container"] for item in found}
    council.now = datetime(2026, 12, 1, 9, tzinfo=UTC)
    _, found = await council.get("collections", uprn=await council.uprn("12 Mill Lane"))
    assert "garden" not in {item["container"] for item in found}


async def test_a_missed_bin_is_reported_once_and_kept(council: Council) -> None:
    uprn = await council.uprn("12 Mill Lane")
    assert (await council.missed(uprn, "food"))[1]["reason"] == "not_yet_due"
    council.now = datetime(2026, 5, 19, 16, 30, tzinfo=UTC)  # 17:30 in Ashdown
    status, body = await council.missed(uprn, "food")
    assert status == 201 and body["reference"].startswith("BIN-")
    await council.client.close()
    await council.open()
    status, again = await council.missed(uprn, "food", date="2026-05-19")
    assert (status, again["reason"], again["reference"]) == (409, "already_reported", body["reference"])
    _, found = await council.get("collections", uprn=uprn)
    assert {item["container"]: item["state"] for item in found[:2]}["food"] == "missed_reported"
    assert found[0]["container"] in ("refuse", "recycling") and found[0]["state"] == "collected"


async def test_reports_that_cannot_be_taken_say_why(council: Council) -> None:
    uprn = await council.uprn("12 Mill Lane")
    council.now = datetime(2026, 5, 22, 9, tzinfo=UTC)
    assert (await council.missed(uprn, "food"))[0] == 201
    council.now = datetime(2026, 5, 25, 9, tzinfo=UTC)  # a weekend and a bank holiday do not count
    assert (await council.missed(await council.uprn("14 Mill Lane"), "food"))[0] == 201
    council.now = datetime(2026, 5, 26, 23, 30, tzinfo=UTC)  # already the 27th in Ashdown
    assert (await council.missed(await council.uprn("15 Mill Lane"), "food"))[1]["reason"] == "not_yet_due"
    assert (await council.missed(await council.uprn("15 Mill Lane"), "food", date="2026-05-19"))[1]["reason"] == "too_late"
    assert (await council.missed(uprn, "food", date="2026-05-20"))[1]["reason"] == "no_collection"
    council.now = datetime(2026, 5, 27, 20, tzinfo=UTC)
    assert (await council.missed(await council.uprn("13 Mill Lane"), "food"))[1]["reason"] == "not_presented"
    council.now = datetime(2027, 1, 13, 9, tzinfo=UTC)
    status, body = await council.missed(uprn, "garden")
    assert (status, body["reason"]) == (409, "no_collection") and body["message"]


async def test_what_would_be_taken_can_be_asked_without_reporting(council: Council) -> None:
    uprn = await council.uprn("12 Mill Lane")
    _, early = await council.get("missed", uprn=uprn, container="food")
    assert (early["reason"], early["report_from"]) == ("not_yet_due", "2026-05-19T17:00:00+01:00")
    council.now = datetime(2026, 5, 19, 16, 30, tzinfo=UTC)
    _, fine = await council.get("missed", uprn=uprn, container="food")
    assert (fine["date"], fine["reason"], fine["within_working_days"]) == ("2026-05-19", "", 3) and "reference" not in fine
    assert (await council.missed(uprn, "food", reported_as="ASH-100001"))[0] == 201
    _, known = await council.get("missed", uprn=uprn, container="food")
    assert (known["reason"], known["reported_as"]) == ("already_reported", "ASH-100001") and known["reference"].startswith("BIN-")
    assert (await council.get("missed", uprn=uprn, container="tea"))[0] == 400


async def test_past_collections_are_given_when_asked_for(council: Council) -> None:
    uprn = await council.uprn("12 Mill Lane")
    _, found = await council.get("collections", uprn=uprn, since="2026-05-11")
    assert (found[0]["date"], found[0]["state"]) == ("2026-05-12", "collected")
    assert (await council.get("collections", uprn=uprn, since="soon"))[0] == 400
    _, all_known = await council.get("collections", uprn=uprn, since="2000-01-01")
    assert all_known[0]["date"] >= "2026-04-21"


@pytest.mark.parametrize("body", [{"uprn": "1", "container": "food"}, {}, []])
async def test_an_unknown_address_or_bin_is_refused(council: Council, body: Any) -> None:
    async with council.client.post("/bins/missed", json=body) as reply:
        assert reply.status in (400, 404) and (await reply.json())["error"]
    assert (await council.missed(await council.uprn("12 Mill Lane"), "tea"))[0] == 400
    assert (await council.get("collections", uprn="1"))[0] == 404
    assert (await council.get("addresses"))[0] == (await council.get("addresses", postcode="AD1"))[0] == 400


async def test_containers_slots_and_prices(council: Council) -> None:
    _, containers = await council.get("containers")
    assert [item["container"] for item in containers] == list(CONTAINERS) and all("price" in item for item in containers)
    _, slots = await council.get("bulky/slots")
    assert len(slots) == 20 and {item["period"] for item in slots} == {"morning", "afternoon"}
    assert slots[0]["date"] == "2026-05-22" and "2026-05-25" not in {item["date"] for item in slots}
    _, prices = await council.get("bulky/prices")
    assert [item["items"] for item in prices["prices"]] == [1, 2, 3, 4, 5]


def test_every_day_some_round_can_be_reported_as_missed() -> None:
    rounds, addresses = Rounds(), Addresses()
    homes = [addresses.find(code=code)[0] for code in addresses.postcodes()]
    for count in range(28):
        today = MONDAY + timedelta(days=count)
        days = {item.on for home in homes for item in rounds.collections(home, today - timedelta(days=7), today - timedelta(days=1))}
        assert any(rounds.working_days_between(day, today) <= 3 for day in days)
