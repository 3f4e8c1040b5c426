"""What was backed up while it was written to is there after a restore, and what happened since is put right."""

from __future__ import annotations

import asyncio
import json
import shutil
import sqlite3
import stat
import tarfile
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from engagement.database import Database
from engagement.log import EngagementLog
from engagement.migrations import upgrade
from engagement.values import InboundMessage, Reply, Understanding
from hearback.backup import backup
from hearback.bench.postgres import NoPostgres, server
from hearback.clock import Clock
from hearback.keys import load_keys
from hearback.models import Models
from hearback.photo_files import photo_path
from hearback.restoring import restore
from hearback.settings import Settings, SettingsError

NUMBER = "+447700900181"


@dataclass
class World:
    """A data folder with a log that a test writes to."""

    settings: Settings
    log: EngagementLog

    async def text(self, name: str, *replies: str, sender: str = NUMBER) -> str:
        """A citizen texts and is answered; returns the conversation."""
        inbound = InboundMessage(channel="sms", provider_id=name, text=f"words of {name}", sender=sender)
        conversation = (await self.log.receive(inbound)).conversation_id
        if replies and (found := await self.log.next_message(conversation)):
            await self.log.answer(found.conversation, found.message.id, Understanding(), [Reply(text=text) for text in replies])
        return conversation


def settings_of(folder: Path, name: str, **more: str) -> Settings:
    return Settings.from_environ(
        {
            "HEARBACK_HOME": str(folder / name),
            "HEARBACK_MODELS": str(folder / f"{name}-models"),
            "HEARBACK_REVIEWED": str(folder / "r"),
            **more,
        }
    )


async def opened(settings: Settings) -> World:
    keys, database = load_keys(settings.home), Database(settings.database_url)
    await upgrade(database)
    return World(settings, EngagementLog(database, Clock(), keys))


async def test_what_was_written_before_the_backup_is_there_after_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    world, out = await opened(settings_of(tmp_path, "old")), tmp_path / "copies" / "backup.tar.gz"
    written: list[str] = []
    photo = photo_path(world.settings.home, "ab" * 16)
    photo.parent.mkdir(parents=True)
    photo.write_bytes(b"a picture")
    models = Models.of(world.settings)
    models.folder.mkdir()
    (models.folder / "a.tar.gz").write_bytes(b"a model")
    models.promote({"model": "a.tar.gz", "fingerprint": "1", "reviewed": {"x.yml": "taught"}}, why="trained")

    async def write() -> None:
        while True:
            await world.text(f"m{len(written)}", "an answer")
            written.append(f"m{len(written)}")

    writing = asyncio.create_task(write())
    while len(written) < 20:
        await asyncio.sleep(0.01)
    before = len(written)
    assert await backup(world.settings, out) == 0
    writing.cancel()
    await asyncio.gather(writing, return_exceptions=True)
    await world.log.close()
    key = (world.settings.home / "keys.json").read_bytes()
    shutil.rmtree(world.settings.home)
    assert stat.S_IMODE(out.stat().st_mode) == 0o600

    new = settings_of(tmp_path, "new")
    assert await restore(new, out) == 0
    assert (new.home / "keys.json").read_bytes() == key and stat.S_IMODE((new.home / "keys.json").stat().st_mode) == 0o600
    assert photo_path(new.home, "ab" * 16).read_bytes() == b"a picture"
    assert Models.of(new).chosen()["model"] == "a.tar.gz" and (new.models / "a.tar.gz").read_bytes() == b"a model"
    again = await opened(new)
    (conversation,) = {await again.text("after", "still here")}
    lines = [line for line in await again.log.messages(conversation, limit=100_000)]
    asked = [line.text for line in lines if line.author == "citizen"]
    assert asked[:before] == [f"words of m{number}" for number in range(before)]
    assert len(asked) == len(set(asked)) and asked[-1] == "words of after"
    assert lines[0].id == 1 and [line.id for line in lines] == sorted({line.id for line in lines})
    assert "is as it was at" in capsys.readouterr().out
    await again.log.close()


async def test_texts_that_waited_are_asked_about_before_they_go(tmp_path: Path) -> None:
    world, out = await opened(settings_of(tmp_path, "old")), tmp_path / "backup"
    await world.text("m", "a text", "another")
    assert await backup(world.settings, out) == 0
    await world.log.close()
    assert await restore(new := settings_of(tmp_path, "new"), out) == 0
    again = await opened(new)
    assert await again.log.outbox.claim() == []
    assert {one.text for one in await again.log.outbox.doubtful()} == {"a text", "another"}
    await again.log.close()


async def test_what_was_erased_since_is_erased_again(tmp_path: Path) -> None:
    world, out = await opened(settings_of(tmp_path, "old")), tmp_path / "backup"
    conversation = await world.text("m", "an answer")
    other = await world.text("n", "an answer", sender="+447700900182")
    assert await backup(world.settings, out) == 0
    subject = await world.log.subjects.of(name := await world.log.subjects.find("phone", NUMBER) or "")
    await world.log.erasures.begin_citizen([conversation], [one.id for one in subject.contacts], source="command", name=name)
    await world.log.erasures.finish(conversation)
    await world.log.close()
    new = settings_of(tmp_path, "new")
    assert await restore(new, out, erasures=world.settings.home) == 0
    again = await opened(new)
    assert await again.log.erasures.begun() == [conversation]
    assert not any("words of" in line.text for line in await again.log.messages(conversation))
    assert await again.log.subjects.find("phone", NUMBER) is None
    assert [line.text for line in await again.log.messages(other)][0] == "words of n"
    await again.log.close()


async def test_a_folder_in_use_is_refused(tmp_path: Path) -> None:
    world, out = await opened(settings_of(tmp_path, "old")), tmp_path / "backup"
    assert await backup(world.settings, out) == 0
    with pytest.raises(SettingsError, match="in use"):
        await restore(world.settings, out)
    await world.log.close()


async def test_a_backup_is_not_put_where_it_would_be_lost_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    world = await opened(settings_of(tmp_path, "old"))
    await world.log.close()
    assert await backup(world.settings, world.settings.home / "backup") == 1 and "another place" in capsys.readouterr().err


async def test_a_newer_database_is_refused(tmp_path: Path) -> None:
    world, out = await opened(settings_of(tmp_path, "old")), tmp_path / "backup"
    with closing(sqlite3.connect(world.settings.home / "hearback.db")) as newer:
        newer.execute("UPDATE alembic_version SET version_num = '9999'")
        newer.commit()
    assert await backup(world.settings, out) == 0
    await world.log.close()
    new = settings_of(tmp_path, "new")
    with pytest.raises(SettingsError, match="newer than this Hearback"):
        await restore(new, out)
    assert not new.home.exists()


@pytest.mark.parametrize("damage", ["cut", "changed", "not one"])
async def test_a_damaged_backup_changes_nothing(tmp_path: Path, damage: str) -> None:
    world, out = await opened(settings_of(tmp_path, "old")), tmp_path / "backup"
    assert await backup(world.settings, out) == 0
    await world.log.close()
    if damage == "cut":
        out.write_bytes(out.read_bytes()[:-400])
    elif damage == "changed":
        with tarfile.open(out) as tar:
            tar.extractall(tmp_path / "parts", filter="data")
        (tmp_path / "parts" / "keys.json").write_text(json.dumps({"contact_key": "another"}))
        with tarfile.open(out, "w:gz") as tar:
            for path in (tmp_path / "parts").rglob("*"):
                tar.add(path, path.relative_to(tmp_path / "parts"), recursive=False)
    else:
        out.write_bytes(b"no backup")
    new = settings_of(tmp_path, "new")
    with pytest.raises(SettingsError):
        await restore(new, out)
    assert not new.home.exists() and not list(tmp_path.glob(".hearback-*"))


async def test_postgresql_is_backed_up_and_restored(tmp_path: Path) -> None:
    try:
        with server() as address:
            world = await opened(settings_of(tmp_path, "old", HEARBACK_DATABASE_URL=f"{address}/postgres"))
            out = tmp_path / "backup"
            conversation = await world.text("m", "an answer")
            assert await backup(world.settings, out) == 0
            await world.log.close()
            with server() as another:
                new = settings_of(tmp_path, "new", HEARBACK_DATABASE_URL=f"{another}/postgres")
                assert await restore(new, out) == 0
                again = await opened(new)
                assert [line.text for line in await again.log.messages(conversation)] == ["words of m", "an answer"]
                await again.log.close()
    except NoPostgres as error:
        pytest.skip(str(error))
