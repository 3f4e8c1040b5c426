"""A made-up city: conversations of two years with requests, outcomes, tasks and ratings, the same for the same seed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from hearback.bench.citizens import Citizens
from hearback.keys import Keys

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
SPAN = timedelta(days=730)
# Code, partner, how often of a thousand, share of "done" that works.
SERVICES = (
    ("POTHOLE", "Ashdown Highways", 150, 0.62), ("PAVEMENT", "Ashdown Highways", 50, 0.66), ("STREETLIGHT", "Lumen", 80, 0.85),
    ("TRAFFICLIGHT", "Lumen", 15, 0.9), ("SIGN", "Ashdown Highways", 20, 0.8), ("FLYTIP", "Cleaner Streets", 120, 0.74),
    ("LITTER", "Cleaner Streets", 60, 0.6), ("GRAFFITI", "Cleaner Streets", 40, 0.7), ("FLYPOST", "Cleaner Streets", 8, 0.7),
    ("DOGFOUL", "Cleaner Streets", 25, 0.5), ("DEADANIMAL", "Cleaner Streets", 10, 0.9), ("STRAYDOG", "Wardens", 8, 0.8),
    ("ABANDONED", "Wardens", 22, 0.6), ("PARKING", "Wardens", 35, 0.3), ("TREE", "Green Care", 40, 0.7), ("HEDGE", "Green Care", 20, 0.72),
    ("DRAIN", "Ashdown Highways", 35, 0.68), ("FLOOD", "Ashdown Highways", 10, 0.6), ("NOISE", None, 25, 0.35),
    ("PEST", "Wardens", 17, 0.75),
    ("EMPTYPROP", None, 5, 0.4), ("ROUGHSLEEP", None, 5, 0.5), ("MISSEDBIN", "Waste Partners", 130, 0.88),
    ("NEWBIN", "Waste Partners", 30, 0.95),
    ("BULKY", "Waste Partners", 30, 0.93), ("REPAIR", None, 10, 0.7),
)  # fmt: skip
FEES = {"POTHOLE": 6200.0, "STREETLIGHT": 4800.0, "FLYTIP": 7400.0, "MISSEDBIN": 350.0, "BULKY": 1900.0, "GRAFFITI": 3900.0}
TASKS = ("report_problem", "report_missed_bin", "check_request", "find_support", "ask_information", "talk_to_person")
STEPS = ("what", "where", "when", "photo", "contact", "confirm")
ANSWERED = (
    "Thank you. Where is it?",
    "Is this right? Then I send it.",
    "Sent. We tell you when something changes.",
    "Is there anything else?",
)
Rows = dict[str, list[dict[str, Any]]]


@dataclass
class City:
    """Gives rows by table, some conversations at a time; ids count on over all of it."""

    messages: int
    requests: int
    keys: Keys
    seed: int = 1
    last: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._chance = Random(self.seed)
        self._citizens = Citizens(self.seed)
        self._conversations = max(1, self.messages // 10)
        self._numbers = max(1, self._conversations // 2)
        self._numbered: dict[int, str] = {}
        self._places: dict[tuple[str, str], tuple[int, datetime]] = {}

    def rows(self, at_once: int = 1000) -> Iterator[Rows]:
        """Batches of whole conversations, in the order in which they began."""
        step = SPAN / self._conversations
        some: Rows = {}
        for number in range(self._conversations):
            self._conversation(some, number, NOW - SPAN + step * number)
            if (number + 1) % at_once == 0:
                yield some
                some = {}
        yield some

    def _raised(self, conversations: int) -> int:
        """How many requests so many conversations raised: of four one none, two as many as all do, one twice as many."""
        if conversations == self._conversations:
            return self.requests
        fours, rest = divmod(conversations, 4)
        return int(self.requests / self._conversations * (4 * fours + (0, 0, 1, 3)[rest]))

    def _id(self, table: str) -> int:
        self.last[table] = self.last.get(table, 0) + 1
        return self.last[table]

    def _conversation(self, some: Rows, number: int, at: datetime) -> None:
        chance, own = self._chance, f"seed{number:028}"
        channel = chance.choices(("web", "sms", "whatsapp"), (55, 40, 5))[0]
        contact = self._contact(some, at) if channel != "web" or chance.random() < 0.2 else None
        turns = 5
        texts = round(4.0 * turns * chance.choice((1, 1, 2)), 1) if channel == "sms" else 0.5 * turns if channel == "whatsapp" else 0.0
        ended = channel == "web" and chance.random() < 0.7
        handed = chance.random() < 0.05
        minutes = chance.randint(2, 15) if handed else 0
        waits = handed and at > NOW - timedelta(days=3)
        language = self._citizens.language()
        self._add(
            some, "conversations", id=own, channel=channel, contact_id=contact, language=language,
            state="waiting" if waits else "ended" if ended else "open",
            created_at=at, updated_at=at + timedelta(minutes=9), ended_at=at + timedelta(minutes=9) if ended else None, contacted_at=at,
            cost_texts=texts, cost_turns=0.2 * turns, cost_staff=55.0 * minutes, cost_overhead=5.0,
        )  # fmt: skip
        share = self.messages / self._conversations
        for place in range(int(share * (number + 1)) - int(share * number)):
            self._message(some, own, channel, language, place, at + timedelta(minutes=place))
        raised = [
            self._request(some, own, channel, contact, at + timedelta(minutes=place * 2))
            for place in range(self._raised(number + 1) - self._raised(number))
        ]
        self._tasks(some, own, channel, raised, at, handed)
        if handed:
            self._add(
                some, "handovers", id=self._id("handovers"), key=f"seed:{own}", conversation_id=own,
                reason=self._citizens.reason(), priority=0,
                state="waiting" if waits else "closed", created_at=at, closed_at=None if waits else at + timedelta(hours=3),
                minutes=None if waits else float(minutes),
            )  # fmt: skip
        if ended and chance.random() < 0.3:
            score = chance.choices((1, 2, 3, 4, 5), (10, 8, 17, 35, 30))[0]
            self._add(some, "ratings", conversation_id=own, score=score, created_at=at + timedelta(minutes=10))

    def _contact(self, some: Rows, at: datetime) -> int:
        number = self._chance.randrange(self._numbers) + 1
        if number not in self._numbered:
            # Ofcom keeps 07700 900000 to 900999 free for stories; the pseudonyms tell more citizens apart than there are numbers.
            self._numbered[number] = self.keys.encrypt(f"+447700900{number % 1000:03}")
            self._add(
                some, "contacts", id=number, kind="phone", pseudonym=f"seed{number:028}", encrypted=self._numbered[number], created_at=at
            )
        return number

    def _message(self, some: Rows, own: str, channel: str, language: str, place: int, at: datetime) -> None:
        inbound, number = place % 2 == 0, self._id("messages")
        said = self._citizens.said(place) if inbound else None
        lost = self._citizens.rarely(0.004)
        text_sent = channel != "web" and not inbound
        self._add(
            some, "messages", id=number, conversation_id=own, channel=channel, author="citizen" if inbound else "bot",
            provider_id=f"seed-{number}" if inbound or text_sent else None, text=said.text if said else self._chance.choice(ANSWERED),
            state="answered" if inbound else ("undelivered" if lost else "delivered") if text_sent else "posted",
            error="30003" if lost and text_sent else None, intent=said.intent if said else None,
            confidence=said.confidence if said else None, margin=said.margin if said else None,
            corrected=said.corrected if said else False,
            understanding=said.understanding(language) if said else None, reply_to=None if inbound else number - 1,
            attempts=int(text_sent), page=0, outreach=False,
            segments=1 if text_sent else None, cost=4.0 if text_sent and channel == "sms" else None, created_at=at, state_at=at,
        )  # fmt: skip

    def _request(self, some: Rows, own: str, channel: str, contact: int | None, at: datetime) -> str:
        chance, number = self._chance, self._id("requests")
        code, partner, _, works = chance.choices(SERVICES, [one[2] for one in SERVICES])[0]
        lat, long = round(chance.uniform(51.0, 51.2), 5), round(chance.uniform(0.0, 0.4), 5)
        place = f"point:{round(lat / 0.0009)}:{round(long / 0.0015)}"
        before = self._places.get((code, place))
        again = before[0] if before and at - before[1] < timedelta(days=14) else None
        if again is None and chance.random() < 0.06 and number > 50:
            again = number - chance.randint(1, 50)
        self._places[(code, place)] = number, at
        reference, done_at = f"SEED-{number}", at + timedelta(days=chance.expovariate(1 / 8))
        done = done_at < NOW and chance.random() < 0.97
        self._add(
            some, "requests", id=number, key=f"seed:{number}", conversation_id=own, service_code=code, service_name=code.title(),
            report={"description": "Seeded", "lat": lat, "long": long}, contact_id=contact, updates=False, followed=False, state="sent",
            attempts=1, reference=reference, agency_responsible=partner, status="closed" if done else "open",
            progress="done" if done else "open", declared_at=done_at if done else None, place_key=place, repeat_of=again, told_at=at,
            created_at=at, updated_at=at, hears="all", watch_failures=0, watch_at=None,
        )  # fmt: skip
        self._rounds(some, own, channel, number, code, partner, works, at, done_at if done else None)
        return code

    def _rounds(
        self,
        some: Rows,
        own: str,
        channel: str,
        request: int,
        code: str,
        partner: str | None,
        works: float,
        at: datetime,
        done_at: datetime | None,
    ) -> None:
        chance = self._chance
        for turn in (1, 2, 3):
            number = self._id("outcomes")
            asked_at = done_at + timedelta(days=2) if done_at and done_at + timedelta(days=2) < NOW and chance.random() < 0.9 else None
            answer = None
            if asked_at and chance.random() < 0.31:
                no = chance.choices(("not_fixed", "partly", "not_mine"), (60, 32, 8))[0]
                answer = "fixed" if chance.random() < works else no
            answered_at = asked_at + timedelta(hours=chance.expovariate(1 / 20)) if asked_at and answer else None
            opened = answer in ("partly", "not_fixed")
            self._add(
                some, "outcomes", id=number, key=f"request:seed:{request}:{turn}", subject="request", round=turn, conversation_id=own,
                request_id=request, reference=f"SEED-{request}", channel=channel, task="report_problem", service_code=code,
                service_name=code.title(), agency_responsible=partner, partner=partner, declared="done" if done_at else None,
                declared_at=done_at, handled_at=at, handled_by="bot", confirmed=answer, confirmed_at=answered_at,
                confirmed_channel=channel if answer else None, state=_state(answer, asked_at),
                asked_at=asked_at, asked_in=own if asked_at else None, remedy="reopened" if opened else None, remedy_tries=0,
                act_by=answered_at + timedelta(days=2) if opened and answered_at else None,
                settled_at=answered_at + timedelta(days=4) if opened and answered_at and chance.random() < 0.95 else None,
                fee=FEES.get(code) if turn == 1 and done_at else None, created_at=at, updated_at=answered_at or done_at or at,
            )  # fmt: skip
            facts = (("handled", "bot", at), ("declared", "done", done_at), ("asked", None, asked_at), ("confirmed", answer, answered_at))
            for fact, value, moment in facts:
                if moment:
                    self._add(
                        some, "outcome_events", id=self._id("outcome_events"), key=f"seed:{number}:{fact}", outcome_id=number, at=moment,
                        fact=fact, value=value, source="poll" if fact == "declared" else "bot", channel=channel,
                    )  # fmt: skip
            if not opened or answered_at is None:
                return
            at, done_at = answered_at, answered_at + timedelta(days=chance.expovariate(1 / 6))
            done_at = done_at if done_at < NOW else None

    def _tasks(self, some: Rows, own: str, channel: str, raised: list[str], at: datetime, handed: bool) -> None:
        chance = self._chance
        wanted: list[tuple[str, str | None, str | None]] = [("report_problem", code, "completed") for code in raised]
        if not raised or chance.random() < 0.4:
            end = chance.choices(("completed", "elsewhere", "cancelled", "failed", None), (50, 10, 8, 2, 30))[0]
            wanted.append((chance.choice(TASKS), None, end))
        if handed:
            wanted.append(("talk_to_person", None, "handed_over"))
        for name, code, end in wanted:
            number, reached = self._id("tasks"), len(STEPS) if end == "completed" else chance.randint(1, len(STEPS))
            self._add(
                some, "tasks", id=number, key=f"seed:{number}", conversation_id=own, channel=channel, task=name, service_code=code,
                step=STEPS[reached - 1], steps="|".join(STEPS[:reached]), end=end, started_at=at,
                stepped_at=at + timedelta(minutes=reached),
                ended_at=at + timedelta(minutes=reached) if end else None,
            )  # fmt: skip

    def _add(self, some: Rows, table: str, **row: Any) -> None:
        some.setdefault(table, []).append(row)


def _state(answer: str | None, asked_at: datetime | None) -> str:
    if answer or asked_at is None:
        return "answered" if answer else "open"
    return "silent" if asked_at < NOW - timedelta(days=14) else "asked"
