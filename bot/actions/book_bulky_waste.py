"""book_bulky_waste: large items taken away."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from bot.actions.report_problem import ReportProblem


@dataclass
class BookBulkyWaste(ReportProblem):
    name: ClassVar[str] = "book_bulky_waste"
    service: str | None = "BULKY"
