"""Every reply that goes out as a text message: short, in words that make sense on a phone, in every language that we answer in.

A part costs. With usual values in their places nearly every reply takes one part or two; with long ones none takes more than six.
The values stand in text_messages.yml.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.actions.bulky_slots import titled
from channels import numbers
from channels.opt_out import WORDS
from engagement.values import Choice
from hearback import dates, profile, sms_text

ROOT = Path(__file__).parents[2]
RESPONSES: dict[str, list[dict[str, Any]]] = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))["responses"]
TABLE = yaml.safe_load(Path(__file__).with_name("text_messages.yml").read_text(encoding="utf-8"))
SERVICES = yaml.safe_load((ROOT / "backoffice" / "sandbox" / "services.yml").read_text(encoding="utf-8"))["services"]
LANGUAGES = profile.answered_languages()
# Said on the web alone: what its pages and its API answer, and what stands in place of a citizen's own words; or by e-mail alone.
OF_THE_WEB = re.compile(r"utter_(?:(?:author|choice|code|doors|mail|refused)_\w+|ask_call_number|location_shared|photo_shared|transcript)")
SENT = sorted(name for name in RESPONSES if not OF_THE_WEB.fullmatch(name) and name != "utter_other_language")
PLACE = re.compile(r"\{(\w+)\}")
USUAL, LONG = 0, 1
SLOTS = (("2026-12-01", "2026-12-02"), ("2026-09-23", "2026-09-30"))
FEW, MOST = 2, 6
SHARE = {"en": 0.95, "cy": 0.95, "pl": 0.95}  # of the replies, with usual values, that take no more than FEW parts
KEPT = set(WORDS)  # words that the network answers by itself: who sends one as told may be cut off
ASKED_TO_SEND = re.compile(
    r"(?:\b(?:text|reply|say|send|tecstiwch|decstio|atebwch|dywedwch|napisz|napisać|odpisz)\b:?|\b(?:or|neu|albo|lub):?)\s+[\"“„']?(\w+)",
    re.I,
)
OF_A_SCREEN = re.compile(
    r"\b(?:click|tap|button|buttons|below|above|screen|cliciwch|clicio|botwm|botymau|isod|uchod|sgrin|kliknij|przycisk\w*|poniżej|poniższ\w+|powyżej|ekran\w*)\b",
    re.I,
)


def longest(days: list[str]) -> str:
    return max(days, key=len)


def own_values(language: str) -> dict[str, list[str]]:
    """What the council's own words, and the calendar in this language, put in the places."""
    council, year = profile.council(), [date(2026, 1, 1) + timedelta(days=number) for number in range(365)]
    day = [dates.day(date(2026, 12, 1), language), longest([dates.day(one, language) for one in year])]
    bins = [f"{day[USUAL]}: Blue wheelie bin", f"{day[LONG]}: Black wheelie bin, Brown wheelie bin, Food caddy"]
    known = list(profile.information().values())
    hour = ["9am", "9:30am"] if language == "en" else ["09:00", "09:30"]
    fixed = {
        "phone": council["phone"], "phone_from_abroad": numbers.from_abroad(council["phone"]), "website": council["website"],
        "privacy": council["privacy"], "council": profile.name(language),
        "hours": profile.hours(language), "answer_hours": str(council["answer_hours"]), **council["danger_numbers"],
    }  # fmt: skip
    return {
        **{name: [str(value), str(value)] for name, value in fixed.items()},
        **dict.fromkeys(("day", "following", "acknowledge_by", "answer_by", "moved"), day),
        **dict.fromkeys(("hour", "time"), hour),
        "listed": ["\n".join([bins[USUAL]] * 3), "\n".join([bins[LONG]] * 3)],
        "title": [known[0].title, longest([one.title for one in known])],
        "link": [known[0].url, longest([one.url for one in known])],
    }


def wording(response: str, language: str) -> dict[str, Any]:
    """As the assistant and the doors choose it for a text message: the channel goes before the language."""

    def fits(one: dict[str, Any]) -> bool:
        named = {condition["value"] for condition in one.get("condition", ())}
        return one.get("channel", "sms") == "sms" and named <= {language}

    return max(filter(fits, RESPONSES[response]), key=lambda one: ("channel" in one, "condition" in one))


def sent(response: str, language: str, size: int) -> str:
    """The whole text, with the choices of domain.yml and those that the assistant adds."""
    name, one = response.removeprefix("utter_"), wording(response, language)
    values = {**TABLE["values"], **own_values(language), **TABLE["of"].get(name, {})}
    if name == "information":  # its text and its page are tested one by one
        values["short"] = [profile.information()["council_tax_pay"].sms, longest([each.sms for each in profile.information().values()])]
    added = TABLE["choices"].get(name, [[], []])[size]
    if name.startswith("ask_bulky_slot"):
        added = [titled(f"{day} {period}", language) for day in SLOTS[size] for period in ("morning", "afternoon")]
    buttons = sorted(one.get("buttons", ()), key=lambda button: bool(button.get("last")))
    titles = [button["title"] for button in buttons if not button.get("last")] + added
    titles += [button["title"] for button in buttons if button.get("last")]
    text = one["text"].format(**{place: values[place][size] for place in PLACE.findall(one["text"])})
    return sms_text.render(text, tuple(Choice(id=str(at), title=title, payload="/x") for at, title in enumerate(titles)))


def too_long(texts: dict[str, str], most: int) -> list[str]:
    """A line for each text of more parts than that: which, and how many characters to save."""
    lines = []
    for name, text in texts.items():
        if (parts := sms_text.segments(text)) > most:
            room = sms_text.MANY_GSM if all(letter in sms_text.BASIC | sms_text.EXTENDED for letter in text) else sms_text.MANY_UCS2
            lines.append(f"{name}: {parts} parts, {len(text) - most * room} characters too many: {text!r}")
    return lines


def test_every_place_of_a_text_has_a_usual_and_a_long_value() -> None:
    places = {
        place
        for name, told in RESPONSES.items()
        if not name.startswith("utter_mail_")
        for one in told
        if one.get("channel", "sms") == "sms"
        for place in PLACE.findall(one["text"])
    }
    assert places == set(TABLE["values"]) | set(own_values("en")) & places
    assert set(TABLE["values"]) <= places, "nobody says these any more"
    assert {f"utter_{name}" for name in (*TABLE["of"], *TABLE["choices"])} <= set(RESPONSES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_nearly_every_reply_takes_one_part_or_two(language: str) -> None:
    texts = {response: sent(response, language, USUAL) for response in SENT}
    longer = too_long(texts, FEW)
    share = 1 - len(longer) / len(texts)
    assert share >= SHARE[language], f"{share:.1%} of {len(texts)} replies take {FEW} parts at most:\n" + "\n".join(longer)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_reply_takes_more_than_six_parts_however_long_its_values(language: str) -> None:
    longer = too_long({response: sent(response, language, LONG) for response in SENT}, MOST)
    assert not longer, "\n".join(longer)


def test_no_sentence_of_another_language_takes_more_than_six_parts() -> None:
    council = profile.council()
    texts = {
        code: sms_text.plain(wording("utter_other_language", code)["text"].format(phone=council["phone"], hours=profile.hours(code)))
        for code in set(profile.languages()) - set(LANGUAGES)
    }
    assert not too_long(texts, MOST)


@pytest.mark.parametrize("response", SENT)
def test_english_texts_keep_to_the_networks_letters(response: str) -> None:
    assert set(sent(response, "en", USUAL)) <= sms_text.BASIC | sms_text.EXTENDED


@pytest.mark.parametrize("response", SENT)
def test_a_text_never_asks_for_a_word_that_the_network_keeps_and_speaks_of_no_screen(response: str) -> None:
    for language in LANGUAGES:
        one = wording(response, language)
        asked = {word.upper() for word in ASKED_TO_SEND.findall(one["text"])}
        assert not asked & KEPT, f"{language}: {one['text']}"
        assert not [word for word in re.findall(r"\b[A-Z]{2,}\b", one["text"]) if word in KEPT], f"{language}: {one['text']}"
        assert not [button["title"] for button in one.get("buttons", ()) if button["title"].split()[0].upper() in KEPT - {"YES"}], language
        assert not (found := OF_A_SCREEN.search(one["text"])), f"{language}: {found and found[0]}"


@pytest.mark.parametrize("id", sorted(profile.information()))
def test_an_answer_to_a_question_takes_two_parts_with_its_page(id: str) -> None:
    one = profile.information()[id]
    text = sms_text.render(wording("utter_information", "en")["text"].format(short=one.sms, link=one.url), ())
    assert not too_long({id: text}, FEW) and set(text) <= sms_text.BASIC | sms_text.EXTENDED
    assert not OF_A_SCREEN.search(text) and not {word.upper() for word in ASKED_TO_SEND.findall(text)} & KEPT


@pytest.mark.parametrize("code", [one["service_code"] for one in SERVICES])
def test_a_question_of_the_pretend_council_takes_two_parts_with_its_answers(code: str) -> None:
    (service,) = [one for one in SERVICES if one["service_code"] == code]
    texts = {}
    for question in service.get("attributes", ()):
        names = [value["name"] for value in question.get("values", ())]
        several = question["datatype"] == "multivaluelist"
        response = "utter_ask_details" + ("_several" if several else "") + ("" if question.get("required") else "_optional")
        about = question.get("datatype_description", "")
        hint, listed = f" ({about.rstrip('.')})" if about else "", "\n".join(f"{at}. {name}" for at, name in enumerate(names, 1))
        text = wording(response, "en")["text"].format(question=question["description"], hint=hint, values=listed)
        choices = () if several else tuple(Choice(id=str(at), title=name, payload="/x") for at, name in enumerate(names))
        texts[question["code"]] = sms_text.render(text, choices)
    assert not (longer := too_long(texts, FEW)), "\n".join(longer)
