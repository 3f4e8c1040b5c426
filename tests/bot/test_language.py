"""What the spaCy rules find in citizens' sentences."""

from pathlib import Path

import pytest
import yaml

from bot.nlu.language import council_language

ROWS = yaml.safe_load((Path(__file__).parents[1] / "nlu" / "entities.yml").read_text(encoding="utf-8"))
EXACT = {"postcode", "reference", "phone", "email"}
LANGUAGE = council_language()


def found(text: str) -> dict[str, str]:
    return {one.label: one.value for one in LANGUAGE(text).user_data["found"]}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["text"][:40])
def test_postcodes_references_phones_and_addresses(row: dict) -> None:
    assert {label: value for label, value in found(row["text"]).items() if label in EXACT} == row["entities"]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("there's a massive pothole outside 12 Mill Lane AD1 2BC", "outside 12 Mill Lane AD1 2BC"),
        ("big pothole near the tesco", "near the tesco"),
        ("no, Mill Road", "Mill Road"),
        ("by the bus stop on High Street", "by the bus stop on High Street"),
        ("outside the Tesco on Mill Lane. its been there for weeks", "outside the Tesco on Mill Lane"),
        ("fridge dumped in the alley behind kings avenue ad22bc please", "behind kings avenue ad22bc"),
        ("lamp post on high street is out", "high street"),
        ("12 Church St", "12 Church St"),
        ("broken street light on Castle Street", "Castle Street"),
        ("flickering street light", None),
        ("the Castle Street light is out", "Castle Street"),
    ],
)
def test_places(text: str, place: str | None) -> None:
    assert found(text).get("place") == place


@pytest.mark.parametrize("text", ["on my road", "rats everywhere", "its in the road", "the street is a mess"])
def test_no_place(text: str) -> None:
    assert "place" not in found(text)
