"""The teams that answer citizens, and the replies that colleagues pick from: `data/council/teams.yml` and `replies.yml`, checked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from string import Formatter
from typing import Any

import yaml

from hearback import profile
from hearback.council_files import reading
from hearback.opening_hours import OpeningHours, opening_hours
from hearback.settings import SettingsError
from hearback.watched import Watched

ROUNDED = ((5, 5), (20, 5), (90, 15))  # up to so many minutes, told in steps of
FILLED = frozenset(("name", "reference", "council", "phone", "hours"))  # what a reply may name


@dataclass(frozen=True, kw_only=True)
class Team:
    """`names` by language; minutes count while the team is open."""

    key: str
    names: dict[str, str]
    reasons: frozenset[str]
    services: frozenset[str]
    answer_within: int
    told_after: int
    own_hours: OpeningHours | None = None

    def name(self, language: str = "en") -> str:
        return self.names.get(language, self.names["en"])

    @property
    def hours(self) -> OpeningHours:
        return self.own_hours or opening_hours()

    def is_open(self, moment: datetime) -> bool:
        return self.hours.is_open(moment)


@dataclass(frozen=True, kw_only=True)
class Teams:
    """`all` in the order of the file; `quiet_after` in minutes."""

    all: dict[str, Team]
    quiet_after: int
    lengths: dict[str, dict[str, str]]

    def of(self, key: str | None) -> Team:
        """The team of this name, the first where there is none."""
        return self.all.get(key or "", next(iter(self.all.values())))

    def for_what(self, reason: str, service: str | None = None) -> Team:
        """Whose a conversation is: asked for a person, whoever does what was reported; else who takes this reason."""
        if reason in ("talk_to_person", "request_refused", "update_request", "withdraw_request"):
            for team in self.all.values():
                if service and service in team.services:
                    return team
        return next((team for team in self.all.values() if reason in team.reasons), self.of(None))

    def length(self, minutes: float, language: str = "en") -> str:
        """How long something usually takes, in words, never less than it does: "15 minutes", "2 hours"."""
        words = self.lengths.get(language, self.lengths["en"])
        for most, step in ROUNDED:
            if minutes <= most:
                return words["minutes"].format(n=max(5, -int(-minutes // step) * step))
        return words["hours"].format(n=max(2, -int(-minutes // 60)))


@dataclass(frozen=True, kw_only=True)
class Canned:
    """A reply to begin from."""

    id: str
    title: str
    texts: dict[str, str]

    def text(self, language: str, values: dict[str, str]) -> str | None:
        """In a citizen's language; None where it names something that is not there."""
        text = self.texts.get(language, self.texts["en"])
        named = {name for _, name, _, _ in Formatter().parse(text) if name}
        return text.format(**values) if all(values.get(name) for name in named) else None


@reading("teams.yml")
def read_teams(folder: Path = profile.FOLDER) -> Teams:
    """From `teams.yml`; raises SettingsError with a sentence that names what is wrong."""
    told = yaml.safe_load((folder / "teams.yml").read_text(encoding="utf-8"))
    if not isinstance(told, dict) or not isinstance(told.get("teams"), dict) or not told["teams"]:
        raise _wrong("it names no teams", "give at least one under teams:")
    lengths = told.get("lengths") or {}
    if not all(set(lengths.get(code) or ()) >= {"minutes", "hours"} for code in profile.answered_languages()):
        raise _wrong("lengths is not complete", f"give minutes and hours for {', '.join(profile.answered_languages())}")
    teams = {str(key): _team(str(key), row or {}) for key, row in told["teams"].items()}
    return Teams(all=teams, quiet_after=_minutes("quiet_after", told.get("quiet_after", 10)), lengths=lengths)


def _team(key: str, row: dict[str, Any]) -> Team:
    names = row.get("name") or {}
    if not isinstance(names, dict) or not all(isinstance(names.get(code), str) for code in profile.answered_languages()):
        raise _wrong(f"{key} has no name in every language", f"give it in {', '.join(profile.answered_languages())}")
    if len(key) > 40:
        raise _wrong(f"{key} is too long", "name a team with 40 letters or fewer")
    hours = OpeningHours.read({**profile.council(), "opening_times": row["opening_times"]}) if row.get("opening_times") else None
    within = _minutes(f"{key}: answer_within", row.get("answer_within", int(profile.council().get("answer_hours", 2)) * 60))
    return Team(
        key=key, names=names, reasons=frozenset(row.get("reasons") or ()), services=frozenset(row.get("services") or ()),
        answer_within=within, told_after=_minutes(f"{key}: told_after", row.get("told_after", 10)), own_hours=hours,
    )  # fmt: skip


def _minutes(name: str, given: object) -> int:
    if isinstance(given, bool) or not isinstance(given, int) or not 1 <= given <= 10080:
        raise _wrong(f"{name} is {given!r}", "give a whole number of minutes")
    return given


@reading("replies.yml")
def read_replies(folder: Path = profile.FOLDER) -> tuple[Canned, ...]:
    """From `replies.yml`; raises SettingsError with a sentence that names what is wrong."""
    rows = yaml.safe_load((folder / "replies.yml").read_text(encoding="utf-8")) or []
    found = []
    for row in rows:
        texts = row.get("text") or {}
        if not row.get("id") or not row.get("title") or not isinstance(texts.get("en"), str):
            raise _wrong(f"{row.get('id') or 'a reply'} is not complete", "give id, title and an English text", "replies.yml")
        named = {name for text in texts.values() for _, name, _, _ in Formatter().parse(text) if name}
        if named - FILLED:
            raise _wrong(f"{row['id']} names {sorted(named - FILLED)[0]}", f"take some of {', '.join(sorted(FILLED))}", "replies.yml")
        found.append(Canned(id=str(row["id"]), title=str(row["title"]), texts=texts))
    return tuple(found)


def _wrong(what: str, then: str, file: str = "teams.yml") -> SettingsError:
    return SettingsError(f"data/council/{file}: {what}: {then}.")


_teams = Watched((profile.FOLDER / "teams.yml", profile.FOLDER / "profile.yml"), read_teams)
_replies = Watched((profile.FOLDER / "replies.yml",), read_replies)


def teams() -> Teams:
    """As the file is now."""
    return _teams.value()


def replies() -> tuple[Canned, ...]:
    """As the file is now."""
    return _replies.value()
