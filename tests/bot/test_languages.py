"""Which language a message is in: English in all its forms is never taken for another, short answers and names tell nothing."""

import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml

from bot import languages
from bot.actions.task import NO, SKIP, YES
from bot.actions.task_form import BACK
from channels import words

ROOT = Path(__file__).parents[2]
OTHERS = yaml.safe_load((ROOT / "tests" / "nlu" / "languages" / "others.yml").read_text(encoding="utf-8"))
NOT_ENGLISH = {"bore da", "shwmae", "prynhawn da", "dzień dobry", "dziękuję, thank you", "siarad â rhywun", "diolch yn fawr"}


def english() -> list[str]:
    """What citizens write in English in our language data, dialect, typing errors, places and all."""
    lines = []
    for folder in ("data", "tests"):
        for path in sorted((ROOT / folder / "nlu").glob("*.yml")):
            told = yaml.safe_load(path.read_text(encoding="utf-8"))
            blocks = told.get("nlu", ()) if isinstance(told, dict) else ()
            lines += [line[2:] for block in blocks for line in block["examples"].splitlines() if line.startswith("- ")]
    services = yaml.safe_load((ROOT / "data" / "council" / "services.yml").read_text(encoding="utf-8"))
    return [line for line in lines + [line for row in services.values() for line in row["examples"]] if line.lower() not in NOT_ENGLISH]


def written(code: str) -> Iterator[str]:
    """Lines in a language, four or more words long without names and numbers."""
    for folder in ("data", "tests"):
        path = ROOT / folder / "nlu" / "languages" / f"{code}.yml"
        for lines in yaml.safe_load(path.read_text(encoding="utf-8"))["intents"].values():
            yield from (line for line in lines if sum(word[0].islower() for word in line.split()) >= 4)


def test_english_is_practically_never_taken_for_another_language() -> None:
    lines = english()
    taken = [(line, code) for line in lines if (code := languages.language_of(line, "en"))]
    assert len(lines) > 5000 and len(taken) / len(lines) <= 0.001, taken


@pytest.mark.parametrize(("code", "least"), [("cy", 0.95), ("pl", 0.98)])
def test_sentences_are_recognised(code: str, least: float) -> None:
    found = [languages.language_of(line, "en") for line in written(code)]
    assert found.count(code) / len(found) >= least
    assert set(found) <= {code, None}


@pytest.mark.parametrize("code", ["cy", "pl"])
def test_what_is_set_stays(code: str) -> None:
    assert [line for line in written(code) if languages.language_of(line, code)] == []


@pytest.mark.parametrize(("code", "line"), [(code, line) for code, lines in OTHERS.items() for line in lines])
def test_another_language_is_that_language_or_unknown(code: str, line: str) -> None:
    assert languages.language_of(line, "en") in {code, None}


def test_most_sentences_in_other_languages_are_recognised() -> None:
    found = [languages.language_of(line, "en") == code for code, lines in OTHERS.items() for line in lines]
    assert sum(found) / len(found) >= 0.85
    assert all(any(languages.language_of(line, "en") == code for line in lines) for code, lines in OTHERS.items())


@pytest.mark.parametrize(
    "text",
    ["ok", "tak", "ie", "nie", "na", "Ffordd y Parc", "ffordd y parc", "12 heol yr orsaf", "outside 12 Heol yr Orsaf", "Rhodfa'r Môr",
     "Maes y Coed", "near Ysgol Gynradd Bro Myrddin", "Rhys Llewellyn Jones", "Dafydd ap Gwilym", "Anna Kowalska Nowak", "Paweł Wiśniewski",
     "ASH-104233", "AD1 2BC", "AB12 CDE", "Café Nero", "by the Polski Sklep", "the Welsh chapel", "English Road",
     "i dont speak english", "01632 960100", "1, 3", "", "?!"],
)  # fmt: skip
@pytest.mark.parametrize("current", ["en", "cy", "pl", "es"])
def test_short_answers_names_and_references_change_nothing(text: str, current: str) -> None:
    assert languages.language_of(text, current) is None


@pytest.mark.parametrize(
    ("text", "code"),
    [("Cymraeg", "cy"), ("can we speak Welsh", "cy"), ("Cymraeg os gwelwch yn dda", "cy"), ("po polsku", "pl"), ("po polsku proszę", "pl"),
     ("do you speak Polish?", "pl"), ("in English please", "en"), ("Saesneg", "en"), ("po angielsku", "en"), ("yn Saesneg plis", "en"),
     ("español por favor", "es"), ("українською", "uk")],
)  # fmt: skip
def test_a_language_can_be_asked_for(text: str, code: str) -> None:
    assert languages.asked_for(text) == code


@pytest.mark.parametrize(
    ("text", "code"),
    [("potrzebuję jedzenia", "pl"), ("złożyć skargę", "pl"), ("mam długi", "pl"), ("nie mam jedzenia", "pl"), ("bank żywności", "pl"),
     ("dwi'n llwglyd", "cy"), ("hoffwn gwyno", "cy"), ("banc bwyd", "cy"), ("cyngor ar ddyled", "cy")],
)  # fmt: skip
def test_two_words_are_enough_where_only_one_language_begins_so(text: str, code: str) -> None:
    assert languages.language_of(text, "en") == code


def test_who_answers_in_english_keeps_their_language_and_who_goes_on_in_english_leaves_it() -> None:
    assert languages.language_of("by the bus stop on High Street", "cy", answering=True) is None
    assert languages.language_of("there is a broken street light outside my house", "cy") == "en"
    assert languages.language_of("there is a broken street light outside my house", "es") is None


def test_it_takes_no_time() -> None:
    lines = english()[:2000]
    languages.load()
    began = time.process_time()
    for line in lines:
        languages.language_of(line, "en")
    assert (time.process_time() - began) / len(lines) < 0.002


@pytest.mark.parametrize(
    ("words", "said"),
    [(YES, "ie plis"), (YES, "tak, proszę"), (YES, "Zgadza się"), (YES, "yes"), (NO, "dim llun"), (NO, "nie mam"), (NO, "haven’t got one"),
     (SKIP, "hepgor"), (SKIP, "pomiń"), (SKIP, "dont know"), (SKIP, "nie wiem"), (BACK, "yn ôl"), (BACK, "cofnij"),
     (BACK, "can I go back?")],
)  # fmt: skip
def test_small_words_of_all_languages(words, said: str) -> None:  # type: ignore[no-untyped-def]
    assert words.match(said)


@pytest.mark.parametrize(
    "said",
    ["no", "No thanks", "no photo", "nope, it's fine", "no, the house number is wrong", "none of these", "No. It was the other side", "n",
     "na", "Na, dim diolch", "does dim llun gen i", "does gen i ddim llun", "nac ydw", "dim diweddariadau",
     "na, mae'r cyfeiriad yn anghywir",
     "nie", "nie, dziękuję", "nie mam zdjęcia", "nie mam", "niestety nie mam", "bez zdjęcia", "nie zgadza się", "nie, adres jest zły"],
)  # fmt: skip
def test_a_no_stands_alone_or_with_small_words_or_before_a_comma(said: str) -> None:
    assert NO.match(said)


@pytest.mark.parametrize(
    "said",
    ["no food in the house", "not got any heating", "no heating or hot water", "no money till friday", "none of my kids have eaten",
     "No. 12",
     "no one has emptied my bin", "nothing to eat", "does dim bwyd gen i", "does gen i ddim bwyd", "dim bwyd yn y tŷ",
     "dim gwres ers dydd Llun",
     "na i dalu fy miliau", "heb fwyta ers ddoe", "nie mam na jedzenie", "nie mam co jeść", "nie mam nic do jedzenia", "nie mam ogrzewania",
     "nie stać mnie na chleb", "brak prądu w mieszkaniu", "bez pracy i pieniędzy", "nie działa latarnia"],
)  # fmt: skip
def test_what_people_are_without_is_no_no(said: str) -> None:
    assert not NO.match(said)


def test_the_doors_choose_wording_as_rasa_does() -> None:
    from rasa.core.nlg.generator import ResponseVariationFilter

    responses = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))["responses"]
    rasa = ResponseVariationFilter(responses)
    values = SimpleNamespace(phone="1", hours="2", reference="3")
    for response in (
        "utter_message_kept",
        "utter_assistant_failed",
        "utter_request_sent_later",
        "utter_request_refused",
        "utter_other_language",
    ):
        for channel in ("web", "sms"):
            for code in ("en", "cy", "pl", "es"):
                chosen = rasa.responses_for_utter_action(response, channel, {"language": code})[0]["text"]
                assert words.say(response, channel, code, **vars(values)).text == chosen.format(**vars(values))
