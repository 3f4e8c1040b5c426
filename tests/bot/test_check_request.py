"""Asking after a complaint: by its reference or in words, by whoever made it."""

from __future__ import annotations

from typing import Any

from bot.actions.check_request import CheckRequest
from bot.actions.make_complaint import MakeComplaint


async def test_my_complaint_is_the_latest_one_of_mine(office: Any) -> None:
    citizen = await office.web_citizen()
    complaint = MakeComplaint(words="The clerk was rude.", contact="here")
    await complaint.finish(await office.here(citizen, "reply here", "make_complaint"))
    await complaint.finish(await office.here(citizen, "reply here", "make_complaint"))
    for words in ("how is my complaint going?", "how is my report going?", "what about C-000002"):
        here = await office.here(citizen, words, "check_request")
        await (task := CheckRequest()).begin(here)
        await office.go_on(task, here)
        assert office.said[-1] == ("utter_case_waiting_until", {"reference": "C-000002", "day": "Tuesday 8 December"})


async def test_another_s_complaint_is_unknown(office: Any) -> None:
    await MakeComplaint(words="The clerk was rude.", contact="here").finish(await office.here(await office.web_citizen(), "here"))
    here = await office.here(await office.web_citizen(), "how is C-000001 going", "check_request")
    await (task := CheckRequest()).begin(here)
    await office.go_on(task, here)
    assert office.said[-1][0] == "utter_reference_unknown"
