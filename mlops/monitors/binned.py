"""Expected calibration error: how far probabilities lie from the shares of positives that they promise."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

BINS = 10
"""Of equal width, from 0 to 1."""
_Z = 1.959963984540054


@dataclass(frozen=True, kw_only=True)
class Calibration:
    """The error with its 95 % interval, and by bin what was promised less what came."""

    error: float
    low: float
    high: float
    gaps: tuple[tuple[str, float], ...]


def calibration_error(labels: Floats, scores: Floats) -> Calibration:
    """Take the mean distance of promised and seen shares, each bin by its rows.

    Chance alone makes a distance of what is well calibrated: by the mean size of a bin's chance, at most.  So much is
    taken off the lower end.  The error moves by no more than its bins do together, which gives the rest of both ends.
    """
    of_row = np.minimum((scores * BINS).astype(int), BINS - 1)
    rows = np.bincount(of_row, minlength=BINS)
    held = np.flatnonzero(rows)
    rows, weights = rows[held], rows[held] / len(scores)
    positives = np.bincount(of_row, labels, BINS)[held]
    gaps = (np.bincount(of_row, scores, BINS)[held] - positives) / rows
    share = (positives + 1) / (rows + 2)  # a bin of one row is not sure of itself
    chance = np.sqrt(share * (1 - share) / rows)
    error = float(weights @ np.abs(gaps))
    half = _Z * math.sqrt(float(weights**2 @ chance**2))
    flattered = math.sqrt(2 / math.pi) * float(weights @ chance)
    names = (f"{at / BINS:g} to {(at + 1) / BINS:g}" for at in held)
    return Calibration(
        error=error,
        low=max(error - flattered - half, 0.0),
        high=min(error + half, 1.0),
        gaps=tuple(zip(names, gaps.tolist(), strict=True)),
    )
