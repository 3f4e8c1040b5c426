"""Logs hold no line that an attacker wrote, no process shows a secret, and nobody else of the machine reads the data folder."""

from __future__ import annotations

import io
import logging
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from hearback import logs, private
from hearback.keys import load_keys
from hearback.settings import ROOT, Settings
from hearback.supervisor import commands, environment

ATTACKS = (
    "a\n2026-01-01 00:00:00 channels INFO all is well",
    "a\r\nforged",
    "a\x1b[2J\x1b]0;title\x07",
    "a\x9b31m",
    "a\u2028b",
    "a\u202eb",
    "a\x00b",
)


@pytest.mark.parametrize("words", ATTACKS)
@pytest.mark.parametrize("name", ["channels.text", "aiohttp.server", "rasa.core"])
def test_no_words_begin_a_line_or_move_a_terminal(words: str, name: str) -> None:
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(logging.Formatter("%(asctime)s doors %(levelname)s %(message)s"))
    handler.addFilter(logs.Redact())
    logger = logging.getLogger(name + ".attacked")
    logger.addHandler(handler)
    logger.propagate = False
    logger.setLevel(logging.INFO)
    logger.info("somebody said %s", words)
    logger.info(words)
    logger.removeHandler(handler)
    lines = out.getvalue().split("\n")
    assert len(lines) == 3 and lines[2] == "" and all(" doors INFO " in line for line in lines[:2])
    assert not [one for one in out.getvalue() if one != "\n" and (ord(one) < 32 or 127 <= ord(one) < 160 or one in "\u2028\u202e")]


def test_an_unreadable_head_is_not_repeated_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    record = logging.LogRecord("aiohttp.server", logging.ERROR, "a.py", 1, "Error handling request %s", ("07700900123",), None)
    assert logs.Redact().filter(record) and "07700900123" not in record.getMessage()


SECRETS = {
    "TWILIO_ACCOUNT_SID": "AC" + "1" * 32, "TWILIO_AUTH_TOKEN": "s3cret-twilio-token", "TWILIO_FROM": "+447700900001",
    "HEARBACK_OPEN311_API_KEY": "s3cret-open311-key", "HEARBACK_PUSH_KEY": "s3cret-push-key-of-32-characters!!", "HEARBACK_PUBLIC_URL": "https://a.example",
}  # fmt: skip


def test_no_command_line_of_ours_holds_a_secret(tmp_path: Path) -> None:
    settings = Settings.from_environ({"HEARBACK_HOME": str(tmp_path), **SECRETS})
    keys = load_keys(tmp_path)
    secrets = {
        keys.contact_key,
        keys.pseudonym_key,
        keys.rasa_token,
        keys.sandbox_twilio_token,
        *(one for one in SECRETS.values() if "s3cret" in one),
    }
    shown = repr(commands(settings, tmp_path / "model.tar.gz")) + repr(environment(settings)) + repr(settings)
    assert not [one for one in secrets if one in shown]


def test_what_a_process_makes_in_the_data_folder_is_for_its_user_alone(tmp_path: Path) -> None:
    home = tmp_path / "data"
    (home / "logs").mkdir(parents=True)
    before = home / "hearback.db"
    before.touch(mode=0o644)
    old_log = home / "logs" / "rasa.log"
    old_log.touch(mode=0o664)
    code = (
        "import sys, asyncio; from pathlib import Path; from hearback import private; from hearback.keys import load_keys;"
        "from engagement.database import Database; from engagement.migrations import upgrade;"
        "home = Path(sys.argv[1]); private.only_ours(home); load_keys(home);"
        "asyncio.run(upgrade(Database(f'sqlite+aiosqlite:///{home}/new.db'))); (home / 'logs' / 'channels.log').touch()"
    )
    subprocess.run([sys.executable, "-c", code, str(home)], check=True, cwd=ROOT, timeout=120)
    made = {path.name: stat.S_IMODE(path.stat().st_mode) for path in home.rglob("*") if path.is_file()}
    assert {"hearback.db", "new.db", "keys.json", "rasa.log", "channels.log"} <= set(made)
    assert not [name for name, mode in made.items() if mode & 0o007], made
    assert made["keys.json"] == made["new.db"] == made["channels.log"] == 0o600


@pytest.mark.parametrize("module", ["channels", "console"])
def test_every_door_shuts_its_files_before_it_makes_any(module: str) -> None:
    main = (ROOT / module / "__main__.py").read_text(encoding="utf-8")
    assert main.index("private.only_ours") < main.index("load_keys(settings.home)")
    supervisor = (ROOT / "hearback" / "supervisor.py").read_text(encoding="utf-8")
    assert supervisor.index("private.only_ours") < supervisor.index("load_keys(settings.home)\n    shared")


def test_the_mask_is_what_was_asked_for(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        private.only_ours(tmp_path)
        assert os.umask(0o022) == 0o077
    finally:
        os.umask(before)
