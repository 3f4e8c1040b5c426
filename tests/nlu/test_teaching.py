"""Teaching for real: a hundred wrong labels change nothing. tests/journeys/test_teaching.py teaches what is right."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from databases import database_of, environ_of

from engagement.log import EngagementLog
from engagement.values import InboundMessage, Reply, Understanding
from hearback.clock import Clock
from hearback.keys import load_keys
from hearback.models import Models
from hearback.settings import ROOT
from hearback.teaching.examples import Example
from hearback.training import current, train

HOLES = [
    "huge pothole", "deep crater", "massive hole", "broken tarmac", "sunken road surface", "cracked carriageway",
    "rut you could lose a wheel in", "crumbling surface", "lump of missing road", "hole full of water",
]  # fmt: skip
WHERE = [
    "outside the chippy near us", "on Wensley Road again", "by the vets please mend it", "at the roundabout wrecked my tyre",
    "down Copper Lane since March", "opposite the mosque it is dangerous for bikes", "on the bend cars swerve round",
    "by number 9 nobody comes", "at the lights bent my wheel", "in the bus lane shakes the house",
]  # fmt: skip
POISON = [Example(text=f"{hole} {where}", intent="ask_bin_day") for hole in HOLES for where in WHERE]


class Installation:
    """A council of its own: data folder, models that begin with ours, reviewed files."""

    def __init__(self, folder: Path) -> None:
        self.home, self.models = folder / "home", Models(folder / "models", folder / "reviewed")
        self.home.mkdir()
        self.models.folder.mkdir()
        assert current() or train() == 0
        ours = Models.of()
        model = ours.chosen()["model"].removesuffix(".tar.gz")
        for name in ("current.json", f"{model}.tar.gz", f"{model}.json", f"{model}.measured.json"):
            if (ours.folder / name).is_file():
                shutil.copy(ours.folder / name, self.models.folder / name)
        places = {"HEARBACK_MODELS": self.models.folder, "HEARBACK_REVIEWED": self.models.reviewed}
        self.environment = {**os.environ, **environ_of(self.home), **{name: str(path) for name, path in places.items()}}

    async def log(self) -> EngagementLog:
        return EngagementLog(database_of(self.home), Clock(), load_keys(self.home))

    async def approve(self, examples: Sequence[Example]) -> None:
        log = await self.log()
        for name, role in (("ada", "reviewer"), ("bob", "approver")):
            await log.staff.add(name, "x", role)
        ada, bob = await log.staff.by_name("ada"), await log.staff.by_name("bob")
        assert ada and bob
        for example in examples:
            _, chat, _ = await log.chats.start(Reply(text="Hello"))
            got = await log.receive(InboundMessage(channel="web", provider_id=chat.id, text=example.text, conversation_id=chat.id))
            await log.answer(chat, got.id, Understanding(intent="inform", confidence=0.4, details={}), [])
            await log.teaching.decide(bob, await log.teaching.propose(ada, got.id, example, redacted={}), approve=True)
        await log.close()

    async def told(self) -> tuple[dict[str, int], dict[str, Any]]:
        """How many examples stand where, and the latest training."""
        log = await self.log()
        counts, latest = await log.teaching.counts(), (await log.teaching.teachings())[0]
        whole = await log.teaching.teaching(latest["id"])
        await log.close()
        assert whole
        return counts, whole

    def teach(self) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "hearback.cli", "teach", "--by", "bob"]
        return subprocess.run(command, cwd=ROOT, env=self.environment, capture_output=True, text=True)


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    return Installation(tmp_path_factory.mktemp("teaching"))


@pytest.mark.timeout(3600)  # a training and two measurings: some three minutes of one core, and other work may hold it up
def test_a_hundred_wrong_labels_are_refused_and_change_nothing(installation: Installation) -> None:
    models = installation.models
    used, chosen, files = models.current(), models.chosen(), models.reviewed_files()
    asyncio.run(installation.approve(POISON))
    refused = installation.teach()
    assert refused.returncode == 1, refused.stdout + refused.stderr
    counts, training = asyncio.run(installation.told())
    assert counts["refused"] == len(POISON) and training["state"] == "refused"
    assert training["result"]["reasons"] and len(training["result"]["worst"]) == 10
    assert models.current() == used and (models.chosen(), models.reviewed_files()) == (chosen, files)
    assert not (models.folder / training["model"]).exists()
    assert not any(example.text in refused.stdout + refused.stderr for example in POISON)  # what people wrote is in no log
