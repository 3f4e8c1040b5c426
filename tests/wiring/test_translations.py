"""Every response in every language that the assistant speaks: the same placeholders, buttons and lengths as in English.

A translator edits domain.yml only. Below each English wording stands one with `condition: [{type: slot, name: language, value: cy}]`;
where English has wording of its own for a channel, so must the translation: Rasa prefers the channel's English to a translation without it.
"""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from hearback import profile, sms_text

ROOT = Path(__file__).parents[2]
DOMAIN: dict[str, list[dict[str, Any]]] = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))["responses"]
OWN_SENTENCE = "utter_other_language"
TRANSLATED = [code for code in profile.answered_languages() if code != "en"]
OTHERS = [code for code in profile.languages() if code not in profile.answered_languages()]
PLACEHOLDER = re.compile(r"\{\w+\}")


def language(variation: dict[str, Any]) -> str:
    return next((one["value"] for one in variation.get("condition", ()) if one["name"] == "language"), "en")


def variation(response: str, code: str, channel: str | None) -> dict[str, Any] | None:
    return next((one for one in DOMAIN[response] if language(one) == code and one.get("channel") == channel), None)


def wanted(response: str) -> list[tuple[str | None, dict[str, Any]]]:
    """The channels (None: any) for which English has wording, with that wording."""
    return [(one.get("channel"), one) for one in DOMAIN[response] if language(one) == "en"]


@pytest.mark.parametrize("code", TRANSLATED)
def test_nothing_waits_for_a_translator(code: str) -> None:
    missing = [
        f"{response} ({channel or 'every channel'}): {english['text']}"
        for response in DOMAIN
        if response != OWN_SENTENCE
        for channel, english in wanted(response)
        if variation(response, code, channel) is None
    ]
    assert not missing, f"{len(missing)} wordings are missing in {code}:\n" + "\n".join(missing)


@pytest.mark.parametrize("response", sorted(DOMAIN))
@pytest.mark.parametrize("code", TRANSLATED)
def test_a_translation_has_the_placeholders_and_buttons_of_the_english(response: str, code: str) -> None:
    for channel, english in wanted(response):
        if (translated := variation(response, code, channel)) is None:
            continue
        where = f"{response}, {code}, {channel or 'every channel'}"
        assert sorted(PLACEHOLDER.findall(translated["text"])) == sorted(PLACEHOLDER.findall(english["text"])), where
        payloads = [[button["payload"], button.get("last")] for button in english.get("buttons", ())]
        assert [[button["payload"], button.get("last")] for button in translated.get("buttons", ())] == payloads, where


@pytest.mark.parametrize("response", sorted(name for name in DOMAIN if not name.startswith("utter_mail_")))
def test_text_messages_stay_short_in_every_language(response: str) -> None:
    """At most two parts in the network's own letters, three where a letter such as ŵ or ł makes each part shorter."""
    for one in DOMAIN[response]:
        if language(one) != "en" and one.get("channel", "sms") == "sms" and variation(response, language(one), "sms") in (None, one):
            if "channel" not in one and variation(response, "en", "sms") is not None:
                continue  # never sent by SMS: the channel's English would go out, which another test forbids
            text = sms_text.plain(one["text"])
            own_letters = all(letter in sms_text.BASIC | sms_text.EXTENDED for letter in text)
            most = 2 if own_letters else 3
            if response == OWN_SENTENCE:
                most = 4
            assert sms_text.segments(text) <= most, f"{response}, {language(one)}: {sms_text.segments(text)} parts"
            assert not re.search(r"\b(YES|STOP|END|CANCEL|QUIT)\b", text), "a word that the network keeps for itself"


def test_every_other_language_has_its_sentence_and_its_opening_hours() -> None:
    assert {language(one) for one in DOMAIN[OWN_SENTENCE]} == {"en", *OTHERS}
    for one in DOMAIN[OWN_SENTENCE]:
        assert {"{phone}", "{hours}"} == set(PLACEHOLDER.findall(one["text"])), language(one)
    assert set(profile.council()["opening_hours_in"]) == {*TRANSLATED, *OTHERS}


def test_conditions_name_languages_that_exist() -> None:
    conditions = {tuple(sorted(one.items())) for told in DOMAIN.values() for each in told for one in each.get("condition", ())}
    assert {dict(one)["value"] for one in conditions} <= {*TRANSLATED, *OTHERS}
    assert {(dict(one)["type"], dict(one)["name"]) for one in conditions} == {("slot", "language")}


@pytest.mark.parametrize("code", TRANSLATED)
def test_a_language_has_wording_for_every_intent_and_a_twin(code: str) -> None:
    intents = set(yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))["intents"])
    for folder in ("data", "tests"):
        taught = yaml.safe_load((ROOT / folder / "nlu" / "languages" / f"{code}.yml").read_text(encoding="utf-8"))
        assert set(taught["intents"]) == intents
    lines = [
        {
            line.lower()
            for said in yaml.safe_load((ROOT / folder / "nlu" / "languages" / f"{code}.yml").read_text())["intents"].values()
            for line in said
        }
        for folder in ("data", "tests")
    ]
    assert lines[0] & lines[1] == set(), "these stand in both: write them in other words in tests/nlu/languages"
