"""A data folder in which one citizen left something everywhere, and another something of the same kinds."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from pathlib import Path

from camera import photo
from databases import KIND, database_of, environ_of, stored

from engagement.database import Database
from engagement.log import EngagementLog
from engagement.pictures import Pictures
from engagement.trackers import PostgresqlRows, SqliteRows, rows_of
from engagement.values import Choice, InboundMessage, Notice, OptOut, Reply, Understanding
from hearback.clock import Clock
from hearback.keys import load_keys
from hearback.settings import Settings

MEMORY = "rasa.db" if KIND == "sqlite" else "database"  # where `found_in` finds what the assistant remembers


@dataclass(frozen=True)
class Citizen:
    """`words` are made up, so that they can be found again in any file."""

    number: str
    email: str
    words: str
    chat: str
    texts: str
    photo: str
    reference: str


def opened(home: Path) -> tuple[Database, EngagementLog]:
    database = database_of(home)
    return database, EngagementLog(database, Clock(), load_keys(home), email=True)


async def two_citizens(home: Path) -> tuple[Citizen, Citizen]:
    database, log = opened(home)
    pictures, trackers = Pictures(log, home), rows_of(Settings.from_environ(environ_of(home)))
    try:
        return await _citizen(log, pictures, trackers, 1), await _citizen(log, pictures, trackers, 2)
    finally:
        await trackers.close()
        pictures.close()
        await log.close()


async def _citizen(log: EngagementLog, pictures: Pictures, trackers: SqliteRows | PostgresqlRows, n: int) -> Citizen:
    """In a web chat and by text, with everything that a citizen can leave."""
    made_up = "".join(secrets.choice("bdfghjkmnp") for _ in range(10))  # no digits, which could look like a number
    words, number, email = f"zyzzyva{made_up}", f"+44770090011{n}", f"zyz{n}{made_up[:6]}@example.org"
    _, chat, _ = await log.chats.start(Reply(text="Hello"))
    picture = await pictures.keep(photo(), chat.id)
    said = f"I am {words} Jones, call me on {number} or write to {email}"
    medium = {"url": f"https://x.example/{words}", "content_type": "image/jpeg", "photo": picture.id}
    got = await log.receive(
        InboundMessage(
            channel="web", provider_id=f"{chat.id}:{secrets.token_hex(16)}", text=said, payload=f"/inform{words}", conversation_id=chat.id,
            location={"lat": 51.1, "long": 0.1}, media=(medium,),
        )
    )  # fmt: skip
    (line,) = [one for one in await log.messages(chat.id) if one.author == "citizen"]
    phone, mail = line.contacts
    understood = Understanding(intent="report_problem", details={"entities": [{"entity": "name", "value": words}], "told": words})
    await log.answer(
        chat, got.id, understood, [Reply(text=f"Thank you, {words}", choices=(Choice(id="a", title=words, payload=f"/{words}"),))]
    )
    await log.requests.open(
        key=f"k{n}", conversation_id=chat.id, service_code="POTHOLE", service_name="Pothole", report={"description": words},
        contact_id=mail, updates=True,
    )  # fmt: skip
    reference = f"ASH-20{n}"
    await log.requests.sent(f"k{n}", reference=reference, token=None, service_notice=f"Thank you {words}", told=True, agency="Highways")
    await log.watch.noticed([Notice(reference=reference, source="poll", word="done", at=line.created_at, notes=f"Spoke to {words}")])
    request = await log.requests.by_reference(reference)
    assert request
    outcome = await log.outcomes.of_request(request.id)
    assert outcome
    await log.outcomes.answer(outcome.id, "not_fixed", key=f"t{n}", channel="web", words=words, remedy="with_team")
    await log.handovers.open(chat.id, key=f"h{n}", reason="make_complaint", details={"words": words}, contact_id=phone)
    await log.updates.open(key=f"u{n}", conversation_id=chat.id, reference=reference, kind="added", words=words)
    await log.chats.rate(chat.id, 1, words)
    await log.mails.write(
        key=f"progress:{n}:done", contact_id=mail, conversation_id=chat.id, response="utter_mail_progress_done", values={"about": words}
    )
    await log.codes.send(chat.id, number, lambda code: Reply(text=f"{words}: your code is {code}"))
    text = await log.receive(
        InboundMessage(channel="sms", provider_id=f"SM{n}", text=f"{words} again", sender=number, received_by="+441632960100")
    )
    await log.answer(await log.conversation(text.conversation_id), text.id, Understanding(), [Reply(text=f"Hello {words}")])
    for one in (chat.id, text.conversation_id):
        await trackers.put(one, json.dumps([{"event": "user", "text": f"{words} {number} {email}"}]))
    return Citizen(number, email, words, chat.id, text.conversation_id, picture.id, reference)


async def say_stop(home: Path, citizen: Citizen) -> None:
    _, log = opened(home)
    await log.receive(
        InboundMessage(
            channel="sms", provider_id="SMstop", text="STOP", sender=citizen.number, received_by="+441632960100",
            opt_out=OptOut(kind="STOP"),
        )
    )  # fmt: skip
    await log.close()


def found_in(home: Path, sought: list[str]) -> dict[str, list[str]]:
    """In which files of the folder each of these stands, or in the database beside it."""
    files = [path for path in home.rglob("*") if path.is_file()]
    content = {"database": stored(home), **{str(path.relative_to(home)): path.read_bytes() for path in files}}
    return {one: [name for name, data in content.items() if one.encode() in data or one.encode() in name.encode()] for one in sought}
