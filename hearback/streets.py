"""The street in a place as people write it, without the house and whatever else they say of where they are."""

from __future__ import annotations

KINDS = frozenset(
    "road rd street st lane ln avenue ave close drive way crescent court gardens grove hill place square terrace walk row mews".split()
)
MOST_WORDS = 3  # before the kind: "Old Mill House Lane"
NO_NAME = frozenset(
    "a an and at behind beside by corner end from in junction my near next of off on opposite our outside over the to".split()
)


def street_of(place: str) -> str | None:
    """ "outside no. 12 mill lane, AB1 2CD" is "Mill Lane"; None where no street is named."""
    words = [word.strip(".,;:()\"'") for word in place.replace(",", " , ").split()]
    for at in reversed(range(len(words))):
        if words[at].lower() not in KINDS:
            continue
        name: list[str] = []
        for word in reversed(words[max(0, at - MOST_WORDS) : at]):
            if not word or word.lower() in NO_NAME or any(letter.isdigit() for letter in word):
                break
            name.insert(0, word)
        if name:
            return " ".join(word[0].upper() + word[1:] for word in [*name, words[at]])
    return None
