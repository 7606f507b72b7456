"""Multivariate drift: do columns still go together as they did, even where each by itself looks unmoved?

All rows of both sides are used; nothing is sampled.  A p-value says whether something moved, the other two metrics how
far.  Rows are taken as independent of each other: of a series whose neighbours are alike, too much looks moved.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlops.domain.measurement import Measurement
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
        return measured(name, samples, table.encode(rows, table.features_of(rows, evidence.columns)))
    except UnfitError as error:
        return Measurement(monitor=name, value=None, samples=samples, why=str(error))


def _area(name: str, samples: int, both: Encoded) -> Measurement:
    found = domain_classifier.tell_apart(both)
    half = _Z * found.deviation
    low, high = max(found.area - half, 0.0), min(found.area + half, 1.0)
    return Measurement(monitor=name, value=found.area, samples=samples, low=low, high=high, parts=found.by_column)


def _area_p(name: str, samples: int, both: Encoded) -> Measurement:
    return Measurement(monitor=name, value=domain_classifier.tell_apart(both, explain=False).p, samples=samples)


def _ratio(name: str, samples: int, both: Encoded) -> Measurement:
    found = reconstruction.rebuild(both)
    half = _Z * found.deviation
    return Measurement(
        monitor=name, value=found.ratio, samples=samples, low=max(found.ratio - half, 0.0), high=found.ratio + half
    )


def _ratio_p(name: str, samples: int, both: Encoded) -> Measurement:
    return Measurement(monitor=name, value=reconstruction.rebuild(both).p, samples=samples)


_MEASURES: Mapping[str, Callable[[str, int, Encoded], Measurement]] = {
    "domain_classifier_auc": _area,
    "domain_classifier_test": _area_p,
    "reconstruction_error": _ratio,
    "reconstruction_error_test": _ratio_p,
}
