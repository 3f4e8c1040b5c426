"""Every citizen task that asks questions, by the intent that begins it; AddMore follows on a "no" and has none."""

from __future__ import annotations

from bot.actions.adding import AddMore
from bot.actions.ask_bin_day import AskBinDay
from bot.actions.ask_information import AskInformation
from bot.actions.ask_my_data import AskMyData
from bot.actions.book_bulky_waste import BookBulkyWaste
from bot.actions.check_request import CheckRequest
from bot.actions.find_support import FindSupport
from bot.actions.give_compliment import GiveCompliment
from bot.actions.make_complaint import MakeComplaint
from bot.actions.order_bin import OrderBin
from bot.actions.outcomes import OutcomeFixed, OutcomeNotFixed, OutcomeNotMine, OutcomePartly
from bot.actions.report_missed_bin import ReportMissedBin
from bot.actions.report_problem import ReportProblem
from bot.actions.report_repair import ReportRepair
from bot.actions.talk_to_person import TalkToPerson
from bot.actions.task import Task
from bot.actions.update_request import UpdateRequest
from bot.actions.withdraw_request import WithdrawRequest

TASKS: dict[str, type[Task]] = {
    task.name: task
    for task in (
        AddMore,
        AskBinDay,
        AskInformation,
        AskMyData,
        BookBulkyWaste,
        CheckRequest,
        FindSupport,
        GiveCompliment,
        MakeComplaint,
        OrderBin,
        OutcomeFixed,
        OutcomeNotFixed,
        OutcomeNotMine,
        OutcomePartly,
        ReportMissedBin,
        ReportProblem,
        ReportRepair,
        TalkToPerson,
        UpdateRequest,
        WithdrawRequest,
    )
}
