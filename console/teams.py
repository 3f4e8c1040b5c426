"""The teams of data/council/teams.yml, as people are put into them."""

from __future__ import annotations

import yaml

from hearback.settings import ROOT

FILE = ROOT / "data" / "council" / "teams.yml"


def known_teams() -> dict[str, str]:
    """Each team's word and its English name; none where the council names no teams."""
    try:
        read = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    teams = read.get("teams", {}) if isinstance(read, dict) else {}
    return {str(word): str(about["name"]["en"]) for word, about in teams.items()}
