"""A report in Welsh, in Polish by text message, and a citizen whose language the assistant does not speak."""

from __future__ import annotations

import pytest
from clients import ConsoleApi, Phone, Sandbox, WebChat, reference_in
from test_web_report import POTHOLE, SIZES

TWLL = "mae twll mawr yn y ffordd tu allan i 12 Mill Lane AD1 2BC"
DZIURA = "duża dziura w jezdni przed 12 Mill Lane AD1 2BC"
OWN_SENTENCE = "Una persona puede ayudarle en su idioma"


async def test_a_report_in_welsh_from_the_first_sentence_to_the_reference(chat: WebChat, sandbox: Sandbox) -> None:
    assert (await chat.say(TWLL)).choices == SIZES
    assert "Gallwch hepgor hwn" in await chat.choose("Larger than a dinner plate")
    assert "Oes gennych chi lun?" in await chat.choose("Hepgor")
    assert "diweddariadau" in await chat.choose("Dim llun")
    checked = await chat.choose("Dim diweddariadau")
    assert checked.choices == ["Anfon", "Newid rhywbeth", "Peidio ag anfon"] and "Gwiriwch eich adroddiad" in checked
    sent = await chat.say("ie plis")
    assert "Eich cyfeirnod yw" in sent
    request = await sandbox.request(reference_in(sent.text))
    assert request["service_code"] == "POTHOLE" and "12 Mill Lane AD1 2BC" in request["address"]
    assert "Croeso" in await chat.say("diolch yn fawr")


async def test_the_language_changes_when_asked_for_and_the_question_in_hand_stays(chat: WebChat) -> None:
    began = await chat.say("Cymraeg")
    assert "Iawn, yn Gymraeg" in began and "Gyda beth alla i eich helpu?" in began
    await chat.say(TWLL)
    changed = await chat.say("in English please")
    assert "OK, in English." in changed and changed.messages[-1]["text"] == "How big is it?" and changed.choices == SIZES
    assert "You can skip this." in await chat.choose("Larger than a dinner plate")
    back = await chat.say("yn Gymraeg plis")
    assert "Iawn, yn Gymraeg" in back and "Gallwch hepgor hwn" in back


async def test_english_answers_and_street_names_do_not_change_the_language(chat: WebChat) -> None:
    await chat.say("mae twll mawr yn y ffordd")
    await chat.say("by the bus stop on High Street")
    assert "OK, in English" not in "".join(line["text"] for line in await chat.history())
    assert "Hwyl fawr" in await chat.say("hwyl fawr")


async def test_a_report_in_polish_by_text_message(phone: Phone, sandbox: Sandbox) -> None:
    asked = await phone.say(DZIURA, "How big is it?")
    assert asked.startswith("How big is it?\n1 Smaller than a dinner plate")
    assert "pomiń" in await phone.say("3", "Where in the road")
    await phone.say("pomiń", "Wyślij zdjęcie")
    await phone.say("nie mam", "Czy wysyłać wiadomości")
    assert "12 Mill Lane AD1 2BC" in await phone.say("nie", "potwierdzasz?")
    reference = reference_in(await phone.say("tak", "Zgłoszenie wysłane"))
    assert (await sandbox.request(reference))["service_code"] == "POTHOLE"


async def test_a_language_that_is_not_spoken_gets_its_own_sentence_once_and_english_goes_on(chat: WebChat, sandbox: Sandbox) -> None:
    told = await chat.say("buenos días, necesito un poco de ayuda por favor")
    assert OWN_SENTENCE in told.messages[0]["text"] and "01632 960100" in told and "lunes" in told and len(told.messages) > 1
    assert (await chat.say(POTHOLE)).choices == SIZES
    for words in ("larger", "skip", "no", "no"):
        checked = await chat.say(words)
    assert "Please check your report" in checked
    assert OWN_SENTENCE not in await chat.say("sí, puede enviar todo esto así como está, gracias")
    assert sum(OWN_SENTENCE in line["text"] for line in await chat.history()) == 1


async def test_a_complaint_in_polish_is_asked_what_happened_and_keeps_it(chat: WebChat, console: ConsoleApi) -> None:
    assert "Co się stało?" in await chat.say("chcę złożyć skargę")
    happened = "śmieciarze zostawili wszystko na ulicy i się śmiali"
    await chat.say(happened)
    await chat.say("nie, dziękuję")
    (taken,) = (await console.conversation(chat.conversation))["handovers"]
    assert taken["reason"] == "make_complaint" and taken["details"]["words"] == happened


async def test_a_complaint_in_welsh_is_asked_what_happened(chat: WebChat) -> None:
    assert "Beth ddigwyddodd?" in await chat.say("dw i eisiau cwyno")


@pytest.mark.parametrize(
    ("words", "service"),
    [
        ("nie mam na jedzenie", "Food bank (Ashdown Foodbank)"),
        ("nie mam co jeść", "Food bank (Ashdown Foodbank)"),
        ("potrzebuję jedzenia", "Food bank (Ashdown Foodbank)"),
        ("porada w sprawie długów", "Debt advice (Ashdown Advice Centre)"),
        ("does dim bwyd gen i", "Food bank (Ashdown Foodbank)"),
        ("dw i angen bwyd", "Food bank (Ashdown Foodbank)"),
        ("cyngor ar ddyled", "Debt advice (Ashdown Advice Centre)"),
    ],
)
async def test_who_is_short_of_food_or_in_debt_is_told_who_helps(chat: WebChat, words: str, service: str) -> None:
    assert service in await chat.say(words)


async def test_who_tells_of_hunger_in_the_middle_of_another_search_is_not_taken_to_say_no(chat: WebChat) -> None:
    await chat.say("czy jest jakieś ciepłe miejsce, gdzie mogę posiedzieć")
    assert "Food bank (Ashdown Foodbank)" in await chat.say("nie mam co jeść")
