"""Many citizens side by side, by web and by text, until there are enough."""

from __future__ import annotations

import asyncio
from random import Random

import aiohttp

from hearback.chaos.book import Book
from hearback.chaos.phones import PhoneCitizen
from hearback.chaos.provider import Provider
from hearback.chaos.scripts import KEPT_FOR_LATER, PASSED_ON, REFERENCE, Scripts
from hearback.chaos.web import Unanswered, WebCitizen

MOST_TURNS = 12  # of a report
NUMBERS = 1000  # that Ofcom keeps for drama: https://www.ofcom.org.uk/phones-and-broadband/phone-numbers/numbers-for-drama
Citizen = WebCitizen | PhoneCitizen


class Citizens:
    def __init__(self, book: Book, url: str, provider: Provider, seed: int) -> None:
        self._book, self._url, self._provider = book, url, provider
        self._chance = Random(f"citizens {seed}")
        self._scripts = Scripts(Random(f"scripts {seed}"))
        self._numbers = 0

    async def write(self, *, web: int, phones: int) -> None:
        """So many at once; each begins another conversation when one is over, until the book is closing."""
        connector, jar = aiohttp.TCPConnector(limit=0), aiohttp.DummyCookieJar()
        async with aiohttp.ClientSession(connector=connector, cookie_jar=jar) as http:
            await asyncio.gather(*(self._web(http) for _ in range(web)), *(self._phone() for _ in range(phones)))

    async def _web(self, http: aiohttp.ClientSession) -> None:
        while not self._book.closing:
            await self._converse(WebCitizen(http, self._url, self._book, live=self._chance.random() < 0.7))

    async def _phone(self) -> None:
        while not self._book.closing:
            number = f"+447700900{self._numbers % NUMBERS:03d}"
            self._numbers += 1
            await self._converse(PhoneCitizen(self._provider, number, self._book))

    async def _converse(self, citizen: Citizen) -> None:
        try:
            await citizen.open()
            if self._scripts.reports():
                await self._report(citizen)
            elif isinstance(citizen, WebCitizen) and self._scripts.impatient():
                await self._ask_at_once(citizen)
            else:
                await self._talk(citizen)
        except Unanswered:
            self._book.off_script.append(f"{citizen.channel}: nobody answered")
        finally:
            await citizen.close()

    async def _talk(self, citizen: Citizen) -> None:
        for text in self._scripts.talk():
            await citizen.say(text)

    async def _ask_at_once(self, citizen: WebCitizen) -> None:
        """Several messages without waiting: their answers come in the order of the messages."""
        asked = [(await citizen.send(text), text) for text in self._scripts.burst()]
        for said, text in asked:
            await citizen.answer_to(said, text)

    async def _report(self, citizen: Citizen) -> None:
        told = await citizen.say(self._scripts.pothole(), asked=True)
        for _ in range(MOST_TURNS):
            if (found := REFERENCE.search(told)) and "Your reference is" in told:
                self._book.references.append(found[0])
                return
            if KEPT_FOR_LATER.search(told):
                self._book.kept += 1
                return
            if PASSED_ON.search(told):
                self._book.passed_on += 1
                return
            answer = self._scripts.answer_to(told)
            if answer is None:
                break
            told = await citizen.say(answer, asked=True)
        self._book.off_script.append(f"{citizen.channel}: {told[:200]}")
