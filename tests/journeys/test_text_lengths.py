"""What text messages cost: some thirty whole conversations by text, each text counted as Twilio takes it.

`.venv/bin/pytest tests/journeys/test_text_lengths.py -s` prints the table.
"""

from __future__ import annotations

import asyncio
import re
from collections import Counter

from clients import Phone, Sandbox, new_phone
from test_bin_tasks import home_to_report

from channels import sms_text

FEW, MOST, SHARE = 2, 6, 0.95
REFERENCE = "{reference}"  # the latest that the citizen was told
# By name: what the citizen texts, and what stands in the answer.
CONVERSATIONS: dict[str, list[tuple[str, str]]] = {
    "a pothole, then its status, more about it, and taken back": [
        ("there's a pothole outside 31 Mill Lane AD1 2BC", "How big is it?"), ("3", "Where in the road"), ("two", "photo"),
        ("1", "text you updates"), ("1", "Send it?"), ("1", "Your reference is"), (REFERENCE, "Ashdown Highways expects"),
        (f"add to {REFERENCE} that it is getting bigger", "Added to"), ("I want to withdraw my report", "Withdraw it?"), ("1", "is withdrawn"),
        ("thanks", "You're welcome"),
    ],
    "a street light, its place changed before it is sent": [
        ("broken street light on Castle Street", "What is wrong with the light?"), ("1", "number on the lamp post"), ("skip", "photo"),
        ("no photo", "text you updates"), ("2", "Send it?"), ("2", "like to change"), ("2", "Where is it?"), ("28 Castle Street", "Send it?"),
        ("1", "Your reference is"),
    ],
    "dumped rubbish, chosen among services": [
        ("there's stuff dumped near the wall by the church", "Which problem is it?"), ("1", "What has been dumped?"), ("1 and 3", "?"),
    ],
    "one of two streets, and not sent after all": [
        ("there's a pothole outside 5 Church Street", "Which is it?"), ("2", "How big is it?"), ("larger", "Where in the road"),
        ("skip", "photo"), ("1", "text you updates"), ("2", "Send it?"), ("3", "Nothing was sent"),
    ],
    "a place of another council": [("pothole in Birmingham B1 1AA", "Birmingham City Council"), ("no", "Nothing was sent")],
    "two needs in one text": [
        ("there's a pothole outside 22 Kings Avenue and also the street light on Albert Street is broken", "How big is it?"),
        ("3", "Where in the road"), ("1", "photo"), ("1", "text you updates"), ("2", "Send it?"), ("1", "What is wrong with the light?"),
    ],
    "bin days, asked again": [
        ("when is my bin day", "postcode"), ("AD1 2BC", "house or flat number"), ("12", "Next collections"),
        ("when is my bin day?", "Next collections"),
    ],
    "an address in two streets": [("when is my bin day", "postcode"), ("14 Church Street", "Which is your address?"), ("2", "Next collections")],
    "a new bin": [
        ("I need a new bin", "postcode"), ("9 Mill Lane", "Which bin do you need"), ("1", "Why do you need it?"), ("1", "text you updates"),
        ("1", "Send it?"), ("1", "Your reference is"),
    ],
    "large items, some not taken": [
        ("book a bulky waste collection", "postcode"), ("11 Mill Lane", "What shall we collect?"), ("some rubble", "What shall we collect?"),
        ("a table and eight chairs", "up to 5"), ("an old fridge and a sofa", "Which day suits you?"), ("5", "Which day suits you?"),
        ("2", "Where will you leave them?"), ("by the front gate", "text you updates"), ("2", "Send it?"), ("1", "Your reference is"),
    ],
    "a repair": [
        ("my radiators are cold, there is no heating", "rent your home"), ("1", "postcode"), ("3 Duke Street", "?"),
    ],
    "a repair in a home that is not ours": [("the tap in my kitchen drips", "rent your home"), ("2", "only repair council homes")],
    "help with food, more of it, and a warm place": [
        ("I can't afford food this week", "Food bank"), ("1", "These may help"), ("is there a warm space I can sit in", "Warm space"),
        ("AD3 2FG", "Library"),
    ],
    "help on a day that nobody offers": [("I need immigration advice on sundays", "Immigration advice")],
    "a helpline and a person": [("my partner controls all my money, who can I talk to", "0808 2000 247"), ("2", "01632 960100")],
    "questions": [
        ("how do I pay my council tax", "council-tax/pay"), ("when are the school holidays", "term-dates"),
        ("can I have a skip on the road", "skip-permit"), ("when does the tip open", "Forge Lane"),
    ],
    "a complaint, and how it is going": [
        ("I want to make a complaint", "What happened?"), ("the man at the tip shouted at me and called me names", "recorded as"),
        ("what is happening with my complaint?", "You will have an answer by"),
    ],
    "praise": [("I want to say thank you to your staff", "What went well"), ("the crew in Mill Lane helped my mum with her bins", "passed your words on")],
    "data that we hold": [("I have a question about my data", "How we use your information"), ("1", "recorded as")],
    "a person, by phone": [("please call me back", "good time"), ("any time", "call you")],
    "gas": [("I can smell gas in my kitchen", "0800 111 999"), ("thank you", "welcome")],
    "somebody in despair": [("I want to end it all", "116 123")],
    "a fire in the middle of a report": [
        ("there's a pothole outside 14 Queens Avenue", "How big is it?"), ("my house is on fire", "How big is it?"), ("larger", "Where in the road"),
    ],
    "what the council does not do": [("what's the weather tomorrow", "does not do that"), ("who won the football", "A person can help")],
    "hello and goodbye": [
        ("hello", "automated assistant"), ("what can you do", "automated"), ("are you a robot", "not a person"), ("thanks", "welcome"),
        ("bye", "Goodbye"),
    ],
    "answers that are none": [
        ("there's a pothole outside 2 Abbey Lane", "How big is it?"), ("purple", "different answer"), ("green", "could not use that"),
        ("start again", "begin again"), ("forget it", "Nothing is in progress"),
    ],
    "a reference that is none": [("what's happening with my report", "looks like"), ("ASH-999999", "cannot find")],
    "an outcome of nothing": [("it is still not fixed", "Which report is this about?")],
    "a pothole in Welsh": [
        ("mae twll yn y ffordd tu allan i 18 Bakers Lane AD1 8FF", "How big is it?"), ("3", "hepgor"), ("hepgor", "lun"),
        ("dim llun", "diweddariadau"), ("2", "Anfon?"), ("1", "Eich cyfeirnod"), ("pryd mae fy niwrnod bin", "cod post"),
        ("12 Mill Lane", "Casgliadau nesaf"), ("siarad gyda pherson", "01632 960100"),
    ],
    "danger and a greeting in Welsh": [("shwmae", "cynorthwyydd"), ("dw i'n gallu arogli nwy", "0800 111 999")],
    "a light in Polish": [
        ("dzień dobry", "asystent"), ("latarnia nie świeci przy 6 Duke Street", "What is wrong with the light?"), ("1", "pomiń"),
        ("pomiń", "zdjęcie"), ("1", "Czy wysyłać"), ("2", "potwierdzasz"), ("1", "Numer"), ("kiedy wywóz śmieci", "kod pocztowy"),
        ("12 Mill Lane", "Terminy odbioru"), ("kontakt z pracownikiem", "01632 960100"),
    ],
    "danger in Polish": [("czuję gaz w mieszkaniu", "0800 111 999")],
    "another language": [("bonjour, je voudrais signaler un nid-de-poule devant 12 Mill Road", "interprète")],
}  # fmt: skip


async def converse(phone: Phone, lines: list[tuple[str, str]]) -> None:
    for words, expects in lines:
        told = re.findall(r"ASH-\d{6}", "\n".join(text.body for text in phone.texts))
        await phone.say(words.replace(REFERENCE, told[-1] if told else ""), expects, seconds=60)


async def test_whole_conversations_cost_one_or_two_parts_a_text(phone: Phone, sandbox: Sandbox) -> None:
    stack, (address, _) = phone.stack, await home_to_report(sandbox, 17)
    missed = [("my bin was not collected", "postcode"), (address, "Which bin did we miss"), ("Food caddy", "text you updates"),
              ("2", "Send it?"), ("1", "Your reference is")]  # fmt: skip
    talks = {"a missed bin": missed, **CONVERSATIONS}
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
