"""What the citizens of the made-up city say, and what is understood of it, with chances of its own."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Any

BEGUN = (
    ("report_problem", "There is a {how} {what} {where} {street}"), ("report_problem", "{what} {where} {street}, number {number}"),
    ("report_missed_bin", "My {colour} bin was not emptied in {street} this week"),
    ("check_request", "What has become of the {what} {where} {street}"),
    ("find_support", "Is there help with {need} near {street}"), ("ask_information", "When is the {place} in {street} open"),
    ("talk_to_person", "Can I talk to somebody about the {what} in {street}"),
    ("make_complaint", "Nobody came for the {what} in {street}, that is not good enough"),
    ("out_of_scope", "My neighbour in {street} sells a {colour} car"),
)  # fmt: skip
LATER = (
    ("affirm", "Yes, send it"), ("inform", "The {colour} one"), ("inform", "It is {where} {street}"), ("deny", "No photo"),
    ("thanks", "Thank you"), ("inform", "Number {number}, {street}"), ("inform", "Since {day}, it is {how}"),
    ("deny", "No, I meant {street}"),
)  # fmt: skip
FIRST = (
    "Station", "Mill", "Church", "Victoria", "Park", "High", "Albert", "Queens", "Orchard", "Bridge", "Castle", "Meadow",
)  # fmt: skip
SECOND = ("Road", "Street", "Lane", "Avenue", "Close", "Crescent", "Gardens", "Terrace", "Hill", "Way")
WORDS = {
    "how": ("deep", "broken", "dangerous", "smelly", "huge", "flooded", "blocked", "dark", "noisy"),
    "what": ("pothole", "street light", "drain", "mattress", "fridge", "tree", "pavement slab", "sign", "bin", "sofa", "needle", "hedge"),
    "where": ("by the bus stop in", "outside the school in", "opposite the church in", "at the corner of", "behind the shops in", "in"),
    "colour": ("black", "green", "brown", "blue", "red", "white"),
    "need": ("food", "rent", "loneliness", "heating", "caring", "debts", "housing"),
    "place": ("library", "tip", "swimming pool", "register office", "museum"),
    "day": ("Monday", "Tuesday", "last week", "Friday", "the storm", "yesterday"),
}
REASONS = (("talk_to_person", 60), ("make_complaint", 20), ("report_danger", 6), ("not_understood", 10), ("outcome_not_fixed", 4))
LANGUAGES = (("en", 91), ("pl", 6), ("cy", 3))
INTENTS = ("report_problem", "update_request", "inform", "ask_information", "find_support", "check_request", "make_complaint", "deny")


@dataclass(frozen=True, kw_only=True)
class Said:
    text: str
    intent: str
    confidence: float
    second: str
    margin: float
    corrected: bool

    def understanding(self, language: str) -> dict[str, Any]:
        ranked = [(self.intent, self.confidence), (self.second, round(self.confidence - self.margin, 4))]
        return {
            "intents": [{"name": name, "confidence": sure} for name, sure in ranked],
            "actions": ["action_task_form"],
            "language": language,
        }


class Citizens:
    def __init__(self, seed: int) -> None:
        self._chance = Random(f"citizens {seed}")

    def said(self, place: int) -> Said:
        """A message, the first of a conversation or a later one: mostly understood well, now and then hardly."""
        chance = self._chance
        intent, words = chance.choice(BEGUN if place == 0 else LATER)
        filled = {name: chance.choice(some) for name, some in WORDS.items()}
        street = f"{chance.choice(FIRST)} {chance.choice(SECOND)}"
        sure = round(chance.betavariate(9, 0.6) if chance.random() < 0.96 else chance.uniform(0.25, 0.6), 4)
        second = chance.choice([one for one in INTENTS if one != intent])
        margin = round(min(sure, sure - (1 - sure) * chance.uniform(0.2, 0.98)) if sure > 0.5 else chance.uniform(0, sure / 2), 4)
        if sure < 0.3:
            intent = "nlu_fallback"
        text = words.format(street=street, number=chance.randint(1, 240), **filled)
        return Said(
            text=text[0].upper() + text[1:], intent=intent, confidence=sure, second=second, margin=margin,
            corrected=place > 0 and chance.random() < 0.008,
        )  # fmt: skip

    def language(self) -> str:
        return self._chance.choices([one[0] for one in LANGUAGES], [one[1] for one in LANGUAGES])[0]

    def reason(self) -> str:
        return self._chance.choices([one[0] for one in REASONS], [one[1] for one in REASONS])[0]

    def rarely(self, chance: float) -> bool:
        return self._chance.random() < chance
