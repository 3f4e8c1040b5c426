"""One citizen task, one name: intents, language files, rules, actions and responses are the same words everywhere."""

import importlib
import inspect
import pkgutil
import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
DOMAIN = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))
CODE = {
    path: path.read_text(encoding="utf-8")
    for folder in ("bot", "channels", "backoffice", "console", "hearback", "engagement")
    for path in (ROOT / folder).rglob("*.py")
}
RULES = [rule for path in (ROOT / "data" / "rules").glob("*.yml") for rule in yaml.safe_load(path.read_text(encoding="utf-8"))["rules"]]
DESIGNED = set(
    "greet goodbye thanks affirm deny cancel restart help bot_challenge talk_to_person report_problem report_missed_bin ask_bin_day"
    " order_bin book_bulky_waste check_request update_request withdraw_request find_support ask_information report_repair make_complaint"
    " give_compliment ask_my_data report_danger inform out_of_scope outcome_fixed outcome_partly outcome_not_fixed outcome_not_mine".split()
)


def registered_actions() -> set[str]:
    import bot.actions
    from bot.actions.turn import CitizenAction

    for module in pkgutil.iter_modules(bot.actions.__path__):
        importlib.import_module(f"bot.actions.{module.name}")

    def concrete(kind: type) -> set[type]:
        return {kind} | set().union(*map(concrete, kind.__subclasses__()))

    return {one().name() for one in concrete(CitizenAction) if not inspect.isabstract(one) and one.__name__ != "HandOver"}


def test_the_intents_are_the_ones_that_were_agreed() -> None:
    assert set(DOMAIN["intents"]) == DESIGNED


@pytest.mark.parametrize("intent", sorted(DESIGNED))
def test_every_intent_has_wording_and_a_twin(intent: str) -> None:
    for folder in ("data/nlu", "tests/nlu"):
        file = ROOT / folder / f"{intent}.yml"
        block = yaml.safe_load(file.read_text(encoding="utf-8"))["nlu"]
        assert [one["intent"] for one in block] == [intent], file


def test_every_intent_and_the_fallback_have_a_rule() -> None:
    begun = {step["intent"] for rule in RULES for step in rule["steps"] if "intent" in step}
    assert begun == DESIGNED | {"nlu_fallback"}


def test_every_action_of_the_domain_exists_and_every_action_is_in_the_domain() -> None:
    assert set(DOMAIN["actions"]) == registered_actions()


def test_every_response_that_is_said_exists_and_every_one_that_exists_is_said() -> None:
    said = set(re.findall(r"utter_[a-z0-9_]+", "\n".join(CODE.values())))
    said |= {step["action"] for rule in RULES for step in rule["steps"] if step.get("action", "").startswith("utter_")}
    variants = {name + "_optional" for name in said}
    known = set(DOMAIN["responses"])
    assert {name for name in said if not name.endswith("_")} - {"utter_message"} <= known  # utter_message is rasa-sdk's verb
    assert known <= said | variants


@pytest.mark.parametrize("response", sorted(DOMAIN["responses"]))
def test_responses_are_plain_and_text_messages_are_short(response: str) -> None:
    from hearback import sms_text

    variants = [one for one in DOMAIN["responses"][response] if "condition" not in one]  # other languages: test_translations.py
    assert any("channel" not in one for one in variants), "a response for every channel is missing"
    by_text = [one for one in variants if one.get("channel") == "sms"] or variants
    by_text = [] if response.startswith("utter_mail_") else by_text
    for one in by_text:
        text = sms_text.plain(one["text"])
        assert sms_text.segments(text) <= 2, f"{response} takes {sms_text.segments(text)} parts by SMS"
        assert all(letter in sms_text.BASIC | sms_text.EXTENDED for letter in text), response
        assert not re.search(r"\b(YES|STOP|END|CANCEL|QUIT)\b", text), "a word that the network keeps for itself"
