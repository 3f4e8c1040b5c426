"""What a caller hears when something is wrong: always a sentence."""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Awaitable, Callable

from aiohttp import web

from channels.calls import Refused, json_response, sentence, spoken
from channels.page_problem import for_people, not_found, problem
from engagement.chats import UnknownConversation
from engagement.database import LogUnavailable
from hearback import logs

logger = logging.getLogger("channels")
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@web.middleware
async def answer_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Every error is a sentence: JSON for the API, text for the rest. A full or failing log is 503, so that the caller tries again."""
    try:
        return await handler(request)
    except Refused as refused:
        return told(request, refused.status, refused.sentence(spoken(request)), retry_after=refused.retry_after)
    except UnknownConversation:  # it was deleted while this call was under way
        return told(request, 401, sentence("utter_refused_unknown_chat", spoken(request)))
    except LogUnavailable as error:
        logger.warning("the log does not answer: %s", error)
        return told(request, 503, sentence("utter_doors_closed", spoken(request)), retry_after=10)
    except web.HTTPException as error:
        if request.path.startswith("/api/") and error.status >= 400:
            return told(request, error.status, f"{error.reason}.")
        if error.status == 404 and for_people(request):
            return not_found(request)
        raise
    except (ConnectionResetError, asyncio.CancelledError):
        raise
    except Exception as error:
        logger.error("%s %s failed: %s", request.method, route_of(request), logs.where(error))
        return told(request, 500, sentence("utter_doors_failed", spoken(request)))


def told(request: web.Request, status: int, words: str, *, retry_after: float | None = None) -> web.Response:
    if request.path.startswith("/api/"):
        response = json_response({"error": words}, status=status)
    else:
        response = problem(request, status, words) if for_people(request) else web.Response(text=words, status=status)
    if retry_after is not None:
        response.headers["Retry-After"] = str(max(1, math.ceil(retry_after)))
    return response


def route_of(request: web.Request) -> str:
    """The route without what the caller put into it."""
    resource = request.match_info.route.resource
    return resource.canonical if resource else "an unknown path"
