"""order_bin: a new, replacement or extra bin."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from bot.actions.report_problem import ReportProblem


@dataclass
class OrderBin(ReportProblem):
    name: ClassVar[str] = "order_bin"
    service: str | None = "NEWBIN"
