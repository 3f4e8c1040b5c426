"""Photos in a chat: added, sent, handed to the back office, and never with what the camera wrote into them."""

from __future__ import annotations

import io
from urllib.parse import urlsplit

from camera import REMARK, metadata_of, photo
from clients import Sandbox, WebChat, reference_in
from PIL import Image
from stack import PUBLIC, Stack
from test_web_report import POTHOLE, SIZES


async def fetch(stack: Stack, path: str, **headers: str) -> tuple[int, bytes, dict[str, str]]:
    async with stack.http.get(stack.url + path, headers=headers) as answer:
        return answer.status, await answer.read(), dict(answer.headers)


async def test_a_photo_reaches_the_back_office_without_what_the_camera_wrote(stack: Stack, chat: WebChat, sandbox: Sandbox) -> None:
    await chat.say(POTHOLE)
    for title in ("Larger than a dinner plate", "Skip"):
        asked = await chat.choose(title)
    assert "photo" in asked
    added = await chat.add_photo(photo((3000, 2000)))
    assert (added["width"], added["height"]) == (2000, 1333)
    path = f"/photos/{added['id']}.jpg"
    assert (await fetch(stack, path))[0] == 404, "it was not sent yet"

    assert "updates" in await chat.send(photos=[added["id"]])
    await chat.choose("No updates")
    request = await sandbox.request(reference_in((await chat.choose("Send it")).text))
    assert request["media_url"] == PUBLIC + path
    status, data, headers = await fetch(stack, urlsplit(request["media_url"]).path)
    assert (status, headers["Content-Type"]) == (200, "image/jpeg")
    assert metadata_of(data) == {} and REMARK.encode() not in data and b"Phonemaker" not in data
    assert "sandbox" in headers["Content-Security-Policy"] and headers["X-Content-Type-Options"] == "nosniff"
    with Image.open(io.BytesIO(data)) as shown:
        assert shown.size == (2000, 1333)


async def test_a_photo_may_come_before_it_is_asked_for(chat: WebChat, sandbox: Sandbox) -> None:
    first = await chat.add_photo(photo())
    asked = await chat.send(text=POTHOLE, photos=[first["id"]])
    assert asked.choices == SIZES
    await chat.choose(SIZES[2])
    assert "updates" in await chat.choose("Skip"), "the photo is here already"
    await chat.choose("No updates")
    request = await sandbox.request(reference_in((await chat.choose("Send it")).text))
    assert request["media_url"].endswith(f"/photos/{first['id']}.jpg")


async def test_a_photo_alone_in_the_middle_is_kept_and_the_question_stands(chat: WebChat) -> None:
    await chat.say(POTHOLE)
    asked = await chat.send(photos=[(await chat.add_photo(photo()))["id"]])
    assert "your photo goes with the report" in asked and "How big is it?" in asked and asked.choices == SIZES
    await chat.choose(SIZES[2])
    assert "updates" in await chat.choose("Skip")


async def test_a_photo_stands_in_the_chat_and_only_there(stack: Stack, chat: WebChat) -> None:
    added = await chat.add_photo(photo())
    await chat.send(photos=[added["id"]], text="this is what it looks like")
    line = next(line for line in await chat.history() if line["author"] == "citizen")
    assert line["text"] == "this is what it looks like"
    assert line["photos"] == [{"url": added["url"], "width": 640, "height": 480}] and len(line["client_id"]) == 36
    assert (await fetch(stack, added["url"], **chat.headers))[0] == 200
    other = await WebChat(stack).start()
    assert (await fetch(stack, added["url"], **other.headers))[0] == 404
    assert (await fetch(stack, added["url"]))[0] == 401
    assert (await chat.call("DELETE", f"photos/{added['id']}"))[0] == 404, "what was sent stays"


async def test_a_photo_can_be_taken_back_before_it_is_sent(stack: Stack, chat: WebChat) -> None:
    added = await chat.add_photo(photo())
    assert (await chat.call("DELETE", f"photos/{added['id']}"))[0] == 204
    status, refused = await chat.post(photos=[added["id"]])
    assert status == 422 and "Add it again" in refused["error"]
    assert not list((stack.home / "photos").rglob(f"{added['id']}*"))


async def test_another_chats_photo_cannot_be_sent_and_none_is_sent_twice(stack: Stack, chat: WebChat) -> None:
    other = await WebChat(stack).start()
    theirs = await other.add_photo(photo())
    assert (await chat.post(photos=[theirs["id"]]))[0] == 422
    mine = await chat.add_photo(photo())
    await chat.send(photos=[mine["id"]])
    assert (await chat.post(photos=[mine["id"]]))[0] == 422


async def test_photos_are_kept_where_only_we_read_them(stack: Stack, chat: WebChat) -> None:
    added = await chat.add_photo(photo())
    (path,) = (stack.home / "photos").rglob(f"{added['id']}.jpg")
    assert path.stat().st_mode & 0o777 == 0o600 and path.parent.stat().st_mode & 0o777 == 0o700
    assert path.parent.name == added["id"][:2]


async def test_what_is_no_photo_is_refused_with_a_sentence(chat: WebChat) -> None:
    svg = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
    for data, kind, status, says in (
        (b"hello, I am no picture", "image/jpeg", 422, "cannot open"),
        (photo()[:-2000], "image/jpeg", 422, "cannot open"),
        (svg, "image/png", 422, "cannot open"),
        (svg, "image/svg+xml", 415, "JPEG, PNG or WebP"),
        (b"x" * (10 * 1024 * 1024 + 1), "image/jpeg", 413, "10 MB"),
        (b"", "image/jpeg", 422, "cannot open"),
    ):
        got, body = await chat.call("POST", "photos", data=data, headers={"Content-Type": kind})
        assert got == status and says in body["error"], (data[:20], body)
