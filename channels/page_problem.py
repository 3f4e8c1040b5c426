"""What people at a browser see in place of a page that cannot be shown."""

from __future__ import annotations

import aiohttp_jinja2
from aiohttp import web

from channels.page_context import context_of, language_of, sayer


def for_people(request: web.Request) -> bool:
    """Whether a browser asks for a page, not a program or a script."""
    return "text/html" in request.headers.get("Accept", "") and not request.path.startswith("/api/")


def problem(request: web.Request, status: int, words: str) -> web.Response:
    """A page with one sentence, and below it how else the council is reached."""
    context = context_of(request, language_of(request, None)) | {"words": words}
    return aiohttp_jinja2.render_template("problem.html", request, context, status=status)


def not_found(request: web.Request) -> web.Response:
    return problem(request, 404, sayer(language_of(request, None))("not_found"))
