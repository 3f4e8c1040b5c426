"""Citizens' pictures: opened with care, written anew without what the camera added, kept in the data folder outside the database."""

from __future__ import annotations

import asyncio
import contextlib
import io
import os
import re
import secrets
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from PIL import Image, ImageOps

from engagement.log import EngagementLog
from engagement.values import Photo
from hearback.photo_files import photo_path, remove_photos

ACCEPTED = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP"}
LARGEST = 10 * 1024 * 1024  # bytes, as sent
MOST_PIXELS = 50_000_000
# A progressive JPEG is drawn once for each of its scans, and a file of some kilobytes can hold thousands:
# https://libjpeg-turbo.org/pmwiki/uploads/About/TwoIssueswiththeJPEGStandard.pdf. Cameras write ten or so.
MOST_SCANS = 100
MOST_DRAWN = 600_000_000  # pixels times scans
MARKER = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]")
SCAN, END, ALONE = 0xDA, 0xD9, {0x01, 0xD8}  # markers; those alone have no length behind them
LONGEST_SIDE = 2000
QUALITY = 85
CONTENT_TYPE = "image/jpeg"
ID = re.compile(r"[0-9a-f]{32}")
ORPHANED_AFTER = 24 * 3600.0  # real seconds


class Unreadable(Exception):
    """This is no picture that we can open."""


def medium(photo: Photo, public_url: str) -> dict[str, Any]:
    """A photo as a message carries it; the back office fetches it from `url` once the message was sent."""
    url = f"{public_url}/photos/{photo.id}.jpg"
    return {"url": url, "content_type": photo.content_type, "photo": photo.id, "width": photo.width, "height": photo.height}


class Pictures:
    """The pictures of one data folder."""

    def __init__(self, log: EngagementLog, home: Path) -> None:
        self._log, self._home, self._folder = log, home, home / "photos"
        # One at a time: a picture of 50 megapixels takes 200 MB while it is open.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="pictures")

    async def keep(self, data: bytes, conversation_id: str) -> Photo:
        """Keep a picture of a conversation. Raises Unreadable, or TooManyPhotos when too many wait to be sent."""
        clean, width, height = await self._in_thread(cleaned, data)
        id = secrets.token_hex(16)
        await self._in_thread(self._write, id, clean)
        try:
            return await self._log.photos.add(
                id=id, conversation_id=conversation_id, content_type=CONTENT_TYPE, size=len(clean), width=width, height=height
            )
        except BaseException:
            await asyncio.shield(self.remove([id]))
            raise

    def path(self, id: str) -> Path:
        return photo_path(self._home, id)

    async def remove(self, ids: list[str]) -> None:
        """Delete the files of photos; those that are gone already are no error."""
        await self._in_thread(remove_photos, self._home, ids)

    async def sweep(self) -> None:
        """Delete what was never sent, and files that a process left behind when it died."""
        for photo in await self._log.photos.unsent():
            await self.remove([photo.id])
            await self._log.photos.drop(photo.conversation_id, photo.id)
        old = await self._in_thread(self._old)
        for start in range(0, len(old), 500):
            some = old[start : start + 500]
            known = await self._log.photos.known(some)
            await self.remove([id for id in some if id not in known])

    def close(self) -> None:
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def _in_thread(self, work: Any, *args: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work, *args)

    def _write(self, id: str, data: bytes) -> None:
        path = self.path(id)
        for folder in (self._folder, path.parent):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())

    def _old(self) -> list[str]:
        before, found = time.time() - ORPHANED_AFTER, []
        for path in self._folder.glob("??/*.jpg"):
            with contextlib.suppress(FileNotFoundError):
                if ID.fullmatch(path.stem) and path.stat().st_mtime < before:
                    found.append(path.stem)
        return found


def scans(data: bytes) -> int:
    """How many scans a JPEG has, up to its end; what stands behind it, such as a film, is not looked at."""
    found, at = 0, 0
    while marker := MARKER.search(data, at):
        at, kind = marker.end(), marker[0][1]
        if kind == END:
            break
        found += kind == SCAN
        if kind not in ALONE:
            at += int.from_bytes(data[at : at + 2], "big")
    return found


def cleaned(data: bytes) -> tuple[bytes, int, int]:
    """A picture as JPEG without any metadata, the right way up, at most 2000 pixels long; with its width and height."""
    try:
        with Image.open(io.BytesIO(data), formats=tuple(ACCEPTED.values())) as opened:
            if opened.width * opened.height > MOST_PIXELS:
                raise Unreadable
            if opened.format == "JPEG" and ((times := scans(data)) > MOST_SCANS or times * opened.width * opened.height > MOST_DRAWN):
                raise Unreadable
            opened.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))  # a JPEG is opened smaller at once
            opened.load()
            clear = opened.has_transparency_data
            shown = ImageOps.exif_transpose(opened).convert("RGBA" if clear else "RGB")
            shown.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
            # A new picture: Pillow would carry comments and colour profiles of the old one over.
            new = Image.new("RGB", shown.size, "white")
            new.paste(shown, mask=shown if clear else None)
    except Exception:  # decoders meet broken data with errors of every kind
        raise Unreadable from None
    out = io.BytesIO()
    new.save(out, "JPEG", quality=QUALITY, optimize=True)
    return out.getvalue(), new.width, new.height
