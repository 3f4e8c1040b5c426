"""The product's clock goes faster, or is moved on, for all processes of a data folder."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from hearback import clock
from hearback.settings import TWILIO_REAL_API, Settings, SettingsError
from hearback.supervisor import refuse_real_texts

TICK = timedelta(seconds=2)


def now() -> datetime:
    return datetime.now(UTC)


def test_the_clock_shows_the_real_time(tmp_path: Path) -> None:
    assert abs(clock.shared_clock(tmp_path, 1).now() - now()) < TICK


def test_all_clocks_of_a_folder_go_on_when_it_is_moved(tmp_path: Path) -> None:
    running = clock.shared_clock(tmp_path, 1)
    assert abs(running.now() - now()) < TICK
    clock.move_on(tmp_path, timedelta(days=3))
    clock.move_on(tmp_path, timedelta(hours=1))
    time.sleep(clock.LOOK_EVERY)
    for one in (running, clock.shared_clock(tmp_path, 1)):
        assert abs(one.now() - now() - timedelta(days=3, hours=1)) < TICK


def test_a_fast_clock_can_be_moved_on_too(tmp_path: Path) -> None:
    fast = clock.shared_clock(tmp_path, 10)
    before = fast.now()
    clock.move_on(tmp_path, timedelta(days=1))
    time.sleep(clock.LOOK_EVERY)
    assert timedelta(days=1) <= fast.now() - before < timedelta(days=1, seconds=60)
    assert abs(clock.shared_clock(tmp_path, 10).now() - fast.now()) < TICK


def test_a_clock_never_goes_back(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="cannot go back"):
        clock.move_on(tmp_path, timedelta(seconds=-1))


def test_a_lease_is_counted_in_real_time() -> None:
    assert clock.Clock(scale=86400).lease(timedelta(seconds=60)) == timedelta(days=60)


def test_nobody_is_texted_by_a_clock_that_was_moved(tmp_path: Path) -> None:
    named = {
        "HEARBACK_HOME": str(tmp_path),
        "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
        "TWILIO_AUTH_TOKEN": "t",
        "TWILIO_FROM": "+441632960100",
    }
    real = Settings.from_environ(named)
    assert real.twilio_api == TWILIO_REAL_API
    refuse_real_texts(real)
    clock.move_on(tmp_path, timedelta(days=1))
    with pytest.raises(SettingsError, match="moved on for a trial"):
        refuse_real_texts(real)
