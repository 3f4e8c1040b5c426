"""What differs from one kind of text message to another, so that one sender serves them all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from channels import sms_pages, whatsapp_text
from engagement.values import Choice
from hearback import costs, sms_text


@dataclass(frozen=True, kw_only=True)
class TextDoor:
    """A channel on which we send texts through Twilio."""

    channel: str
    status_path: str  # where its delivery receipts come in
    pages: Callable[[str, tuple[Choice, ...], str], tuple[str, ...]]  # a reply, with its choices, in a language, as the texts to send
    pieces: Callable[[str], tuple[str, ...]]  # one of these in smaller ones, where it was refused as too long
    parts: Callable[[str], int]  # how often a text is paid for
    rate: str  # what each part costs: a name in data/council/costs.yml
    address: Callable[[str], str]  # a number (E.164) as Twilio writes it for this channel
    from_service: bool = True  # sent from our Messaging Service, where there is one, else from the number that was written to

    def text(self, text: str, choices: tuple[Choice, ...], language: str, page: int) -> str:
        """The page of a reply that is to be sent."""
        pages = self.pages(text, choices, language)
        return pages[min(page, len(pages) - 1)]

    def whole(self, text: str) -> str:
        """A text without pages."""
        return sms_text.plain(text).strip() if self.channel == "sms" else text

    def pence(self, parts: int) -> float:
        return round(parts * costs.pence(self.rate), 4)


SMS = TextDoor(
    channel="sms",
    status_path="/sms/status",
    pages=sms_pages.pages,
    pieces=sms_pages.pieces,
    parts=sms_text.segments,
    rate="sms_segment",
    address=str,
)
WHATSAPP = TextDoor(
    channel="whatsapp",
    status_path="/whatsapp/status",
    pages=whatsapp_text.pages,
    pieces=whatsapp_text.pieces,
    parts=lambda text: 1,
    rate="whatsapp_message",
    address=whatsapp_text.address,
    from_service=False,
)
DOORS = {door.channel: door for door in (SMS, WHATSAPP)}
