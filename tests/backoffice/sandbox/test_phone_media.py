"""Pictures from the phone: announced and handed out as Twilio does."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import FormData
from phone_world import ACCOUNT, CITIZEN, PhoneWorld
from yarl import URL

GIF = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
PICTURE = {"content_type": "image/gif", "base64": base64.b64encode(GIF).decode()}


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[PhoneWorld]:
    async with PhoneWorld(tmp_path, patience=2) as opened:
        yield opened


async def test_a_picture_is_announced_as_twilio_does(world: PhoneWorld) -> None:
    status, body = await world.text("", pictures=[PICTURE, {**PICTURE, "content_type": "image/jpeg"}])
    assert (status, body["status"]) == (201, "received")
    [form] = world.door.inbound
    assert (form["MessageSid"], form["NumMedia"], form["Body"]) == (body["sid"], "2", "")
    assert body["sid"].startswith("MM") and (form["MediaContentType0"], form["MediaContentType1"]) == ("image/gif", "image/jpeg")
    url = URL(form["MediaUrl0"])
    assert url.path.rpartition("/")[0] == f"/twilio/2010-04-01/Accounts/{ACCOUNT}/Messages/{body['sid']}/Media"
    assert len(url.name) == 34 and url.name.startswith("ME")


async def test_a_picture_needs_the_token_and_is_fetched_by_a_redirect(world: PhoneWorld) -> None:
    await world.text("look", pictures=[PICTURE])
    url = URL(world.door.inbound[0]["MediaUrl0"])
    async with world.phone.session.get(url, allow_redirects=False) as reply:
        assert reply.status == 401
    async with world.phone.session.get(url, allow_redirects=False, auth=world.auth) as reply:
        assert reply.status == 307
        there = URL(reply.headers["Location"])
    assert there.is_absolute() and "/twilio/" not in there.path
    async with world.phone.session.get(there) as reply:
        assert (reply.status, reply.content_type, await reply.read()) == (200, "image/gif", GIF)
        assert reply.headers["X-Content-Type-Options"] == "nosniff" and "sandbox" in reply.headers["Content-Security-Policy"]
    async with world.phone.session.get(url, auth=world.auth) as reply:
        assert (reply.content_type, await reply.read()) == ("image/gif", GIF)


async def test_a_picture_is_listed_and_deleted_at_the_api(world: PhoneWorld) -> None:
    _, body = await world.text("look", pictures=[PICTURE])
    url = world.door.inbound[0]["MediaUrl0"]
    path = URL(url).path
    _, message = await world.fetch(path.partition("/Media")[0] + ".json")
    assert message["num_media"] == "1"
    _, listed = await world.fetch(path.rpartition("/")[0] + ".json")
    assert [(one["sid"], one["content_type"], one["parent_sid"]) for one in listed["media_list"]] == [
        (URL(url).name, "image/gif", body["sid"])
    ]
    other = path.replace(body["sid"], "SM" + "0" * 32)
    assert (await world.fetch(other))[1]["code"] == 20404
    async with world.phone.delete(f"{path}.json", auth=world.auth) as reply:
        assert reply.status == 204
    assert (await world.fetch(path))[1]["code"] == 20404


async def test_the_form_sends_a_picture_and_shows_it(world: PhoneWorld) -> None:
    form = FormData({"number": CITIZEN, "text": "here"})
    form.add_field("picture", GIF, filename="a.gif", content_type="image/gif")
    async with world.phone.post("/phone/messages", data=form) as reply:
        page = await reply.text()
    assert reply.status == 200 and page.count("<img") == 1
    assert world.door.inbound[0]["NumMedia"] == "1" and world.door.inbound[0]["Body"] == "here"
    [shown] = await world.thread()
    async with world.phone.get(shown["pictures"][0]) as reply:
        assert await reply.read() == GIF


async def test_no_picture_chosen_is_an_ordinary_text(world: PhoneWorld) -> None:
    form = FormData({"number": CITIZEN, "text": "here"})
    form.add_field("picture", b"", filename="", content_type="application/octet-stream")
    async with world.phone.post("/phone/messages", data=form) as reply:
        assert reply.status == 200
    assert world.door.inbound[0]["NumMedia"] == "0" and world.door.inbound[0]["MessageSid"].startswith("SM")


@pytest.mark.parametrize(
    "pictures", [[PICTURE] * 11, [{**PICTURE, "base64": ""}], [{**PICTURE, "base64": "!"}], [{**PICTURE, "content_type": "gif"}], ["x"]]
)
async def test_pictures_that_twilio_would_not_take_are_refused(world: PhoneWorld, pictures: object) -> None:
    status, body = await world.text("look", pictures=pictures)
    assert status == 400 and "pictures" in body["error"] and world.door.inbound == []


async def test_pictures_of_more_than_five_megabytes_are_refused(world: PhoneWorld) -> None:
    large = base64.b64encode(b"x" * (5 * 1024 * 1024 + 1)).decode()
    for content in (large, large * 2):
        status, body = await world.text("look", pictures=[{"content_type": "image/png", "base64": content}])
        assert (status, body["error"]) == (400, "Choose pictures of at most 5 MB in all.")
    status, _ = await world.text("look", pictures=[{"content_type": "image/png", "base64": large[: 4 * 1024 * 1024]}])
    assert status == 201
