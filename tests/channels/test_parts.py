"""Which texts may be parts, and how the cut between two is mended."""

import pytest

from channels import parts

A = "a" * 152


@pytest.mark.parametrize(
    ("text", "goes_on"),
    [
        ("", False), ("hello", False), ("a" * 99, False), ("a" * 100, True), ("€" * 50, True), ("ŵ" * 49, False), ("ŵ" * 50, True),
        ("😀" * 25, True),
    ],
)  # fmt: skip
def test_what_looks_like_a_part(text: str, goes_on: bool) -> None:
    assert parts.may_go_on(text) is goes_on


@pytest.mark.parametrize(
    ("first", "second", "whole"),
    [
        (A + "b", "in", A + "bin"),  # 153 units
        ("a" * 157 + "lan", "tern", "a" * 157 + "lantern"),  # 160
        ("ŵ" * 67, "ŵ", "ŵ" * 68),
        ("ŵ" * 70, "ŵ", "ŵ" * 71),
        ("€" * 80, "5", "€" * 80 + "5"),
        (A + " ", "bin", A + " bin"),
        (A + "b", " in", A + "b in"),
        ("a" * 120, "bin", "a" * 120 + " bin"),  # cut between words, by the phone
        ("a" * 120 + "\n", "bin", "a" * 120 + "\nbin"),
        ("ŵ" * 60, "bin", "ŵ" * 60 + " bin"),
    ],
)
def test_the_cut_is_mended(first: str, second: str, whole: str) -> None:
    assert parts.kept(first) + parts.kept(second) == whole


def test_short_texts_are_kept_as_they_are() -> None:
    assert parts.kept("hello") == "hello" and parts.kept("") == ""
