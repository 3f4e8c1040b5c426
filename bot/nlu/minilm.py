"""all-MiniLM-L6-v2 multiplied in 8 bits: the package's ONNX file, changed in memory before it is run.

As it comes, the file unpacks its int8 weights to 32 bits: four times the memory, twice the time. Here its products take the int8 weights
as they are (https://onnxruntime.ai/docs/ContribOperators.html, DynamicQuantizeMatMul), and the table of words, of which a sentence
needs a dozen rows, stays outside. docs/decisions/0006-understanding.md has the figures. Format: https://onnx.ai/onnx/api/serialization.html.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnxruntime import InferenceSession, SessionOptions

from bot.nlu.eight_bits import MIDDLE, UINT8, signed, unsigned
from bot.nlu.protobuf import Fields, read, write
from bot.nlu.tables import Rows, tables

Array = NDArray[Any]
MODEL_GRAPH, MODEL_OPSET = 7, 8
GRAPH_NODE, GRAPH_TENSOR, GRAPH_INPUT = 1, 5, 11
NODE_INPUT, NODE_KIND, NODE_DOMAIN = 1, 4, 7
TENSOR_SIZE, TENSOR_KIND, TENSOR_NAME, TENSOR_DATA = 1, 2, 8, 9
NAME, OPSET_DOMAIN, OPSET_VERSION = 1, 1, 2
OURS = b"com.microsoft"
WORDS, SCALES = (b"inner.embeddings.word_embeddings.weight" + end for end in (b"_q", b"_scale"))
UNPACKED = re.compile(rb"(val_\d+|inner\.embeddings\.word_embeddings\.weight)_(q|f|scale)")
WIDTH = 384


def encoder(file: Path, *, sign: bool | None = None) -> Callable[[Sequence[int]], Array]:
    """From the ids of a sentence's tokens to [tokens, 384] float32; `sign` as `bot.nlu.eight_bits.signed` has it for this machine."""
    data = file.read_bytes()
    model, table, scales = in_eight_bits(data, signed() if sign is None else sign)
    words = Rows(tables(f"minilm-{hashlib.sha256(data).hexdigest()[:16]}", lambda: {"words": table})["words"])
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


def in_eight_bits(data: bytes, sign: bool) -> tuple[bytes, Array, Array]:
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
            if not sign and name.endswith(b"_q"):
                graph.append((number, write(_zeros(tensor))))
                tensor = _unsigned(tensor)
            value = write(_flat(tensor)) if UNPACKED.fullmatch(name) else value
        elif number == GRAPH_NODE:
            if (node := _node(read(value), weights, sign)) is None:
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


def _node(node: Fields, weights: set[bytes], sign: bool) -> Fields | None:
    """A product takes the int8 weights as they are; what unpacked them, or looked words up, is left out."""
    inputs, kind = [value for number, value in node if number == NODE_INPUT], dict(node)[NODE_KIND]
    if any(UNPACKED.fullmatch(one) for one in inputs) or inputs[:1] == [WORDS.removesuffix(b"_q")]:
        return None
    if kind != b"MatMul" or inputs[1] not in weights:
        return node
    rest = [(number, value) for number, value in node if number not in (NODE_INPUT, NODE_KIND, NODE_DOMAIN)]
    parts = (b"_q", b"_scale") if sign else (b"_q", b"_scale", b"_zero")
    taken = [(NODE_INPUT, inputs[0]), *((NODE_INPUT, inputs[1] + part) for part in parts)]
    return [*taken, *rest, (NODE_KIND, b"DynamicQuantizeMatMul"), (NODE_DOMAIN, OURS)]


def _unsigned(tensor: Fields) -> Fields:
    """Weights without a sign, around `MIDDLE`."""
    data = unsigned(np.frombuffer(dict(tensor)[TENSOR_DATA], dtype=np.int8)).tobytes()
    changed = {TENSOR_KIND: UINT8, TENSOR_DATA: data}
    return [(number, changed.get(number, value)) for number, value in tensor]


def _zeros(tensor: Fields) -> Fields:
    """What stands for zero in each column of such weights."""
    columns = [value for number, value in tensor if number == TENSOR_SIZE][-1]
    name = dict(tensor)[TENSOR_NAME].removesuffix(b"_q") + b"_zero"
    return [(TENSOR_SIZE, columns), (TENSOR_KIND, UINT8), (TENSOR_NAME, name), (TENSOR_DATA, bytes([MIDDLE]) * columns)]


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
