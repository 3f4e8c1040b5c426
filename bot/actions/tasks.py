"""Every citizen task that asks questions, by the intent that begins it."""

from __future__ import annotations

from bot.actions.ask_bin_day import AskBinDay
from bot.actions.ask_information import AskInformation
from bot.actions.book_bulky_waste import BookBulkyWaste
from bot.actions.check_request import CheckRequest
from bot.actions.find_support import FindSupport
from bot.actions.order_bin import OrderBin
from bot.actions.report_missed_bin import ReportMissedBin
from bot.actions.report_problem import ReportProblem
from bot.actions.report_repair import ReportRepair
from bot.actions.task import Task

TASKS: dict[str, type[Task]] = {
    task.name: task
    for task in (
        AskBinDay,
        AskInformation,
        BookBulkyWaste,
        CheckRequest,
        FindSupport,
        OrderBin,
        ReportMissedBin,
        ReportProblem,
        ReportRepair,
    )
}
