"""Multinomial logistic regression of sparse and dense features side by side, brought to where it stands still.

Stopped before that, one sentence more in the training moves what is understood elsewhere. L-BFGS gets there in some fifty steps
where every number learned is measured by how sharply the loss bends along it: so the features are centred, and the dense ones turned
to their principal axes.
"""

from __future__ import annotations

from collections import deque

import numpy as np
from scipy import sparse
from scipy.linalg import eigh

from bot.nlu.sentences import Array

BEND = 0.03  # of p (1 - p) at a label's own share: once learned, most sentences bend the loss less
STEPS = 120
STILL = 1e-7  # share of the loss: a step that gains less is the last
KEPT = 10  # steps that tell how the slope turns
ENOUGH = 1e-4  # of what the slope promises a step must gain at least
SHORTEST = 1e-3  # step that is still tried


def learn(grams: sparse.csr_matrix, meaning: Array, right: Array, weight: Array) -> tuple[Array, Array, Array]:
    """The weights of the n-grams [features, labels], of the embedding [dimensions, labels], and the intercepts [labels].

    `right`: each sentence's label by number; `weight`: how much each sentence counts beside the regularisation, which counts 1.
    """
    loss = _Loss(grams, meaning, right, weight)
    return loss.weights(_lowest(loss))


class _Loss:
    """The regularised loss. What is learned comes as one array [features + dimensions + 1, labels], each number times its `_scale`."""

    def __init__(self, grams: sparse.csr_matrix, meaning: Array, right: Array, weight: Array) -> None:
        self._grams, self._turned = grams.astype(np.float32), grams.astype(np.float32).T.tocsr()
        self._right, self._everyone, self._weight = right, np.arange(len(right)), weight.astype(np.float32)
        total = float(weight.sum())
        self._usual_grams = (self._turned @ self._weight / total).astype(np.float32)
        self._usual = (self._weight @ meaning / total).astype(np.float32)
        centred = (meaning - self._usual).astype(np.float32)
        spread, axes = eigh((centred * self._weight[:, None]).T @ centred)
        self._axes = axes.astype(np.float32)
        self._meaning = centred @ self._axes
        share = np.bincount(right, weight) / total
        bend = BEND * share * (1 - share)
        spread_grams = self._turned.multiply(self._turned) @ self._weight - total * self._usual_grams**2
        spreads = np.concatenate([spread_grams, spread.clip(0)])
        self._scale = np.sqrt(np.vstack([np.outer(spreads, bend) + 1, total * bend])).astype(np.float32)
        self._first, self._second = grams.shape[1], grams.shape[1] + meaning.shape[1]

    @property
    def start(self) -> Array:
        return np.zeros_like(self._scale)

    def __call__(self, scaled: Array) -> tuple[float, Array]:
        """The loss, and its slope."""
        given = scaled / self._scale
        scores = self._grams @ given[: self._first] + self._meaning @ given[self._first : self._second]
        scores += given[self._second] - self._usual_grams @ given[: self._first]
        scores -= scores.max(axis=1, keepdims=True)
        chosen = scores[self._everyone, self._right]
        wrong = np.exp(scores)
        total = wrong.sum(axis=1)
        missed = float(self._weight.astype(np.float64) @ (np.log(total) - chosen))
        wrong /= total[:, None]
        wrong[self._everyone, self._right] -= 1
        wrong *= self._weight[:, None]
        given[self._second] = 0  # intercepts are not regularised
        slope, each = given, wrong.sum(axis=0)
        size = float(np.einsum("ij,ij->", given, given, dtype=np.float64))
        slope[: self._first] += self._turned @ wrong
        slope[: self._first] -= np.outer(self._usual_grams, each)
        slope[self._first : self._second] += self._meaning.T @ wrong
        slope[self._second] = each
        return missed + 0.5 * size, slope / self._scale

    def weights(self, scaled: Array) -> tuple[Array, Array, Array]:
        """As they are for features that are neither scaled nor turned nor centred."""
        given = scaled / self._scale
        grams, meaning = given[: self._first], self._axes @ given[self._first : self._second]
        return grams, meaning, given[self._second] - self._usual_grams @ grams - self._usual @ meaning


def _lowest(loss: _Loss) -> Array:
    """Where the loss is lowest, by L-BFGS in 32 bits (SciPy's keeps bounds and 64 bits, at several times the work of a step)."""
    at = loss.start
    lost, slope = loss(at)
    kept: deque[tuple[Array, Array, float]] = deque(maxlen=KEPT)
    for _ in range(STEPS):
        way = _way(slope, kept)
        promised, length = float(np.vdot(slope, way)), 1.0
        there = at - way
        lost_there, slope_there = loss(there)
        while lost_there > lost - ENOUGH * length * promised and length > SHORTEST:
            length /= 2
            there = at - np.float32(length) * way
            lost_there, slope_there = loss(there)
        gained = lost - lost_there
        if gained <= 0:
            break
        step, turn = there - at, slope_there - slope
        if (bent := float(np.vdot(step, turn))) > 0:
            kept.append((step, turn, 1 / bent))
        at, lost, slope = there, lost_there, slope_there
        if gained < STILL * lost:
            break
    return at


def _way(slope: Array, kept: deque[tuple[Array, Array, float]]) -> Array:
    """Where to go down from here: the slope, bent as the steps before have shown."""
    if not kept:
        return np.asarray(slope / np.linalg.norm(slope))
    way, shares = slope.copy(), []
    for step, turn, one in reversed(kept):
        shares.append(one * float(np.vdot(step, way)))
        way -= np.float32(shares[-1]) * turn
    _, turn, one = kept[-1]
    way *= np.float32(1 / (one * float(np.vdot(turn, turn))))
    for (step, turn, one), share in zip(kept, reversed(shares), strict=True):
        way += np.float32(share - one * float(np.vdot(turn, way))) * step
    return way
