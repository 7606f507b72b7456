"""Segments: the rows of a table that have one value, or numbers between two cuts, and what looking at several costs."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from mlops.monitors import table
from mlops.monitors.table import UnfitError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mlops.domain.data.measurement import Measurement
    from mlops.domain.declared.monitor import Monitor, Segment
    from mlops.monitors.evidence import Table

P_VALUES = frozenset(
    {
        "two_sample_kolmogorov_smirnov_test",
        "pearsons_chi_squared_test",
        "domain_classifier_test",
        "reconstruction_error_test",
    }
)


def rows_of(segment: Segment | None, found: Sequence[Mapping[str, Any]]) -> list[int]:
    """Give the places of the rows that are in a segment; without one all are.

    Raises:
        UnfitError: no row has the column, or its values are no numbers where they are to be cut.
    """
    if segment is None or not found:
        return list(range(len(found)))
    if not any(segment.column in row for row in found):
        raise UnfitError(f"no row has a column {segment.column!r}, by which the segment {segment} is told")
    return _places(segment, [row.get(segment.column) for row in found])


def only(segment: Segment | None, columns: Table) -> dict[str, Any]:
    """Give the rows of columns that are in a segment.

    Raises:
        UnfitError: as `rows_of`.
    """
    if segment is None or not columns:
        return dict(columns)
    if segment.column not in columns:
        raise UnfitError(f"the rows have no column {segment.column!r}, by which the segment {segment} is told")
    kept = _places(segment, columns[segment.column])
    return {
        name: column[kept] if isinstance(column, np.ndarray) else [column[at] for at in kept]
        for name, column in columns.items()
    }


def _places(segment: Segment, values: table.Column) -> list[int]:
    """A row without a value is in no segment."""
    if segment.value is not None:
        return [at for at, level in enumerate(table.levels(values)) if level == segment.value]
    numbers = table.numbers(values, segment.column)
    low = -np.inf if segment.low is None else segment.low
    high = np.inf if segment.high is None else segment.high
    return [int(at) for at in np.flatnonzero((numbers >= low) & (numbers < high))]


def corrected(monitor: Monitor, measured: Measurement) -> Measurement:
    """Multiply a p-value by the number of findings that are judged together (Bonferroni): one is small by chance."""
    if monitor.family == 1 or monitor.metric not in P_VALUES or measured.value is None:
        return measured

    def times(p: float) -> float:
        return min(p * monitor.family, 1.0)

    return replace(
        measured,
        value=times(measured.value),
        low=None if measured.low is None else times(measured.low),
        high=None if measured.high is None else times(measured.high),
        parts=tuple((name, times(p)) for name, p in measured.parts),
    )
