"""People, second factors and the audit on PostgreSQL, where several write at once."""

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pyotp
import pytest
from databases import url_of
from sqlalchemy import Connection, text

from engagement.audit import Wanted
from engagement.colleagues import LastAdministrator
from engagement.database import Database
from engagement.log import EngagementLog
from engagement.people import Staff
from hearback.clock import Clock
from hearback.keys import load_keys


@pytest.fixture
async def log(tmp_path: Path) -> AsyncIterator[EngagementLog]:
    log = EngagementLog(Database(url_of(tmp_path, "postgresql")), Clock(), load_keys(tmp_path))
    yield log
    await log.close()


async def person(log: EngagementLog, name: str, role: str = "admin") -> Staff:
    await log.staff.add(name, "x", role)
    found = await log.staff.by_name(name)
    assert found
    return found


async def test_people_and_their_audit_on_postgres(log: EngagementLog) -> None:
    ada, bob = await person(log, "ada"), await person(log, "bob")
    # Two administrators who remove each other at once leave one.
    tries = await asyncio.gather(log.colleagues.deactivate(ada, bob.id), log.colleagues.deactivate(bob, ada.id), return_exceptions=True)
    assert sorted(type(one) for one in tries if one is not None) == [LastAdministrator]
    assert sum(one.active for one in await log.colleagues.all()) == 1

    # One code is one sign-in, however many try it at once.
    kim = await person(log, "kim", "agent")
    secret = await log.factors.begin(kim)
    codes = await log.factors.confirm(kim, pyotp.TOTP(secret).at(int(time.time()) - 30))
    assert codes
    now = pyotp.TOTP(secret).now()
    assert sorted(await asyncio.gather(*(log.factors.accept(kim, now) for _ in range(5)))) == [False] * 4 + [True]
    assert sorted(await asyncio.gather(*(log.factors.accept(kim, codes[0]) for _ in range(5)))) == [False] * 4 + [True]

    # Somebody whom the single sign-on knows is one person.
    who = {"username": "Kim", "display_name": None, "role": "agent"}
    first, again = [await log.colleagues.by_openid("https://issuer.example", "1", **who) for _ in range(2)]
    assert first and again and first.id == again.id and first.username == "Kim-2"

    token = await log.staff.make_api_token(kim, "a program", scopes=["requests"], days=1)
    found = await log.staff.of_api_token(token)
    assert found and found[1] == {"requests"}

    session, _ = await log.staff.sign_in(kim, browser="Firefox on Windows")
    assert [one.browser for one in await log.staff.sessions(kim.id)] == ["Firefox on Windows"] and await log.staff.session(session)
    assert await log.staff.end_sessions(ada, kim.id) == 1 and await log.staff.session(session) is None

    def fill(connection: Connection) -> None:
        connection.execute(
            text(
                "insert into audit (at, staff_id, action, subject, details) select now() - (300000 - i) * interval '1 minute', :id, "
                "'read_conversation', md5((i % 5000)::text), null from generate_series(1, 300000) i"
            ),
            {"id": kim.id},
        )

    await log._database.write(fill)
    for wanted in (Wanted(words="requests"), Wanted(staff_id=kim.id, action="nothing"), Wanted(action="made_api_token", words="PROGRAM")):
        began = time.perf_counter()
        entries = (await log.audit.entries(wanted)).entries
        assert time.perf_counter() - began < 2, wanted
        assert bool(entries) == (wanted.action == "made_api_token")
    assert "read_conversation" in await log.audit.actions()
