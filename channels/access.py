"""Who calls: the browser that holds a chat and the page that the chat stands in."""

from __future__ import annotations

import hashlib
import re
from urllib.parse import urlsplit

from aiohttp import web

from channels import limits, words
from channels.addresses import address_of
from channels.calls import LANGUAGE, Refused
from channels.keys import LIMITS, LOG, SETTINGS
from engagement.chats import Holder, Opened, UnknownConversation
from engagement.values import Conversation, Message
from hearback.chat_look import chat_look

COOKIE = "hearback_chat"
COOKIE_AGE = 30 * 24 * 3600
OWN = "own"  # the origin of our own pages, and of programs, which name none
RENEWED = web.RequestKey("renewed", str)
BY_COOKIE = web.RequestKey("by_cookie", bool)
VERSIONS = re.compile(r"[\d._]+")


def token_of(request: web.Request) -> tuple[str, bool]:
    """The chat's token and whether it came in the cookie."""
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer" and given:
        return given.strip(), False
    return request.cookies.get(COOKIE, ""), True


def same_origin(request: web.Request) -> bool:
    """Browsers say where a request comes from; one that says nothing is no browser of today and carries no cookie of ours by accident."""
    site = request.headers.get("Sec-Fetch-Site")
    if site:
        return site in {"same-origin", "none"}
    return origin_of(request) == OWN


def origin_of(request: web.Request) -> str:
    """The origin of the page that calls, or OWN."""
    origin = request.headers.get("Origin")
    # Our pages send no referrer, and browsers then make the origin of some of their requests "null".
    if origin is None or request.headers.get("Sec-Fetch-Site") == "same-origin":
        return OWN
    public = urlsplit(request.app[SETTINGS].public_url)
    return OWN if origin in {f"{public.scheme}://{public.netloc}", f"{request.scheme}://{request.host}"} else origin


def holder_of(request: web.Request) -> Holder:
    """The browser without its version, so that an update loses no chat, and the page's origin."""
    browser = VERSIONS.sub("", request.headers.get("User-Agent", ""))
    return Holder(browser=hashlib.sha256(browser.encode("utf-8", "surrogateescape")).hexdigest(), origin=origin_of(request))


async def opened(request: web.Request) -> Opened:
    """What the caller's token opens. A cookie counts on our own pages only. A successor of the token goes out with the answer."""
    token, by_cookie = token_of(request)
    if by_cookie and not same_origin(request):
        raise Refused(403, "utter_refused_elsewhere")
    return await open_token(request, token, by_cookie)


async def open_token(request: web.Request, token: str, by_cookie: bool) -> Opened:
    try:
        if not token:
            raise UnknownConversation
        found = await request.app[LOG].chats.open(token, holder_of(request))
    except UnknownConversation:
        raise Refused(401, "utter_refused_unknown_chat") from None
    request[LANGUAGE] = found.conversation.language
    if found.renewed:
        request[RENEWED], request[BY_COOKIE] = found.renewed, by_cookie
    return found


async def conversation_of(request: web.Request) -> Conversation:
    """The conversation that the caller's token stands for; 401 without one."""
    return (await opened(request)).conversation


async def known(request: web.Request) -> Conversation | None:
    """The conversation of a page of ours, also when another site's link leads to it; None without one."""
    token, by_cookie = token_of(request)
    try:
        return (await open_token(request, token, by_cookie)).conversation
    except Refused:
        return None


async def begin(request: web.Request, language: object = None) -> tuple[str, Conversation, list[Message]]:
    """A new conversation for the caller, in a language that the chat offers: its token, and its greeting."""
    await request.app[LIMITS].check(limits.SESSIONS, address_of(request))
    spoken = chat_look().offered(language if isinstance(language, str) else None)
    return await request.app[LOG].chats.start(words.greeting(spoken), holder=holder_of(request), language=spoken)


def set_cookie(request: web.Request, response: web.StreamResponse, token: str) -> None:
    """Keep the token in the browser, on our own pages only."""
    if origin_of(request) != OWN:
        return
    secure = request.app[SETTINGS].public_url.startswith("https://")
    response.set_cookie(COOKIE, token, max_age=COOKIE_AGE, httponly=True, samesite="Lax", secure=secure, path="/")


def hand_out(request: web.Request, response: web.StreamResponse) -> None:
    """Put the successor of the caller's token into the answer, where it is time for one; before the answer is prepared."""
    if not (token := request.get(RENEWED)):
        return
    response.headers["Hearback-Token"] = token
    if request[BY_COOKIE] and COOKIE not in response.cookies:
        set_cookie(request, response, token)


def forget_cookie(request: web.Request, response: web.StreamResponse) -> None:
    """The chat is gone: its cookie goes too, and no successor of its token is given out."""
    request.pop(RENEWED, None)
    if origin_of(request) == OWN:
        response.del_cookie(COOKIE, path="/")
