"""What a form of the chat's page sends: its fields, and a photo."""

from __future__ import annotations

from dataclasses import dataclass, field

from aiohttp import BodyPartReader, web
from aiohttp.http import HttpProcessingError

from engagement import pictures

CHUNK = 64 * 1024
LONGEST_FIELD = 32 * 1024
LEAST_PART = 64 * 1024  # what a part counts for, however short it is
LONGEST_FORM = 4 * pictures.LARGEST  # what is longer is not even read


@dataclass(kw_only=True)
class Form:
    """`photo` is None where none was chosen. `long` and `large`: a field or the photo was longer than any that we take, and is not kept."""

    fields: dict[str, str] = field(default_factory=dict)
    photo: bytes | None = None
    long: bool = False
    large: bool = False

    def get(self, name: str) -> str:
        return self.fields.get(name, "")


async def read_form(request: web.Request) -> Form:
    """The form, read to its end: a browser shows no answer before it has sent everything."""
    form = Form()
    if (request.content_length or 0) > LONGEST_FORM:
        form.large = True
    elif request.content_type == "multipart/form-data":
        try:
            await _read_parts(request, form)
        except (ValueError, HttpProcessingError):
            raise web.HTTPBadRequest from None
    elif (request.content_length or 0) > LONGEST_FIELD:
        form.long = True
    else:
        try:
            form.fields = {name: value for name, value in (await request.post()).items() if isinstance(value, str)}
        except (ValueError, LookupError):  # no text in the encoding that it claims
            raise web.HTTPBadRequest from None
    return form


async def _read_parts(request: web.Request, form: Form) -> None:
    size = 0
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader):
            continue
        most = LONGEST_FIELD if part.filename is None else pictures.LARGEST
        data, complete = await _read(part, most)
        # A form that does not say how long it is could go on for ever.
        size += len(data) + LEAST_PART
        if size > LONGEST_FORM:
            raise web.HTTPRequestEntityTooLarge(max_size=LONGEST_FORM, actual_size=size)
        if part.filename is None:
            form.fields[part.name or ""] = data.decode("utf-8", "replace")
            form.long |= not complete
        elif data:
            form.photo = data
            form.large |= not complete


async def _read(part: BodyPartReader, most: int) -> tuple[bytes, bool]:
    """The first `most` bytes of a part, and whether that is all of it."""
    kept, size = [], 0
    while chunk := await part.read_chunk(CHUNK):
        size += len(chunk)
        if size <= most:
            kept.append(chunk)
    return b"".join(kept), size <= most
