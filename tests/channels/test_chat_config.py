"""What a council sets for its chat: shown as the API says, refused when people could not read it, seen without a restart."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
import yaml
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from channels import chat_config, words
from channels.keys import CLOCK
from hearback import profile
from hearback.chat_look import DARK, ChatLook
from hearback.clock import Clock
from hearback.contrast import contrast, readable_on
from hearback.settings import SettingsError
from hearback.watched import Watched

ROOT = Path(__file__).parents[2]
TOLD: dict[str, Any] = yaml.safe_load((profile.FOLDER / "chat.yml").read_text(encoding="utf-8"))
MONDAY_NOON, SUNDAY_NOON = datetime(2026, 11, 23, 12, tzinfo=UTC), datetime(2026, 11, 22, 12, tzinfo=UTC)


class At(Clock):
    """A clock that stands still."""

    def __init__(self, moment: datetime) -> None:
        self._moment = moment

    def now(self) -> datetime:
        return self._moment


@pytest_asyncio.fixture
async def door() -> AsyncIterator[TestClient[web.Request, web.Application]]:
    app = web.Application()
    app[CLOCK] = At(MONDAY_NOON)
    app.add_routes(chat_config.routes())
    async with TestClient(TestServer(app)) as client:
        yield client


def written(folder: Path, **changed: Any) -> ChatLook:
    (folder / "chat.yml").write_text(yaml.safe_dump({**TOLD, **changed}), encoding="utf-8")
    return ChatLook.read(folder)


async def test_the_config_has_the_shape_that_is_documented(door: TestClient[Any, Any]) -> None:
    answer = await door.get("/api/chat/config")
    told = await answer.json()
    assert set(told) == set("name assistant phone opening_hours open privacy greeting language languages colours limits map words".split())
    assert told["name"] == "Ashdown Borough Council" and told["language"] == "en" and told["open"] is True and told["map"] is None
    assert [one["id"] for one in told["greeting"]["choices"]] == ["start-0", "start-1", "start-2", "start-3"]
    assert told["languages"][1] == {"code": "cy", "name": "Cymraeg", "direction": "ltr"}
    assert set(told["colours"]) == {"accent", "on_accent", "accent_dark", "on_accent_dark"}
    assert told["limits"]["photo_bytes"] == 10 * 1024 * 1024 and told["limits"]["text"] == 2000
    assert "payload" not in (await answer.text()), "what a choice says to the assistant is nobody else's business"


async def test_the_config_speaks_the_language_asked_for(door: TestClient[Any, Any]) -> None:
    for code, send, hours in (("cy", "Anfon", "o ddydd Llun"), ("pl", "Wyślij", "od poniedziałku")):
        told = await (await door.get("/api/chat/config", params={"language": code})).json()
        assert told["language"] == code and told["words"]["send"] == send and told["opening_hours"].startswith(hours)
    assert (await (await door.get("/api/chat/config?language=xx")).json())["language"] == "en"


async def test_the_config_is_kept_for_a_minute_and_not_sent_twice(door: TestClient[Any, Any]) -> None:
    first = await door.get("/api/chat/config")
    assert first.headers["Cache-Control"] == "public, max-age=60"
    again = await door.get("/api/chat/config", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status == 304 and await again.read() == b""
    welsh = await door.get("/api/chat/config?language=cy", headers={"If-None-Match": first.headers["ETag"]})
    assert welsh.status == 200


async def test_the_page_gets_the_council_s_colours_as_a_stylesheet(door: TestClient[Any, Any]) -> None:
    answer = await door.get("/chat/colours.css")
    assert answer.content_type == "text/css"
    assert f"--accent: {TOLD['colours']['accent']}" in await answer.text()


def test_outside_opening_hours_the_config_says_closed() -> None:
    assert chat_config.chat_config(At(SUNDAY_NOON), "en")["open"] is False


@pytest.mark.parametrize("language", ["en", "cy", "pl"])
def test_a_conversation_is_greeted_in_its_language(language: str) -> None:
    greeting = words.greeting(language)
    assert greeting.text == TOLD["greeting"]["text"][language]
    assert [one.title for one in greeting.choices] == [one["title"][language] for one in TOLD["greeting"]["choices"]]
    assert [one.payload for one in greeting.choices] == [one["payload"] for one in TOLD["greeting"]["choices"]]


def test_a_language_that_the_chat_does_not_offer_is_greeted_in_the_first() -> None:
    assert words.greeting("ar").text == words.greeting("en").text


@pytest.mark.parametrize(
    ("colours", "named", "ratio"),
    [
        ({"accent": "#ffdd00", "accent_dark": "#8fc1ec"}, "colours.accent is #ffdd00", "1.34 to 1"),
        ({"accent": "#1d3d5c", "accent_dark": "#1d3d5c"}, "colours.accent_dark is #1d3d5c", "1.57 to 1"),
        ({"accent": "#1d3d5c", "on_accent": "#777777", "accent_dark": "#8fc1ec"}, "colours.on_accent is #777777", "2.5 to 1"),
        ({"accent": "#1d3d5c", "accent_dark": "#8fc1ec", "on_accent_dark": "#ffffff"}, "colours.on_accent_dark is #ffffff", "1.9 to 1"),
    ],
)
def test_a_colour_that_people_could_not_read_is_refused(colours: dict[str, str], named: str, ratio: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as refused:
        written(tmp_path, colours=colours)
    assert named in str(refused.value) and ratio in str(refused.value), refused.value


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"colours": {"accent": "blue", "accent_dark": "#8fc1ec"}}, "colours.accent is 'blue'"),
        ({"colours": None}, "colours.accent is None"),
        ({"languages": {}}, "languages is empty"),
        ({"languages": {"ar": {"name": "العربية", "direction": "rtl"}}}, "languages names 'ar', which the assistant does not speak"),
        ({"languages": {"en": {"name": "English", "direction": "down"}}}, "languages.en needs a name and a direction"),
        ({"map": {"tiles": "https://tiles.example/map.png"}}, "map.tiles"),
        ({"map": {"tiles": "https://t.example/{z}/{x}/{y}.png", "attribution": "©", "lat": 91, "long": 0, "zoom": 3}}, "map.lat is 91"),
        ({"greeting": {"text": {"en": "Hello"}}}, "greeting is not complete in cy"),
        ({"words": {"send": {"en": "Send", "cy": "Anfon"}}}, "words.send is missing in pl"),
        ({"words": {"unread": {"en": "{count}", "cy": "{rhif}", "pl": "{count}"}}}, "words.unread has other {braces} in cy"),
    ],
)
def test_what_cannot_be_used_is_named(changed: dict[str, Any], says: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=re.escape(says)):
        written(tmp_path, **changed)


def test_a_council_may_offer_fewer_languages_and_a_map(tmp_path: Path) -> None:
    tiles = {
        "tiles": "https://tiles.council.example/{z}/{x}/{y}.png",
        "attribution": "© Crown copyright",
        "lat": 51.9,
        "long": -1.2,
        "zoom": 13,
    }
    look = written(tmp_path, languages={"cy": TOLD["languages"]["cy"], "en": TOLD["languages"]["en"]}, map=tiles)
    assert look.offered(None) == look.offered("pl") == "cy" and look.map == tiles


def test_a_change_is_seen_without_a_restart_and_a_broken_one_is_left_aside(tmp_path: Path) -> None:
    written(tmp_path)
    file = tmp_path / "chat.yml"
    watched = Watched((file,), lambda: ChatLook.read(tmp_path))
    assert watched.value().colours["accent"] == "#1d3d5c"
    for minute, (text, accent) in enumerate((("#7a1f5c", "#7a1f5c"), ("#ffdd00", "#7a1f5c"), ("[", "#7a1f5c"), ("#005a30", "#005a30")), 1):
        told = yaml.safe_dump({**TOLD, "colours": {**TOLD["colours"], "accent": text}})
        file.write_text(text if text == "[" else told, encoding="utf-8")
        os.utime(file, (minute * 60, minute * 60))
        assert watched.value().colours["accent"] == accent
    file.unlink()
    assert watched.value().colours["accent"] == "#005a30"


def test_contrast_is_reckoned_as_wcag_does() -> None:
    assert contrast("#ffffff", "#000000") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.005)  # the greyest grey that is allowed on white
    assert all(contrast(colour, readable_on(colour)) >= 4.5 for colour in ("#757575", "#777777", "#ff0000", "#1d70b8", "#00703c"))


def test_the_pages_are_dark_as_the_contrast_was_reckoned() -> None:
    assert f"$dark: {DARK}" in (ROOT / "channels" / "styles" / "_theme.scss").read_text(encoding="utf-8")


@pytest.mark.parametrize("part", ["words", "page"])
def test_every_word_stands_in_every_language_with_the_same_placeholders(part: str) -> None:
    for name, said in TOLD[part].items():
        assert list(said) == list(profile.answered_languages()), f"{part}.{name}"
        braces = {code: sorted(re.findall(r"\{\w*\}", text)) for code, text in said.items()}
        assert len({tuple(one) for one in braces.values()}) == 1, f"{part}.{name}: {braces}"
        assert all(text.strip() == text and text for text in said.values()), f"{part}.{name}"


def test_a_colour_that_cannot_be_read_stops_the_start(tmp_path: Path) -> None:
    for name in ("hearback", "data/council"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    told = {**TOLD, "colours": {"accent": "#ffdd00", "accent_dark": "#8fc1ec"}}
    (tmp_path / "data" / "council" / "chat.yml").write_text(yaml.safe_dump(told), encoding="utf-8")
    environ = {**os.environ, "PYTHONPATH": str(tmp_path), "HEARBACK_HOME": str(tmp_path / "home")}
    ran = subprocess.run(
        [sys.executable, "-m", "hearback.cli", "run"], cwd=tmp_path, env=environ, capture_output=True, text=True, timeout=60
    )
    assert ran.returncode == 2 and ran.stderr.count("\n") == 1, ran.stderr
    assert "colours.accent is #ffdd00" in ran.stderr and "1.34 to 1" in ran.stderr
