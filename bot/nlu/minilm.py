"""all-MiniLM-L6-v2 multiplied in 8 bits: the package's ONNX file, changed in memory before it is run.

As it comes, the file unpacks its int8 weights to 32 bits: four times the memory, twice the time. Here its products take the int8 weights
as they are (https://onnxruntime.ai/docs/ContribOperators.html, DynamicQuantizeMatMul), and the table of words, of which a sentence
needs a dozen rows, stays outside. docs/decisions/0006-understanding.md has the figures. Format: https://onnx.ai/onnx/api/serialization.html.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnxruntime import InferenceSession, SessionOptions

Array = NDArray[Any]
Fields = list[tuple[int, Any]]  # (number, bytes or int) of a protobuf message
MODEL_GRAPH, MODEL_OPSET = 7, 8
GRAPH_NODE, GRAPH_TENSOR, GRAPH_INPUT = 1, 5, 11
NODE_INPUT, NODE_KIND, NODE_DOMAIN = 1, 4, 7
TENSOR_SIZE, TENSOR_NAME, TENSOR_DATA = 1, 8, 9
NAME, OPSET_DOMAIN, OPSET_VERSION = 1, 1, 2
OURS = b"com.microsoft"
WORDS, SCALES = (b"inner.embeddings.word_embeddings.weight" + end for end in (b"_q", b"_scale"))
UNPACKED = re.compile(rb"(val_\d+|inner\.embeddings\.word_embeddings\.weight)_(q|f|scale)")
WIDTH = 384


def encoder(file: Path) -> Callable[[Sequence[int]], Array]:
    """From the ids of a sentence's tokens to [tokens, 384] float32."""
    model, words, scales = in_eight_bits(file.read_bytes())
    options = SessionOptions()
    options.intra_op_num_threads = 1  # a sentence is too short to share between cores
    session = InferenceSession(model, options, providers=["CPUExecutionProvider"])

    def encode(ids: Sequence[int]) -> Array:
        row = np.array(ids)
        given = {
            "embedding": (words[row] * scales[row])[None],
            "attention_mask": np.ones((1, len(ids)), dtype=np.int64),
            "token_type_ids": np.zeros((1, len(ids)), dtype=np.int64),
        }
        return np.asarray(session.run(None, given)[0][0])

    return encode


def in_eight_bits(data: bytes) -> tuple[bytes, Array, Array]:
    """The changed model; the words' vectors int8 [words, 384], and what to multiply each with, float32 [words, 1]."""
    model = read(data)
    parts, graph = read(dict(model)[MODEL_GRAPH]), list[tuple[int, Any]]()
    weights = {dict(read(value))[TENSOR_NAME].removesuffix(b"_q") for number, value in parts if number == GRAPH_TENSOR}
    table: dict[bytes, Array] = {}
    for number, value in parts:
        if number == GRAPH_TENSOR:
            tensor = read(value)
            name = dict(tensor)[TENSOR_NAME]
            if name in (WORDS, SCALES):
                table[name] = np.frombuffer(dict(tensor)[TENSOR_DATA], dtype=np.int8 if name == WORDS else np.float32).reshape(
                    -1, _wide(name)
                )
                continue
            value = write(_flat(tensor)) if UNPACKED.fullmatch(name) else value
        elif number == GRAPH_NODE:
            if (node := _node(read(value), weights)) is None:
                continue
            value = write(node)
        elif number == GRAPH_INPUT and dict(read(value))[NAME] == b"input_ids":
            value = write([(NAME, b"embedding"), (2, _floats(WIDTH))])
        graph.append((number, value))
    changed = [(number, write(graph) if number == MODEL_GRAPH else value) for number, value in model]
    opset = write([(OPSET_DOMAIN, OURS), (OPSET_VERSION, 1)])
    return write([*changed, (MODEL_OPSET, opset)]), table[WORDS].copy(), table[SCALES].copy()


def _wide(name: bytes) -> int:
    return WIDTH if name == WORDS else 1


def _node(node: Fields, weights: set[bytes]) -> Fields | None:
    """A product takes the int8 weights as they are; what unpacked them, or looked words up, is left out."""
    inputs, kind = [value for number, value in node if number == NODE_INPUT], dict(node)[NODE_KIND]
    if any(UNPACKED.fullmatch(one) for one in inputs) or inputs[:1] == [WORDS.removesuffix(b"_q")]:
        return None
    if kind != b"MatMul" or inputs[1] not in weights:
        return node
    rest = [(number, value) for number, value in node if number not in (NODE_INPUT, NODE_KIND, NODE_DOMAIN)]
    taken = [(NODE_INPUT, one) for one in (inputs[0], inputs[1] + b"_q", inputs[1] + b"_scale")]
    return [*taken, *rest, (NODE_KIND, b"DynamicQuantizeMatMul"), (NODE_DOMAIN, OURS)]


def _flat(tensor: Fields) -> Fields:
    """Scales [1, columns] as [columns]."""
    sizes = [value for number, value in tensor if number == TENSOR_SIZE]
    if sizes[0] != 1:
        return tensor
    return [(TENSOR_SIZE, size) for size in sizes[1:]] + [(number, value) for number, value in tensor if number != TENSOR_SIZE]


def _floats(width: int) -> bytes:
    """The type of a float32 tensor [1, any, width]."""
    shape = [(1, write([(1, 1)])), (1, write([(2, b"tokens")])), (1, write([(1, width)]))]
    return write([(1, write([(1, 1), (2, write(shape))]))])


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
