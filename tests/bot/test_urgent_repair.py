"""Repairs in council homes: what cannot wait goes to the emergency line first."""

from __future__ import annotations

import pytest
from home_world import Citizen, World, citizen, world

__all__ = ["citizen", "world"]
REPAIR = "report_repair"


@pytest.mark.parametrize(
    ("words", "urgent"),
    [
        ("heating not working and ive got a newborn", True),
        ("no heating, no hot water, pensioner, AD3 2KK", True),
        ("the boiler's broken, no heating and my baby is freezing", True),
        ("water is pouring through the ceiling and we can't stop it", True),
        ("we've got no electricity in the whole flat", True),
        ("my kitchen socket is sparking", True),
        ("front door won't lock", True),
        ("sewage is coming up in the bath", True),
        ("the boiler has broken down", False),
        ("leak under the sink", False),
        ("damp in the bedroom", False),
        ("kitchen cupboard door fell off its hinges", False),
        ("extractor fan in the bathroom has packed up", False),
    ],
)
async def test_what_is_urgent_is_told_first(citizen: Citizen, words: str, urgent: bool) -> None:
    said = await citizen.say(words, REPAIR)
    assert said.startswith("This sounds urgent. Please call 01632 960999") is urgent
    assert said.endswith("Do you rent your home from the council?") and not citizen.done


async def test_a_repair_from_one_sentence_to_the_reference(citizen: Citizen, world: World) -> None:
    asked = await citizen.say("the kitchen tap is leaking in my council flat, 12 Mill Lane", REPAIR)
    assert asked == "When can we visit? (For example, weekday mornings)"
    await citizen.say("any weekday after 3")
    checked = await citizen.say("no", "deny")
    assert all(words in checked for words in ("A leak or plumbing", "any weekday after 3", "12 Mill Lane, AD1 2BC"))
    sent = await citizen.choose("Send it")
    (request,) = await world.requests("REPAIR")
    assert request["service_request_id"] in sent and "2 working days" in sent


async def test_other_homes_are_told_what_to_do(citizen: Citizen, world: World) -> None:
    await citizen.say("damp in the bedroom", REPAIR)
    assert "tell your landlord" in await citizen.choose("No") and citizen.done
    assert "tell your landlord" in await citizen.say("my private landlord won't fix the damp", REPAIR) and citizen.done


async def test_urgency_is_noticed_later_and_once(citizen: Citizen) -> None:
    await citizen.say("no heating in my council flat", REPAIR)
    await citizen.say("12 Mill Lane")
    said = await citizen.say("any time, I have a baby here")
    assert said.startswith("This sounds urgent") and "updates" in said
    assert "urgent" not in await citizen.say("no", "deny")


async def test_a_repair_is_taken_while_the_address_list_is_away(citizen: Citizen, world: World) -> None:
    await world.fault("bins", {"status": 503})
    await citizen.say("damp in the bedroom of my council house", REPAIR)
    assert "When can we visit" in await citizen.say("12 Mill Lane AD1 2BC")
    await citizen.say("mornings")
    await citizen.say("no", "deny")
    await citizen.choose("Send it")
    (request,) = await world.requests("REPAIR")
    assert request["address"] == "12 Mill Lane AD1 2BC"
