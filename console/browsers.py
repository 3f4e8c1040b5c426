"""A browser in words, so that people know their sessions apart: "Firefox on Windows". Nothing finer is kept."""

from __future__ import annotations

BROWSERS = (("Edg", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("FxiOS", "Firefox"), ("CriOS", "Chrome"), ("Chrome/", "Chrome"))
LAST = (("Safari/", "Safari"), ("curl/", "curl"))
SYSTEMS = (
    ("Windows", "Windows"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("CrOS", "ChromeOS"),
    ("Mac OS X", "macOS"), ("Linux", "Linux"),
)  # fmt: skip


def in_words(user_agent: str) -> str | None:
    """The browser and what it runs on, as far as it says so; None where it says neither."""
    found = [next((name for mark, name in marks if mark in user_agent), None) for marks in ((*BROWSERS, *LAST), SYSTEMS)]
    return " on ".join(name for name in found if name) or None
