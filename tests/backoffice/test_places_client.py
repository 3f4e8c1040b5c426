"""The gazetteer client against the sandbox and against servers that are odd or away; whose area a place is in."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from backoffice.councils import Councils, Elsewhere
from backoffice.errors import BackOfficeUnavailable
from backoffice.places import Gazetteer
from backoffice.sandbox import gazetteer
from backoffice.sandbox.addresses import Addresses
from hearback.area import Area, metres

COUNCIL = Path(__file__).parents[2] / "data" / "council"
MILL_LANE = (51.0528, 0.1040)


@pytest.fixture
async def serve() -> AsyncIterator[Callable[..., Awaitable[Gazetteer]]]:
    opened: list[Any] = []

    async def serve(routes: list[web.RouteDef], **more: Any) -> Gazetteer:
        app = web.Application()
        app.add_routes(routes)
        server, session = TestServer(app), aiohttp.ClientSession()
        await server.start_server()
        opened.extend([session, server])
        return Gazetteer(session, url=str(server.make_url("/places/v1")), **more)

    yield serve
    for one in opened:
        await one.close()


@pytest.fixture
async def places(serve: Any) -> Gazetteer:
    return await serve(gazetteer.Gazetteer(Addresses()).routes())


async def test_a_house_has_its_own_point_and_a_street_its_middle(places: Gazetteer) -> None:
    (house,) = await places.find("12 mill ln")
    (street,) = await places.find("Mill Lane")
    assert (house.title, house.point) == ("Mill Lane, AD1 2BC", (51.05292, 0.10424))
    assert street.street == "Mill Lane" and 0 < metres(street.point, house.point) < 30


async def test_a_house_that_is_not_in_the_list_is_in_its_street(places: Gazetteer) -> None:
    (found,) = await places.find("977 Mill Lane AD1 2BC")
    assert found.street == "Mill Lane"


async def test_a_street_that_exists_twice_is_found_twice_unless_a_house_or_postcode_tells(places: Gazetteer) -> None:
    assert [one.title for one in await places.find("Church Street")] == ["Church Street, AD1 2DA", "Church Street, AD4 2WE"]
    assert [one.title for one in await places.find("40 Church Street")] == ["Church Street, AD1 2DA"]
    assert [one.title for one in await places.find("Church Street AD4 2WE")] == ["Church Street, AD4 2WE"]


async def test_postcodes_points_and_what_nobody_knows(places: Gazetteer) -> None:
    assert [one.street for one in await places.in_postcode("AD1 2BC")] == ["Mill Lane"]
    near = await places.nearest((51.0529, 0.1041))
    assert near is not None and near.title == "Mill Lane, AD1 2BC"
    assert await places.nearest((51.9, 0.1)) is None
    assert await places.find("Nowhere Street") == [] == await places.in_postcode("AD1 9ZZ")


async def test_what_is_sent_and_how_odd_rows_are_read(serve: Any) -> None:
    asked: list[dict[str, str]] = []

    async def find(request: web.Request) -> web.Response:
        asked.append(dict(request.query))
        row = {"USRN": 1, "STREET_DESCRIPTION": "ST ANNE'S ROAD", "LAT": "51.1", "LNG": 0.1, "MATCH": 0.9}
        other = {**row, "USRN": 2, "STREET_DESCRIPTION": "MARKET STREET"}
        return web.json_response({"results": [{"LPI": row}, {"LPI": other}, {"LPI": {**row, "LAT": None}}, {"DPA": row}, None]})

    client = await serve([web.get("/places/v1/find", find)], key="secret", custodian_code="1234")
    (spot,) = await client.find("st annes road")
    assert (spot.title, spot.point) == ("St Anne's Road", (51.1, 0.1))
    assert asked[0]["fq"] == "LOCAL_CUSTODIAN_CODE:1234" and asked[0]["key"] == "secret" and asked[0]["output_srs"] == "EPSG:4326"


@pytest.mark.parametrize("answer", [web.Response(status=503), web.Response(text="<html>")])
async def test_a_gazetteer_that_fails_is_unavailable(serve: Any, answer: web.Response) -> None:
    async def find(request: web.Request) -> web.Response:
        return web.Response(status=answer.status, body=answer.body)

    client = await serve([web.get("/places/v1/find", find)])
    with pytest.raises(BackOfficeUnavailable):
        await client.find("Mill Lane")


@pytest.fixture(scope="module")
def councils() -> Councils:
    return Councils(Area.read(COUNCIL), COUNCIL)


@pytest.mark.parametrize(
    ("postcode", "name"),
    [
        ("AD1 2BC", None),
        ("AD5 1AA", "Westmarsh District Council"),
        ("AD9 9ZZ", "Holt Valley Council"),
        ("BN1 1AA", "Brighton and Hove City Council"),
        ("G1 1XX", "Glasgow City Council"),
        ("QQ1 1AA", ""),
    ],
)
async def test_the_council_of_a_postcode(councils: Councils, postcode: str, name: str | None) -> None:
    found = await councils.elsewhere(postcode=postcode)
    assert (found.name if found else None) == name
    assert found is None or found.website.startswith("http")


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("there's a pothole in Brighton", "Brighton and Hove City Council"),
        ("pothole on Mill Lane, brighton", "Brighton and Hove City Council"),
        ("rubbish in Westmarsh", "Westmarsh District Council"),
        ("a fridge in Bath", "Bath and North East Somerset Council"),
        ("an old bath left in bath", None),
        ("graffiti in Oxford Street", None),
        ("litter in York House Road", None),
        ("a hole in the road", None),
        ("rubbish in Ashdown", None),
    ],
)
async def test_a_town_that_is_not_ours(councils: Councils, words: str, name: str | None) -> None:
    found = await councils.elsewhere(words=words)
    assert (found.name if found else None) == name


async def test_points_outside_and_our_own_postcode_says_more_than_a_town(councils: Councils) -> None:
    assert await councils.elsewhere(point=MILL_LANE) is None
    assert await councils.elsewhere(point=(51.05, 0.01)) == Elsewhere("Westmarsh District Council", "https://www.westmarsh.example")
    far = await councils.elsewhere(point=(55.95, -3.19))
    assert far is not None and far.name == "" and "gov.uk" in far.website
    assert await councils.elsewhere(postcode="AD1 2BC", words="I live in Brighton") is None


async def test_a_real_district_knows_its_postcodes_and_its_county(tmp_path: Path) -> None:
    area = {"gss": "E07000065", "tier": "district", "find_council": "https://www.gov.uk/find-local-council"}
    (tmp_path / "area.yml").write_text("\n".join(f"{name}: {value}" for name, value in area.items()))
    wealden = Councils(Area.read(tmp_path), COUNCIL)
    assert await wealden.elsewhere(postcode="TN6 1AA") is None
    assert (await wealden.elsewhere(postcode="BN1 1AA")) is not None
    assert await wealden.elsewhere(words="a pothole in Wealden") is None
