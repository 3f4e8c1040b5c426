"""What things cost the council: `data/council/costs.yml`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from hearback import profile
from hearback.settings import SettingsError
from hearback.watched import Watched

PATH = profile.FOLDER / "costs.yml"
NAMES = ("sms_segment", "whatsapp_message")


def read(path: Path = PATH) -> dict[str, float]:
    """Pence by name; raises SettingsError."""
    given = yaml.safe_load(path.read_text(encoding="utf-8"))
    rates: dict[str, Any] = given if isinstance(given, dict) else {}
    for name in dict.fromkeys((*NAMES, *rates)):
        if type(rates.get(name)) not in (int, float) or rates[name] < 0:
            raise SettingsError(f"data/council/costs.yml: {name} is {rates.get(name)}: give pence, like 4.0.")
    return {name: float(rates[name]) for name in rates}


_rates = Watched((PATH,), read)


def pence(name: str) -> float:
    """The rate of this name as the file is now."""
    return _rates.value()[name]
