"""report_repair: a repair in a council home."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from bot.actions.report_problem import ReportProblem


@dataclass
class ReportRepair(ReportProblem):
    name: ClassVar[str] = "report_repair"
    service: str | None = "REPAIR"
