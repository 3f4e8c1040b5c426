"""Takes personal details out of a sentence that is to be taught: made-up ones stand in their place, so that it stays a sentence.

By patterns and a list of names: it finds what is written in a usual way, and a person reads what is left.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import yaml

from hearback import personal, profile

STREETS = (
    r"(?:road|rd|street|st|lane|ln|avenue|ave|close|drive|way|crescent|cres|court|ct|gardens|gdns|grove|hill|place|square|sq|terrace|row"
    r"|walk|mews|parade|rise|view|green|park)"
)
POSTCODE = re.compile(
    r"\b(?:GIR[ \t]*0AA|[A-PR-UWYZ](?:\d{1,2}|[A-HK-Y]\d|[A-HK-Y]\d\d|\d[A-HJKPSTUW]|[A-HK-Y]\d[ABEHMNPRVWXY])[ \t.,-]*[\dO][A-Z]{2})\b",
    re.IGNORECASE,
)
MASKED = re.compile(r"(?:[\w.+-]?•••@[\w.-]+|•••\d*)")  # what the door hid already
PLATE = re.compile(r"\b[A-Z]{2}\d{2} ?[A-Z]{3}\b", re.IGNORECASE)
LINK = re.compile(r"\b(?:https?://|www\.)\S+|\b[\w-]+\.(?:com|co\.uk|org|org\.uk|net)\b\S*", re.IGNORECASE)
HANDLE = re.compile(r"(?<!\w)@\w{2,}")
MONTHS = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
DATE = re.compile(
    rf"\b\d{{1,2}}[/.-]\d{{1,2}}[/.-]\d{{2,4}}\b|\b\d{{1,2}}(?:st|nd|rd|th)?(?: of)? {MONTHS},? \d{{4}}\b|\b\d{{4}}-\d\d-\d\d\b",
    re.IGNORECASE,
)
REFERENCE = re.compile(r"\b[A-Z]{1,6}[/_–-]{0,3}\d(?:[ /-]?\d){3,}\b|(?<![\d.,])\d(?:[ -]?\d){5,}\b", re.IGNORECASE)
COORDINATES = re.compile(r"-?\d{1,3}\.\d{3,}")
NUMBER_BEFORE = re.compile(
    r"\b(?:flat|apartment|apt|unit|house|room|plot|number|num|no\.|nr\.?) ?(?:no\.? ?)?(\d{1,4}[a-z]?)\b(?! ?(?:days?|weeks?|times?))",
    re.IGNORECASE,
)
NUMBER_OF_ROAD = re.compile(rf"\b(\d{{1,4}}[a-z]?)(?:[ ,]+)(?=(?:[a-z][\w'’.-]*[ ]){{1,3}}{STREETS}\b)", re.IGNORECASE)
COUNTING = re.compile(
    r"(?<!\d)\d{1,9}\s{0,3}(?:days?|weeks?|months?|years?|hours?|times?|bins?|bags?|people|cars?|houses|lights?|lamps?|potholes?|feet|foot|inch|am|pm|st|nd|rd|th)\b",
    re.IGNORECASE,
)
TITLE = re.compile(
    r"\b(?:mr|mrs|ms|miss|mx|dr|prof|rev|cllr|councillor|sgt|pc)\b\.? +"
    r"(?P<name>[^\W\d_][\w-]+(?:['’](?!s\b)\w+)?(?: +(?-i:[A-Z])[\w'’-]+)?)",
    re.IGNORECASE,
)
INTRODUCED = re.compile(
    r"\b(?:(?:my|his|her|their|the|our) (?:full |first |last |middle )?(?:name|surname)(?: is|['’]?s| =|:)|name(?: is|:)|names"
    r"|(?:i am|i['’]?m|im|he['’]?s|she['’]?s|is|are) called|call (?:me|him|her)|known as|named|ask for|signed"
    r"|yours,?|regards,?|sincerely,?|faithfully,?)\s+(?P<name>[^\W\d_][\w'’-]*(?: +[^\W\d_][\w'’-]*)?)",
    re.IGNORECASE,
)
SELF = re.compile(
    r"\b(?:I am|[Ii]['’]?m|[Ii]t['’]?s|[Tt]his is|[Hh]ere is|[Ff]rom) (?P<name>[A-Z][a-z'’-]+ (?:[A-Z][a-z'’-]+|[A-Z]{2,}))(?![\w-])"
)
# Words after "my name is" and the like that are no names.
NOT_A_NAME = frozenset(
    (
        "a an and the but or i im my we you he she it they on in at of off to for from by with about not no yes is are was were be been "
        "has have had can could would will do does did please pls thanks thank calling writing ringing living live lives here there this "
        "that because back him her them again when where who what how so if then tomorrow today tonight now later anytime asap soon "
        "someone somebody old new very really just also wrong right spelt spelled misspelt everyone anybody nobody both after before "
        "since until mr mrs ms miss dr"
    ).split()
)
BODIES = frozenset("council bank school hospital library church station centre market club surgery housing north south".split())
ROAD = re.compile(rf"\s{{1,3}}(?:[A-Z][\w'’-]*\s{{1,3}})?{STREETS}\b", re.IGNORECASE)


@dataclass(frozen=True, order=True)
class Redaction:
    """What stood at [start, end) of the old text and what stands there now."""

    start: int
    end: int
    kind: str
    instead: str


@dataclass(frozen=True, kw_only=True)
class Redacted:
    """Both texts, and what was done; `counts` says it in numbers, which may be kept."""

    before: str
    after: str
    found: tuple[Redaction, ...]

    @property
    def counts(self) -> dict[str, int]:
        counted: dict[str, int] = {}
        for one in self.found:
            counted[one.kind] = counted.get(one.kind, 0) + 1
        return counted

    def pieces(self, after: bool = False) -> list[tuple[str, str | None]]:
        """The old or the new text in pieces: (text, kind of what was redacted there, or None)."""
        pieces: list[tuple[str, str | None]] = []
        at = 0
        for one in self.found:
            pieces += [(self.before[at : one.start], None), (one.instead if after else self.before[one.start : one.end], one.kind)]
            at = one.end
        return [piece for piece in [*pieces, (self.before[at:], None)] if piece[0]]


@lru_cache(maxsize=1)
def _words() -> tuple[frozenset[str], dict[str, str]]:
    read: dict[str, Any] = yaml.safe_load((profile.FOLDER / "names.yml").read_text(encoding="utf-8"))
    return frozenset(read["first_names"].split()), {name: str(word) for name, word in read["instead"].items()}


def redact(text: str) -> Redacted:
    """The text without personal details, as far as they are found. What is made up is left as it is, so that twice does no more."""
    _, instead = _words()
    found: list[Redaction] = []

    def take(start: int, end: int, kind: str, made_up: str) -> None:
        if start < end and not any(start < one.end and one.start < end for one in found):
            found.append(Redaction(start, end, kind, made_up))

    for one in personal.find(text):
        take(one.start, one.end, one.kind, "•••@example.com" if one.kind == "email" else "•••")
    for pattern, kind, made_up in (
        (MASKED, "masked", _masked),
        (LINK, "address", lambda said: instead["address"]),
        (HANDLE, "address", lambda said: instead["address"]),
        (POSTCODE, "postcode", lambda said: instead["postcode"]),
        (PLATE, "plate", lambda said: instead["plate"]),
        (DATE, "date", lambda said: instead["date"]),
        (COORDINATES, "place", lambda said: "51.000"),
        (REFERENCE, "reference", lambda said: _reference(said, instead["reference"])),
    ):
        for match in pattern.finditer(_rest(text, found)):
            take(*match.span(), kind, made_up(match.group()))
    for pattern in (NUMBER_BEFORE, NUMBER_OF_ROAD):
        for match in pattern.finditer(_rest(text, found)):
            if not COUNTING.match(text, match.start(1)):
                take(*match.span(1), "house number", instead["number"])
    _names(text, take)
    kept = tuple(one for one in sorted(found) if text[one.start : one.end] != one.instead)
    pieces = Redacted(before=text, after="", found=kept).pieces(after=True)
    return Redacted(before=text, after="".join(piece for piece, _ in pieces), found=kept)


def _rest(text: str, found: list[Redaction]) -> str:
    """The text with what was found blanked, so that nothing is found half."""
    letters = list(text)
    for one in found:
        letters[one.start : one.end] = "\x00" * (one.end - one.start)
    return "".join(letters)


def _masked(said: str) -> str:
    return "•••@example.com" if "@" in said else "•••"


def _reference(said: str, number: str) -> str:
    letters = re.match(r"[A-Za-z]+[ /_–-]*", said)
    return f"{letters.group() if letters else ''}{number}"


def _names(text: str, take: Callable[[int, int, str, str], None]) -> None:
    first_names, instead = _words()
    for match in TITLE.finditer(text):
        if (span := _name_at(text, *match.span("name"))) and not ROAD.match(text, span[1]):
            take(*span, "name", instead["family_name"])
    for pattern in (INTRODUCED, SELF):
        for match in pattern.finditer(text):
            if (span := _name_at(text, *match.span("name"))) and not (pattern is SELF and _no_person(text, span)):
                take(*span, "name", _made_up(text[slice(*span)], instead))
    for match in re.finditer(r"[^\W\d_]+(?:['’-][^\W\d_]+)*", text):
        word = re.sub(r"['’]s$", "", match.group())
        if word.lower() in first_names and not ROAD.match(text, match.end()):
            end = match.start() + len(word)
            family = re.compile(r" +([A-Z][\w'’-]+)").match(text, end)
            if family and word[0].isupper() and family[1].lower() not in NOT_A_NAME:
                end = family.end()
            take(match.start(), end, "name", _made_up(text[match.start() : end], instead))


def _name_at(text: str, start: int, end: int) -> tuple[int, int] | None:
    """The name that begins here: its first word, and the second unless that is none."""
    words = list(re.finditer(r"\S+", text[start:end]))
    good = []
    for word in words:
        if word.group().lower().strip("'’-.,") in NOT_A_NAME:
            break
        good.append(word)
    return (start, start + good[-1].end()) if good else None


def _no_person(text: str, span: tuple[int, int]) -> bool:
    """ "this is Station Road", "from Ashdown Council": two capitals that are a place or a body, unless the first is a name."""
    first_names, _ = _words()
    words = text[slice(*span)].split()
    last = words[-1].lower()
    place = re.fullmatch(STREETS, last) is not None or last in BODIES or ROAD.match(text, span[1]) is not None
    return words[0].lower() not in first_names and place


def _made_up(said: str, instead: dict[str, str]) -> str:
    return f"{instead['name']} {instead['family_name']}" if len(said.split()) > 1 else instead["name"]


def only_less(given: str, edited: str) -> bool:
    """Whether an edited text only leaves words out of the given one or puts others in their place, and keeps the better part of it."""
    before, after = given.split(), edited.split()
    kept = 0
    for kind, start, end, first, last in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind == "insert" or (kind == "replace" and last - first > end - start):
            return False
        kept += end - start if kind == "equal" else 0
    return bool(after) and (before == after or kept * 2 >= len(before))
