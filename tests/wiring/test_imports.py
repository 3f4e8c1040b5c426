"""The house has one direction: doors and actions above, back office and engagement below, settings at the bottom."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MAY = {
    "hearback": {"hearback"},
    "hearback.cli": {"hearback", "engagement", "backoffice", "bot", "console"},
    "hearback.commands": {"hearback", "engagement", "backoffice", "bot", "console"},
    "hearback.people": {"hearback", "engagement"},
    "hearback.exporting": {"hearback", "engagement"},
    "hearback.erasing": {"hearback", "engagement"},
    "hearback.subject_access": {"hearback", "engagement"},
    "hearback.retaining": {"hearback", "engagement"},
    "hearback.supervisor": {"hearback", "engagement"},
    "hearback.backup": {"hearback", "engagement"},
    "hearback.restoring": {"hearback", "engagement"},
    "hearback.doctor": {"hearback", "engagement", "backoffice"},
    "hearback.teaching.run": {"hearback", "engagement", "bot"},
    "hearback.teaching.back": {"hearback", "engagement"},
    "hearback.bench": {"hearback", "engagement", "backoffice", "bot", "channels"},
    "hearback.chaos": {"hearback"},
    "engagement": {"engagement", "hearback"},
    "backoffice": {"backoffice", "hearback"},
    "bot": {"bot", "backoffice", "hearback"},
    "bot.tracker_store": {"bot", "engagement", "hearback"},  # Rasa's memory is kept where erasing finds it
    "bot.actions": {"bot", "backoffice", "engagement", "hearback"},
    "channels": {"channels", "backoffice", "engagement", "hearback"},
    "console": {"console", "backoffice", "engagement", "hearback"},
}
OURS = {name.split(".")[0] for name in MAY}
FILES = sorted(path for name in OURS for path in (ROOT / name).rglob("*.py") if "versions" not in path.parts)


def module_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def imported(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def rule_for(module: str) -> set[str]:
    return MAY[max((name for name in MAY if module == name or module.startswith(name + ".")), key=len)]


@pytest.mark.parametrize("path", FILES, ids=module_of)
def test_imports_go_down_only(path: Path) -> None:
    module = module_of(path)
    wrong = {name for name in imported(path) if name.split(".")[0] in OURS and name.split(".")[0] not in rule_for(module)}
    assert not wrong, f"{module} must not import {sorted(wrong)}"


@pytest.mark.parametrize("path", FILES, ids=module_of)
def test_rasa_is_imported_where_rasa_runs_only(path: Path) -> None:
    module = module_of(path)
    uses_rasa = {name for name in imported(path) if name.split(".")[0] == "rasa"}
    ours = {"bot.connector", "bot.tracker_store", "bot.lock_store", "bot.patches", "bot.domain_file", "hearback.bench.parsing"}
    allowed = module.startswith("bot.nlu") or module in ours
    assert allowed or not uses_rasa, f"{module} imports {sorted(uses_rasa)}"


def test_the_actions_never_import_the_language_side() -> None:
    for path in (ROOT / "bot" / "actions").rglob("*.py"):
        assert not {name for name in imported(path) if name.startswith(("bot.nlu", "bot.connector", "bot.tracker_store", "bot.lock_"))}, (
            path
        )


def test_sql_is_spoken_in_engagement_only() -> None:
    for path in FILES:
        module = module_of(path)
        if module.startswith("engagement"):
            continue
        assert not {name for name in imported(path) if name.startswith("sqlalchemy")}, module
