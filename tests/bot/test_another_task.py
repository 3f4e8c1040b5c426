"""A report that turns out to be a task of its own, and what is noted for later."""

from __future__ import annotations

from home_world import Citizen, World, citizen, world  # noqa: F401  (fixtures)

WORDS = "the lads never emptied my black bin"


async def test_a_service_with_a_task_of_its_own_begins_it_and_keeps_the_words(world: World, citizen: Citizen) -> None:  # noqa: F811
    await citizen.say(WORDS, "report_problem")
    citizen.choices = {"Missed bin collection": '/inform{"choice":"service:MISSEDBIN"}'}
    assert "postcode" in await citizen.choose("Missed bin collection")
    (task,) = citizen.slots["tasks"]
    assert (task["task"], task["description"]) == ("report_missed_bin", WORDS)


async def test_only_so_many_requests_are_noted_for_later(world: World, citizen: Citizen) -> None:  # noqa: F811
    await citizen.say("new bin please", "order_bin")
    for number in range(7):
        await citizen.say(f"there is also a pothole outside number {number}", "report_problem")
    assert len(citizen.slots["later"]) == 5
