"""What things cost is the council's data, checked."""

from __future__ import annotations

from pathlib import Path

import pytest

from hearback import costs
from hearback.settings import SettingsError


def test_each_part_of_a_text_has_its_price() -> None:
    assert costs.pence("sms_segment") > 0


@pytest.mark.parametrize("text", ["", "sms_segment: -1", "sms_segment: cheap", "other: 3"])
def test_a_price_that_cannot_be_used_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "costs.yml").write_text(text)
    with pytest.raises(SettingsError, match="costs.yml: sms_segment"):
        costs.read(tmp_path / "costs.yml")
