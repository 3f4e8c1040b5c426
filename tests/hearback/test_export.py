"""`hearback export` over a made-up city: the files, their columns, and nobody in them."""

import asyncio
import csv
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from databases import database_of, environ_of

from engagement.bulk import Bulk
from engagement.log import EngagementLog
from hearback.bench.city import NOW, City
from hearback.bench.seed import fill
from hearback.clock import Clock
from hearback.exporting import FILES
from hearback.keys import load_keys

DOCS = Path(__file__).parents[2] / "docs" / "open_data.md"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("city")

    async def make() -> None:
        database = database_of(home)
        await fill(database, City(messages=6000, requests=900, keys=load_keys(home)), say=False)
        await database.close()

    asyncio.run(make())
    return home


@pytest.fixture(scope="module")
def out(home: Path) -> Iterator[Path]:
    command = [sys.executable, "-m", "hearback.cli", "export", "--out", str(home / "out")]
    subprocess.run(command, check=True, env={**environ_of(home), "PATH": ""}, timeout=60)
    yield home / "out"


def rows(out: Path, name: str) -> list[dict[str, str]]:
    with (out / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("name", FILES)
def test_the_columns_that_are_written_are_those_that_are_documented(out: Path, name: str) -> None:
    section = DOCS.read_text(encoding="utf-8").split(f"## Columns of `{name}`")[1].split("\n## ")[0]
    documented = re.findall(r"^\| `(\w+)` \| (\w+) \| (.+) \|$", section, flags=re.MULTILINE)
    described = json.loads((out / "datapackage.json").read_text())["resources"]
    (fields,) = (one["schema"]["fields"] for one in described if one["name"] == name)
    written = list(rows(out, name)[0])
    assert written == [one[0] for one in documented] == [one["name"] for one in fields]
    assert [one[1:] for one in documented] == [(one["type"], one["description"]) for one in fields]
    as_json = json.loads((out / f"{name}.json").read_text())[name]
    assert len(as_json) == len(rows(out, name)) and list(as_json[0]) == written


def test_no_group_of_outcomes_is_smaller_than_five_and_every_number_is_a_step_of_five(out: Path) -> None:
    counts = [int(row["count"]) for row in rows(out, "outcomes")]
    assert min(counts) >= 5 and all(count % 5 == 0 for count in counts)
    for row in rows(out, "measures"):
        assert int(row["denominator"]) % 5 == 0 and int(row["numerator"] or 0) % 5 == 0
        assert row["value"] == "" or int(row["denominator"]) >= 25


def test_nobody_and_no_place_is_in_the_files(out: Path) -> None:
    for path in out.iterdir():
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"SEED-|seed0|7700900|point:|Seeded|pothole by the bus", text), path.name


def test_a_period_that_nothing_began_in_gives_files_without_groups(home: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hearback.cli", "export", "--out", str(tmp_path), "--start", "2001-01-01", "--end", "2001-01-31"]
    subprocess.run(command, check=True, env={**environ_of(home), "PATH": ""}, timeout=60)
    assert rows(tmp_path, "outcomes") == []
    assert {row["denominator"] for row in rows(tmp_path, "measures")} == {"0"}


async def test_the_city_has_what_was_asked_for_and_all_measures_find_something(home: Path) -> None:
    database = database_of(home)
    log = EngagementLog(database, Clock(read=NOW.timestamp), load_keys(home))
    _, total = await log.review.requests()
    found = await log.measures.measured()
    await log.close()
    assert total == 900
    assert {name for name, one in found.items() if one.whole.counted.value is None} == set()


def test_a_database_with_conversations_is_not_filled_again(home: Path) -> None:
    command = [sys.executable, "-m", "hearback.cli", "bench", "seed", "--messages", "10"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, env={**environ_of(home), "PATH": ""}, check=False)
    assert done.returncode == 1 and "only an empty one is filled" in done.stderr


def test_the_command_fills_an_empty_folder_and_says_how_far_it_is(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hearback.cli", "bench", "seed", "--messages", "200", "--requests", "20", "--home", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, env={"PATH": ""}, check=True)
    assert "200 of 200 messages" in done.stdout and (tmp_path / "hearback.db").exists()


async def test_what_is_written_after_the_city_gets_ids_of_its_own(home: Path) -> None:
    database = database_of(home)
    assert not await Bulk(database).is_empty()
    log = EngagementLog(database, Clock(read=NOW.timestamp), load_keys(home))
    one = (await log.review.requests())[0][0]
    added, new = await log.requests.open(
        key="own", conversation_id=one["conversation_id"], service_code="TREE", service_name="Tree", report={}
    )
    await log.close()
    assert new and added.id == 901
