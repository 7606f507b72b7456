"""Multivariate drift: do columns still go together as they did, even where each by itself looks unmoved?

All rows of both sides are used; nothing is sampled.  A p-value says whether something moved, the other two metrics how
far.  Rows are taken as independent of each other: of a series whose neighbours are alike, too much looks moved.
"""

from __future__ import annotations

from dataclasses import replace
from statistics import NormalDist
from typing import TYPE_CHECKING

from mlops.domain.data.measurement import Measurement
from mlops.monitors import domain_classifier, reconstruction, table
from mlops.monitors.evidence import Rows
from mlops.monitors.table import UnfitError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mlops.monitors.evidence import Evidence
    from mlops.monitors.table import Encoded

METRICS: Mapping[str, str] = {
    "domain_classifier_auc": "how well trees tell a window's rows from the reference's: 0.5 not at all, 1 always; "
    "parts: what each column adds to it",
    "domain_classifier_test": "p-value of that; small is drift",
    "reconstruction_error": "distance of rows from the reference's main directions, over that of the reference's own: "
    "1 is unmoved",
    "reconstruction_error_test": "p-value of that; small is drift",
}

CALIBRATED = ("domain_classifier_auc", "reconstruction_error")
"""Metrics of which it is told what chance alone makes of them, at the rate that was asked for."""

_Z = 1.959963984540054
"""Two-sided 95 % of the normal distribution."""


def measure(name: str, metric: str, evidence: Evidence) -> Measurement:
    """Measure by the metric of that name (see METRICS); low and high are the ends of a 95 % interval."""
    measured = _MEASURES[metric]
    rows = evidence.rows
    if rows is None:
        return Measurement(
            monitor=name, value=None, samples=0, why="columns are seen together in rows only: none given"
        )
    samples = Rows.count(rows.current)
    try:
        both = table.encode(rows, table.features_of(rows, evidence.columns))
        return replace(measured(both, evidence.rate), monitor=name, samples=samples)
    except UnfitError as error:
        return Measurement(monitor=name, value=None, samples=samples, why=str(error))


def _area(both: Encoded, rate: float | None) -> Measurement:
    found = domain_classifier.tell_apart(both)
    low, high = max(found.area - _Z * found.deviation, 0.0), min(found.area + _Z * found.deviation, 1.0)
    chance = min(0.5 + _passed_by(rate) * found.by_chance, 1.0) if rate else None
    return _number(found.area, low, high, chance, found.by_column)


def _area_p(both: Encoded, _: float | None) -> Measurement:
    return _number(domain_classifier.tell_apart(both, explain=False).p)


def _ratio(both: Encoded, rate: float | None) -> Measurement:
    found = reconstruction.rebuild(both)
    low, high = max(found.ratio - _Z * found.deviation, 0.0), found.ratio + _Z * found.deviation
    return _number(found.ratio, low, high, 1 + _passed_by(rate) * found.by_chance if rate else None)


def _ratio_p(both: Encoded, _: float | None) -> Measurement:
    return _number(reconstruction.rebuild(both).p)


def _passed_by(rate: float) -> float:
    """Standard deviations that a normal number exceeds so often."""
    return NormalDist().inv_cdf(1 - rate)


def _number(
    value: float,
    low: float | None = None,
    high: float | None = None,
    chance: float | None = None,
    parts: tuple[tuple[str, float], ...] = (),
) -> Measurement:
    return Measurement(monitor="", value=value, samples=0, low=low, high=high, chance=chance, parts=parts)


_MEASURES: Mapping[str, Callable[[Encoded, float | None], Measurement]] = {
    "domain_classifier_auc": _area,
    "domain_classifier_test": _area_p,
    "reconstruction_error": _ratio,
    "reconstruction_error_test": _ratio_p,
}
