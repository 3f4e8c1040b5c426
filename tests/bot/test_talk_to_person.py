"""Asking for a person, by day and by night."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from bot.actions.conversation import ActionCancel
from bot.actions.talk_to_person import TalkToPerson

NIGHT = datetime(2026, 12, 24, 20, 0, tzinfo=UTC)  # the team is back on the 29th: Christmas, a weekend and Boxing Day come between


async def somebody_is_there(office: Any) -> None:
    await office.log.staff.add("sam", "x", "agent")
    person = await office.log.staff.by_name("sam")
    await office.log.desk.here(person.id)


async def test_by_day_the_citizen_hears_their_place_in_the_queue(office: Any) -> None:
    await somebody_is_there(office)
    for place in (1, 2):
        citizen = await office.web_citizen()
        here = await office.here(citizen, "I want to talk to a person", "talk_to_person")
        task = TalkToPerson()
        await task.begin(here)
        assert await office.go_on(task, here) is None
        response, values = office.said[-1]
        assert response == ("utter_person_next" if place == 1 else "utter_person_queue")
        assert values.get("place", 1) == place and (values["phone"], values["within"]) == ("01632 960100", "2 hours")
    again = await office.here(citizen, "a person please", "talk_to_person")
    await (task := TalkToPerson()).begin(again)
    await task.finish(again)
    assert office.said[-1][1]["place"] == 2 and len(await office.log.review.handovers(citizen)) == 1


async def test_by_day_with_nobody_at_their_desk_a_call_is_offered_with_an_honest_time(office: Any) -> None:
    citizen = await office.web_citizen()
    here = await office.here(citizen, "I want to talk to a person", "talk_to_person")
    await (task := TalkToPerson()).begin(here)
    assert await office.go_on(task, here) == "call"
    assert office.said[-1] == ("utter_ask_call_nobody", {"within": "2 hours", "phone": "01632 960100"})
    here = await office.here(citizen, "no thanks", "deny")
    assert await task.take("call", here) and await office.go_on(task, here) is None
    assert office.said[-1][0] == "utter_person_nobody"


async def test_who_waits_goes_back_to_the_assistant(office: Any) -> None:
    citizen = await office.web_citizen()
    await (task := TalkToPerson()).begin(await office.here(citizen, "a person please", "talk_to_person"))
    here = await office.here(citizen, "back to the assistant", "cancel")
    assert await ActionCancel().answer(office._say, here.turn, here.services) == []
    assert office.said[-1][0] == "utter_wait_over" and (await office.log.conversation(citizen)).state == "open"
    assert [row["state"] for row in await office.log.review.handovers(citizen)] == ["closed"]
    await ActionCancel().answer(office._say, here.turn, here.services)
    assert office.said[-1][0] == "utter_nothing_to_cancel" and task.end


async def test_by_night_a_call_is_offered_and_kept_with_its_number_and_time(office: Any) -> None:
    office.at = NIGHT
    citizen = await office.web_citizen()
    here = await office.here(citizen, "can I speak to someone", "talk_to_person")
    await (task := TalkToPerson()).begin(here)
    assert await office.go_on(task, here) == "call"
    assert office.said[-1][1] | {"day": "Tuesday 29 December", "hour": "9am"} == office.said[-1][1]
    (waiting,) = await office.log.review.handovers(citizen)
    assert waiting["reason"] == "talk_to_person" and waiting["details"] is None
    for words, step in (("yes please", "number"), ("07700 900123", "time"), ("after 2 in the afternoon", None)):
        here = await office.here(citizen, words)
        assert await task.take(str(await task.next(here)), here)
        assert await office.go_on(task, here) == step
    assert office.said[-1][0] == "utter_call_back"
    (kept,) = await office.log.review.handovers(citizen)
    assert kept["details"] == {"call": "after 2 in the afternoon"} and kept["contact"] == "•••123"
    assert await office.log.review.phone(citizen, whole=True) == "+447700900123"


async def test_by_night_a_citizen_may_rather_be_answered_in_the_chat(office: Any) -> None:
    office.at = NIGHT
    citizen = await office.web_citizen()
    here = await office.here(citizen, "a human please", "talk_to_person")
    await (task := TalkToPerson()).begin(here)
    here = await office.here(citizen, "no thanks", "deny")
    assert await task.take("call", here) and await office.go_on(task, here) is None
    assert office.said[-1][0] == "utter_person_later"


async def test_in_the_middle_of_a_report_nothing_is_asked(office: Any) -> None:
    office.at = NIGHT
    here = await office.here(await office.web_citizen(), "talk to a person", "talk_to_person", tasks=[{"task": "report_problem"}])
    await (task := TalkToPerson()).begin(here)
    assert await office.go_on(task, here) is None and office.said[-1][0] == "utter_person_away"


async def test_by_text_message_the_number_is_known(office: Any) -> None:
    citizen = await office.web_citizen()
    here = await office.here(citizen, "please call me back", "talk_to_person", channel="sms")
    await (task := TalkToPerson()).begin(here)
    assert await office.go_on(task, here) == "time"
    assert await task.take("time", await office.here(citizen, "any time", channel="sms"))


async def test_a_number_in_the_first_sentence_is_not_asked_for_again(office: Any) -> None:
    here = await office.here(await office.web_citizen(), "can someone ring me on 07700 900456", "talk_to_person")
    await (task := TalkToPerson()).begin(here)
    assert await office.go_on(task, here) == "time" and task.number == str(here.turn.contacts[0])
