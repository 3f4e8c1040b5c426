"""Where it is and whether it is reported already, with the sandbox's gazetteer and small stand-ins for the council's other systems."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from backoffice.catalogue import Catalogue, Entry
from backoffice.councils import Councils
from backoffice.errors import BackOfficeUnavailable
from backoffice.places import Gazetteer
from backoffice.records import Service, ServiceRequest
from backoffice.sandbox import gazetteer
from backoffice.sandbox.addresses import Addresses
from bot.actions.already_reported import NEW, same_street
from bot.actions.place import asked_for
from bot.actions.report_problem import ReportProblem
from bot.actions.task import Here
from bot.nlu.language import council_language
from hearback.area import Area

COUNCIL = Path(__file__).parents[2] / "data" / "council"
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
LANGUAGE = council_language()


class World:
    """The council's systems; `open` are the requests that its back office has, `said` collects what the citizen hears."""

    def __init__(self, places: Gazetteer) -> None:
        self.said: list[tuple[str, list[str], dict[str, Any]]] = []
        self.open: list[ServiceRequest] | Exception = []
        self.followed: list[dict[str, Any]] = []
        self.services = SimpleNamespace(
            catalogue=Catalogue({"POTHOLE": Entry(Service(code="POTHOLE", name="Pothole"), ())}),
            clock=SimpleNamespace(now=lambda: NOW),
            gazetteer=places,
            councils=Councils(Area.read(COUNCIL), COUNCIL),
            open311=SimpleNamespace(open_requests=self._open_requests),
            log=SimpleNamespace(requests=SimpleNamespace(of_conversation=self._none, of_citizen=self._none, follow=self._follow)),
        )

    async def _open_requests(self, code: str, *, since: datetime) -> list[ServiceRequest]:
        assert since == NOW - timedelta(days=90)
        if isinstance(self.open, Exception):
            raise self.open
        return self.open

    async def _none(self, conversation: str) -> list[Any]:
        return []

    async def _follow(self, **row: Any) -> None:
        self.followed.append(row)

    def here(self, words: str = "", *, location: tuple[float, float] | None = None) -> Here:
        entities: dict[str, str] = {}
        for one in LANGUAGE(words).user_data["found"]:
            entities.setdefault(one.label, one.value)
        turn = SimpleNamespace(
            words=words, entities=entities, location=location, language="en", conversation="c", key="c:1", picked=None, services=(),
            contacts=(), channel="web", means=lambda *intents, sure=0.5: False, turns_aside=lambda sure: False,
        )  # fmt: skip
        return Here(turn, self.services, self._say)  # type: ignore[arg-type]

    def _say(self, response: str, choices: Any = (), /, **values: Any) -> None:
        self.said.append((response, [title for title, _ in choices], values))


@pytest.fixture
async def world() -> AsyncIterator[World]:
    app = web.Application()
    app.add_routes(gazetteer.Gazetteer(Addresses()).routes())
    server = TestServer(app)
    await server.start_server()
    async with aiohttp.ClientSession() as session:
        yield World(Gazetteer(session, url=str(server.make_url("/places/v1"))))
    await server.close()


def request(reference: str, address: str | None, point: tuple[float, float] | None = None, days: int = 3) -> ServiceRequest:
    lat, long = point or (None, None)
    return ServiceRequest(
        reference=reference, service_code="POTHOLE", status="open", address=address, lat=lat, long=long,
        requested_at=NOW - timedelta(days=days),
    )  # fmt: skip


async def begun(world: World, words: str, **more: Any) -> ReportProblem:
    report = ReportProblem(service="POTHOLE")
    await report.begin(world.here(words, **more))
    return report


async def test_the_words_are_kept_and_the_point_is_the_street_s(world: World) -> None:
    report = await begun(world, "pothole outside the Tesco on Mill Lane")
    assert report.place == "outside the Tesco on Mill Lane" and report.street == "Mill Lane"
    assert (round(report.lat or 0, 3), round(report.long or 0, 3)) == (51.053, 0.104)


async def test_a_street_that_exists_twice_is_chosen(world: World) -> None:
    report = await begun(world, "pothole outside 5 Church Street")
    here = world.here("the AD4 one")
    assert await report.next(here) == "place"
    await report.ask("place", here)
    assert world.said[-1][:2] == ("utter_ask_which_street", ["Church Street, AD1 2DA", "Church Street, AD4 2WE"])
    assert ReportProblem.of(report.kept()) == report
    assert await report.take("place", here)
    assert report.place == "outside 5 Church Street, AD4 2WE" and round(report.long or 0, 2) == 0.06


@pytest.mark.parametrize(("answer", "place"), [("AD1 2DA", ", AD1 2DA"), ("12 Mill Lane", "12 Mill Lane"), ("Church Lane", "Church Lane")])
async def test_other_answers_to_which_street(world: World, answer: str, place: str) -> None:
    report = await begun(world, "pothole on Church Street")
    assert report.place is None and await report.take("place", world.here(answer))
    assert (report.place or "").endswith(place) and report.lat is not None


async def test_a_place_that_no_list_knows_is_taken_in_words(world: World) -> None:
    report = await begun(world, "pothole behind the bandstand on Nowhere Street")
    assert report.place == "behind the bandstand on Nowhere Street" and report.lat is None
    report = ReportProblem(service="POTHOLE")
    assert await report.take("place", world.here("Westway")) and report.lat is not None
    assert await report.take("place", world.here("by the bandstand")) and report.place == "by the bandstand"


async def test_without_a_gazetteer_the_words_are_enough(world: World) -> None:
    async with aiohttp.ClientSession() as session:
        world.services.gazetteer = Gazetteer(session, url="http://127.0.0.1:9")
        report = await begun(world, "pothole on Church Street")
    assert report.place == "on Church Street" or report.place == "Church Street"
    assert report.lat is None and await report.next(world.here()) == "photo"


async def test_a_shared_location_is_shown_by_its_street(world: World) -> None:
    report = await begun(world, "big pothole", location=(51.0529, 0.1041))
    assert (report.place, report.lat, report.long) == ("Mill Lane, AD1 2BC", 51.0529, 0.1041)
    assert world.said == [("utter_place_near", [], {"place": "Mill Lane, AD1 2BC"})]
    report = await begun(world, "pothole by the gate", location=(51.0750, 0.0500))
    assert (report.place, report.lat) == ("by the gate", 51.075)
    assert (await begun(world, "pothole", location=(51.0750, 0.0500))).place == "51.07500, 0.05000"


@pytest.mark.parametrize(
    ("words", "location", "name"),
    [
        ("pothole in Brighton", None, "Brighton and Hove City Council"),
        ("pothole outside 3 Long Road AD5 1AA", None, "Westmarsh District Council"),
        ("pothole", (51.05, 0.2), "Holt Valley Council"),
    ],
)
async def test_outside_is_said_at_once_and_another_place_can_be_given(world: World, words: str, location: Any, name: str) -> None:
    report = await begun(world, words, location=location)
    report.service = None
    here = world.here("no")
    assert await report.next(here) == "place"
    await report.ask("place", here)
    assert world.said[-1][0] == "utter_place_elsewhere" and world.said[-1][2]["council"] == name
    again = ReportProblem.of(report.kept())
    assert await again.take("place", world.here("12 Mill Lane")) and again.place == "12 Mill Lane" and again.elsewhere is None
    assert await report.take("place", here) and await report.next(here) is None
    await report.finish(here)
    assert world.said[-1][0] == "utter_cancelled"


async def test_a_corrected_place_is_looked_up_again_and_reports_there_too(world: World) -> None:
    report = await begun(world, "pothole outside 12 Mill Lane AD1 2BC")
    assert await report.next(world.here()) == "photo" and report.twin == NEW
    world.open = [request("ASH-1", "14 Mill Road", (51.0537, 0.1054))]
    assert await report.correct(world.here("no, Mill Road"))
    assert report.place == "outside 12 Mill Road" and round(report.lat or 0, 4) == 51.0537
    assert world.said[-1] == ("utter_place_changed", [], {"place": "outside 12 Mill Road"})
    assert await report.next(world.here()) == "twin"


async def test_a_place_corrected_to_a_town_outside_is_outside(world: World) -> None:
    report = await begun(world, "pothole outside 12 Mill Lane")
    assert await report.correct(world.here("sorry, it's in Brighton")) and report.place is None
    assert await report.next(world.here()) == "place" and report.elsewhere
    report = await begun(world, "pothole outside 12 Mill Lane")
    assert not await report.correct(world.here("it's in Brighton style"))


async def test_reports_nearby_are_shown_nearest_first(world: World) -> None:
    world.open = [
        request("ASH-1", "30 Mill Lane", (51.0531, 0.1046)),
        request("ASH-2", None, (51.05292, 0.10424)),
        request("ASH-3", "High Street", (51.0503, 0.1002)),
        request("ASH-4", "mill lane by the shop", None),
        request("ASH-5", "Mill Lane AD3 4JH", None),
    ]
    report = await begun(world, "pothole outside 12 Mill Lane AD1 2BC")
    here = world.here()
    assert await report.next(here) == "twin"
    await report.ask("twin", here)
    assert world.said[-1][:2] == (
        "utter_ask_already_reported",
        [f"{where}, Saturday 21 November" for where in ("Mill Lane", "mill lane by the shop", "30 Mill Lane")],
    )
    assert ReportProblem.of(report.kept()) == report


async def test_whoever_joins_a_report_is_asked_how_to_be_told_and_nothing_is_sent(world: World) -> None:
    world.open = [request("ASH-1", "14 Mill Lane", (51.0529, 0.1042))]
    report = await begun(world, "pothole outside 12 Mill Lane")
    here = world.here("yes")
    assert await report.next(here) == "twin" and await report.take("twin", here)
    assert await report.next(here) == "contact"
    report.contact = "7"
    assert await report.next(here) is None
    events = await report.finish(here)
    assert events[0]["value"] == "ASH-1" and world.said[-1][0] == "utter_report_joined"
    (row,) = world.followed
    assert (row["reference"], row["contact_id"], row["updates"], row["key"]) == ("ASH-1", 7, True, "c:1")


async def test_none_of_these_goes_on_and_going_back_asks_again(world: World) -> None:
    world.open = [request("ASH-1", "14 Mill Lane", (51.0529, 0.1042))]
    report = await begun(world, "pothole outside 12 Mill Lane")
    here = world.here("no")
    assert await report.next(here) == "twin" and await report.take("twin", here)
    assert await report.next(here) == "photo"
    report.back(here)
    assert await report.next(here) == "twin"
    report.back(here)
    assert await report.next(here) == "place"


async def test_a_back_office_that_is_away_is_not_missed(world: World) -> None:
    world.open = BackOfficeUnavailable()
    report = await begun(world, "pothole outside 12 Mill Lane")
    assert await report.next(world.here()) == "photo"
    report.back(world.here())
    assert await report.next(world.here()) == "place"


async def test_the_other_tier_s_work_is_not_ours(world: World, tmp_path: Path) -> None:
    (tmp_path / "area.yml").write_text(
        "tier: district\nfind_council: https://www.gov.uk/find-local-council\ndistricts: [AD1]\n"
        "other_tier: {name: Ashshire County Council, services: {POTHOLE: 'https://www.ashshire.example/potholes'}}\n"
    )
    world.services.councils = Councils(Area.read(tmp_path), COUNCIL)
    report = await begun(world, "pothole outside 12 Mill Lane")
    assert await report.next(world.here()) is None
    assert await report.finish(world.here()) == []
    assert world.said == [("utter_other_tier", [], {"council": "Ashshire County Council", "link": "https://www.ashshire.example/potholes"})]


def test_what_the_gazetteer_is_asked() -> None:
    assert asked_for("outside 12 Mill Lane", "Mill Lane") == ["12 Mill Lane", "Mill Lane"]
    assert asked_for("graffiti Mill Lane", "graffiti Mill Lane") == ["graffiti Mill Lane", "Mill Lane"]
    assert asked_for("Westway", None) == ["Westway"]
    assert asked_for("behind the old swimming pool by the river", None) == []


def test_the_same_street_in_words() -> None:
    assert same_street("12 Mill Lane", "12 Mill Lane", "outside 40 mill lane")
    assert not same_street("Mill Lane", "Mill Lane AD1 2BC", "Mill Lane, AD3 1NA")
    assert not same_street("", "by the park", "by the park") and not same_street("Mill Lane", "Mill Lane", "Mill Road")
