"""Products with weights in 8 bits: a quarter of the memory and less than a quarter of the time. A model of one node, run by onnxruntime.

https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md (DynamicQuantizeMatMul)
"""

from __future__ import annotations

import platform
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnxruntime import InferenceSession, SessionOptions

from bot.nlu.protobuf import write

Array = NDArray[Any]
# Numbers of fields and kinds: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
VERSION, OPSET = (1, 8), ((b"", 13), (b"com.microsoft", 1))
GRAPH, OPSETS = 7, 8
NODE, NAME, TENSOR, INPUT, OUTPUT = 1, 2, 5, 11, 12
FLOAT, UINT8, INT8 = 1, 2, 3
MIDDLE = 128  # zero, in bytes without a sign


@lru_cache(maxsize=1)
def signed() -> bool:
    """Whether weights keep their sign. An x86 processor without VNNI adds products of signed bytes in 16 bits, which overflow
    (https://onnxruntime.ai/docs/performance/model-optimizations/quantization.html); without a sign the sums are the same, and slower."""
    try:
        flags = Path("/proc/cpuinfo").read_text()
    except OSError:
        flags = ""
    return platform.machine() not in {"x86_64", "AMD64"} or "vnni" in flags


def unsigned(weights: Array) -> Array:
    """int8 as uint8 around `MIDDLE`."""
    return (weights.view(np.uint8) ^ MIDDLE).astype(np.uint8)


class EightBits:
    """`x @ weights` for x float32 [n, rows] and weights [rows, columns], of which each column has a scale, or all of them one."""

    __array_ufunc__ = None  # numpy leaves the product to `__rmatmul__`

    def __init__(self, weights: Array, scales: Array, *, sign: bool | None = None) -> None:
        """`weights` int8, `scales` float32 [columns] or [1]: what to multiply them with; `sign` as `signed` has it for this machine."""
        options = SessionOptions()
        options.intra_op_num_threads = 1  # a sentence is too short to share between cores
        self._session = InferenceSession(
            _model(weights, scales, signed() if sign is None else sign), options, providers=["CPUExecutionProvider"]
        )

    @classmethod
    def of(cls, weights: Array) -> EightBits:
        """From float weights, each column rounded to 255 steps."""
        scales = np.maximum(np.abs(weights).max(axis=0), 1e-9) / 127
        return cls(np.round(weights / scales).astype(np.int8), scales.astype(np.float32))

    def __rmatmul__(self, x: Array) -> Array:
        return np.asarray(self._session.run(None, {"x": x})[0])


def _model(weights: Array, scales: Array, sign: bool) -> bytes:
    rows, columns = weights.shape
    weights = np.ascontiguousarray(weights)
    tensors = [_tensor(b"weights", weights if sign else unsigned(weights), INT8 if sign else UINT8), _tensor(b"scales", scales, FLOAT)]
    inputs = [b"x", b"weights", b"scales"]
    if not sign:
        tensors.append(_tensor(b"middle", np.full(scales.shape, MIDDLE, np.uint8), UINT8))
        inputs.append(b"middle")
    node = write([*((1, one) for one in inputs), (2, b"y"), (4, b"DynamicQuantizeMatMul"), (7, b"com.microsoft")])
    graph = write(
        [
            (NODE, node), (NAME, b"product"), *((TENSOR, one) for one in tensors),
            (INPUT, _floats(b"x", rows)), (OUTPUT, _floats(b"y", columns)),
        ]
    )  # fmt: skip
    return write([VERSION, (GRAPH, graph), *((OPSETS, write([(1, domain), (2, version)])) for domain, version in OPSET)])


def _tensor(name: bytes, array: Array, kind: int) -> bytes:
    return write([*((1, size) for size in array.shape), (2, kind), (8, name), (9, array.tobytes())])


def _floats(name: bytes, width: int) -> bytes:
    """A float32 tensor [any, width]."""
    shape = write([(1, write([(2, b"n")])), (1, write([(1, width)]))])
    return write([(1, name), (2, write([(1, write([(1, FLOAT), (2, shape)]))]))])
