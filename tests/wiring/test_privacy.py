"""A new table cannot be forgotten: it says how it is erased, how long it is kept, and stands in the document that says so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from engagement.privacy import forgotten, places
from engagement.privacy.rules import RULES
from engagement.tables import metadata
from hearback.retention import FILE, TIMED, read
from hearback.settings import SettingsError

DOCS = Path(__file__).parents[2] / "docs" / "privacy.md"
ROOTS = {"conversations", "messages", "contacts", "requests", "outcomes"}
OF_CITIZENS = {
    name
    for name, table in metadata.tables.items()
    if {key.column.table.name for column in table.c for key in column.foreign_keys} & ROOTS
    or {"conversation_id", "message_id", "contact_id"} & set(table.c.keys())
}


def test_every_table_that_leads_to_a_citizen_says_how_it_is_erased() -> None:
    said = {*forgotten.BLANKED, *forgotten.DELETED, *forgotten.KEPT, *forgotten.BY_THEMSELVES}
    assert OF_CITIZENS - said == set()


def test_what_is_emptied_has_such_columns() -> None:
    for name, change in forgotten.BLANKED.items():
        assert set(change) <= set(metadata.tables[name].c.keys()), name


def test_what_is_held_of_a_citizen_is_shown_of_every_such_table() -> None:
    assert {*(place.name for place in places.places()), *places.NO_PLACE} >= OF_CITIZENS


def test_every_table_has_its_time() -> None:
    says = read().says
    assert set(says) == {*metadata.tables, "rasa_trackers"}
    assert set(TIMED) == set(RULES) and set(read().days) == set(RULES)


def test_the_document_says_what_the_schedule_says() -> None:
    rows = re.findall(r"^\| `(\w+)` \| [^|]+ \| ([^|]+) \| [^|]+ \|$", DOCS.read_text(encoding="utf-8"), re.MULTILINE)
    expected = {table: "; ".join(f"{kind}: {text}" for kind, text in kinds.items()) for table, kinds in read().says.items()}
    assert dict(rows) == expected


@pytest.mark.parametrize(
    ("table", "kind", "text", "sentence"),
    [
        ("messages", "words", "2 days", "must be 90 days or more"),
        ("messages", "words", "400 years", "30 years or less"),
        ("messages", "words", "two years", "write a time like"),
        ("messages", "words", "kept", "write a time like"),
        ("tasks", "facts", "3 months", "nothing goes by a time there"),
        ("audit", "rows", None, "audit says nothing of rows"),
    ],
)
def test_a_mistake_in_the_schedule_is_a_sentence(tmp_path: Path, table: str, kind: str, text: str | None, sentence: str) -> None:
    says = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    if text is None:
        says[table] = {"other": "kept"}
    else:
        says[table][kind] = text
    (tmp_path / "retention.yml").write_text(yaml.safe_dump(says), encoding="utf-8")
    with pytest.raises(SettingsError, match=sentence) as wrong:
        read(tmp_path / "retention.yml")
    assert f"{table}" in str(wrong.value)


def test_a_schedule_that_is_no_schedule_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "retention.yml").write_text("messages: 24 months\n", encoding="utf-8")
    with pytest.raises(SettingsError, match="each table has lines of its own"):
        read(tmp_path / "retention.yml")
