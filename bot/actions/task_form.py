"""The one form that leads through every citizen task. A task begun in the middle of another is done first, then the other goes on."""

from __future__ import annotations

import re

from bot.actions.journal import Journal
from bot.actions.photos import recalled
from bot.actions.services import Services
from bot.actions.task import CANCELLED, SKIP, SURE, Here, Task, task_slots
from bot.actions.tasks import TASKS
from bot.actions.turn import REQUESTS, CitizenAction, Events, Say, Turn, set_slots
from hearback import profile

BACK = re.compile(rf"^\W*(?:{profile.words_of('back')})\W*$", re.IGNORECASE)
SURE_OF_WITHDRAWAL = 0.8
MOST_LATER = 5  # requests noted while another is in hand
AT_ONCE = 3  # tasks begun inside one another
# Answered by an action of their own, after which the question in hand is asked again.
ASIDES = frozenset("help bot_challenge report_danger cancel restart goodbye".split())
OF_THE_SENT = frozenset({"withdraw_request", "update_request"})  # unnamed, and said of a report in the making, they mean that one


class ValidateTaskForm(CitizenAction):
    """Takes what the citizen says into the task in hand; no event at all hands the turn to another rule."""

    async def answer(self, say: Say, turn: Turn, services: Services) -> Events:
        here, journal = Here(turn, services, say), Journal()
        tasks = [TASKS[kept["task"]].of(kept) for kept in turn.slots.get("tasks") or ()]
        before, events = list(tasks), Events()
        if turn.returning and tasks:
            if turn.intent == "report_danger":
                say("utter_when_safe")
        elif turn.asked is None or not tasks:
            if turn.intent not in TASKS:
                return task_slots([])
            tasks, events = [await self._begun(here)], set_slots(photo=None) if turn.slots.get("photo") else []
        elif not await _takes_picture(tasks[-1], turn.picture, here) or turn.words:
            taken = await self._take(tasks, here, journal)
            if taken is None:
                return []
            events = taken
        journal.compare(before, tasks)
        return [*events, *await self._go_on(tasks, here, journal), *set_slots(journal=journal.entries)]

    async def _begun(self, here: Here, name: str | None = None) -> Task:
        task = TASKS[name or here.turn.intent]()
        await task.begin(here)
        await _takes_picture(task, here.turn.picture or recalled(here), here)
        return task

    async def _take(self, tasks: list[Task], here: Here, journal: Journal) -> Events | None:
        """Take an answer; None when the citizen turned to something that a rule of its own answers."""
        task, turn = tasks[-1], here.turn
        if turn.picked:
            if await task.pick(*turn.picked, here):
                task.misses = 0
                return []
            if turn.intent == "inform":
                return []  # a choice of something that is over: the question in hand is asked again
        elif BACK.match(turn.words):
            task.back(here)
            return []
        # "skip" is near "cancel" for the classifier: it passes one question over and never throws the task away.
        skips = SKIP.match(turn.words) is not None or (task.optional and turn.means("cancel"))
        if not skips and (turn.intent == "report_danger" or turn.means("cancel", "restart")):
            return None
        if await task.correct(here):
            journal.corrected(task)
            task.misses = 0
            return []
        step = await task.next(here)
        if step is not None and not turn.picked and await task.take(step, here):
            task.misses = 0
            return []
        if not skips and self._interrupts(tasks, here):
            return await self._another(tasks, here)
        if not skips and (turn.picked or turn.means(*ASIDES, sure=SURE) or turn.means("thanks", "greet", "help")):
            return None
        task.misses += 1
        here.say("utter_not_an_answer" if task.misses < 2 else "utter_not_an_answer_again")
        return []

    def _interrupts(self, tasks: list[Task], here: Here) -> bool:
        """Whether the citizen begins another task."""
        turn = here.turn
        if turn.intent == tasks[-1].name and turn.intent in REQUESTS and not turn.picked and not tasks[-1].another(here):
            return False
        if turn.intent not in TASKS or len(tasks) >= AT_ONCE or not (TASKS[turn.intent].interrupts or turn.picked):
            return False
        return turn.picked is not None or turn.means(turn.intent, sure=SURE) or turn.means("talk_to_person")

    async def _another(self, tasks: list[Task], here: Here) -> Events:
        """A second request waits until the first is done; a question is answered first."""
        if here.turn.intent in REQUESTS and here.turn.words and tasks[-1].name in REQUESTS:
            later = here.turn.slots.get("later") or []
            if len(later) >= MOST_LATER:
                here.say("utter_not_an_answer_again")
                return []
            here.say("utter_noted_for_later")
            return set_slots(later=[*later, here.turn.words])
        if here.turn.intent in OF_THE_SENT and tasks[-1].name in REQUESTS and here.turn.reference is None:
            if here.turn.means("withdraw_request", sure=SURE_OF_WITHDRAWAL):
                tasks.pop().end = CANCELLED
                here.say("utter_cancelled")
            else:
                here.say("utter_not_an_answer_again")
            return []
        if tasks[-1].optional:
            tasks.pop()
        tasks.append(await self._begun(here))
        return []

    async def _go_on(self, tasks: list[Task], here: Here, journal: Journal) -> Events:
        """Finish what is complete, then ask the next question of what is not."""
        events: Events = []
        while tasks:
            if other := tasks[-1].instead():
                earlier, tasks[-1] = tasks[-1], await self._begun(here, other)
                tasks[-1].carry(earlier)
                journal.turned(earlier, tasks[-1])
            step = await tasks[-1].next(here)
            if step is not None:
                events += await tasks[-1].ask(step, here)
                journal.asked(tasks[-1], step)
                break
            done = tasks.pop()
            events += await done.finish(here)
            journal.ended(done)
            if (more := done.follow_up()) and not tasks and not here.turn.slots.get("later"):
                tasks.append(more)
        return [*events, *task_slots([task.kept() for task in tasks])]


async def _takes_picture(task: Task, url: str | None, here: Here) -> bool:
    """Take a photo that came with this message; one that was asked for needs no word of thanks, the next question follows."""
    asked_for = url is not None and await task.next(here) == "photo"
    taken = url is not None and task.take_picture(url)
    if taken and not asked_for:
        here.say("utter_photo_added")
    return taken
