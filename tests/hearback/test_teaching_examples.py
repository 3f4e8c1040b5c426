"""Examples become training files that Rasa reads word for word."""

from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from hearback.settings import ROOT
from hearback.teaching import known
from hearback.teaching.examples import Example, Marked, held_out, intents, line, mark, texts_of, tidy, with_examples


def read_by_rasa(text: str) -> list[tuple[str, str, dict[str, object] | None, list[dict[str, object]]]]:
    from rasa.shared.nlu.training_data.formats.rasa_yaml import RasaYAMLReader

    data = RasaYAMLReader().reads(text)
    return [
        (one.get("text"), one.get("intent"), (one.get("metadata") or {}).get("intent"), one.get("entities") or [])
        for one in data.training_examples
    ]


def test_examples_are_written_one_file_an_intent_and_read_by_rasa_with_what_they_are_about() -> None:
    files = with_examples({}, [
        Example(text="hole by the vets", intent="report_problem", about="POTHOLE"),
        Example(text="hole in Mill Road", intent="report_problem", about="POTHOLE", marked=(Marked(8, 17, "street"),)),
        Example(text="kicked to bits", intent="report_problem"),
        Example(text="cheers", intent="thanks"),
    ])  # fmt: skip
    assert sorted(files) == ["report_problem.yml", "thanks.yml"]
    assert "- hole in [Mill Road](street)" in files["report_problem.yml"]
    read = read_by_rasa(files["report_problem.yml"])
    assert ("hole by the vets", "report_problem", {"service": "POTHOLE"}, []) in read
    assert next(one for one in read if one[0] == "hole in Mill Road")[3][0]["entity"] == "street"
    assert ("kicked to bits", "report_problem", None, []) in read


def test_more_examples_join_those_that_are_there_and_none_stands_twice() -> None:
    first = with_examples({}, [Example(text="hole by the vets", intent="report_problem", about="POTHOLE")])
    again = with_examples(
        first, [Example(text="hole by the vets", intent="report_problem", about="POTHOLE"), Example(text="ta", intent="thanks")]
    )
    assert again["report_problem.yml"] == first["report_problem.yml"]
    assert [(one.text, one.intent, one.about) for one in texts_of(again)] == [
        ("hole by the vets", "report_problem", "POTHOLE"),
        ("ta", "thanks", None),
    ]


@settings(deadline=None, max_examples=40)
@given(st.lists(st.text(min_size=1, max_size=80), min_size=1, max_size=6))
def test_whatever_a_citizen_wrote_comes_back_from_rasa_as_it_was_taught(said: list[str]) -> None:
    texts = list(dict.fromkeys(text for text in map(tidy, said) if text))
    if texts:
        files = with_examples({}, [Example(text=text, intent="inform") for text in texts])
        assert [one[0] for one in read_by_rasa(files["inform.yml"])] == texts
        assert [one.text for one in texts_of(files)] == texts


@pytest.mark.parametrize(
    "said", ["/restart{}", "- a dash", "[x](postcode)", "${HOME} is here", "a: b", "'quoted", "# no comment", "two\nlines"]
)
def test_signs_that_mean_something_to_rasa_mean_nothing(said: str) -> None:
    files = with_examples({}, [Example(text=tidy(said), intent="inform")])
    ((text, _, _, entities),) = read_by_rasa(files["inform.yml"])
    assert text == tidy(said) and entities == []


def test_words_are_marked_where_they_stand() -> None:
    assert mark("hole in Mill Road AD1 2BC", {"street": "mill road", "postcode": "AD1 2BC"}) == (
        Marked(8, 17, "street"),
        Marked(18, 25, "postcode"),
    )
    assert line(Example(text="hole in Mill Road", intent="inform", marked=(Marked(8, 17, "street"),))) == "hole in [Mill Road](street)"
    for words in ({"street": "High Street"}, {"street": "Mill Road", "place": "Road"}):
        with pytest.raises(LookupError):
            mark("hole in Mill Road", words)


def test_every_intent_of_the_domain_has_a_name_for_staff() -> None:
    words = (ROOT / "console" / "templates" / "teach_words.html").read_text(encoding="utf-8")
    assert [name for name in intents() if f'"{name}":' not in words] == []


def test_sentences_that_are_measured_with_are_known_whatever_their_file_looks_like() -> None:
    found = held_out()
    for path, sentence in [
        ("services.yml", "bust my tyre on the way to work tarmac s just gone by the esso"),
        ("support.yml", "we ve run out of food and get paid next thursday"),
        ("languages/cy.yml", "dw i n mynd nawr hwyl"),
    ]:
        assert sentence in found, path
    assert known.is_held_out("Bust my tyre on the way to work, tarmac's just gone by the Esso!", found)
    assert not known.is_held_out("yes", found)


def test_what_is_taught_already_and_what_contradicts_it_is_said() -> None:
    trained = {"hole in mill road": {"report_problem"}}
    assert known.flags("Hole in Mill Road!", "report_problem", trained)["duplicate"]
    assert known.flags("Hole in Mill Road!", "thanks", trained)["contradicts"] == ["report_problem"]
    clean = known.flags("the signal box by the chemist has lost its door", "report_problem", trained)
    assert clean == {"duplicate": False, "contradicts": [], "held_out": False}


def test_the_training_data_of_the_repository_is_read(tmp_path: Path) -> None:
    first = yaml.safe_load((known.TRAINED / "thanks.yml").read_text(encoding="utf-8"))["nlu"][0]["examples"].splitlines()[0][2:]
    from hearback.models import Models

    assert "thanks" in known.flags(first, "deny", known.trained(Models(tmp_path, tmp_path / "reviewed")))["contradicts"]
