"""`hearback run --only`: single processes, and a sentence where that cannot be."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from hearback.settings import Settings
from hearback.supervisor import EVERYTHING, Supervisor, asked_whether_ready, commands, rasa_host

POSTGRESQL = {"HEARBACK_DATABASE_URL": "postgresql+asyncpg://hearback@127.0.0.1:1/hearback"}


def ran(home: Path, *command: str, **settings: str) -> tuple[int, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("HEARBACK_", "TWILIO_"))}
    done = subprocess.run(
        [sys.executable, "-m", *command], env={**kept, "HEARBACK_HOME": str(home), **settings}, capture_output=True, text=True, timeout=60,
        check=False,
    )  # fmt: skip
    return done.returncode, done.stderr


@pytest.mark.parametrize("names", ["kettle", "doors,kettle", ","])
def test_an_unknown_process_is_refused_with_the_known_ones(tmp_path: Path, names: str) -> None:
    status, said = ran(tmp_path, "hearback.cli", "run", "--only", names)
    assert status == 2 and "--only names" in said and "doors, worker, rasa, actions, console or sandbox" in said
    assert "Traceback" not in said


@pytest.mark.parametrize(
    "command", [("hearback.cli", "run", "--only", "rasa", "--only", "doors"), ("channels", "worker")], ids=["run", "channels"]
)
def test_doors_and_worker_do_not_run_apart_on_sqlite(tmp_path: Path, command: tuple[str, ...]) -> None:
    status, said = ran(tmp_path, *command)
    assert status == 2 and said.startswith("HEARBACK_DATABASE_URL is no PostgreSQL") and "Traceback" not in said


def test_without_only_everything_runs_and_doors_and_worker_are_one(tmp_path: Path) -> None:
    settings = Settings.from_environ({"HEARBACK_HOME": str(tmp_path)})
    children = Supervisor(settings, tmp_path / "a.tar.gz").children
    assert sorted(child.name for child in children) == sorted(EVERYTHING) and all(child.log for child in children)
    assert [url.rsplit(":", 1)[1] for url in asked_whether_ready(settings, ())] == ["8080/ready", "8081/health"]


def test_with_only_just_these_run_and_what_they_write_goes_where_ours_goes(tmp_path: Path) -> None:
    settings = Settings.from_environ({"HEARBACK_HOME": str(tmp_path), **POSTGRESQL})
    children = Supervisor(settings, tmp_path / "a.tar.gz", ["worker", "doors"]).children
    assert [(child.name, child.command[-2:], child.log) for child in children] == [
        ("doors", ["channels", "doors"], None),
        ("worker", ["channels", "worker"], None),
    ]
    assert [url.rsplit(":", 1)[1] for url in asked_whether_ready(settings, ["worker"])] == ["8082/ready"]


def test_rasa_is_for_this_machine_only_until_others_are_told_where_it_is(tmp_path: Path) -> None:
    host = {"HEARBACK_HOME": str(tmp_path), "HEARBACK_HOST": "10.0.0.5"}
    alone, several = Settings.from_environ(host), Settings.from_environ({**host, "HEARBACK_RASA_URLS": "http://10.0.0.5:5005"})
    assert rasa_host(alone) == "127.0.0.1" and rasa_host(several) == "10.0.0.5"
    assert "10.0.0.5" in commands(several, tmp_path / "a.tar.gz")["rasa"]
