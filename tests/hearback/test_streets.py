"""The street of a place in people's words, and nothing else that they said of it."""

import pytest

from hearback.streets import street_of


@pytest.mark.parametrize(
    ("place", "street"),
    [
        ("outside 12 Mill Lane", "Mill Lane"),
        ("outside no. 12 mill lane, AB1 2CD", "Mill Lane"),
        ("12 Old Mill House Lane, Ashdown", "Old Mill House Lane"),
        ("Flat 3, 7 St John's Road", "St John's Road"),
        ("on the corner of High Street", "High Street"),
        ("by my house on the high st.", "High St"),
        ("Sam's wall, Station Road, next to the shop", "Station Road"),
        ("at the end of the road", None),
        ("the bus stop", None),
        ("12 lane", None),
        ("", None),
    ],
)
def test_a_place_is_cut_down_to_its_street(place: str, street: str | None) -> None:
    assert street_of(place) == street
