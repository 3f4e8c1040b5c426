"""The English encoder in 8 bits says nearly what the file says as it comes."""

import numpy as np
import pytest
from onnxruntime import InferenceSession

from bot.nlu import minilm
from bot.nlu.sentences import _checked

SENTENCES = [[101, 2045, 2003, 1037, 8962, 6089, 2648, 2026, 2160, 102], [101, 7592, 102], [101, *range(2000, 2126), 102]]


@pytest.fixture(scope="module")
def encode():
    return minilm.encoder(_checked("model"))


@pytest.mark.parametrize("ids", SENTENCES, ids=len)
def test_a_sentence_means_what_it_means_in_32_bits(encode, ids: list[int]) -> None:
    plain = InferenceSession(str(_checked("model")), providers=["CPUExecutionProvider"])
    given = {"input_ids": [ids], "attention_mask": [[1] * len(ids)], "token_type_ids": [[0] * len(ids)]}
    right = plain.run(None, {name: np.array(row, dtype=np.int64) for name, row in given.items()})[0][0]
    found = encode(ids)
    assert found.shape == right.shape == (len(ids), minilm.WIDTH)
    one, other = found.mean(axis=0), right.mean(axis=0)
    assert one @ other / np.linalg.norm(one) / np.linalg.norm(other) > 0.98


def test_a_file_that_breaks_off_is_not_taken_for_a_model() -> None:
    whole = _checked("model").read_bytes()
    with pytest.raises((IndexError, KeyError, ValueError)):
        minilm.in_eight_bits(whole[: len(whole) // 2], sign=True)
