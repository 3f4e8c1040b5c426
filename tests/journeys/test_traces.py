"""What is left on the disk: no citizen's phone number anywhere, no citizen's word in a log. It runs after all other journeys."""

from __future__ import annotations

import re
import secrets

from clients import Phone, Sandbox, WebChat, new_phone
from databases import KIND
from stack import ROOT, Stack
from test_web_report import POTHOLE, to_the_check

PART = re.compile(r"[^\W\d_]{6,}|\d{6,}")  # words and numbers that could be somebody's
SHORTEST = 12  # letters of a sentence that no log would hold by chance
TYPED = ("07700 900841", "+44 7700 900842", "07700-900-843", "(07700) 900844", "0044 7700 900845", "+447700900846", "00447700900847")


def forms_of(number: str) -> re.Pattern[bytes]:
    """A number in any form: with or without 0, +44 or 0044, whatever stands between its digits."""
    digits = re.sub(r"\D", "", number)
    national = digits.removeprefix("0044").removeprefix("44").removeprefix("0")
    return re.compile(rb"[\s().\-]*".join(digit.encode() for digit in national))


def no_number_is_left(stack: Stack, numbers: set[str]) -> None:
    found = {(name, number) for name, content in stack.files().items() for number in numbers if forms_of(number).search(content)}
    assert not found


def no_word_is_logged(stack: Stack, words: set[str]) -> None:
    logs = {name: content for name, content in stack.files().items() if name.startswith("logs/")}
    logs["run.out"] = stack.output.read_bytes()
    assert {"logs/rasa.log", "logs/actions.log", "logs/channels.log", "logs/console.log"} <= set(logs)
    said = {one.strip().encode() for one in words if len(one.strip()) >= SHORTEST}
    found = {(name, one) for name, content in logs.items() for one in said if one in content}
    assert not found
    no_part_is_logged(logs, words)


def parts_of(words: set[str]) -> set[str]:
    """The words and long numbers of what citizens wrote that stand nowhere in our own code and data: no line of ours has them by chance."""
    found = {part.lower() for one in words for part in PART.findall(one)}
    ours: set[str] = set()
    for folder in ("backoffice", "bot", "channels", "console", "data", "engagement", "hearback", "domain.yml", "config.yml"):
        for path in [ROOT / folder] if (ROOT / folder).is_file() else (ROOT / folder).rglob("*.*"):
            if path.suffix in {".py", ".yml", ".json", ".html", ".js"} and "built" not in path.parts:
                ours |= set(PART.findall(path.read_text(encoding="utf-8", errors="ignore").lower()))
    return found - ours


def no_part_is_logged(logs: dict[str, bytes], words: set[str]) -> None:
    parts = parts_of(words)
    for name, content in logs.items():
        logged = set(PART.findall(content.decode(errors="ignore").lower()))
        assert not parts & logged, name


async def test_no_phone_number_is_left_anywhere(stack: Stack, chat: WebChat) -> None:
    phone = new_phone(stack)
    await phone.say(POTHOLE, "How big is it?")
    await phone.say(f"call me on {TYPED[0]}", "")
    for number in TYPED:
        await chat.say(f"my number is {number}, ring me about the pothole outside 12 Mill Lane")
        await chat.say("cancel")
    await chat.say(POTHOLE)
    for words in ("larger", "skip", "no"):
        await chat.say(words)
    assert "Shall I send it?" in await chat.say(TYPED[1])
    await chat.say("yes")
    history = " ".join(line["text"] for line in await chat.history())
    assert "•••841" in history
    names = set(stack.files())
    assert {"hearback.db", "sandbox/sandbox.db"} <= names, names
    assert ("rasa.db" in names) == (KIND == "sqlite"), "on PostgreSQL the assistant's memory stands beside the log"
    no_number_is_left(stack, {*stack.numbers, *TYPED})


async def test_no_word_of_a_citizen_is_in_a_log(stack: Stack, chat: WebChat, phone: Phone, sandbox: Sandbox) -> None:
    """Through every door, into answers, places and descriptions, and through every failure that writes a line."""
    canary = "zyzzyva" + "".join(secrets.choice("bcdfghjklm") for _ in range(16))  # no digits: they could be somebody's number
    await chat.say(f"{canary} what is this")
    await chat.say(f"there's a massive pothole outside {canary} 12 Mill Lane AD1 2BC")
    await chat.say(f"{canary} {{question}} {{0}}")
    await chat.post(text=f"{canary} {'long ' * 500}")
    await chat.call("POST", "messages", data=f'{{"text": "{canary}'.encode())
    await chat.post(choice=canary)
    await chat.call("GET", f"messages?after={canary}")
    await stack.twilio.deliver(phone.number, canary, signature="forged")
    await phone.text(f"there's a pothole by {canary} on Mill Lane")
    stack.twilio.trouble(phone.number, 21610)
    await phone.text(canary)
    other = await WebChat(stack).start()
    await to_the_check(other, f"there's a massive pothole outside 12 Mill Lane, {canary}")
    await sandbox.fault({"status": 400})
    await other.choose("Send it")
    await sandbox.fault({"garbage": True})
    await other.say(f"how is ASH-104201 going, {canary}?")
    await other.say(f"I need help with my heating, {canary}")
    await sandbox.fault(None)
    no_word_is_logged(stack, {canary, *stack.said})
    # Twice: it may move from one file to the other while they are read.
    both = [*stack.files().items(), *stack.files().items()]
    assert any(canary.encode() in content for name, content in both if name.startswith("hearback.db"))
