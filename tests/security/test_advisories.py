"""The list of judged weaknesses says of each package the version that is used; another version must be judged anew."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
JUDGED = yaml.safe_load((ROOT / "deploy" / "advisories.yml").read_text(encoding="utf-8"))
LOCKED = {one["name"]: one.get("version") for one in tomllib.loads((ROOT / "uv.lock").read_text(encoding="utf-8"))["package"]}
# Packages that Rasa holds at an old version, and those that read what strangers send.
MUST_BE_JUDGED = {
    "sanic", "websockets", "packaging", "sentry-sdk", "sqlalchemy", "numpy", "aiohttp", "jinja2", "pillow", "dask", "rasa", "rasa-sdk",
    "ruamel-yaml", "redis", "cryptography",
}  # fmt: skip


@pytest.mark.parametrize("package", sorted(JUDGED))
def test_every_judged_package_has_the_version_that_was_judged(package: str) -> None:
    assert JUDGED[package]["version"] == LOCKED.get(package), f"judge {package} {LOCKED.get(package)} anew in deploy/advisories.yml"


def test_every_weakness_has_its_reason() -> None:
    assert set(JUDGED) >= MUST_BE_JUDGED
    for package, one in JUDGED.items():
        for name, reason in one["advisories"].items():
            assert re.fullmatch(r"CVE-\d{4}-\d{4,}|GHSA(-[0-9a-z]{4}){3}", name), (package, name)
            assert len(reason) > 20, (package, name)


def test_what_is_said_not_to_be_there_is_not_there() -> None:
    assert not {"distributed", "tensorflow", "networkx"} & set(LOCKED)
    assert "socketio" not in (ROOT / "credentials.yml").read_text(encoding="utf-8")


def test_telemetry_is_off_in_every_process() -> None:
    from hearback.settings import Settings
    from hearback.supervisor import environment

    assert environment(Settings.from_environ({}))["RASA_TELEMETRY_ENABLED"] == "false"
    assert "RASA_TELEMETRY_ENABLED := false" in (ROOT / "Makefile").read_text(encoding="utf-8")
