"""The console's sections, in the order in which people need them; who may not read a section does not see it."""

from __future__ import annotations

from aiohttp import web

from console.access import may

SECTIONS = (
    ("/inbox", "Inbox"),
    ("/conversations", "Conversations"),
    ("/teach", "Teach"),
    ("/requests", "Requests"),
    ("/partners", "Partners"),
    ("/measures", "Measures"),
    ("/people", "People"),
    ("/audit", "Audit"),
    ("/privacy", "Privacy"),
    ("/account", "Your account"),
)


def sections(request: web.Request) -> list[tuple[str, str]]:
    """Address and name of what this caller may read."""
    return [(address, name) for address, name in SECTIONS if may(request, address)]
