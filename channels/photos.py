"""The web chat's door for photos, and the address under which the back office fetches those that were sent."""

from __future__ import annotations

from aiohttp import web

from channels import limits
from channels.access import conversation_of
from channels.addresses import address_of
from channels.calls import Refused, json_response
from channels.keys import LIMITS, LOG, PICTURES
from engagement import pictures
from engagement.photos import MOST_UNSENT, PhotoGone, TooManyPhotos
from engagement.values import Conversation, Photo

MEGABYTE = 1024 * 1024
CHUNK = 64 * 1024
# Whatever is in the file, a browser that opens it by itself does nothing with it but show it.
AS_A_PICTURE = {
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Content-Disposition": "inline",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "X-Robots-Tag": "noindex",
}


async def add(request: web.Request) -> web.Response:
    """POST /api/chat/photos, the picture as the body: 201 {id, url, width, height}."""
    conversation = await conversation_of(request)
    await may_add(request, conversation)
    if request.content_type not in pictures.ACCEPTED:
        raise Refused(415, "utter_refused_photo_type")
    photo = await keep(request, conversation, await body_of(request))
    return json_response(photo.public(), status=201)


async def may_add(request: web.Request, conversation: Conversation) -> None:
    """Refuse who may add no photo now, before the picture is looked at."""
    if conversation.state == "ended":
        raise Refused(409, "utter_refused_ended")
    for limit, key in ((limits.PHOTOS, conversation.id), (limits.PHOTOS_FROM, address_of(request))):
        await request.app[LIMITS].check(limit, key)


async def keep(request: web.Request, conversation: Conversation, data: bytes) -> Photo:
    """Keep a picture until it is sent."""
    try:
        return await request.app[PICTURES].keep(data, conversation.id)
    except pictures.Unreadable:
        raise Refused(422, "utter_refused_photo_unreadable") from None
    except TooManyPhotos:
        raise Refused(409, "utter_refused_photos_unsent", most=MOST_UNSENT) from None
    except PhotoGone:
        raise Refused(401, "utter_refused_unknown_chat") from None


def too_large() -> Refused:
    return Refused(413, "utter_refused_photo_large", most=pictures.LARGEST // MEGABYTE)


async def body_of(request: web.Request) -> bytes:
    """The body, of which never more is read than a photo may have."""
    if (request.content_length or 0) > pictures.LARGEST:
        raise too_large()
    parts, size = [], 0
    async for chunk in request.content.iter_chunked(CHUNK):
        size += len(chunk)
        if size > pictures.LARGEST:
            raise too_large()
        parts.append(chunk)
    return b"".join(parts)


async def show(request: web.Request) -> web.StreamResponse:
    """GET /api/chat/photos/ID: a photo of the caller's own chat."""
    conversation = await conversation_of(request)
    photo = await photo_of(request)
    if photo is None or photo.conversation_id != conversation.id:
        raise Refused(404, "utter_refused_photo_gone")
    return picture(request, photo, inside=True)


async def remove(request: web.Request) -> web.Response:
    """DELETE /api/chat/photos/ID: 204, while it has not been sent."""
    conversation = await conversation_of(request)
    photo = await photo_of(request)
    if photo is None or not await request.app[LOG].photos.drop(conversation.id, photo.id):
        raise Refused(404, "utter_refused_photo_gone")
    await request.app[PICTURES].remove([photo.id])
    return web.Response(status=204)


async def public(request: web.Request) -> web.StreamResponse:
    """GET /photos/ID.jpg: a photo that was sent, for the back office; nobody guesses its id."""
    photo = await photo_of(request)
    if photo is None or photo.message_id is None:
        raise web.HTTPNotFound
    return picture(request, photo)


async def photo_of(request: web.Request) -> Photo | None:
    id = request.match_info["id"]
    return await request.app[LOG].photos.get(id) if pictures.ID.fullmatch(id) else None


def picture(request: web.Request, photo: Photo, *, inside: bool = False) -> web.FileResponse:
    headers = {**AS_A_PICTURE, "Content-Type": photo.content_type}
    if inside:
        del headers["Cross-Origin-Resource-Policy"]
    return web.FileResponse(request.app[PICTURES].path(photo.id), headers=headers)


def routes() -> list[web.RouteDef]:
    return [
        web.post("/api/chat/photos", add),
        web.get("/api/chat/photos/{id}", show),
        web.delete("/api/chat/photos/{id}", remove),
        web.get("/photos/{id}.jpg", public),
    ]
