"""What citizens want: a short talk, or to report a pothole, answering what the assistant asks until they read a reference."""

from __future__ import annotations

import re
from dataclasses import dataclass
from random import Random

import yaml

from hearback.settings import ROOT

TALKS = (
    ("hello", "when is my bin day?", "12 Mill Lane AD1 2BC", "thank you"),
    ("what time are you open?", "how do I pay my council tax?", "thanks, bye"),
    ("hi there", "can I recycle batteries?", "what time are you open on Saturday?"),
    ("when is my bin collected", "3 Station Road AD2 4JH", "thanks"),
)
QUESTIONS = ("what time are you open?", "how do I pay my council tax?", "how can I contact you?", "who are you?")
SIZES = ("Smaller than a dinner plate", "About the size of a dinner plate", "Larger than a dinner plate")
REFERENCE = re.compile(r"ASH-\d{6,}")
KEPT_FOR_LATER = re.compile(r"will send it (?:as soon as|later)")
PASSED_ON = re.compile(r"something went wrong")
# What the doors say of themselves: it answers nothing.
ASIDE = re.compile(
    r"have your message and will answer|have your message and will|report you gave me earlier|earlier report has now been sent"
)
ANSWERS = (
    (re.compile(r"Send it"), "send it"),
    (re.compile(r"None of these"), "none of these"),
    (re.compile(r"How big is it"), ""),
    (re.compile(r"Where in the road"), "skip"),
    (re.compile(r"No photo|a photo", re.IGNORECASE), "no photo"),
    (re.compile(r"No updates|updates", re.IGNORECASE), "no updates"),
)


@dataclass(frozen=True)
class Street:
    name: str
    postcode: str
    houses: int


def streets() -> list[Street]:
    listed = yaml.safe_load((ROOT / "backoffice" / "sandbox" / "streets.yml").read_text())["streets"]
    plain = [row for row in listed if re.fullmatch(r"1-\d+", str(row[2]))]
    return [Street(row[0], row[1], int(row[2].partition("-")[2])) for row in plain]


class Scripts:
    """Gives each citizen something to say; the same seed gives the same."""

    def __init__(self, chance: Random) -> None:
        self._chance, self._streets = chance, streets()

    def talk(self) -> list[str]:
        return list(self._chance.choice(TALKS))

    def burst(self) -> list[str]:
        """Questions that a citizen sends one after another without waiting."""
        return self._chance.sample(QUESTIONS, 3)

    def pothole(self) -> str:
        street = self._chance.choice(self._streets)
        return f"there's a massive pothole outside {self._chance.randint(1, street.houses)} {street.name} {street.postcode}"

    def reports(self) -> bool:
        return self._chance.random() < 0.6

    def impatient(self) -> bool:
        return self._chance.random() < 0.3

    def answer_to(self, asked: str) -> str | None:
        """What a citizen who reports a pothole says to a question; None for one that they did not expect."""
        for pattern, answer in ANSWERS:
            if pattern.search(asked):
                return answer or self._chance.choice(SIZES)
        return None
