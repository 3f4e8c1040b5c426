"""How a citizen wishes to be answered: in the conversation, or by a number or e-mail address that they give."""

from __future__ import annotations

from dataclasses import dataclass

from bot.actions.task import Here, Task

HERE = "here"


@dataclass
class WithContact(Task):
    """`contact` is the id of a contact in the log, or HERE. Whoever writes by text message is answered there."""

    contact: str | None = None

    def hear_contact(self, here: Here) -> None:
        """Take up a number or address in the first sentence."""
        if here.turn.contacts:
            self.contact = str(here.turn.contacts[0])
        elif here.turn.channel != "web":
            self.contact = HERE

    async def ask_contact(self, here: Here) -> None:
        here.say("utter_ask_reply_contact")

    async def take_contact(self, here: Here) -> bool:
        if here.turn.contacts:
            self.contact = str(here.turn.contacts[0])
        elif here.says_no or HERE in here.turn.words.lower().split():
            self.contact = HERE
        return self.contact is not None

    @property
    def contact_id(self) -> int | None:
        return int(self.contact) if self.contact and self.contact.isdigit() else None
