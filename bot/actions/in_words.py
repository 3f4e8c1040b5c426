"""What a citizen tells in their own words, in the sentence that begins a task or when asked."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar

from bot.actions.task import NO, SKIP, YES, Here, Task
from hearback import profile

# Clearly another subject, even where any words are an answer.
ELSEWHERE = ("talk_to_person", "help", "bot_challenge", "check_request", "withdraw_request", "goodbye", "ask_bin_day")
SURE_ELSEWHERE = 0.85
LONGEST = 2000


def telling(words: str, wish: str) -> int:
    """How many words of a first sentence say more than a wish, "complaining", itself: none in "I want to complain"."""
    known = profile.small_words("filler") | profile.small_words(wish)
    return sum(word not in known for word in re.findall(r"[^\W\d_]+(?:['-][^\W\d_]+)*", words.lower().replace("’", "'")))


@dataclass
class InWords(Task):
    """`opening` is the sentence that began the task, where it does not say enough."""

    words: str | None = None
    opening: str = ""
    wish: ClassVar[str]  # the kind of words in languages.yml that only say what the citizen wants to do
    enough: ClassVar[int] = 2

    def hear(self, here: Here) -> None:
        """Take up the first sentence."""
        said = here.turn.words.strip()
        told = telling(said, self.wish)
        if told >= self.enough:
            self.words = said[:LONGEST]
        elif told:
            self.opening = said[:LONGEST]

    async def take_words(self, here: Here) -> bool:
        said, turn = here.turn.words.strip(), here.turn
        aside = turn.intent != self.name and (
            turn.means(*ELSEWHERE, sure=SURE_ELSEWHERE) or (said.endswith("?") and turn.turns_aside(sure=SURE_ELSEWHERE))
        )
        if aside or len(said) < 3 or SKIP.match(said) or (len(said.split()) < 3 and (YES.match(said) or NO.match(said))):
            return False
        self.words = said[:LONGEST]
        return True

    @property
    def told(self) -> str:
        """Everything that was said of it."""
        return "\n".join(part for part in (self.opening, self.words) if part)
