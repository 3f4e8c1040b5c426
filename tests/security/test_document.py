"""docs/security.md names a test for every threat, and every test that it names exists."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCUMENT = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
NAMED = sorted(set(re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", DOCUMENT)))


def rows() -> list[list[str]]:
    """The lines of the table of threats, its headings left out."""
    table = DOCUMENT.partition("\n## Threats\n")[2].partition("\n## ")[0]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines() if line.startswith("|")]
    return [row for row in cells[2:] if any(row[1:])]


@pytest.mark.parametrize(("file", "name"), NAMED, ids=lambda one: one.rpartition("/")[2])
def test_every_test_that_is_named_exists(file: str, name: str) -> None:
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    assert name in {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


def test_every_threat_has_what_stops_it_and_a_test() -> None:
    assert len(rows()) > 50
    assert not [row[0] for row in rows() if len(row) != 3 or not row[1] or "::test_" not in row[2]]


def test_every_test_of_this_folder_that_attacks_is_in_the_document() -> None:
    files = {path.name for path in Path(__file__).parent.glob("test_*.py")} - {Path(__file__).name}
    assert files <= {Path(file).name for file, _ in NAMED}
