"""What the back office's states and partners are in our words: `data/council/back_office.yml`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from hearback import profile
from hearback.council_files import reading
from hearback.settings import SettingsError
from hearback.watched import Watched

PATH = profile.FOLDER / "back_office.yml"
WORDS = ("open", "accepted", "scheduled", "done", "not_ours", "no_action", "duplicate")
APART = re.compile(r"[\W_]+")


@dataclass(frozen=True, kw_only=True)
class Partner:
    """Who answers for the work, and who does it where that is somebody else."""

    partner: str
    contractor: str | None = None


@dataclass(frozen=True, kw_only=True)
class BackOffice:
    """`states`: our word by state; `partners` by agency. The keys of both are `folded`."""

    states: dict[str, str]
    partners: dict[str, Partner]


def folded(given: str) -> str:
    """The same for "ACTION_SCHEDULED" and "Action scheduled"."""
    return APART.sub("", given.replace("'", "").replace("’", "").casefold())


@reading("back_office.yml")
def read(path: Path = PATH) -> BackOffice:
    """Raises SettingsError with the name of what cannot be used."""
    given: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
    given = given if isinstance(given, dict) else {}
    for name in ("states", "partners"):
        if not isinstance(given.get(name), dict):
            raise SettingsError(f"data/council/back_office.yml: {name} is missing: write one in each line, its meaning after a colon.")
    states = {folded(str(state)): _word(str(state), word) for state, word in given["states"].items()}
    partners = {folded(str(agency)): _partner(str(agency), row) for agency, row in given["partners"].items()}
    return BackOffice(states=states, partners=partners)


def _word(state: str, word: Any) -> str:
    if word not in WORDS:
        raise SettingsError(f"data/council/back_office.yml: {state} is {word}: give one of {', '.join(WORDS)}.")
    return str(word)


def _partner(agency: str, row: Any) -> Partner:
    row = row if isinstance(row, dict) else {}
    unknown = row.keys() - {"partner", "contractor"}
    texts = all(isinstance(value, str) and value.strip() for value in row.values())
    if "partner" not in row or unknown or not texts:
        raise SettingsError(f"data/council/back_office.yml: {agency}: write it like {{partner: Name, contractor: Name}}.")
    return Partner(**row)


_back_office = Watched((PATH,), read)


def word_of(state: str) -> str | None:
    """Our word for a state as given; None for one that we do not know."""
    return _back_office.value().states.get(folded(state))


def partner_of(agency: str | None) -> tuple[str | None, str | None]:
    """Partner and contractor of an agency as given; who is not in the table is a partner of their own."""
    if not agency:
        return None, None
    known = _back_office.value().partners.get(folded(agency))
    return (known.partner, known.contractor) if known else (agency, None)
