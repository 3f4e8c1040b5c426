"""Products in 8 bits are nearly those in 32, and the same on every processor."""

import numpy as np
import pytest

from bot.nlu import minilm, protobuf
from bot.nlu.eight_bits import EightBits
from bot.nlu.sentences import _checked

CHANCE = np.random.default_rng(7)


@pytest.mark.parametrize("sign", [True, False])
def test_a_product_is_nearly_what_it_is_in_32_bits(sign: bool) -> None:
    weights, x = CHANCE.normal(size=(300, 40)), CHANCE.normal(size=(9, 300)).astype(np.float32)
    scales = (np.abs(weights).max(axis=0) / 127).astype(np.float32)
    rounded = np.round(weights / scales).astype(np.int8)
    found, right = x @ EightBits(rounded, scales, sign=sign), x @ weights
    assert found.shape == right.shape and np.abs(found - right).max() < 0.03 * np.abs(right).max()


def test_the_same_with_and_without_a_sign_also_where_sums_are_large() -> None:
    weights = np.full((512, 8), 127, dtype=np.int8)
    weights[:, ::2] = -127
    x = np.abs(CHANCE.normal(size=(4, 512))).astype(np.float32)
    scales = np.full(8, 0.01, dtype=np.float32)
    assert (x @ EightBits(weights, scales, sign=True) == x @ EightBits(weights, scales, sign=False)).all()


def test_weights_of_nothing_but_zeros_give_zeros() -> None:
    assert not (np.ones((1, 4), dtype=np.float32) @ EightBits.of(np.zeros((4, 3), dtype=np.float32))).any()


def test_a_sentence_means_the_same_with_and_without_a_sign() -> None:
    ids = [101, 2045, 2003, 1037, 8962, 6089, 2648, 2026, 2160, 102]
    one, other = (minilm.encoder(_checked("model"), sign=sign)(ids) for sign in (True, False))
    assert np.abs(one - other).max() < 1e-4


def test_what_is_read_is_written_as_it_was() -> None:
    message = protobuf.write([(1, 300), (2, b"words"), (3, protobuf.Fixed(b"1234")), (4, protobuf.Fixed(b"12345678")), (5, 0)])
    assert protobuf.write(protobuf.read(message)) == message
    assert protobuf.read(message)[0] == (1, 300)
