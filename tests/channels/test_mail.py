"""E-mail through a real mail server: sent once, put off, refused, in the citizen's language, and never to who wishes none."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from databases import stored
from mail_world import CITIZEN, PUBLIC, SENDER, MailWorld, contact_of, mail_server, mail_world, text_of
from sqlalchemy import select

from engagement.tables import mails


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[MailWorld]:
    async with mail_world(tmp_path) as running:
        yield running


async def states(world: MailWorld) -> list[tuple[str, str | None]]:
    rows = await world.database.read(lambda connection: connection.execute(select(mails).order_by(mails.c.id)).all())
    return [(row.state, row.error) for row in rows]


async def test_the_question_is_mailed_once_with_a_link_and_a_way_out(world: MailWorld) -> None:
    await world.reported_and_asked()
    for _ in range(3):
        await world.sender().send_due()
    [message] = world.server.taken
    assert world.server.senders == [SENDER]
    assert (message["To"], message["From"]) == (CITIZEN, f"Ashdown Borough Council <{SENDER}>")
    assert message["Subject"] == "Is it fixed? Please tell us (ASH-1)"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message.get_content_type() == "text/plain"
    text = text_of(message)
    assert "Pothole, Mill Lane" in text
    assert "12" not in text.split("Tell us here")[0]
    link = re.search(rf"{PUBLIC}/outcome/([\w-]+)", text)
    assert link is not None
    assert f"\r\nList-Unsubscribe: <{PUBLIC}/mail/stop/" in world.server.raw[0]  # programs read it as it is, on one line
    stop = str(message["List-Unsubscribe"]).strip("<>")
    assert stop in text
    found = await world.log.mails.by_token(link[1])
    assert found is not None
    assert (found.outcome.id, found.street, found.conversation.id) == (world.outcome_id, "Mill Lane", world.conversation.id)
    assert await states(world) == [("sent", None)]


async def test_the_database_holds_no_link(world: MailWorld, tmp_path: Path) -> None:
    await world.reported_and_asked()
    await world.sender().send_due()
    content = stored(tmp_path)
    links = re.findall(r"/(?:outcome|mail/stop)/([\w.-]+)", text_of(world.server.taken[0]))
    assert len(links) == 2
    for token in links:
        assert token.rpartition(".")[2].encode() not in content
    assert CITIZEN.encode() not in content


@pytest.mark.parametrize("where", ["to", "says"])
async def test_what_the_server_puts_off_comes_later(world: MailWorld, where: str) -> None:
    await world.reported_and_asked()
    setattr(world.server, where, ["451 4.7.1 Greylisted, try again later"])
    wait = await world.sender().send_due()
    assert world.server.taken == []
    assert await states(world) == [("queued", "451")]
    assert wait > 20
    world.move(seconds=61)
    await world.sender().send_due()
    assert len(world.server.taken) == 1


@pytest.mark.parametrize("where", ["to", "says"])
async def test_what_the_server_refuses_is_never_tried_again(world: MailWorld, where: str, caplog: pytest.LogCaptureFixture) -> None:
    await world.reported_and_asked()
    setattr(world.server, where, [f"550 5.1.1 {CITIZEN}: no such user"])
    await world.sender().send_due()
    assert await states(world) == [("failed", "550")]
    world.move(days=1)
    await world.sender().send_due()
    assert world.server.taken == []
    assert "550" in caplog.text
    assert CITIZEN not in caplog.text


async def test_one_that_is_refused_does_not_hold_up_the_next(world: MailWorld) -> None:
    await world.reported_and_asked()
    await world.log.mails.write(
        key="progress:1:accepted", contact_id=world.contact_id, conversation_id=world.conversation.id,
        response="utter_mail_outcome_general", values={"reference": "ASH-1"},
    )  # fmt: skip
    world.server.to = ["550 no"]
    await world.sender().send_due()
    assert await states(world) == [("failed", "550"), ("sent", None)]
    assert world.server.taken[0]["Subject"] == "News about your report (ASH-1)"


async def test_while_the_server_is_away_everything_waits(world: MailWorld) -> None:
    await world.reported_and_asked()
    async with mail_server() as gone:
        pass
    await world.sender(url=f"smtp://127.0.0.1:{gone.port}").send_due()
    [(state, error)] = await states(world)
    assert (state, error) == ("queued", "SMTPConnectError")
    world.move(minutes=2)
    await world.sender().send_due()
    assert len(world.server.taken) == 1


async def test_a_wrong_password_loses_no_mail_and_shows_nowhere(world: MailWorld, caplog: pytest.LogCaptureFixture) -> None:
    await world.reported_and_asked()
    sender = world.sender(url=f"smtp://clerk:open-sesame@127.0.0.1:{world.server.port}")
    await sender.send_due()
    assert [state for state, _ in await states(world)] == ["queued"]
    assert world.server.taken == []
    assert "open-sesame" not in caplog.text + repr(sender)


async def test_a_process_that_dies_in_the_middle_sends_the_same_message_again(world: MailWorld) -> None:
    await world.reported_and_asked()
    [begun] = await world.log.mails.claim()
    assert CITIZEN not in repr(begun)
    await world.sender().send_due()
    assert world.server.taken == []  # it may still be on its way
    world.move(minutes=3)
    await world.sender().send_due()
    [message] = world.server.taken
    assert message["Message-ID"] == f"<{begun.message_id}@ashdown.example>"


async def test_a_line_that_breaks_after_the_mail_was_taken_repeats_its_message_id(world: MailWorld) -> None:
    await world.reported_and_asked()
    world.server.drops_after_taking = 1
    await world.sender().send_due()
    world.move(minutes=3)
    await world.sender().send_due()
    assert len(world.server.taken) == 2
    assert len({message["Message-ID"] for message in world.server.taken}) == 1
    assert await states(world) == [("sent", None)]


async def test_nothing_goes_out_at_night(world: MailWorld) -> None:
    await world.report()
    world.move(days=3, hours=13)  # 22:30
    await world.ask()
    await world.sender().send_due()
    assert world.server.taken == []
    world.move(hours=9, minutes=29)
    await world.sender().send_due()
    assert world.server.taken == []
    world.move(minutes=2)
    await world.sender().send_due()
    assert len(world.server.taken) == 1


async def test_who_stopped_e_mail_gets_none_and_may_begin_again(world: MailWorld) -> None:
    await world.report()
    await world.log.mails.write(
        key="progress:1:accepted", contact_id=world.contact_id, conversation_id=world.conversation.id,
        response="utter_mail_outcome_general", values={},
    )  # fmt: skip
    [mail] = await world.log.mails.claim()
    assert await world.log.mails.stop(mail.stop)
    await world.log.mails.again(mail.id, after=mail.created_at - mail.created_at, error="451")
    world.move(days=4)
    await world.ask()
    await world.sender().send_due()
    assert world.server.taken == []
    assert await states(world) == [("dropped", "stopped")]
    assert not await world.log.mails.stop("1.forged")
    assert await world.log.mails.stop(mail.stop, again=True)
    world.move(days=5)
    await world.ask()  # the reminder
    await world.sender().send_due()
    assert [message["Subject"] for message in world.server.taken] == ["Reminder: is it fixed? (ASH-1)"]


async def test_a_question_that_was_answered_meanwhile_is_not_mailed(world: MailWorld) -> None:
    await world.reported_and_asked()
    await world.log.outcomes.answer(world.outcome_id, "fixed", key="1", channel="web")
    await world.sender().send_due()
    assert world.server.taken == []
    assert await states(world) == [("dropped", "answered")]


async def test_a_question_that_could_not_be_sent_gives_way_to_its_reminder(world: MailWorld) -> None:
    await world.reported_and_asked()
    world.move(days=5)
    await world.ask()
    await world.sender().send_due()
    assert [message["Subject"] for message in world.server.taken] == ["Reminder: is it fixed? (ASH-1)"]


async def test_a_deleted_conversation_is_mailed_no_more_and_its_link_opens_nothing(world: MailWorld, tmp_path: Path) -> None:
    await world.reported_and_asked()
    [mail] = await world.log.mails.claim()
    assert mail.token is not None
    await world.log.erasures.begin(world.conversation.id)
    assert await world.log.mails.by_token(mail.token) is None
    assert await world.log.erasures.finish(world.conversation.id)
    world.move(minutes=3)
    await world.sender().send_due()
    assert world.server.taken == []
    rows = await world.database.read(lambda connection: connection.execute(select(mails)).all())
    assert [(row.state, row.contact_id, row._mapping["values"], row.token_hash) for row in rows] == [("dropped", None, {}, None)]


async def test_an_address_that_no_mail_can_be_written_to_stops_nothing(world: MailWorld) -> None:
    await world.report()
    odd = await contact_of(world.log, "sam..o@mail.example")
    for number, contact in enumerate((odd, world.contact_id)):
        await world.log.mails.write(
            key=f"progress:{number}:done", contact_id=contact, conversation_id=world.conversation.id,
            response="utter_mail_outcome_general", values={},
        )  # fmt: skip
    await world.sender().send_due()
    assert await states(world) == [("failed", "unwritable"), ("sent", None)]


async def test_where_nothing_waits_the_log_is_only_read(world: MailWorld) -> None:
    await world.reported_and_asked()
    await world.sender().send_due()
    world.database.asked.clear()
    await world.sender().send_due()
    assert dict(world.database.asked) == {"next_due": 1}


async def test_the_team_sees_what_was_mailed_and_what_was_refused(world: MailWorld) -> None:
    await world.reported_and_asked()
    world.server.to = ["550 no"]
    await world.sender().send_due()
    [shown] = await world.log.mails.of_conversation(world.conversation.id)
    assert (shown["kind"], shown["state"], shown["error"], shown["sent_at"]) == ("outcome", "failed", "550", None)


async def test_what_was_said_with_an_answer_goes_with_its_conversation(world: MailWorld, tmp_path: Path) -> None:
    await world.reported_and_asked()
    await world.log.outcomes.answer(world.outcome_id, "partly", key="1", channel="web", words="zyzzyva beside the gate")
    await world.log.erasures.begin(world.conversation.id)
    assert await world.log.erasures.finish(world.conversation.id)
    await world.log.erasures.leave_no_trace()
    assert b"zyzzyva" not in stored(tmp_path)


async def test_a_link_opens_its_question_for_120_days(world: MailWorld) -> None:
    await world.reported_and_asked()
    [mail] = await world.log.mails.claim()
    assert mail.token is not None
    assert await world.log.mails.by_token(mail.token + "x") is None
    world.move(days=119)
    assert await world.log.mails.by_token(mail.token) is not None
    world.move(days=2)
    assert await world.log.mails.by_token(mail.token) is None


@pytest.mark.parametrize("hostile", ["ASH-1\r\nBcc: all@mail.example", "ASH-1\nX: y", "ASH-1\u2028\u0085Bcc: a@b.example"])
async def test_no_header_can_be_smuggled_in(world: MailWorld, hostile: str) -> None:
    await world.report(reference=hostile)
    world.move(days=4)
    await world.ask()
    await world.sender().send_due()
    [message] = world.server.taken
    assert message["Bcc"] is None
    assert message["X"] is None
    assert str(message["Subject"]).startswith("Is it fixed? Please tell us (ASH-1")


@pytest.mark.parametrize(
    ("language", "subject"),
    [("cy", "A yw wedi'i drwsio? Dywedwch wrthym ni (ASH-1)"), ("pl", "Czy problem jest usunięty? Daj nam znać (ASH-1)")],
)
async def test_mail_speaks_the_citizen_s_language(world: MailWorld, language: str, subject: str) -> None:
    await world.reported_and_asked(language=language)
    await world.sender().send_due()
    [message] = world.server.taken
    assert (message["Subject"], message["Content-Language"]) == (subject, language)


async def test_a_phone_gets_no_mail_and_without_a_mail_server_nothing_is_written(world: MailWorld) -> None:
    await world.report()
    phone = await world.database.write(lambda c: world.log._contact(c, "phone", "+447700900123", world.at))
    how = {"conversation_id": world.conversation.id, "response": "utter_mail_outcome_general", "values": {}}
    assert not await world.log.mails.write(key="progress:1:done", contact_id=phone, **how)
    assert not await world.log.mails.write(key="progress:1:done", contact_id=None, **how)
    world.log.mails.on = False
    assert not await world.log.mails.write(key="progress:1:done", contact_id=world.contact_id, **how)
    assert await states(world) == []


async def test_a_mail_that_cannot_be_written_is_shown_to_the_team_and_stops_nothing(world: MailWorld) -> None:
    await world.reported_and_asked()
    await world.log.mails.write(
        key="progress:1:done", contact_id=world.contact_id, conversation_id=world.conversation.id, response="utter_mail_answer", values={}
    )
    await world.sender().send_due()
    assert await states(world) == [("sent", None), ("failed", "unwritable")]


@pytest.mark.parametrize("steps", range(0, 60, 3))
async def test_the_sender_ends_when_it_is_told_to_wherever_it_is(world: MailWorld, steps: int) -> None:
    await world.reported_and_asked()
    running = asyncio.create_task(world.sender().run())
    async with asyncio.timeout(10):
        while not world.server.greeted:
            await asyncio.sleep(0)
        for _ in range(steps):
            await asyncio.sleep(0)
        running.cancel()
        await asyncio.wait([running])
    assert running.cancelled()


async def test_a_running_sender_sends_what_is_due(world: MailWorld) -> None:
    await world.reported_and_asked()
    running = asyncio.create_task(world.sender().run())
    async with asyncio.timeout(10):
        while await states(world) != [("sent", None)]:
            await asyncio.sleep(0.02)
    running.cancel()
    await asyncio.wait([running])
    assert len(world.server.taken) == 1
