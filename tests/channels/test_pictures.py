"""What becomes of a picture: opened with care, the right way up, smaller, and without anything beside its pixels."""

from __future__ import annotations

import io
import time

import pytest
from camera import metadata_of, photo
from doors import Doors
from PIL import Image

from channels.keys import PICTURES
from engagement import pictures
from engagement.pictures import Unreadable, cleaned, scans


def opened(data: bytes) -> Image.Image:
    shown = Image.open(io.BytesIO(data))
    shown.load()
    return shown


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_nothing_stays_but_the_picture(kind: str) -> None:
    before = photo(kind=kind)
    assert any("34853" in name or "exif" in name for name in metadata_of(before)), "the camera wrote something"
    data, width, height = cleaned(before)
    assert metadata_of(data) == {} and (width, height) == (640, 480)
    assert opened(data).format == "JPEG"


def test_a_colour_profile_and_xmp_go_too() -> None:
    image, out = Image.new("RGB", (64, 64), "green"), io.BytesIO()
    image.save(out, "JPEG", icc_profile=b"profile of Mo's phone", xmp=b"<x>Mo's name</x>", comment=b"Mo's remark")
    data, _, _ = cleaned(out.getvalue())
    assert b"Mo's" in out.getvalue() and b"Mo's" not in data and metadata_of(data) == {}


@pytest.mark.parametrize(("orientation", "left"), [(1, "red"), (3, "blue"), (6, None), (8, None)])
def test_a_picture_is_turned_the_right_way_up(orientation: int, left: str | None) -> None:
    data, width, height = cleaned(photo(orientation=orientation))
    shown = opened(data).convert("RGB")
    red, _, blue = shown.getpixel((5, 5))  # type: ignore[misc]
    if left:
        assert (width, height) == (640, 480) and (red > blue) == (left == "red")
    else:
        assert (width, height) == (480, 640) and (red > blue) == (orientation == 6)


@pytest.mark.parametrize(("size", "becomes"), [((4000, 3000), (2000, 1500)), ((800, 6000), (267, 2000)), ((2000, 100), (2000, 100))])
def test_a_large_picture_becomes_smaller(size: tuple[int, int], becomes: tuple[int, int]) -> None:
    assert cleaned(photo(size))[1:] == becomes


def test_what_is_clear_becomes_white() -> None:
    out = io.BytesIO()
    Image.new("RGBA", (30, 30), (255, 0, 0, 0)).save(out, "PNG")
    assert opened(cleaned(out.getvalue())[0]).getpixel((15, 15)) == (255, 255, 255)


def test_of_a_film_the_first_picture_is_kept() -> None:
    out = io.BytesIO()
    frames = [Image.new("RGB", (50, 50), colour) for colour in ("red", "blue")]
    frames[0].save(out, "WEBP", save_all=True, append_images=frames[1:])
    assert opened(cleaned(out.getvalue())[0]).getpixel((9, 9))[0] > 200  # type: ignore[index]


def black(side: int) -> bytes:
    """A square that takes little until it is opened."""
    out = io.BytesIO()
    Image.new("1", (side, side)).save(out, "PNG")
    assert len(out.getvalue()) < 50_000
    return out.getvalue()


def test_a_picture_that_would_be_huge_is_not_opened() -> None:
    assert 7000**2 < pictures.MOST_PIXELS < 7100**2
    assert cleaned(black(7000))[1:] == (2000, 2000)
    for side in (7100, 14_000):
        with pytest.raises(Unreadable):
            cleaned(black(side))


def drawn_again(side: int, times: int) -> bytes:
    """A progressive JPEG of one grey square whose last scan is there so many times."""
    out = io.BytesIO()
    Image.new("L", (side, side), 128).save(out, "JPEG", progressive=True)
    data = out.getvalue()
    last = data.rindex(b"\xff\xda")
    return data[:last] + data[last:-2] * times + data[-2:]


@pytest.mark.parametrize(("side", "times"), [(100, 5000), (2000, 1000), (4000, 60), (7000, 12)])
def test_a_picture_of_thousands_of_scans_is_not_drawn(side: int, times: int) -> None:
    bomb = drawn_again(side, times)
    assert len(bomb) < 250_000 and scans(bomb) == times + 5
    begun = time.process_time()
    with pytest.raises(Unreadable):
        cleaned(bomb)
    assert time.process_time() - begun < 0.3


def test_pictures_of_cameras_with_a_thumbnail_and_a_film_behind_them_are_drawn() -> None:
    out = io.BytesIO()
    Image.effect_noise((3000, 2000), 40).save(out, "JPEG", progressive=True)
    assert scans(out.getvalue()) < 12 and cleaned(out.getvalue())[1:] == (2000, 1333)
    assert cleaned(photo() + b"\xff\xda film " * 5000)[1:] == (640, 480)
    assert cleaned(photo().replace(b"\xff\xdb", b"\xff\xfe\x01\x02" + b"\xff\xda" * 128 + b"\xff\xdb", 1))[1:] == (640, 480)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"just a text that is called holiday.jpg",
        b"\xff\xd8\xff\xe0",
        photo()[:3000],
        photo(kind="PNG")[:-40],
        photo(kind="WEBP")[:500],
        b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
        b"GIF89a" + bytes(50),
        b"%PDF-1.7",
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
    ],
    ids=["nothing", "text", "head only", "cut jpeg", "cut png", "cut webp", "svg", "gif", "pdf", "eps"],
)
def test_what_cannot_be_opened_whole_is_no_picture(data: bytes) -> None:
    with pytest.raises(Unreadable):
        cleaned(data)


async def test_a_picture_in_front_of_something_else_is_kept_without_it(doors: Doors) -> None:
    kept = await doors.app[PICTURES].keep(photo() + b"<script>alert(1)</script>", await conversation(doors))
    assert b"script" not in doors.app[PICTURES].path(kept.id).read_bytes()


async def conversation(doors: Doors) -> str:
    return str((await doors.call("GET", "/api/chat/session", token=await doors.begin())).body["conversation"])


async def test_photos_that_are_never_sent_are_swept_after_a_day(doors: Doors) -> None:
    store, whose = doors.app[PICTURES], await conversation(doors)
    old = await store.keep(photo(), whose)
    doors.move(hours=25)
    fresh = await store.keep(photo(), whose)
    await store.sweep()
    assert not store.path(old.id).exists() and await doors.log.photos.get(old.id) is None
    assert store.path(fresh.id).exists() and await doors.log.photos.get(fresh.id) is not None


async def test_a_file_that_a_dying_process_left_is_swept(doors: Doors, monkeypatch: pytest.MonkeyPatch) -> None:
    store = doors.app[PICTURES]
    known = await store.keep(photo(), await conversation(doors))
    orphan = store.path("0" * 32)
    orphan.parent.mkdir(parents=True, exist_ok=True)
    orphan.write_bytes(b"left behind")
    await store.sweep()
    assert orphan.exists(), "it may be on its way into the log"
    monkeypatch.setattr(pictures, "ORPHANED_AFTER", -1.0)
    await store.sweep()
    assert not orphan.exists() and store.path(known.id).exists()
