"""A citizen who asked to be erased, by web chat and by text, in everything that runs: their words are in no file any more."""

from __future__ import annotations

import secrets

from clients import WebChat, new_phone, reference_in
from stack import Stack, until
from test_traces import no_number_is_left
from test_web_report import to_the_check

from engagement.trackers import rows_of
from hearback.settings import Settings


async def test_a_citizen_is_erased_while_everything_runs(stack: Stack, chat: WebChat) -> None:
    canary, phone = f"zyzzyva{secrets.token_hex(8)}", new_phone(stack)
    await chat.say(f"My name is {canary}, ring me on {phone.number}")
    await chat.say("cancel")
    await to_the_check(chat, f"there's a massive pothole outside 12 Mill Lane, {canary}")
    reference = reference_in((await chat.choose("Send it")).text)
    await phone.text(f"hello, {canary} is my name")
    memory = rows_of(Settings.from_environ(stack.environ))

    async def remembered(word: str) -> bool:
        return any([word in (await memory.get(one) or "") for one in await memory.keys()])

    await until(lambda: remembered(canary), 20, "the memory")
    shown = await stack.command("erase", "--phone", phone.number, "--dry-run")
    assert reference in shown and canary not in shown and "2 conversations" in shown
    done = await stack.command("erase", "--phone", phone.number, "--yes")
    assert "2 conversations were erased to the end" in done

    def left() -> list[str]:
        """The council's own system keeps what it was sent, and the pretend phone what it texted."""
        return [name for name, content in stack.files().items() if canary.encode() in content and not name.startswith("sandbox/")]

    await until(lambda: not left(), 10, f"nothing to be left; there is {left()}")
    no_number_is_left(stack, {phone.number})
    assert chat.conversation not in await memory.keys()
    await memory.close()
    assert await stack.command("erase", "--phone", phone.number, "--dry-run") == "Nothing is held under it."
