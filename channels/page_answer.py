"""The outcome question as a page, for who follows the link in an e-mail. Its answer goes into the conversation as any other message."""

from __future__ import annotations

import hashlib
import uuid
from typing import Any

import aiohttp_jinja2
from aiohttp import web

from channels import limits, metrics, photos
from channels.addresses import address_of
from channels.calls import LANGUAGE, LONGEST_TEXT, Refused
from channels.keys import INBOX, LIMITS, LOG, PICTURES, SIGNALS
from channels.page import OF_PHOTO
from channels.page_context import context_of, keep_language, language_of, sayer
from channels.page_form import Form, read_form
from channels.taking import media_of, wait_for_answer
from engagement.chats import ChatOver
from engagement.inbound import TooManyWaiting
from engagement.mail_links import Asked
from engagement.photos import PhotoGone
from engagement.values import NO, InboundMessage, Message, Received
from hearback import dates

WAIT = 6.0  # seconds in which the assistant's reply can stand on the page
ABOUT_REQUEST = {
    "fixed": "answer_fixed", "partly": "answer_partly", "not_fixed": "answer_not_fixed", "not_mine": "answer_not_mine",
}  # fmt: skip
ABOUT_REST = {"fixed": "answer_fixed_general", "partly": "answer_partly", "not_fixed": "answer_not_fixed_general"}
NOT_INDEXED = {"X-Robots-Tag": "noindex, nofollow"}


async def show(request: web.Request) -> web.Response:
    """GET /outcome/TOKEN: the question. It changes nothing: programs that look through mail follow links too."""
    asked = await asked_by(request)
    if asked is None:
        return gone(request)
    response = rendered(request, "answer.html", asked)
    if request.query.get("language"):
        keep_language(request, response, language_of(request, asked.conversation))
    return response


async def post(request: web.Request) -> web.Response:
    """POST /outcome/TOKEN {answer, words?, photo?, form}: sent twice it is one message."""
    asked = await asked_by(request)
    if asked is None:
        return gone(request)
    await request.app[LIMITS].check(limits.ANSWERS, str(asked.outcome.id))
    form = await read_form(request)
    if errors := mistakes(request, asked, form):
        return rendered(request, "answer.html", asked, errors=errors, given=form.fields, status=422)
    try:
        received = await say(request, asked, form)
    except Refused as refused:
        field = "photo" if refused.says.startswith(OF_PHOTO) else "words"
        errors = {field: refused.sentence(language_of(request, asked.conversation))}
        return rendered(request, "answer.html", asked, errors=errors, given=form.fields, status=refused.status)
    except (ChatOver, PhotoGone):  # it was deleted meanwhile
        return gone(request)
    replies = await wait_for_answer(request.app, asked.conversation, received, WAIT) or []
    return rendered(request, "answer_sent.html", asked, answer=form.get("answer"), replies=_told(replies))


async def asked_by(request: web.Request) -> Asked | None:
    """What the link opens."""
    await request.app[LIMITS].check(limits.LINKS_FROM, address_of(request))
    asked = await request.app[LOG].mails.by_token(request.match_info["token"])
    if asked:
        request[LANGUAGE] = asked.conversation.language
    return asked


def mistakes(request: web.Request, asked: Asked, form: Form) -> dict[str, str]:
    """What is wrong with the form, by the id of the field."""
    say, found = sayer(language_of(request, asked.conversation)), {}
    titles = titles_of(asked)
    if form.get("answer") not in titles:
        found["answer"] = say("answer_none")
    longest = LONGEST_TEXT - max(len(say(word)) for word in titles.values()) - 1
    if form.long or len(words_of(form)) > longest:
        found["words"] = say("too_long", limit=longest, count=len(words_of(form)))
    if form.large:
        found["photo"] = photos.too_large().sentence(language_of(request, asked.conversation))
    return found


async def say(request: web.Request, asked: Asked, form: Form) -> Received:
    """Write the answer down as the citizen's message: the title of the choice, and below it what they wrote."""
    app, conversation, answer = request.app, asked.conversation, form.get("answer")
    title = sayer(conversation.language)(titles_of(asked)[answer])
    media: tuple[dict[str, Any], ...] = ()
    kept = None
    if form.photo:
        for limit, key in ((limits.PHOTOS, conversation.id), (limits.PHOTOS_FROM, address_of(request))):
            await app[LIMITS].check(limit, key)
        kept = await photos.keep(request, conversation, form.photo)
        media = await media_of(app, conversation, [kept.id])
    # The same form again is the same message, unless the citizen went back and changed it.
    once = "\n".join((request.match_info["token"], form.get("form"), answer, words_of(form)))
    inbound = InboundMessage(
        channel="web", conversation_id=conversation.id, late=True, media=media, text="\n".join(filter(None, (title, words_of(form)))),
        provider_id=f"{conversation.id}:{hashlib.sha256(once.encode()).hexdigest()[:32]}",
        payload=f'/outcome_{answer}{{"choice":"outcome:{asked.outcome.id}"}}',
    )  # fmt: skip
    try:
        received = await app[LOG].receive(inbound, most_waiting=limits.MOST_WAITING)
        metrics.message_came(received, inbound.channel)
    except TooManyWaiting:
        raise Refused(429, "utter_refused_waiting", retry_after=2) from None
    if received.new:
        app[INBOX].wake(conversation.id)
        app[SIGNALS].ring(conversation.id)  # the chat shows it where it is open
    elif kept and await app[LOG].photos.drop(conversation.id, kept.id):
        await app[PICTURES].remove([kept.id])
    return received


def rendered(
    request: web.Request,
    template: str,
    asked: Asked,
    *,
    errors: dict[str, str] | None = None,
    given: dict[str, str] | None = None,
    status: int = 200,
    **more: Any,
) -> web.Response:
    language, outcome = language_of(request, asked.conversation), asked.outcome
    titles = titles_of(asked)
    context: dict[str, Any] = {
        **context_of(request, language),
        "token": request.match_info["token"],
        "form": uuid.uuid4().hex,
        "titles": titles,
        "general": titles is ABOUT_REST,
        "about": ", ".join(filter(None, (outcome.service_name, asked.street))),
        "reference": outcome.reference,
        "declared": dates.full_day(outcome.declared_at, language) if outcome.declared == "done" and outcome.declared_at else None,
        "before": titles.get(outcome.confirmed or ""),
        "before_day": dates.full_day(outcome.confirmed_at, language) if outcome.confirmed_at else None,
        "no": NO,
        "errors": errors or {},
        "given": given or {},
        **more,
    }
    response = aiohttp_jinja2.render_template(template, request, context, status=status)
    response.headers.update(NOT_INDEXED)
    return response


def gone(request: web.Request) -> web.Response:
    """An unknown or old link: what else the citizen can do."""
    context = context_of(request, language_of(request, None))
    response = aiohttp_jinja2.render_template("answer_gone.html", request, context, status=404)
    response.headers.update(NOT_INDEXED)
    return response


def titles_of(asked: Asked) -> dict[str, str]:
    """The answers that can be given, with the words of chat.yml for each."""
    return ABOUT_REQUEST if asked.outcome.subject == "request" else ABOUT_REST


def words_of(form: Form) -> str:
    return form.get("words").replace("\r\n", "\n").replace("\x00", "").strip()


def _told(replies: list[Message]) -> list[str]:
    return [one.text for one in replies if one.text]


def routes() -> list[web.RouteDef]:
    return [web.get("/outcome/{token}", show), web.post("/outcome/{token}", post)]
