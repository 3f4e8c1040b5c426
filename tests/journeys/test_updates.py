"""After a report was made: where it stands, more about it, that it is not fixed, taking it back."""

from __future__ import annotations

from typing import Any

from clients import ConsoleApi, Phone, Sandbox, WebChat, reference_in
from stack import Stack
from test_web_report import POTHOLE, to_the_check

from hearback.settings import SANDBOX_API_KEY


async def report(chat: WebChat) -> str:
    """A pothole report by web; its reference."""
    await to_the_check(chat)
    return reference_in((await chat.choose("Send it")).text)


async def report_by_text(phone: Phone) -> str:
    await phone.say(POTHOLE, "How big is it?")
    for words, expects in (("3", "Where in the road"), ("1", "photo"), ("1", "text you updates"), ("2", "Send it?")):
        await phone.say(words, expects)
    return reference_in(await phone.say("1", "Your reference is"))


async def updates(sandbox: Sandbox, reference: str) -> list[dict[str, Any]]:
    """The updates of a request in the back office, oldest first."""
    async with sandbox.stack.http.get(f"{sandbox.url}/servicerequestupdates.json") as answer:
        assert answer.status == 200
        return [row for row in await answer.json() if row["service_request_id"] == reference]


async def test_the_status_names_who_is_responsible_and_by_when(chat: WebChat) -> None:
    reference = await report(chat)
    where = await chat.say("how is my report going?")
    assert f"{reference} (Pothole or broken road surface) is open" in where and "Ashdown" in where and "expects to deal with it by" in where


async def test_several_reports_are_told_apart_by_what_and_where(chat: WebChat) -> None:
    first, second = await report(chat), await report(chat)
    asked = await chat.say("can I add something to my report")
    assert [reference_in(title) for title in asked.choices] == [second, first] and "outside 12 Mill Lane" in asked.choices[0]
    assert f"add to {first}" in await chat.choose(asked.choices[1])


async def test_more_about_a_report_reaches_the_back_office_once(chat: WebChat, sandbox: Sandbox, console: ConsoleApi) -> None:
    reference = await report(chat)
    assert f"What would you like to add to {reference}" in await chat.say("can I add something to my report")
    said = await chat.say("there is broken glass around it as well")
    assert f"added this to {reference}" in said and "by " in said
    (update,) = await updates(sandbox, reference)
    assert update["description"] == "there is broken glass around it as well" and update["update_id"].startswith("HB-")
    assert (await sandbox.request(reference))["status"] == "open"
    whole = await console.conversation(chat.conversation)
    (noted,) = whole["updates"]
    assert (noted["reference"], noted["kind"], noted["state"]) == (reference, "added", "sent") and whole["handovers"] == []


async def test_a_closed_report_that_is_not_fixed_is_opened_again(chat: WebChat, sandbox: Sandbox, console: ConsoleApi) -> None:
    reference = await report(chat)
    await sandbox.close(reference, "Filled.", "Ashdown Highways")
    assert "closed by Ashdown Highways. Filled." in await chat.say("how is my report going?")
    said = await chat.say(f"you said {reference} was fixed but it isn't, the hole is still there")
    assert f"{reference} (Pothole or broken road surface) is open again" in said and "must look at it by" in said and "glad" not in said
    request = await sandbox.request(reference)
    assert request["status"] == "open" and "still there" in request["status_notes"]
    (handover,) = (await console.conversation(chat.conversation))["handovers"]
    assert handover["reason"] == "outcome_not_fixed" and handover["details"]["reference"] == reference
    assert f"added this to {reference}" in await chat.say("the edges are crumbling as well")


async def test_more_about_a_closed_report_asks_whether_the_problem_is_there(chat: WebChat, sandbox: Sandbox) -> None:
    reference = await report(chat)
    await sandbox.close(reference, "Filled.", "Ashdown Highways")
    await chat.say("can I add something to my report")
    assert (await chat.say("the crew left two cones behind")).choices == ["It is still there", "It is gone"]
    assert f"added this to {reference}" in await chat.choose("It is gone")
    assert (await sandbox.request(reference))["status"] == "closed"


async def test_still_there_said_unasked_opens_it_again(phone: Phone, sandbox: Sandbox) -> None:
    reference = await report_by_text(phone)
    await sandbox.close(reference, "Filled.", "Ashdown Highways")
    assert f"{reference} is open again" in await phone.say("it's still there, nothing has been done", "again")
    (update,) = (await updates(sandbox, reference))[1:]
    assert update["status"] == "reopen"


async def test_fixed_said_unasked_is_noted_and_without_a_report_asked_about(stack: Stack, chat: WebChat) -> None:
    assert "Which report is this about?" in await chat.say("yes it has been fixed now")
    other = await WebChat(stack).start()
    reference = await report(other)
    assert f"noted that {reference} is done" in await other.say("yes it has been fixed now")


async def test_an_update_that_the_back_office_does_not_take_is_kept_for_the_team(
    chat: WebChat, sandbox: Sandbox, console: ConsoleApi
) -> None:
    reference = await report(chat)
    assert "What would you like to add" in await chat.say("can I add something to my report")
    # Not for one answer only: the one who watches the back office asks it too.
    await sandbox.fault({"status": 404})
    said = await chat.say("it is next to the school gate")
    await sandbox.fault(None)
    assert "could not add this" in said and "our team" in said
    whole = await console.conversation(chat.conversation)
    assert whole["updates"][0]["state"] == "with_team"
    (handover,) = whole["handovers"]
    assert handover["reason"] == "update_request"
    assert handover["details"] == {"reference": reference, "words": "it is next to the school gate"}


async def test_while_the_back_office_is_away_the_team_hears_that_it_is_not_fixed(
    phone: Phone, sandbox: Sandbox, console: ConsoleApi
) -> None:
    reference = await report_by_text(phone)
    await sandbox.fault({"status": 503})
    try:
        await phone.say(f"you said {reference} was fixed but it isn't", "our team will do it by hand")
    finally:
        await sandbox.fault(None)
    whole = await console.of(phone)
    assert [(one["kind"], one["state"]) for one in whole["updates"]] == [("not_fixed", "with_team")]
    assert whole["handovers"][0]["reason"] == "outcome_not_fixed"


async def test_a_report_is_taken_back_after_a_last_question(chat: WebChat, sandbox: Sandbox, console: ConsoleApi) -> None:
    reference = await report(chat)
    sure = await chat.say("please withdraw my report")
    assert reference in sure and "outside 12 Mill Lane" in sure and sure.choices == ["Withdraw it", "Keep it"]
    assert "changed nothing" in await chat.choose("Keep it")
    assert (await sandbox.request(reference))["status"] == "open"
    await chat.say("please withdraw my report")
    assert f"withdrawn {reference}" in await chat.choose("Withdraw it")
    request = await sandbox.request(reference)
    assert request["status"] == "closed" and "Withdrawn" in request["status_notes"]
    assert (await console.request(reference))["state"] == "withdrawn"


async def test_a_report_that_is_still_kept_here_is_taken_back_and_never_sent(chat: WebChat, sandbox: Sandbox, console: ConsoleApi) -> None:
    await to_the_check(chat, "there's a massive pothole outside 77 Mill Lane AD1 2BC")
    await sandbox.fault({"status": 503})
    try:
        assert "I have your report" in await chat.choose("Send it")
        assert "has not been sent" in await chat.say("please withdraw my report")
        assert "will not be sent" in await chat.choose("Withdraw it")
    finally:
        await sandbox.fault(None)
    (row,) = (await console.conversation(chat.conversation))["requests"]
    assert row["state"] == "withdrawn"
    assert not [one for one in await sandbox.requests(service_code="POTHOLE") if "77 Mill Lane" in (one["description"] or "")]


async def test_another_s_report_is_not_withdrawn_but_passed_on(stack: Stack, chat: WebChat, sandbox: Sandbox, console: ConsoleApi) -> None:
    reference = await report(chat)
    other = await WebChat(stack).start()
    offered = await other.say(f"withdraw {reference}")
    assert "not reported in this chat" in offered and "Mill Lane" not in offered
    assert "asked our team" in await other.choose("Pass it on")
    assert (await sandbox.request(reference))["status"] == "open"
    (handover,) = (await console.conversation(other.conversation))["handovers"]
    assert handover["reason"] == "withdraw_request" and handover["details"] == {"reference": reference, "own": "no"}


async def test_by_text_a_report_is_added_to_and_taken_back(phone: Phone, sandbox: Sandbox) -> None:
    reference = await report_by_text(phone)
    await phone.say(f"add to {reference} that there is broken glass as well", f"Added to {reference}")
    assert "1 Withdraw it" in await phone.say("please withdraw my report", "Withdraw it?")
    await phone.say("1", f"{reference} is withdrawn")
    assert (await sandbox.request(reference))["status"] == "closed"


async def test_the_same_update_again_changes_nothing_in_the_back_office(chat: WebChat, sandbox: Sandbox) -> None:
    """What a turn that is run again relies on."""
    reference = await report(chat)
    form = {"service_request_id": reference, "update_id": "HB-1", "status": "OPEN", "description": "x", "api_key": SANDBOX_API_KEY}
    for _ in range(2):
        posted = {**form, "updated_datetime": "2026-11-24T10:00:00Z"}
        async with sandbox.stack.http.post(f"{sandbox.url}/servicerequestupdates.json", data=posted) as answer:
            assert answer.status == 200
    async with sandbox.stack.http.get(
        f"{sandbox.url}/servicerequestupdates.json", params={"start_date": "2026-11-24T00:00:00Z", "end_date": "2026-11-25T00:00:00Z"}
    ) as answer:
        assert len([row for row in await answer.json() if row["service_request_id"] == reference]) == 1
