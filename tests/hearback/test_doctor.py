"""The doctor looks at real small servers and a real data folder, and says what to do in a sentence for each thing that is wrong."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Sink

from engagement.database import Database
from engagement.migrations import upgrade
from hearback import backup
from hearback.clock import move_on
from hearback.doctor import here
from hearback.doctor.examining import HERE, OUTSIDE, examine, misread
from hearback.keys import load_keys
from hearback.models import Models
from hearback.settings import Settings
from hearback.succession import free_port

TOKEN = "a token"
Wanted = Callable[..., dict[str, Any]]


class Neighbours:
    """Everything that Hearback talks with, on one port. `status` of a path other than 200, `account` is the state of Twilio's."""

    def __init__(self) -> None:
        self.status: dict[str, int] = {}
        self.account, self.date, self.asked = "active", "", []

    async def answer(self, request: web.Request) -> web.Response:
        self.asked.append((request.method, request.path))
        place = request.path.split("/")[1]
        headers = {"Date": self.date} if self.date else {}
        if place == "2010-04-01":
            expected = "Basic " + base64.b64encode(f"AC1:{TOKEN}".encode()).decode()
            right = request.headers.get("Authorization") == expected
            return web.json_response({"status": self.account}, status=200 if right else 401, headers=headers)
        body: Any = [{"service_code": "POTHOLE", "service_name": "Pothole", "type": "realtime", "metadata": False}]
        return web.json_response(body if place == "open311" else {}, status=self.status.get(place, 200))


@pytest.fixture
async def neighbours() -> AsyncIterator[tuple[Neighbours, str]]:
    them, app = Neighbours(), web.Application()
    app.router.add_route("*", "/{path:.*}", them.answer)
    async with TestServer(app, host="127.0.0.1") as server:
        yield them, f"http://127.0.0.1:{server.port}"


@pytest.fixture
async def world(tmp_path: Path, neighbours: tuple[Neighbours, str]) -> dict[str, str]:
    """The settings of a Hearback that is well; its doors and console are the neighbours too."""
    _, url = neighbours
    port = url.rpartition(":")[2]
    environ = {
        "HEARBACK_HOME": str(tmp_path / "home"), "HEARBACK_MODELS": str(tmp_path / "models"), "HEARBACK_REVIEWED": str(tmp_path / "r"),
        "HEARBACK_OPEN311_URL": f"{url}/open311", "HEARBACK_OPEN311_API_KEY": "k", "HEARBACK_HSDS_URL": f"{url}/hsds",
        "HEARBACK_GAZETTEER_URL": f"{url}/places", "HEARBACK_TWILIO_API": url, "TWILIO_ACCOUNT_SID": "AC1", "TWILIO_AUTH_TOKEN": TOKEN,
        "TWILIO_FROM": "+447700900001", "HEARBACK_PORT": port,
    }  # fmt: skip
    settings = Settings.from_environ(environ)
    load_keys(settings.home)
    database = Database(settings.database_url)
    await upgrade(database)
    await database.close()
    models = Models.of(settings)
    models.folder.mkdir()
    (models.folder / "a.tar.gz").write_bytes(b"a model")
    models.promote({"model": "a.tar.gz", "fingerprint": models.fingerprint(), "reviewed": {}}, why="trained")
    assert await backup.backup(settings, tmp_path / "backup") == 0
    return environ


@pytest.fixture
def looked(world: dict[str, str], capsys: pytest.CaptureFixture[str]) -> Callable[..., Any]:
    """What the doctor finds: {name: what it says}, of what is wrong only. The console is away in all of them."""

    async def look(**more: str) -> dict[str, str]:
        capsys.readouterr()
        status = await examine(Settings.from_environ({**world, **more}), as_json=True)
        told = json.loads(capsys.readouterr().out)
        assert {line["name"] for line in told["looks"]} == {"settings", *HERE, *OUTSIDE}
        assert status == (0 if told["fine"] else 1)
        wrong = {line["name"]: line["says"] for line in told["looks"] if not line["fine"]}
        assert wrong.pop("console").startswith("http://127.0.0.1:8081/health cannot be reached")
        return wrong

    return look


async def test_nothing_is_wrong_where_all_is_well_and_nothing_is_written(looked: Any, neighbours: tuple[Neighbours, str]) -> None:
    assert await looked() == {}
    assert {method for method, _ in neighbours[0].asked} == {"GET"}


@pytest.mark.parametrize(
    ("place", "name"), [("open311", "back office"), ("hsds", "directory"), ("places", "gazetteer"), ("ready", "doors")]
)
async def test_a_neighbour_that_is_ill_is_named_with_its_setting(
    looked: Any, neighbours: tuple[Neighbours, str], place: str, name: str
) -> None:
    neighbours[0].status[place] = 503
    wrong = await looked()
    assert set(wrong) == {name} and "HEARBACK_" in wrong[name]


async def test_a_key_that_the_gazetteer_does_not_take_is_said(looked: Any, neighbours: tuple[Neighbours, str]) -> None:
    neighbours[0].status["places"] = 401
    assert (await looked())["gazetteer"].endswith("Look at HEARBACK_GAZETTEER_KEY.")


async def test_twilio_is_asked_whether_it_takes_the_token(looked: Any, neighbours: tuple[Neighbours, str]) -> None:
    assert "TWILIO_AUTH_TOKEN" in (await looked(TWILIO_AUTH_TOKEN="another"))["twilio"]
    neighbours[0].account = "suspended"
    assert "suspended" in (await looked())["twilio"]
    neighbours[0].account, neighbours[0].date = "active", "Thu, 01 Jan 2026 10:00:00 GMT"
    assert "clock" in (await looked())["twilio"]


async def test_the_data_folder_s_faults_are_sentences(looked: Any, world: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    home = Path(world["HEARBACK_HOME"])
    os.chmod(home / "keys.json", 0o644)
    (home / backup.LAST).write_text('{"made_at": "2026-01-01T00:00:00+00:00"}')
    monkeypatch.setattr(here, "LEAST_DISK", 10**18)
    (Path(world["HEARBACK_MODELS"]) / "a.tar.gz").unlink()
    wrong = await looked()
    assert set(wrong) == {"keys", "backup", "disk", "model"}
    assert wrong["keys"].endswith(f"chmod 600 {home / 'keys.json'}") and "hearback train" in wrong["model"]


async def test_a_database_of_another_time_is_said(looked: Any, world: dict[str, str]) -> None:
    database = Database(Settings.from_environ(world).database_url)
    for revision, words in (("0017", "restart Hearback"), ("9999", "newer than this version")):
        await database.write(lambda connection, at=revision: connection.exec_driver_sql(f"UPDATE alembic_version SET version_num = '{at}'"))
        assert words in (await looked())["database"]
    await database.close()
    (Path(world["HEARBACK_HOME"]) / "hearback.db").unlink()
    assert "make run" in (await looked())["database"]


async def test_a_moved_clock_and_an_open_address_are_wrong_with_real_phones(world: dict[str, str]) -> None:
    real = Settings.from_environ({**world, "HEARBACK_TWILIO_API": "https://api.twilio.com", "HEARBACK_PUBLIC_URL": "http://a.example"})
    move_on(real.home, timedelta(days=1))
    assert not (await here.clock(real)).fine and not (await here.public(real)).fine
    away = Settings.from_environ({**world, "HEARBACK_TWILIO_API": "https://api.twilio.com", "HEARBACK_PUBLIC_URL": "https://a.example"})
    assert (await here.public(away)).fine


async def test_a_mail_server_is_greeted_and_no_mail_is_sent(looked: Any) -> None:
    mail, port = {"HEARBACK_MAIL_FROM": "no-reply@council.example"}, free_port(0)
    controller = Controller(Sink(), hostname="127.0.0.1", port=port)
    controller.start()
    try:
        assert await looked(HEARBACK_SMTP_URL=f"smtp://127.0.0.1:{port}", **mail) == {}
    finally:
        controller.stop()
    assert "HEARBACK_SMTP_URL" in (await looked(HEARBACK_SMTP_URL=f"smtp://127.0.0.1:{port}", **mail))["mail"]


def test_each_setting_that_cannot_be_read_has_its_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert misread({"HEARBACK_PORT": "abc", "HEARBACK_TIME_SCALE": "fast"}) == 1
    out = capsys.readouterr().out
    assert out.count("settings") == 2 and "HEARBACK_PORT" in out and "HEARBACK_TIME_SCALE" in out
    assert misread({"TWILIO_ACCOUNT_SID": "AC1"}) == 1 and "TWILIO_AUTH_TOKEN" in capsys.readouterr().out
    assert misread({}) is None
