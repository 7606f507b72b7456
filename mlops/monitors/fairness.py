"""Fairness: are groups of rows treated alike?  Groups that are too small are named, and not compared.

Each group has its own value with an interval (Wilson's of a share, the normal one of a mean loss).  A difference of two
groups has the interval that Newcombe makes of theirs, corrected for the number of pairs that are compared.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import combinations
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np

from mlops.domain.data.measurement import Measurement
from mlops.monitors import table
from mlops.monitors.evidence import Rows
from mlops.monitors.table import UnfitError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from numpy.typing import NDArray

    from mlops.monitors.evidence import Evidence
    from mlops.monitors.table import Floats

    Mask = NDArray[np.bool_]
    Interval = tuple[float, float, float]
    """The value and both ends of its interval."""

METRICS: Mapping[str, str] = {
    "demographic_parity_difference": "largest difference of two groups' shares of predicted positives",
    "demographic_parity_ratio": "smallest share of predicted positives over the largest; 1 is parity, small is unequal",
    "equal_opportunity_difference": "largest difference of two groups' true positive rates",
    "equalized_odds_difference": "largest difference of two groups' true or false positive rates",
    "accuracy_difference": "largest difference of two groups' accuracies",
    "mean_absolute_error_difference": "regression: largest difference of two groups' mean absolute errors",
}
SMALLER_IS_WORSE = frozenset({"demographic_parity_ratio"})

_POSITIVE = 0.5
_ALPHA = 0.05
_MOST_GROUPS = 100
_SAID = 10
_PAIR = 2


@dataclass(frozen=True)
class _Compared:
    """Numbers of rows that groups are compared by: truth values, or losses."""

    name: str
    values: Floats
    counted: Mask


def measure(name: str, metric: str, evidence: Evidence) -> Measurement:
    """Measure by the metric of that name (see METRICS).

    `low` and `high` hold the true value 95 times of 100 or more.  `parts` are the groups' own values, and `samples` is
    the smallest number of rows that one of them was taken of.
    """
    if metric not in METRICS:
        raise KeyError(metric)
    rows = evidence.rows
    if rows is None or not Rows.count(rows.current):
        return Measurement(monitor=name, value=None, samples=0, why="the window has no rows at hand")
    try:
        return _measured(name, metric, rows)
    except UnfitError as error:
        return Measurement(monitor=name, value=None, samples=Rows.count(rows.current), why=str(error))


def _measured(name: str, metric: str, rows: Rows) -> Measurement:
    groups = _groups(rows)
    members = {group: groups == group for group in sorted(set(groups) - {None})}
    compared = _compared(rows, metric)
    sizes = {group: min(int((one.counted & mask).sum()) for one in compared) for group, mask in members.items()}
    kept = tuple(group for group, size in sizes.items() if size >= max(rows.smallest_group, 1))
    notes = _left_out({group: size for group, size in sizes.items() if group not in kept}, rows, groups)
    if len(kept) < _PAIR:
        raise UnfitError("; ".join(["fewer than two groups are large enough to compare", *notes]))
    z = NormalDist().inv_cdf(1 - _ALPHA / 2 / (len(compared) * math.comb(len(kept), _PAIR)))
    intervals = [(one.name, {group: _interval(one, members[group], z) for group in kept}) for one in compared]
    gap = _ratio if metric in SMALLER_IS_WORSE else _difference
    value, low, high = (max(ends) for ends in zip(*(gap(of.values()) for _, of in intervals), strict=True))
    return Measurement(
        monitor=name,
        value=value,
        samples=min(sizes[group] for group in kept),
        low=low,
        high=high,
        parts=tuple((f"{what} {group}".strip(), at) for what, of in intervals for group, (at, _, _) in of.items()),
        why="; ".join(notes),
    )


def _groups(rows: Rows) -> NDArray[np.object_]:
    column = rows.roles.group
    found = table.levels(table.role(rows.current, column, "group", "window"))
    different = len(set(found))
    if different > _MOST_GROUPS:
        raise UnfitError(f"column {column!r} has {different} values, and groups are at most {_MOST_GROUPS}")
    return np.array(found, dtype=object)


def _left_out(small: Mapping[str, int], rows: Rows, groups: NDArray[np.object_]) -> list[str]:
    first = ", ".join(f"{group} ({size})" for group, size in list(small.items())[:_SAID])
    more = f" and {len(small) - _SAID} more" if len(small) > _SAID else ""
    said = [f"not compared, with fewer than {rows.smallest_group} rows: {first}{more}"] if small else []
    nulls = sum(group is None for group in groups)
    return said + ([f"{nulls} rows have no group"] if nulls else [])


def _compared(rows: Rows, metric: str) -> tuple[_Compared, ...]:
    """Give what the metric compares: of a row whose prediction or label is not known, nothing."""
    if metric == "mean_absolute_error_difference":
        answers, labels = _column(rows, rows.roles.prediction, "prediction"), _labels(rows)
        return (_Compared("", np.abs(answers - labels), np.isfinite(answers) & np.isfinite(labels)),)
    positive, known = _predicted(rows)
    if metric.startswith("demographic"):
        return (_Compared("", positive, known),)
    labels = _labels(rows)
    known = known & np.isfinite(labels)
    if not np.isin(labels[known], (0.0, 1.0)).all():
        raise UnfitError("a label is neither 0 nor 1")
    true = labels == 1
    if metric == "accuracy_difference":
        return (_Compared("", (positive == true).astype(float), known),)
    opportunity = _Compared("true positives", positive, known & true)
    if metric == "equal_opportunity_difference":
        return (opportunity,)
    return opportunity, _Compared("false positives", positive, known & ~true)


def _predicted(rows: Rows) -> tuple[Floats, Mask]:
    """Give which rows are predicted positive, as 0 and 1, and which have a prediction at all."""
    classes = rows.roles.prediction
    values = _column(rows, classes or rows.roles.probability, "prediction")
    known: Mask = np.isfinite(values)
    if classes and not np.isin(values[known], (0.0, 1.0)).all():
        raise UnfitError(f"column {classes!r} has predictions other than 0 and 1: name the column of the class")
    return (values >= _POSITIVE).astype(float), known


def _labels(rows: Rows) -> Floats:
    return _column(rows, rows.roles.label, "label")


def _column(rows: Rows, column: str | None, what: str) -> Floats:
    return table.numbers(table.role(rows.current, column, what, "window"), str(column))


def _interval(one: _Compared, member: Mask, z: float) -> Interval:
    values = one.values[one.counted & member].astype(float)
    mean, rows = float(values.mean()), len(values)
    if np.isin(values, (0.0, 1.0)).all():
        scale = 1 + z**2 / rows
        middle = (mean + z**2 / (2 * rows)) / scale
        half = z * math.sqrt(mean * (1 - mean) / rows + z**2 / (4 * rows**2)) / scale
        return mean, middle - half, middle + half
    half = z * float(values.std()) / math.sqrt(rows)
    return mean, mean - half, mean + half


def _difference(groups: Iterable[Interval]) -> Interval:
    """Give the largest difference: it is at least each pair's least, and at most the greatest of all pairs."""
    pairs = list(_newcombe(groups))
    return max(d for d, _, _ in pairs), max(0.0, *(low for _, low, _ in pairs)), max(high for _, _, high in pairs)


def _newcombe(groups: Iterable[Interval]) -> Iterator[Interval]:
    for one, other in combinations(groups, _PAIR):
        (q, q_low, q_high), (p, p_low, p_high) = sorted((one, other))
        low, high = p - q - math.hypot(p - p_low, q_high - q), p - q + math.hypot(p_high - p, q - q_low)
        yield p - q, low, max(high, -low)


def _ratio(groups: Iterable[Interval]) -> Interval:
    """Give the smallest share over the largest; the ends are those of the groups' own intervals."""
    values, lows, highs = zip(*groups, strict=True)
    if not max(values):
        raise UnfitError("no row of any group was predicted positive: there is no ratio")
    return min(values) / max(values), max(min(lows), 0.0) / max(highs), min(1.0, min(highs) / max(lows))
