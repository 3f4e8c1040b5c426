"""Protobuf messages as lists of fields, to change models of ONNX in memory. https://protobuf.dev/programming-guides/encoding/"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

Fields = list[tuple[int, Any]]  # (number, bytes or int)


def read(data: bytes) -> Fields:
    """The fields of a protobuf message, in order."""
    return list(_fields(data))


def _fields(data: bytes) -> Iterator[tuple[int, Any]]:
    at = 0
    while at < len(data):
        key, at = _number(data, at)
        if key & 7 == 0:
            value, at = _number(data, at)
            yield key >> 3, value
        elif key & 7 == 2:
            size, at = _number(data, at)
            yield key >> 3, data[at : at + size]
            at += size
        else:
            size = {1: 8, 5: 4}[key & 7]
            yield key >> 3, Fixed(data[at : at + size])
            at += size


class Fixed(bytes):
    """A number of 32 or 64 bits as it stands there."""


def _number(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        at, value, shift = at + 1, value | (byte & 127) << shift, shift + 7
        if byte < 128:
            return value, at


def write(fields: Iterable[tuple[int, Any]]) -> bytes:
    """A protobuf message."""
    out = bytearray()
    for number, value in fields:
        if isinstance(value, int):
            out += _packed(number << 3) + _packed(value)
        elif isinstance(value, Fixed):
            out += _packed(number << 3 | (1 if len(value) == 8 else 5)) + value
        else:
            out += _packed(number << 3 | 2) + _packed(len(value)) + value
    return bytes(out)


def _packed(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes([*out, value])
