"""The doors and the console as the other tests start them, for those who attack both."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from doors import Doors, open_doors

# Both folders' fixtures stand in a file of the same name, so this one is found by its path.
_spec = importlib.util.spec_from_file_location("console_fixtures", Path(__file__).parents[1] / "console" / "conftest.py")
assert _spec and _spec.loader
_module = importlib.util.module_from_spec(_spec)
sys.modules["console_fixtures"] = _module
_spec.loader.exec_module(_module)
console, filled, another_console = _module.console, _module.filled, _module.another_console


@pytest.fixture
async def doors(tmp_path: Path) -> AsyncIterator[Doors]:
    async with open_doors(tmp_path / "doors") as running:
        yield running
