"""What a form of the chat's page sends: its fields, and a photo."""

from __future__ import annotations

from dataclasses import dataclass, field

from aiohttp import BodyPartReader, web

from channels import pictures

CHUNK = 64 * 1024
LONGEST_FIELD = 32 * 1024
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
        await _read_parts(request, form)
    elif (request.content_length or 0) > LONGEST_FIELD:
        form.long = True
    else:
        form.fields = {name: value for name, value in (await request.post()).items() if isinstance(value, str)}
    return form


async def _read_parts(request: web.Request, form: Form) -> None:
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader):
            continue
        most = LONGEST_FIELD if part.filename is None else pictures.LARGEST
        data, complete = await _read(part, most)
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
