"""Writes GeoReport answers as XML, the format that every server must offer."""

from __future__ import annotations

import re
from xml.etree import ElementTree

SINGULAR = {
    "services": "service",
    "attributes": "attribute",
    "values": "value",
    "service_requests": "request",
    "service_request_updates": "request_update",
    "service_request_outcomes": "request_outcome",
    "errors": "error",
    "endpoints": "endpoint",
    "formats": "format",
}
HEAD = b'<?xml version="1.0" encoding="utf-8"?>\n'
# https://www.w3.org/TR/xml/#charsets
NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def to_xml(root: str, data: object) -> bytes:
    """The XML twin of a JSON value: lists hold their name's singular, null is an empty element."""
    return HEAD + ElementTree.tostring(_element(root, data), encoding="unicode").encode()


def _element(name: str, data: object) -> ElementTree.Element:
    element = ElementTree.Element(name)
    if isinstance(data, dict):
        element.extend(_element(key, value) for key, value in data.items())
    elif isinstance(data, list):
        element.extend(_element(SINGULAR[name], item) for item in data)
    elif isinstance(data, bool):
        element.text = "true" if data else "false"
    elif data is not None:
        element.text = NOT_IN_XML.sub("\ufffd", str(data))
    return element
