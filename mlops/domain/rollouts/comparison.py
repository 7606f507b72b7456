"""Comparison runs: what the candidate of a batch endpoint answered to an input, beside what its champion did."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeGuard

from mlops.domain.data.measurement import Bound, Measurement
from mlops.domain.declared.rollout import Analysis
from mlops.domain.gates.gate import METRICS as LABELLED
from mlops.domain.gates.gate import metric_value
from mlops.domain.loop import Attempt, Rollout
from mlops.domain.project import Task

FAILED_RUNS = "failed_runs"
ERRORS = "error_rate"
ROWS = "requests"
UNMATCHED = "unmatched_rows"
DISAGREEMENT = "prediction_disagreement"
SHIFT = "prediction_shift"

_PAIRED = frozenset({UNMATCHED, DISAGREEMENT, SHIFT})
METRICS = frozenset({FAILED_RUNS, ERRORS, *_PAIRED, *LABELLED})
"""What may be limited in a comparison."""

UNLABELLED = (METRICS - LABELLED) | {ROWS}
"""What needs no labels."""

ALWAYS: tuple[Analysis, ...] = (
    # What the champion's run fails at, too, says nothing of the candidate.
    Analysis(metric=FAILED_RUNS, success=Bound(comparison="<=", offset=0.0), against_champion=True),
    Analysis(metric=UNMATCHED, success=Bound(comparison="<=", offset=0.0)),
    Analysis(metric=ERRORS, success=Bound(comparison="<=", offset=0.01), against_champion=True),
)
"""Judged in every comparison, unless the project has limits of its own for the same number."""

_HALF = 0.5


@dataclass(frozen=True, kw_only=True)
class Scored:
    """What a run answered: a number by key, None where the row has none that can be used."""

    rows: Mapping[str, float | None]


def with_defaults(analyses: tuple[Analysis, ...]) -> tuple[Analysis, ...]:
    """The limits of a comparison: the project's, and those that nobody leaves out."""
    named = {one.metric for one in analyses}
    return (*(one for one in ALWAYS if one.metric not in named), *analyses)


def needs_two(analysis: Analysis) -> bool:
    """Whether the number, or its limit, is about a champion."""
    failure = analysis.failure is not None and analysis.failure.factor
    return analysis.metric in _PAIRED or bool(analysis.success.factor or failure)


def run_name(attempt: Attempt, rollout: Rollout, deployment: str) -> str:
    """The job in which a deployment scores the input of the comparison under way; of each there is one."""
    if rollout.comparison is None:
        raise ValueError("no comparison is under way")
    side = "candidate" if deployment == rollout.deployment else "champion"
    return f"{attempt.job}-compare-{rollout.comparison.number}-{side}"


def measure(
    metric: str, ours: Scored, theirs: Scored | None, labels: Mapping[str, float], task: Task = Task.CLASSIFICATION
) -> Measurement:
    """One number of a run; those of two runs need `theirs`.  Raises KeyError for a metric that there is not."""
    match metric:
        case "requests":
            return Measurement(monitor=metric, value=float(len(ours.rows)), samples=len(ours.rows))
        case "error_rate":
            return _errors(ours)
        case "unmatched_rows" | "prediction_disagreement" | "prediction_shift":
            if theirs is None:
                return _nothing(metric, "there is no champion's run to compare with")
            return _PAIRS[metric](ours, theirs, task)
    return _labelled(metric, ours, labels)


def _errors(ours: Scored) -> Measurement:
    bad = [key for key, value in ours.rows.items() if not _usable(value)]
    if not ours.rows:
        return _nothing(ERRORS, "the run answered no row")
    why = f"first: {bad[0]}" if bad else ""
    return Measurement(monitor=ERRORS, value=len(bad) / len(ours.rows), samples=len(ours.rows), why=why)


def _unmatched(ours: Scored, theirs: Scored, task: Task) -> Measurement:
    del task
    every, both = ours.rows.keys() | theirs.rows.keys(), ours.rows.keys() & theirs.rows.keys()
    if not every:
        return _nothing(UNMATCHED, "neither run answered any row")
    why = f"{len(ours.rows)} rows against the champion's {len(theirs.rows)}" if len(both) < len(every) else ""
    return Measurement(monitor=UNMATCHED, value=1 - len(both) / len(every), samples=len(every), why=why)


def _disagreement(ours: Scored, theirs: Scored, task: Task) -> Measurement:
    """Share of rows on different sides of 0.5; regression: the mean absolute difference."""
    pairs = _pairs(ours, theirs)
    if not pairs:
        return _nothing(DISAGREEMENT, "no row was answered by both")
    if task is Task.REGRESSION:
        value = math.fsum(abs(one - other) for one, other in pairs) / len(pairs)
    else:
        value = sum((one >= _HALF) != (other >= _HALF) for one, other in pairs) / len(pairs)
    return Measurement(monitor=DISAGREEMENT, value=value, samples=len(pairs))


def _shift(ours: Scored, theirs: Scored, task: Task) -> Measurement:
    """The largest difference of both distributions (Kolmogorov and Smirnov's): 0 is alike, 1 is apart."""
    del task
    one, other = (sorted(value for value in each.rows.values() if _usable(value)) for each in (ours, theirs))
    if not one or not other:
        return _nothing(SHIFT, "a run has no prediction that can be used")
    apart, at, beside = 0.0, 0, 0
    for value in sorted({*one, *other}):
        while at < len(one) and one[at] <= value:
            at += 1
        while beside < len(other) and other[beside] <= value:
            beside += 1
        apart = max(apart, abs(at / len(one) - beside / len(other)))
    return Measurement(monitor=SHIFT, value=apart, samples=min(len(one), len(other)))


_PAIRS = {UNMATCHED: _unmatched, DISAGREEMENT: _disagreement, SHIFT: _shift}


def _labelled(metric: str, ours: Scored, labels: Mapping[str, float]) -> Measurement:
    if metric not in LABELLED:
        raise KeyError(metric)
    known = [(labels[key], value) for key, value in ours.rows.items() if key in labels and _usable(value)]
    if not known:
        return _nothing(metric, "no row that was answered has a label")
    value = metric_value(metric, [label for label, _ in known], [prediction for _, prediction in known])
    return Measurement(monitor=metric, value=value, samples=len(known))


def _pairs(ours: Scored, theirs: Scored) -> list[tuple[float, float]]:
    both = ((value, theirs.rows.get(key)) for key, value in ours.rows.items())
    return [(one, other) for one, other in both if _usable(one) and _usable(other)]


def _usable(value: float | None) -> TypeGuard[float]:
    return value is not None and math.isfinite(value)


def _nothing(metric: str, why: str) -> Measurement:
    return Measurement(monitor=metric, value=None, samples=0, why=why)
