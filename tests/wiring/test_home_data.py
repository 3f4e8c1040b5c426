"""The council's own words for bins, large items and repairs name things that its systems know."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from hearback import profile

SANDBOX = Path(__file__).parents[2] / "backoffice" / "sandbox"
RULES = yaml.safe_load((SANDBOX / "bin_rules.yml").read_text(encoding="utf-8"))
SERVICES = {one["service_code"]: one for one in yaml.safe_load((SANDBOX / "services.yml").read_text(encoding="utf-8"))["services"]}


def keys_of(service: str, attribute: str) -> set[str]:
    (values,) = [one["values"] for one in SERVICES[service]["attributes"] if one["code"] == attribute]
    return {one["key"] for one in values}


def test_bins_and_reasons_are_those_of_the_systems() -> None:
    assert set(profile.bins()["words"]) == {one["container"] for one in RULES["containers"]} == keys_of("MISSEDBIN", "bins")
    assert set(profile.bins()["reasons"]) == keys_of("NEWBIN", "reason")


def test_everything_that_is_never_taken_has_something_to_do_instead() -> None:
    assert set(profile.bulky_waste()["not_taken"]) == set(RULES["bulky"]["not_taken"])
    assert all(one["instead"] for one in profile.bulky_waste()["not_taken"].values())


def test_repair_problems_are_those_of_the_definition() -> None:
    assert set(profile.repairs()["problems"]) | {"other"} == keys_of("REPAIR", "problem")


@pytest.mark.parametrize("data", [profile.bins(), profile.bulky_waste(), profile.repairs()])
def test_every_phrase_is_a_text(data: Any) -> None:
    """YAML reads a bare "no" or "off" as false."""
    values = data.values() if isinstance(data, dict) else data if isinstance(data, list) else ()
    for value in values:
        assert isinstance(value, (str, dict, list)), value
        test_every_phrase_is_a_text(value)
