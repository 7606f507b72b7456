"""A paired bootstrap over blocks of consecutive rows: how much better the candidate is, in many draws of the same rows.

This says what is drawn and what is counted, in plain Python.  `mlops.monitors.resampling` gives the very same numbers
some forty times as fast; the gates take either.
"""

import math
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

Loss = Callable[[float, float], float]  # of one row: label, prediction

_CLIP = 1e-15  # log_loss of a certain and wrong prediction is large, not infinite


def _log_loss(label: float, prediction: float) -> float:
    sure = min(max(prediction, _CLIP), 1 - _CLIP)
    return -math.log(sure if label else 1 - sure)


ROW_METRICS: Mapping[str, Loss] = {  # the metric is the mean over rows
    "accuracy": lambda label, prediction: float((prediction >= 0.5) == bool(label)),  # noqa: PLR2004 - a probability
    "brier_score": lambda label, prediction: (prediction - label) ** 2,
    "log_loss": _log_loss,
    "mean_absolute_error": lambda label, prediction: abs(prediction - label),
    "mean_squared_error": lambda label, prediction: (prediction - label) ** 2,
}


@dataclass(frozen=True, kw_only=True)
class Draws:
    """So many draws of rows that both models scored; `seed` says which, so that drawing twice says the same."""

    metric: str
    labels: Sequence[float]
    candidate: Sequence[float]
    champion: Sequence[float]
    block: int
    times: int
    seed: str

    @property
    def length(self) -> int:
        """Rows of one block."""
        return min(self.block, len(self.labels))

    @property
    def blocks(self) -> int:
        """Blocks of one draw: a few rows more than there are, where they do not come out even."""
        return math.ceil(len(self.labels) / self.length)


Resampled = Callable[[Draws], list[float]]  # candidate less champion, of each draw; NaN where none could be counted


def resampled(draws: Draws) -> list[float]:
    """The differences, one a draw."""
    chance = random.Random(draws.seed)  # noqa: S311 - a bootstrap, not a secret
    if draws.metric == "roc_auc":
        return _areas(draws, chance)
    sums = block_sums(draws)
    drawn = draws.blocks * draws.length
    return [math.fsum(chance.choices(sums, k=draws.blocks)) / drawn for _ in range(draws.times)]


def block_sums(draws: Draws) -> list[float]:
    """What the candidate loses more than the champion in the block that begins at each row, around the end."""
    loss = ROW_METRICS[draws.metric]
    scored = zip(draws.labels, draws.candidate, draws.champion, strict=True)
    deltas = [loss(label, ours) - loss(label, theirs) for label, ours, theirs in scored]
    around = [*deltas, *deltas[: draws.length]]
    return [math.fsum(around[at : at + draws.length]) for at in range(len(deltas))]


def _areas(draws: Draws, chance: random.Random) -> list[float]:
    size = len(draws.labels)
    ours, theirs = Ranks.of(draws.labels, draws.candidate), Ranks.of(draws.labels, draws.champion)
    deltas = []
    for _ in range(draws.times):
        counts = [0] * size
        for start in chance.choices(range(size), k=draws.blocks):
            for at in range(start, start + draws.length):
                counts[at % size] += 1
        delta = ours.area(counts) - theirs.area(counts)
        if math.isfinite(delta):  # a draw with one class only says nothing
            deltas.append(delta)
    return deltas or [math.nan]


@dataclass(frozen=True)
class Ranks:
    """Rows in the order of one model's scores, once for all draws."""

    negatives: Sequence[int]  # rows, the lowest score first
    positives: Sequence[int]  # rows
    below: Sequence[int]  # of each positive: how many of the negatives score less
    up_to: Sequence[int]  # … and how many as much or less
    sound: bool  # every score is a number

    @staticmethod
    def of(labels: Sequence[float], scores: Sequence[float]) -> "Ranks":
        """Sort them."""
        order = sorted(range(len(labels)), key=scores.__getitem__)
        negatives = [row for row in order if not labels[row]]
        positives = [row for row in order if labels[row]]
        sound = not any(math.isnan(score) for score in scores)
        below, up_to, less, most = [], [], 0, 0
        for row in positives if sound else ():
            while less < len(negatives) and scores[negatives[less]] < scores[row]:
                less += 1
            while most < len(negatives) and scores[negatives[most]] <= scores[row]:
                most += 1
            below.append(less)
            up_to.append(most)
        return Ranks(negatives, positives, below, up_to, sound)

    def area(self, counts: Sequence[int]) -> float:
        """The share of (positive, negative) pairs in the right order, ties counting half; rows weighted by counts."""
        seen = list(accumulate((counts[row] for row in self.negatives), initial=0))
        weights = [counts[row] for row in self.positives]
        pairs = sum(weights) * seen[-1]
        if not pairs or not self.sound:
            return math.nan
        right = zip(weights, self.below, self.up_to, strict=True)
        return sum(weight * (seen[low] + seen[high]) for weight, low, high in right) / 2 / pairs
