"""Whose job an answer is, and what stands in it."""

import csv
from pathlib import Path

import pytest
import yaml

from bot.actions.ask_information import tell
from hearback import profile
from hearback.settings import ROOT

GOV = ROOT.parent / "shared" / "data" / "gov" / "publisher_local_services.csv"
SCHOOL = {
    "id": "school",
    "title": "Apply for a school place",
    "lgsl": 13,
    "url": "https://ours.example/schools",
    "answer": "Apply by 15 January. Call {phone}, {opening_hours}.",
    "sms": "Apply by 15 January: {phone}.",
}
PERMIT = {**SCHOOL, "id": "permit", "title": "Park in your street", "lgsl": None, "tier": "district"}
COUNTY = {"name": "Downshire County Council", "website": "https://downshire.example"}


def council(folder: Path, area: dict[str, object] | None) -> Path:
    """A council's data with two answers: school places are a county's, permits here a district's."""
    about = {"phone": "01632 960100", "opening_hours": "Monday to Friday"}
    files = {"information": [SCHOOL, PERMIT], "tiers": {"county": [13], "district": []}, "profile": about, "area": area}
    for name, content in files.items():
        if content is not None:
            (folder / f"{name}.yml").write_text(yaml.safe_dump(content), encoding="utf-8")
    return folder


def told(folder: Path, id: str) -> tuple[str, dict[str, str]]:
    said: list[tuple[str, dict[str, str]]] = []
    tell(lambda response, **values: said.append((response, values)), profile.information(folder)[id], profile.area(folder))  # type: ignore[arg-type]
    (only,) = said
    return only


def test_a_council_without_an_area_answers_everything(tmp_path: Path) -> None:
    folder = council(tmp_path, None)
    response, values = told(folder, "school")
    assert response == "utter_information" and values["link"] == SCHOOL["url"]
    assert values["answer"] == "Apply by 15 January. Call 01632 960100, Monday to Friday."
    assert told(folder, "permit")[0] == "utter_information"


def test_a_district_says_whose_job_the_county_s_is(tmp_path: Path) -> None:
    folder = council(tmp_path, {"tier": "district", "other_tier": COUNTY})
    title = {"title": SCHOOL["title"]}
    assert told(folder, "school") == ("utter_information_elsewhere", {**title, "council": COUNTY["name"], "website": COUNTY["website"]})
    assert told(folder, "permit")[0] == "utter_information"


def test_a_county_does_the_other_half(tmp_path: Path) -> None:
    folder = council(tmp_path, {"tier": "county", "other_tier": {"name": "Ashdown District Council", "website": "https://a.example"}})
    assert told(folder, "school")[0] == "utter_information"
    assert told(folder, "permit")[1]["council"] == "Ashdown District Council"


def test_office_hours_come_from_the_profile() -> None:
    for id in ("office_opening_hours", "contact_phone"):
        one = profile.information()[id]
        assert profile.council()["opening_hours"] in one.answer and profile.council()["opening_hours"] in one.sms


@pytest.mark.skipif(not GOV.is_file(), reason="the public list of services in ../shared is not here")
def test_the_public_list_says_the_same_of_who_provides_what() -> None:
    """GOV.UK's list holds only part of the full one; what it holds must agree."""
    with GOV.open(encoding="utf-8", newline="") as file:
        provided = {int(row["LGSL"]): row["Providing Tier"].split("/")[0] for row in csv.DictReader(file)}
    known = [one for one in profile.information().values() if one.lgsl in provided]
    assert len(known) > 25
    for one in known:
        assert provided[one.lgsl or 0] == (one.tier or "all"), one.id
