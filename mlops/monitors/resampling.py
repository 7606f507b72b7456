"""The bootstrap of the gates on arrays: the same chance, the same draws, the same numbers as `domain.gates.resampling`.

A gate over 5,000 rows counts ten million drawn rows; in plain Python that holds a worker for seconds.
"""

import math
import random
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from mlops.domain.gates.resampling import Draws, Ranks, block_sums

_Rows = npt.NDArray[np.int64]


def resampled(draws: Draws) -> list[float]:
    """The differences, one a draw."""
    if draws.metric == "roc_auc":
        return _areas(draws)
    sums, drawn = np.array(block_sums(draws)), draws.blocks * draws.length
    return [math.fsum(sums[starts].tolist()) / drawn for starts in _starts(draws)]


def _starts(draws: Draws) -> Iterator[_Rows]:
    """Where the blocks of each draw begin, as `random.Random(seed).choices` draws them."""
    _, state, _ = random.Random(draws.seed).getstate()  # noqa: S311 - a bootstrap, not a secret
    chance = np.random.RandomState()
    chance.set_state(("MT19937", np.array(state[:-1], dtype=np.uint32), int(state[-1]), 0, 0.0))
    for _ in range(draws.times):
        yield (chance.random_sample(draws.blocks) * len(draws.labels)).astype(np.int64)


def _areas(draws: Draws) -> list[float]:
    ours, theirs = _Ranked(draws, draws.candidate), _Ranked(draws, draws.champion)
    deltas = []
    for starts in _starts(draws):
        counts = _counts(starts, len(draws.labels), draws.length)
        delta = ours.area(counts) - theirs.area(counts)
        if math.isfinite(delta):  # a draw with one class only says nothing
            deltas.append(delta)
    return deltas or [math.nan]


def _counts(starts: _Rows, size: int, length: int) -> _Rows:
    """How often each row was drawn; blocks go on around the end."""
    begun = np.bincount(starts, minlength=size)
    if length == 1:
        return begun
    reaches_over = int(begun[size - length :].sum())  # from the last rows into the first
    return np.cumsum(begun - np.roll(begun, length)) + reaches_over


class _Ranked:
    """`Ranks` on arrays."""

    def __init__(self, draws: Draws, scores: object) -> None:
        ranks = Ranks.of(draws.labels, scores)  # type: ignore[arg-type]
        self._sound = ranks.sound
        self._negatives = np.array(ranks.negatives, dtype=np.int64)
        self._positives = np.array(ranks.positives, dtype=np.int64)
        self._below = np.array(ranks.below, dtype=np.int64)
        self._up_to = np.array(ranks.up_to, dtype=np.int64)

    def area(self, counts: _Rows) -> float:
        """The share of (positive, negative) pairs in the right order, ties counting half; rows weighted by counts."""
        seen = np.concatenate(([0], np.cumsum(counts[self._negatives])))
        weights = counts[self._positives]
        pairs = int(weights.sum()) * int(seen[-1])
        if not pairs or not self._sound:
            return math.nan
        return int(weights @ (seen[self._below] + seen[self._up_to])) / 2 / pairs
