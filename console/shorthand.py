"""The short way in which console/described.yml writes shapes, as JSON Schema."""

from __future__ import annotations

from typing import Any

KINDS: dict[str, dict[str, Any]] = {
    "string": {"type": "string"},
    "integer": {"type": "integer"},
    "number": {"type": "number"},
    "boolean": {"type": "boolean"},
    "moment": {"type": "string", "format": "date-time"},
    "day": {"type": "string", "format": "date"},
    "any": {},
}


class UnknownShape(Exception):
    """A shape that is neither a kind nor described; the message names it."""


def schema(shape: Any, shapes: dict[str, Any]) -> dict[str, Any]:
    """A shape as JSON Schema; other shapes that it names are referred to."""
    if isinstance(shape, dict):
        return _fields(shape, shapes)
    text, _, meaning = str(shape).partition(" | ")
    return {**_kind(text.strip(), shapes), **({"description": meaning.strip()} if meaning else {})}


def _kind(text: str, shapes: dict[str, Any]) -> dict[str, Any]:
    if text.endswith("?"):
        kind = _kind(text[:-1], shapes)
        return {**kind, "type": [kind["type"], "null"]} if "type" in kind else {"anyOf": [kind, {"type": "null"}]}
    if text.endswith("[]"):
        return {"type": "array", "items": _kind(text[:-2], shapes)}
    if text in KINDS:
        return dict(KINDS[text])
    if text in shapes:
        return {"$ref": f"#/components/schemas/{text}"}
    raise UnknownShape(f"{text} is no kind and none of the shapes of console/described.yml: describe it there.")


def _fields(shape: dict[str, Any], shapes: dict[str, Any]) -> dict[str, Any]:
    fields = whole(shape, shapes)
    more = fields.pop("*", None)
    return {
        "type": "object",
        "properties": {name.rstrip("?"): schema(one, shapes) for name, one in fields.items()},
        "required": [name for name in fields if not name.endswith("?")],
        "additionalProperties": schema(more, shapes) if more is not None else False,
    }


def whole(shape: dict[str, Any], shapes: dict[str, Any]) -> dict[str, Any]:
    """The fields of a shape, those that it takes over from others first."""
    taken = shape.get("+", [])
    fields: dict[str, Any] = {}
    for name in [taken] if isinstance(taken, str) else taken:
        if name not in shapes:
            raise UnknownShape(f"{name} is none of the shapes of console/described.yml: describe it there.")
        fields |= whole(shapes[name], shapes)
    return {**fields, **{name: one for name, one in shape.items() if name != "+"}}
