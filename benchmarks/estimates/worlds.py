"""Tables of which all labels are known: drawn ones whose features move, and real weather of some days only."""

from __future__ import annotations

import csv
import functools
import gzip
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from mlops.monitors.evidence import Evidence, Roles, Rows, Scored

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    World = Callable[[float, int], "Pair"]
    """From how far the features move, and the number of the draw."""

REFERENCE, WINDOW = 2_000, 1_000
_FILE = Path(__file__).parents[2] / "examples" / "rain" / "data" / "noaa_weather.csv.gz"
_BEFORE_THE_RULE_CHANGED = 10_800
"""Later days of the weather follow another rule, which nothing without labels can show."""


@dataclass(frozen=True, kw_only=True)
class Side:
    """Rows with what was answered and what was true."""

    features: Floats
    answers: Floats
    labels: Floats

    def table(self, *, labelled: bool) -> dict[str, Floats]:
        """Give the rows as a monitor gets them."""
        columns = {f"x{at}": column for at, column in enumerate(self.features.T)} | {"answer": self.answers}
        return columns | {"label": self.labels} if labelled else columns

    def scored(self) -> Evidence:
        """Give what the true metric is measured of."""
        return Evidence(scored=Scored(labels=self.labels.tolist(), scores=self.answers.tolist()))


@dataclass(frozen=True, kw_only=True)
class Pair:
    """A labelled reference and a window."""

    reference: Side
    window: Side

    def evidence(self, *, numbers: bool) -> Evidence:
        """Give what an estimate gets: no labels of the window."""
        roles = Roles(label="label", prediction="answer") if numbers else Roles(label="label", probability="answer")
        reference, window = self.reference.table(labelled=True), self.window.table(labelled=False)
        return Evidence(rows=Rows(current=window, reference=reference, roles=roles))


def classes(moved: float, number: int) -> Pair:
    """Draw two classes; the model is too sure of itself, and overlooks how two features act together."""
    draws = np.random.default_rng((1, round(moved * 100), number))
    return Pair(reference=_classes(REFERENCE, 0, draws), window=_classes(WINDOW, moved, draws))


def numbers(moved: float, number: int) -> Pair:
    """Draw numbers whose spread grows with a feature; the model takes a bent line for a straight one."""
    draws = np.random.default_rng((2, round(moved * 100), number))
    return Pair(reference=_numbers(REFERENCE, 0, draws), window=_numbers(WINDOW, moved, draws))


def weather(moved: float, number: int) -> Pair:
    """Take days by chance for the model, the reference and the window; the window prefers days of high dew point."""
    draws = np.random.default_rng((3, round(moved * 100), number))
    rows, rain = _weather()
    order = draws.permutation(len(rows))
    taught, known, left = order[:2_000], order[2_000 : 2_000 + REFERENCE], order[2_000 + REFERENCE :]
    odds = np.exp(moved * rows[left, 1])
    asked = draws.choice(left, WINDOW, replace=False, p=odds / odds.sum())
    weights = _fitted(rows[taught], rain[taught])
    sides = [
        Side(features=rows[at], answers=_likely(_terms(rows[at]) @ weights), labels=rain[at]) for at in (known, asked)
    ]
    return Pair(reference=sides[0], window=sides[1])


def _classes(rows: int, moved: float, draws: np.random.Generator) -> Side:
    x = draws.normal(size=(rows, 3)) * np.array([1, 1 + moved / 4, 1]) + np.array([moved, 0, 0])
    known = 1.2 * x[:, 0] - 0.8 * x[:, 1]
    labels = draws.random(rows) < _likely(known + 0.7 * x[:, 0] * x[:, 2])
    return Side(features=x, answers=_likely(1.6 * known), labels=labels.astype(float))


def _numbers(rows: int, moved: float, draws: np.random.Generator) -> Side:
    x = draws.normal(size=(rows, 3)) + np.array([moved, 0, 0])
    spread = 0.3 + 0.5 * np.exp(x[:, 0] / 2)
    labels = np.sin(x[:, 0]) + 0.5 * x[:, 1] + draws.normal(size=rows) * spread
    return Side(features=x, answers=0.7 * x[:, 0] + 0.5 * x[:, 1], labels=labels)


@functools.cache
def _weather() -> tuple[Floats, Floats]:
    with gzip.open(_FILE, "rt") as lines:
        reader = csv.DictReader(lines)
        names = [name for name in reader.fieldnames or () if name not in {"day", "rain"}]
        days = [
            ([float(row[name]) for name in names], float(row["rain"]))
            for row, _ in zip(reader, range(_BEFORE_THE_RULE_CHANGED), strict=False)
        ]
    return np.clip(np.array([features for features, _ in days]), -5, 5), np.array([rain for _, rain in days])


def _terms(rows: Floats) -> Floats:
    return np.column_stack([np.ones(len(rows)), rows])


def _fitted(rows: Floats, labels: Floats) -> Floats:
    """Fit a logistic model by Newton's steps."""
    terms = _terms(rows)
    weights = np.zeros(terms.shape[1])
    for _ in range(8):
        chances = _likely(terms @ weights)
        slope = terms.T @ (terms * (chances * (1 - chances))[:, None]) + np.eye(len(weights))
        weights = weights + np.linalg.solve(slope, terms.T @ (labels - chances) - weights)
    return weights


def _likely(odds: Floats) -> Floats:
    chances: Floats = 1 / (1 + np.exp(-np.clip(odds, -30, 30)))
    return chances
