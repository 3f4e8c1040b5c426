"""What things cost the council: `data/council/costs.yml`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from hearback import profile
from hearback.council_files import reading
from hearback.settings import SettingsError
from hearback.watched import Watched

PATH = profile.FOLDER / "costs.yml"
NAMES = ("sms_segment", "whatsapp_message", "bot_turn", "staff_minute", "overhead")
FEES, DEFAULT = "partner_fees", "default"
Rates = dict[str, float]


@reading("costs.yml")
def read(path: Path = PATH) -> tuple[Rates, Rates]:
    """Pence by name, and by service code what a partner gets; raises SettingsError."""
    given = yaml.safe_load(path.read_text(encoding="utf-8"))
    rates: dict[str, Any] = dict(given) if isinstance(given, dict) else {}
    fees = rates.pop(FEES, None) or {}
    if not isinstance(fees, dict):
        raise SettingsError(f"data/council/costs.yml: {FEES} is {fees}: give pence by service code.")
    return _checked(rates, NAMES), _checked({str(code): fee for code, fee in fees.items()}, ())


def _checked(rates: dict[str, Any], names: tuple[str, ...]) -> Rates:
    for name in dict.fromkeys((*names, *rates)):
        if type(rates.get(name)) not in (int, float) or rates[name] < 0:
            raise SettingsError(f"data/council/costs.yml: {name} is {rates.get(name)}: give pence, like 4.0.")
    return {name: float(rates[name]) for name in rates}


_rates = Watched((PATH,), read)


def pence(name: str) -> float:
    """The rate of this name as the file is now."""
    return _rates.value()[0][name]


def partner_fee(service_code: str) -> float:
    """What a partner gets for a request of this service, in pence."""
    fees = _rates.value()[1]
    return fees.get(service_code, fees.get(DEFAULT, 0.0))
