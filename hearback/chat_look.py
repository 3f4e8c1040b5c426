"""How a council makes the chat its own: `data/council/chat.yml`, checked so that everybody can read what it shows."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from hearback import profile
from hearback.contrast import HEX, WHITE, contrast, readable_on
from hearback.council_files import reading
from hearback.settings import SettingsError
from hearback.watched import Watched

FILE = "chat.yml"
LIGHT, DARK = WHITE, "#15191e"  # the backgrounds of page and widget, for light and dark screens
TEXT_CONTRAST, SHAPE_CONTRAST = 4.5, 3.0  # WCAG 2.2: 1.4.3 and 1.4.11
DIRECTIONS = ("ltr", "rtl")
ADDRESS = ("https://", "http://", "/")
PLACEHOLDER = re.compile(r"\{(\w+)\}")
Words = dict[str, str]


@dataclass(frozen=True, kw_only=True)
class GreetingChoice:
    """`payload` is what the assistant reads; `about` what the council's first page says under the title."""

    title: str
    payload: str
    about: str = ""


@dataclass(frozen=True, kw_only=True)
class Greeting:
    text: str
    choices: tuple[GreetingChoice, ...]


@dataclass(frozen=True, kw_only=True)
class ChatLook:
    """What the chat shows; words and greetings by language."""

    languages: dict[str, dict[str, str]]  # code: {name, direction}, the one it begins in first
    colours: dict[str, str]  # accent, on_accent, accent_dark, on_accent_dark as #rrggbb
    map: dict[str, Any] | None  # tiles, attribution, lat, long, zoom
    greetings: dict[str, Greeting]
    words: dict[str, Words]
    page: dict[str, Words]

    @classmethod
    @reading("chat.yml")
    def read(cls, folder: Path = profile.FOLDER) -> ChatLook:
        """From `chat.yml`; raises SettingsError with one sentence that names the value and what to do."""
        told = yaml.safe_load((folder / FILE).read_text(encoding="utf-8"))
        if not isinstance(told, dict):
            raise wrong("is empty or a list", "it must name languages, colours, greeting and words")
        languages = _languages(told.get("languages"))
        return cls(
            languages=languages,
            colours=_colours(told.get("colours")),
            map=_map(told.get("map")),
            greetings={code: _greeting(told.get("greeting"), code) for code in languages},
            words={code: _words(told, "words", code) for code in languages},
            page={code: _words(told, "page", code) for code in languages},
        )

    def offered(self, wanted: str | None) -> str:
        """The language to show: the wanted one where the chat offers it, else the first."""
        return wanted if wanted in self.languages else next(iter(self.languages))


_watched = Watched((profile.FOLDER / FILE,), ChatLook.read)


def chat_look() -> ChatLook:
    """As `chat.yml` is now."""
    return _watched.value()


def wrong(what: str, then: str) -> SettingsError:
    return SettingsError(f"data/council/{FILE}: {what}: {then}.")


def _languages(told: Any) -> dict[str, dict[str, str]]:
    if not isinstance(told, dict) or not told:
        raise wrong("languages is empty", "name at least one, for example en: {name: English, direction: ltr}")
    spoken = profile.answered_languages()
    for code, how in told.items():
        if code not in spoken:
            raise wrong(f"languages names {code!r}, which the assistant does not speak", f"take some of {', '.join(spoken)}")
        if not isinstance(how, dict) or not how.get("name") or how.get("direction") not in DIRECTIONS:
            raise wrong(f"languages.{code} needs a name and a direction", "for example {name: English, direction: ltr}")
    return {code: {"name": str(how["name"]), "direction": how["direction"]} for code, how in told.items()}


def _colours(told: Any) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, ground, whose in (("accent", LIGHT, "white page"), ("accent_dark", DARK, "dark page")):
        accent = _colour(told, name)
        text = _colour(told, f"on_{name}", readable_on(accent))
        if (ratio := contrast(accent, text)) < TEXT_CONTRAST:
            raise too_faint(f"on_{name}", text, f"text on {name}, {accent},", ratio, TEXT_CONTRAST)
        if (ratio := contrast(accent, ground)) < SHAPE_CONTRAST:
            raise too_faint(name, accent, f"buttons on the {whose}, {ground},", ratio, SHAPE_CONTRAST)
        found |= {name: accent, f"on_{name}": text}
    return found


def _colour(told: Any, name: str, default: str | None = None) -> str:
    given = (told or {}).get(name, default) if isinstance(told, dict | None) else None
    if not isinstance(given, str) or not HEX.fullmatch(given):
        raise wrong(f"colours.{name} is {given!r}", 'give a colour such as "#1d3d5c", in quotation marks')
    return given.lower()


def too_faint(name: str, colour: str, what: str, ratio: float, least: float) -> SettingsError:
    shown = f"{int(ratio * 100) / 100:g}"  # cut, never rounded up to what would be enough
    return wrong(
        f"colours.{name} is {colour}, and {what} would have a contrast of {shown} to 1", f"choose one with at least {least:g} to 1"
    )


def _map(told: Any) -> dict[str, Any] | None:
    if told is None:
        return None
    if not isinstance(told, dict):
        raise wrong("map is no list of names and values", "give tiles, attribution, lat, long and zoom, or null for no map")
    tiles = told.get("tiles")
    if not isinstance(tiles, str) or not tiles.startswith(ADDRESS) or not {"z", "x", "y"} <= {*PLACEHOLDER.findall(tiles)}:
        raise wrong(f"map.tiles is {tiles!r}", "give an address with {z}, {x} and {y} in it")
    if not isinstance(told.get("attribution"), str):
        raise wrong("map.attribution is missing", "say whose map it is, in quotation marks")
    for name, least, most in (("lat", -85, 85), ("long", -180, 180), ("zoom", 0, 22)):
        given = told.get(name)
        if not isinstance(given, int | float) or isinstance(given, bool) or not least <= given <= most:
            raise wrong(f"map.{name} is {given!r}", f"give a number from {least} to {most}")
    return {name: told[name] for name in ("tiles", "attribution", "lat", "long", "zoom")}


def _greeting(told: Any, code: str) -> Greeting:
    try:
        choices = tuple(
            GreetingChoice(title=str(one["title"][code]), payload=str(one["payload"]), about=str((one.get("about") or {}).get(code, "")))
            for one in told.get("choices") or ()
        )
        return Greeting(text=str(told["text"][code]), choices=choices)
    except (AttributeError, KeyError, TypeError):
        raise wrong(
            f"greeting is not complete in {code}", "give its text, and title and payload of each choice, in each language"
        ) from None


def _words(told: dict[str, Any], part: str, code: str) -> Words:
    found = {}
    for name, said in (told.get(part) or {}).items():
        text = said.get(code) if isinstance(said, dict) else None
        if not isinstance(text, str) or not text.strip():
            raise wrong(f"{part}.{name} is missing in {code}", "write it in every language that the chat offers")
        if {*PLACEHOLDER.findall(text)} != {*PLACEHOLDER.findall(str(said.get("en", text)))}:
            raise wrong(f"{part}.{name} has other {{braces}} in {code} than in English", "keep what stands in braces as it is")
        found[str(name)] = text
    return found
