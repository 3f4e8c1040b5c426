"""Which bins a citizen speaks of, and what they are called."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from backoffice.bin_records import Container
from bot.actions.phrases import keys_said, plain
from bot.actions.task import Here
from hearback import profile


@dataclass
class Kinds:
    """Mixed into a task: `kinds` are the rounds system's containers, kept while the task is in hand."""

    kinds: list[dict[str, Any]] = field(default_factory=list)

    async def learn_kinds(self, here: Here) -> None:
        """A rounds system that is away raises BackOfficeError."""
        self.kinds = self.kinds or [asdict(one) for one in await here.services.bins.containers()]

    @property
    def containers_known(self) -> list[Container]:
        return [Container(**one) for one in self.kinds]

    def container(self, key: str) -> Container:
        return next((one for one in self.containers_known if one.key == key), Container(key=key, name=key))

    def called(self, key: str) -> str:
        """ "blue wheelie bin", for the middle of a sentence."""
        name = self.container(key).name
        return name[:1].lower() + name[1:]

    def containers_said(self, words: str) -> list[str]:
        """The containers that the words name, by the council's phrases or by a word that only one container's name has ("blue")."""
        said, names = set(plain(words).split()), {one.key: set(plain(one.name).split()) for one in self.containers_known}
        own = {key: name.difference(*(other for at, other in names.items() if at != key)) for key, name in names.items()}
        told = keys_said(words, profile.bins()["words"])
        return [*told, *(key for key in own if own[key] & said and key not in told)]


def pounds(price: float, language: str = "en") -> str:
    """ "£35", "£12.50", or "free" in the citizen's language."""
    return f"£{price:.2f}".removesuffix(".00") if price else profile.small_word("free", language)
