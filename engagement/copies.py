"""Whole copies of the databases, made while others write, and what has to be put right where a copy takes the place of the original."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from alembic.script import ScriptDirectory
from sqlalchemy import Connection, select, text, update
from sqlalchemy.engine import URL, make_url

from engagement.database import Database, reads, writes
from engagement.erasure import Erasures
from engagement.migrations import configuration
from engagement.privacy.blanking import cut_links, forget_contact
from engagement.privacy.links import holds_on
from engagement.tables import conversations, erasure_orders, messages
from hearback.clock import Clock

WITHIN = 3600.0  # seconds for PostgreSQL's own programs


class CopyFailed(Exception):
    """The message says what went wrong."""


def copy_sqlite(source: Path, target: Path) -> None:
    """A consistent copy of a database that others write at the same time."""
    with closing(sqlite3.connect(f"file:{source}?mode=rw", uri=True, timeout=30)) as old, closing(sqlite3.connect(target)) as new:
        old.backup(new)


def dump_postgresql(url: str, target: Path) -> None:
    """PostgreSQL's own copy, at one moment of the database's time."""
    _run("pg_dump", url, "--format=custom", "--no-owner", "--no-privileges", f"--file={target}")


def load_postgresql(url: str, source: Path) -> None:
    """Into an empty database."""
    _run(
        "pg_restore",
        url,
        "--no-owner",
        "--no-privileges",
        "--exit-on-error",
        "--single-transaction",
        f"--dbname={make_url(url).database}",
        str(source),
    )


def is_sqlite(url: str) -> bool:
    return url.startswith("sqlite")


def sqlite_path(url: str) -> Path:
    return Path(url.split(":///", 1)[1])


def known_revisions() -> set[str]:
    """The table layouts that this version of Hearback knows."""
    return {one.revision for one in ScriptDirectory.from_config(configuration()).walk_revisions()}


def _run(program: str, url: str, *words: str) -> None:
    address = make_url(url)
    try:
        done = subprocess.run(
            [_found(program), *words], env={**os.environ, **_environment(address)}, capture_output=True, timeout=WITHIN, check=False
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise CopyFailed(f"{program} did not come to its end ({type(error).__name__}).") from None
    if done.returncode:
        raise CopyFailed(f"{program} stopped with status {done.returncode}: is its version the server's, and does the user own the tables?")


def _found(program: str) -> str:
    newest = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{program}"), key=lambda path: -float(path.parts[-3]))
    if newest:
        return str(newest[0])
    if found := shutil.which(program):
        return found
    raise CopyFailed(f"{program} is not installed here (Debian: apt-get install postgresql-client).")


def _environment(address: URL) -> dict[str, str]:
    """As libpq reads it: a password in the command line would be seen by everybody on the machine."""
    given = {
        "PGHOST": address.host, "PGPORT": address.port and str(address.port), "PGUSER": address.username, "PGPASSWORD": address.password,
        "PGDATABASE": address.database,
    }  # fmt: skip
    return {name: value for name, value in given.items() if value}


class Copies:
    def __init__(self, database: Database, clock: Clock, erasures: Erasures) -> None:
        self._database, self._clock, self._erasures = database, clock, erasures

    @reads
    def revision(self, connection: Connection) -> str:
        """Of the table layout that the database has."""
        return str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one())

    @writes
    def can_be_written(self, connection: Connection) -> None:
        """Raises LogUnavailable where the log cannot be written; changes nothing."""
        connection.execute(update(conversations).where(conversations.c.id == "").values(id=""))

    @reads
    def ordered(self, connection: Connection) -> dict[str, list[int]]:
        """{conversation: contacts to forget} of all that was ordered to be erased."""
        rows = connection.execute(select(erasure_orders.c.conversation_id, erasure_orders.c.contacts))
        return {row.conversation_id: list(row.contacts or ()) for row in rows}

    @writes
    def doubt_what_was_queued(self, connection: Connection) -> int:
        """Texts that waited when the copy was made may have gone out since: the provider is asked before they go. Returns how many."""
        queued = update(messages).where(messages.c.state == "queued")
        return connection.execute(queued.values(state="sending", due_at=self._clock.now())).rowcount

    @writes
    def erase_again(self, connection: Connection, orders: Mapping[str, list[int]]) -> int:
        """Begin what was erased after the copy was made; returns how many conversations. Those under a legal hold wait for its end."""
        known = select(conversations.c.id).where(conversations.c.id.in_(list(orders)), conversations.c.state.not_in(("erased", "erasing")))
        begun = list(connection.execute(known).scalars())
        for one in begun:
            self._erasures.again(connection, one, orders[one], held=bool(holds_on(connection, {one}, set())))
        for contact_id in {contact for one in begun for contact in orders[one]}:
            cut_links(connection, contact_id, set(begun))
            forget_contact(connection, contact_id)
        return len(begun)
