"""How the sandbox's GeoReport endpoints answer: JSON or XML, and errors[] in the format that was asked for."""

from __future__ import annotations

import json

from aiohttp import web

from backoffice.sandbox.xml import to_xml


class Refused(Exception):
    """A call that is not served: an HTTP status and a sentence for each thing that is wrong."""

    def __init__(self, status: int, *sentences: str) -> None:
        super().__init__(status, *sentences)
        self.status, self.sentences = status, sentences


def answer(kind: str, root: str, data: object, status: int = 200) -> web.Response:
    """One GeoReport answer; `kind` is json or xml, `root` the name of the outer XML element."""
    if kind == "json":
        return web.Response(text=json.dumps(data, ensure_ascii=False), content_type="application/json", charset="utf-8", status=status)
    return web.Response(body=to_xml(root, data), content_type="text/xml", charset="utf-8", status=status)


def refusal(kind: str, refused: Refused) -> web.Response:
    return answer(kind, "errors", [{"code": refused.status, "description": sentence} for sentence in refused.sentences], refused.status)
