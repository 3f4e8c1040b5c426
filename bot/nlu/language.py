"""Hearback's spaCy language: English tokens, and rules for what a council's citizens write down: where, which, and how to reach them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

import spacy
from spacy.language import Language
from spacy.tokens import Doc, Span

from hearback import personal

POSTCODE = re.compile(
    r"\b(GIR[ \t\u00a0-]*0AA|[A-PR-UWYZ](?:\d{1,2}|[A-HK-Y]\d|[A-HK-Y]\d\d|\d[A-HJKPSTUW]|[A-HK-Y]\d[ABEHMNPRVWXY]))"
    r"[ \t\u00a0.,-]*([\dO][A-Z]{2})\b",
    re.IGNORECASE,
)
REFERENCE = re.compile(r"\bASH(?:[\s_/–—:.,#-]|no\b|number\b|num\b){0,4}(\d(?:[ -]?\d){5})(?![\d-])\b", re.IGNORECASE)
# A pair of degrees: as written down, or in a link to a map (q=51.05,0.10 @51.05,0.10 mlat=51.05&mlon=0.10 #map=17/51.05/0.10).
COORDINATES = (
    re.compile(r"(?<![\d.])(-?\d{1,2}\.\d{3,})°?\s*(?:,|;|\s|%2C)\s*(-?\d{1,3}\.\d{3,})(?![\d.])", re.IGNORECASE),
    re.compile(r"(?:[=@/:+]|loc:)(-?\d{1,2}\.\d+)(?:,|%2C)\+?(-?\d{1,3}\.\d+)(?!\d)", re.IGNORECASE),
    re.compile(r"mlat=(-?\d{1,2}\.\d+)&mlon=(-?\d{1,3}\.\d+)"),
    re.compile(r"#map=\d+/(-?\d{1,2}\.\d+)/(-?\d{1,3}\.\d+)"),
)
STREETS = frozenset(
    (
        "road rd street st lane ln avenue ave av close drive way crescent cres court ct gardens gdns grove hill place "
        "square sq terrace row walk mews parade rise view estate bridge wharf quay green park roundabout bypass"
    ).split()
)
BEFORE_NAME = frozenset(
    (
        "a an the this that my our your his her their its on in at of off by from near to outside opposite behind along "
        "across down up over and or but is was with for no not its it's actually sorry meant mean between into onto "
        "it around round beside under whole same side end top bottom middle corner main busy every some any there been all "
        "bus car dog what which i we he she they you me please street road hole pothole bin light lamp rubbish fridge "
        "sofa big huge massive local council broken faulty"
    ).split()
)
# "a flickering street light" names a thing; "the Castle Street light" names a street too.
THINGS_OF_STREETS = frozenset(
    "light lights lighting lamp lamps lamppost sign signs works markings cleaning cleaner sweeper furniture".split()
)
# Everyday words too: a street only with a capital, a house number, or a word of place before the name.
AMBIGUOUS = frozenset("close drive way court grove hill place square row walk parade rise view estate bridge wharf quay green park".split())
LOCATING = frozenset("on in at along outside opposite near nr behind off down up".split())
# "by direct debit" says how, not where.
NOT_A_PLACE = frozenset(
    "direct phone email e text post card cheque cash law hand mistake accident now then next tomorrow today tonight far myself".split()
)
PLACE_STARTS = frozenset(["outside", "opposite", "near", "nr", "behind", "beside", "by", "between"])
PLACE_PHRASES = (
    ("next", "to"),
    ("in", "front", "of"),
    ("corner", "of"),
    ("junction", "of"),
    ("across", "from"),
    ("close", "to"),
    ("end", "of"),
)
PLACE_ENDS = frozenset(
    (
        ". , ; ! ? but is are was were its it's it i has have had that which can could please pls plz been for since so "
        "someone who whos nearly my there theres needs need - – ( and because very really again when and its thats"
    ).split()
)
LONGEST_PLACE = 9


class Found(NamedTuple):
    label: str
    start: int  # characters
    end: int
    value: str


@Language.component("council_entities")
def council_entities(doc: Doc) -> Doc:
    """Mark postcodes, references, phones, e-mail addresses and places; the value of each stands in `doc.user_data["found"]`."""
    found = list(_exact(doc.text))
    found += _streets(doc)
    found += _place(doc, found)
    doc.user_data["found"] = found
    spans = [
        span for one in found if one.label != "place" and (span := doc.char_span(one.start, one.end, one.label, alignment_mode="expand"))
    ]
    doc.set_ents(spacy.util.filter_spans(spans))
    return doc


def council_language() -> Language:
    """The pipeline, made in a moment: it needs no training and no download."""
    language = spacy.blank("en")
    language.add_pipe("council_entities")
    return language


def _exact(text: str) -> Iterator[Found]:
    for match in POSTCODE.finditer(text):
        inward = match[2].upper()  # its first sign is a digit, whatever was typed
        yield Found("postcode", match.start(), match.end(), f"{match[1].upper()} {inward[0].replace('O', '0')}{inward[1:]}")
    for match in REFERENCE.finditer(text):
        yield Found("reference", match.start(), match.end(), "ASH-" + re.sub(r"\D", "", match[1]))
    points = [Found("coordinates", *match.span(), f"{match[1]},{match[2]}") for one in COORDINATES for match in one.finditer(text)]
    points = [one for at, one in enumerate(points) if not any(_overlap(one, other) for other in points[:at])]
    yield from points[:1]
    for one in personal.find(text):
        found = Found(one.kind, one.start, one.end, one.value)
        if (one.kind == "email" or _whole_number(one)) and not any(_overlap(point, found) for point in points):
            yield found


def _whole_number(one: personal.Personal) -> bool:
    """A phone with all its digits: a British one has nine or ten after +44."""
    return one.kind == "phone" and (not one.value.startswith("+44") or len(one.value) >= len("+44") + 9)


def _overlap(one: Found, other: Found) -> bool:
    return one.start < other.end and other.start < one.end


def _streets(doc: Doc) -> Iterator[Found]:
    """Names like "Mill Lane", with the number before them: a street word with one to three name words in front."""
    for token in doc:
        if token.lower_.rstrip(".") not in STREETS:
            continue
        start = token.i
        while (
            start > 0
            and token.i - start < 3
            and doc[start - 1].text.replace("'", "").isalpha()
            and doc[start - 1].lower_ not in BEFORE_NAME
        ):
            start -= 1
        if start == token.i and not (token.i > 0 and doc[token.i - 1].lower_ in {"high", "main"}):
            continue
        if token.lower_ in AMBIGUOUS and not _named(doc, start, token.i):
            continue
        titled = doc[start].text.istitle() and token.text.istitle()
        if not titled and token.i + 1 < len(doc) and doc[token.i + 1].lower_ in THINGS_OF_STREETS:
            continue
        if start > 0 and re.fullmatch(r"\d{1,4}[a-z]?(?:[-/]\d{1,4}[a-z]?)?", doc[start - 1].lower_):
            start -= 1
        yield _found(doc[start : token.i + 1], "street")


def _named(doc: Doc, start: int, end: int) -> bool:
    """Whether an everyday word ends a name here."""
    before = doc[start - 1].lower_ if start else ""
    return (doc[start].text.istitle() and doc[end].text.istitle()) or before in LOCATING or before[:1].isdigit() or end == len(doc) - 1 == 1


def _found(span: Span, label: str) -> Found:
    return Found(label, span.start_char, span.end_char, span.text)


def _place(doc: Doc, found: list[Found]) -> Iterator[Found]:
    """The words that say where: from "outside", "near" … or a street name to the last street or postcode after it."""
    anchors = [one for one in found if one.label in {"street", "postcode"}]
    starts = [token.i for token in doc if token.lower_ in PLACE_STARTS or any(_follows(doc, token.i, words) for words in PLACE_PHRASES)]
    if anchors:
        first, last = min(one.start for one in anchors), max(one.end for one in anchors)
        opening = [i for i in starts if doc[i].idx < first and first - doc[i].idx < 60 and not _broken(doc, i, first)]
        begin = doc[min(opening)].idx if opening else first
        if last - begin <= 160:
            yield Found("place", begin, last, " ".join(doc.text[begin:last].split()))
            return
        yield Found("place", first, anchors[0].end, doc.text[first : anchors[0].end])
        return
    for i in starts:
        if i + 1 < len(doc) and doc[i + 1].lower_ in NOT_A_PLACE:
            continue
        end = i + 1
        while end < len(doc) and end - i < LONGEST_PLACE and doc[end].lower_ not in PLACE_ENDS:
            end += 1
        if end - i >= 2 and any(token.is_alpha and token.lower_ not in BEFORE_NAME | {"me", "us", "here"} for token in doc[i + 1 : end]):
            yield _found(doc[i:end], "place")
            return


def _follows(doc: Doc, i: int, words: tuple[str, ...]) -> bool:
    return tuple(token.lower_ for token in doc[i : i + len(words)]) == words


def _broken(doc: Doc, i: int, before: int) -> bool:
    return any(token.lower_ in {".", "!", "?", ";"} for token in doc[i:] if token.idx < before)
