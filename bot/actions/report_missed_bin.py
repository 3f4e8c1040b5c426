"""report_missed_bin: the citizen's own bin was not emptied."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from bot.actions.report_problem import ReportProblem


@dataclass
class ReportMissedBin(ReportProblem):
    name: ClassVar[str] = "report_missed_bin"
    service: str | None = "MISSEDBIN"
