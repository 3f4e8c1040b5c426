"""What text messages cost: some thirty whole conversations by text, each text counted as Twilio takes it.

`.venv/bin/pytest tests/journeys/test_text_lengths.py -s` prints the table.
"""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from pathlib import Path

import yaml
from clients import Phone, Sandbox, new_phone
from test_bin_tasks import home_to_report

from hearback import sms_text

FEW, MOST, SHARE = 2, 6, 0.95
CONVERSATIONS: dict[str, list[list[str]]] = yaml.safe_load(Path(__file__).with_name("text_conversations.yml").read_text(encoding="utf-8"))


async def converse(phone: Phone, lines: list[list[str]]) -> None:
    for words, expects in lines:
        told = re.findall(r"ASH-\d{6}", "\n".join(text.body for text in phone.texts))
        await phone.say(words.format(reference=told[-1] if told else ""), expects, seconds=60)


async def test_whole_conversations_cost_one_or_two_parts_a_text(phone: Phone, sandbox: Sandbox) -> None:
    stack, (address, _) = phone.stack, await home_to_report(sandbox, 17)
    talks = {name: [[words.replace("{missed}", address), expects] for words, expects in lines] for name, lines in CONVERSATIONS.items()}
    phones = {name: new_phone(stack) for name in talks}
    ready = asyncio.Semaphore(6)

    async def one(name: str) -> None:
        async with ready:
            await converse(phones[name], talks[name])

    await asyncio.gather(*(one(name) for name in talks))
    texts = [(sms_text.segments(text.body), name, text.body) for name, each in phones.items() for text in each.texts]
    counted = Counter(parts for parts, _, _ in texts)
    share = sum(parts <= FEW for parts, _, _ in texts) / len(texts)
    longest = sorted(texts, key=lambda text: (-text[0], -len(text[2])))[:10]
    told = [
        f"{len(texts)} texts of {len(talks)} conversations: " + ", ".join(f"{counted[parts]} of {parts}" for parts in sorted(counted)),
        f"{share:.1%} take {FEW} parts at most; on average {sum(parts for parts, _, _ in texts) / len(texts):.2f}",
        *(f"{parts} parts, {len(body)} characters, {name}: {body!r}" for parts, name, body in longest),
    ]
    print("\n".join(told))  # noqa: T201
    assert share >= SHARE and max(counted) <= MOST, "\n".join(told)
    assert not [body for _, _, body in texts if re.search(r"\b(?:click|button|below|above)\b|[{}]", body)]
