"""Styles and pictures, read at start and served under addresses that change with their content."""

from __future__ import annotations

import hashlib
import logging
import mimetypes
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

FOLDER = Path(__file__).parent / "static"
FOREVER = "public, max-age=31536000, immutable"
logger = logging.getLogger("hearback.console")


@dataclass(frozen=True)
class Asset:
    body: bytes
    kind: str
    digest: str


class Assets:
    """The files of a folder. `address("built/console.css")` is where the page finds one."""

    def __init__(self, folder: Path) -> None:
        self._files: dict[str, Asset] = {}
        for path in sorted(folder.rglob("*")) if folder.is_dir() else []:
            if path.is_file() and not path.name.startswith("."):
                body = path.read_bytes()
                kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
                self._files[path.relative_to(folder).as_posix()] = Asset(body, kind, hashlib.sha256(body).hexdigest()[:12])
        if "built/console.css" not in self._files:
            logger.warning("The console has no styles: run `npm ci && npm run build`.")

    def address(self, name: str) -> str:
        asset = self._files.get(name)
        return f"/static/{name}?v={asset.digest}" if asset else f"/static/{name}"

    def get(self, name: str) -> Asset | None:
        return self._files.get(name)


ASSETS = web.AppKey("assets", Assets)


async def serve(request: web.Request) -> web.Response:
    asset = request.app[ASSETS].get(request.match_info["path"])
    if asset is None:
        raise web.HTTPNotFound
    current = request.query.get("v") == asset.digest
    etag = f'"{asset.digest}"'
    headers = {"Cache-Control": FOREVER if current else "no-cache", "ETag": etag}
    if etag in request.headers.get("If-None-Match", ""):
        return web.Response(status=304, headers=headers)
    text = asset.kind.startswith("text/") or asset.kind.endswith("svg+xml")
    answer = web.Response(body=asset.body, content_type=asset.kind, charset="utf-8" if text else None, headers=headers)
    if text:
        answer.enable_compression()
    return answer
