"""What goes wrong, once and for all pages: a page in our style, or JSON for the API."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Sequence
from http import HTTPStatus

from aiohttp import web
from aiohttp.typedefs import Handler
from jinja2 import TemplateError

from console.access import RoleRefused, ScopeRefused, StepOwed
from console.forms import FormRefused
from console.parts import is_api
from console.query import BadQuery
from console.render import page
from engagement.database import LogUnavailable

logger = logging.getLogger("hearback.console")

# For the API; what the pages say stands in templates/error.html.
SENTENCES = {
    400: "The request cannot be read.",
    401: "Send a valid API token: Authorization: Bearer TOKEN. The console's account page makes one.",
    403: "Your role does not reach so far.",
    404: "There is nothing here.",
    405: "This address cannot be used with this method.",
    413: "The request is too large.",
    415: "Send the form as application/x-www-form-urlencoded.",
    500: "Something went wrong on our side.",
    503: "The engagement log cannot be read just now. Try again in a minute.",
}


@web.middleware
async def answer_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn every failure into an answer that a person or a program can use."""
    try:
        return await handler(request)
    except LogUnavailable as error:
        logger.warning("The engagement log did not answer a console page: %s", error)
        return _answer(request, 503, headers={"Retry-After": "10"})
    except BadQuery as error:
        return _answer(request, 400, sentence=str(error))
    except FormRefused:
        return _answer(request, 403, reason="form")
    except RoleRefused as error:
        return _answer(request, 403, reason="role", roles=error.roles)
    except ScopeRefused as error:
        return _answer(request, 403, sentence=f"This token was not made for this: it needs the scope {error.scope}.")
    except StepOwed:
        return _answer(request, 403, sentence="Sign in to the console first: it asks you for a new password or a second factor.")
    except web.HTTPException as error:
        if error.status < 400:
            raise
        kept = {name: error.headers[name] for name in ("Allow", "WWW-Authenticate") if name in error.headers}
        return _answer(request, error.status, headers=kept)
    except Exception as error:
        # The message of an error may repeat a citizen's words: the log gets its kind and place only.
        place = "".join(traceback.format_tb(error.__traceback__))
        logger.error("A console page failed: %s %s: %s\n%s", request.method, _route(request), type(error).__name__, place)
        return web.Response(status=500, text=SENTENCES[500]) if isinstance(error, TemplateError) else _answer(request, 500)


def _route(request: web.Request) -> str:
    resource = request.match_info.route.resource
    return resource.canonical if resource else "no route"


def _answer(
    request: web.Request,
    status: int,
    *,
    sentence: str | None = None,
    reason: str | None = None,
    roles: Sequence[str] = (),
    headers: dict[str, str] | None = None,
) -> web.StreamResponse:
    if is_api(request):
        text = sentence or SENTENCES.get(status) or HTTPStatus(status).phrase
        answer = web.json_response({"error": text}, status=status)
    else:
        answer = page(request, "error.html", status=status, sentence=sentence, reason=reason, roles=roles)
    answer.headers.update(headers or {})
    return answer
