"""One model takes the place of another with the files that it learned from, whatever happens in between; and one can go back."""

import json
from pathlib import Path

import pytest
from databases import database_of

from engagement.log import EngagementLog
from hearback.clock import Clock
from hearback.keys import load_keys
from hearback.models import Models
from hearback.teaching.back import CannotGoBack, go_back


@pytest.fixture
def models(tmp_path: Path) -> Models:
    return Models(tmp_path / "models", tmp_path / "reviewed")


def made(models: Models, name: str, files: dict[str, str], examples: list[int]) -> dict[str, object]:
    models.folder.mkdir(exist_ok=True)
    (models.folder / name).write_bytes(b"a model")
    return {"model": name, "fingerprint": models.fingerprint(files), "reviewed": files, "examples": examples, "new": examples}


def test_a_promoted_model_fits_its_data_and_stops_fitting_when_they_change(models: Models) -> None:
    models.promote(made(models, "a.tar.gz", {"thanks.yml": "ta"}, [1]), why="taught", by="bob")
    assert models.current() == models.folder / "a.tar.gz" and models.reviewed_files() == {"thanks.yml": "ta"}
    (models.reviewed / "thanks.yml").write_text("something else")
    assert models.current() is None and models.listed()[0]["fits"]


def test_a_promotion_that_was_broken_off_is_finished_at_the_next_look(models: Models) -> None:
    models.promote(made(models, "a.tar.gz", {"thanks.yml": "ta"}, [1]), why="taught")
    record = made(models, "b.tar.gz", {"deny.yml": "no"}, [1, 2])
    models.keep(record)
    chosen = {"model": "b.tar.gz", "fingerprint": record["fingerprint"], "history": []}
    (models.folder / "promoting.json").write_text(json.dumps({"reviewed": record["reviewed"], "chosen": chosen}))
    assert models.current() == models.folder / "b.tar.gz" and models.reviewed_files() == {"deny.yml": "no"}
    assert not (models.folder / "promoting.json").exists()


def test_a_broken_off_write_leaves_what_was_there(models: Models) -> None:
    models.promote(made(models, "a.tar.gz", {}, []), why="trained")
    (models.folder / "promoting.json").write_text('{"reviewed": {')
    assert models.current() == models.folder / "a.tar.gz"


def test_the_fingerprint_does_not_depend_on_where_the_reviewed_files_lie(models: Models, tmp_path: Path) -> None:
    models.promote(made(models, "a.tar.gz", {"thanks.yml": "ta"}, [1]), why="taught")
    elsewhere = Models(models.folder, tmp_path / "elsewhere")
    assert elsewhere.fingerprint({"thanks.yml": "ta"}) == models.fingerprint() != models.fingerprint({})


def test_rasa_gets_the_staged_files_in_place_of_those_that_lie_there(models: Models, tmp_path: Path) -> None:
    models.promote(made(models, "a.tar.gz", {"thanks.yml": "ta"}, [1]), why="taught")
    staged = tmp_path / "staged"
    staged.mkdir()
    (staged / "deny.yml").write_text("no")
    assert str(staged) in models.data(staged) and str(models.reviewed) not in models.data(staged)
    assert str(models.reviewed) in models.data()


@pytest.fixture
async def log(tmp_path: Path) -> EngagementLog:
    database = database_of(tmp_path)
    return EngagementLog(database, Clock(), load_keys(tmp_path))


async def test_going_back_puts_the_files_and_the_model_back_so_that_nothing_is_trained(models: Models, log: EngagementLog) -> None:
    models.promote(made(models, "a.tar.gz", {}, []), why="trained")
    models.promote(made(models, "b.tar.gz", {"thanks.yml": "ta"}, [1]), why="taught")
    await go_back(log, models, "a.tar.gz", by="bob")
    assert models.current() == models.folder / "a.tar.gz" and models.reviewed_files() == {}
    assert [(one["why"], one["by"]) for one in models.chosen()["history"]][-1] == ("went_back", "bob")
    await go_back(log, models, "b.tar.gz", by="bob")
    assert models.current() == models.folder / "b.tar.gz" and models.reviewed_files() == {"thanks.yml": "ta"}
    await log.close()


async def test_one_cannot_go_back_to_what_does_not_fit_or_while_a_training_runs(models: Models, log: EngagementLog) -> None:
    models.promote({**made(models, "a.tar.gz", {}, []), "fingerprint": "of other data"}, why="trained")
    models.promote(made(models, "b.tar.gz", {}, []), why="trained")
    for model, why in (("a.tar.gz", "changed"), ("b.tar.gz", "in_use"), ("../x.tar.gz", "unknown")):
        with pytest.raises(CannotGoBack, match=why):
            await go_back(log, models, model, by=None)
    await log.teaching.begin(by=None)
    with pytest.raises(CannotGoBack, match="running"):
        await go_back(log, models, "a.tar.gz", by=None)
    await log.close()
