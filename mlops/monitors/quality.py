"""Data quality: how much of a window is missing, misread, out of range, against a rule, too little or too old."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from mlops.domain.data.measurement import Measurement
from mlops.monitors import categorical, cells, structure
from mlops.monitors.categorical import CategoricalState
from mlops.monitors.distances import Distance
from mlops.monitors.profile import DoesNotFitError, Profile, categorical_column, numeric_column

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mlops.monitors.evidence import Evidence
    from mlops.monitors.numeric import NumericState

METRICS: Mapping[str, str] = {
    "null_value_rate": "share of rows without a value (null or NaN)",
    "data_type_error_rate": "share of rows whose value is not of the column's type",
    "out_of_bounds_rate": "share of values outside the reference's range, or of levels it did not have",
    "unseen_level_rate": "share of values that are a level the reference did not have",
    "broken_rule_rate": "share of rows that break a rule of the project, such as a bounded sum of columns",
    "row_count": "rows in the window",
    "hours_since_newest": "age of the newest row in hours",
    **structure.METRICS,
}


def measure(name: str, metric: str, evidence: Evidence) -> Measurement:
    """Measure a window by the metric of that name (see METRICS); the worst column or rule is the value."""
    return _MEASURES[metric](name, evidence)


def _nulls(name: str, evidence: Evidence) -> Measurement:
    return _rates(name, evidence, _null_rate, needs_reference=False)


def _type_errors(name: str, evidence: Evidence) -> Measurement:
    return _rates(name, evidence, _type_error_rate, needs_reference=False)


def _out_of_bounds(name: str, evidence: Evidence) -> Measurement:
    return _rates(name, evidence, _outside_rate, needs_reference=True)


def _unseen(name: str, evidence: Evidence) -> Measurement:
    """Look at the columns of levels; where none is named and there is none, there is nothing to measure."""
    current = evidence.current
    if current is None or evidence.columns:
        return _rates(name, evidence, _unseen_rate, needs_reference=True)
    levels = tuple(column for column, state in current.columns.items() if isinstance(state, CategoricalState))
    if current.rows and not levels:
        return Measurement(monitor=name, value=None, samples=current.rows, why="no column holds levels")
    return _rates(name, replace(evidence, columns=levels), _unseen_rate, needs_reference=True)


def _rates(
    name: str, evidence: Evidence, rate: Callable[[Profile, Profile, str], Distance], *, needs_reference: bool
) -> Measurement:
    current, reference = evidence.current, evidence.reference
    if current is None or not current.rows:
        return _nothing(name, "the window has no rows")
    if needs_reference and reference is None:
        return _nothing(name, "the reference has no rows")
    try:
        found = {c: rate(reference or current, current, c) for c in evidence.columns or tuple(current.columns)}
    except DoesNotFitError as error:
        return Measurement(monitor=name, value=None, samples=current.rows, why=str(error))
    if not found:
        return Measurement(monitor=name, value=None, samples=current.rows, why="the profile has no columns")
    return Measurement(
        monitor=name,
        value=max(one.value for one in found.values()),
        samples=current.rows,
        low=max(one.value for one in found.values()),
        high=max(one.at_most for one in found.values()),
        parts=tuple((column, one.value) for column, one in found.items()),
    )


def _null_rate(_reference: Profile, current: Profile, column: str) -> Distance:
    return _exactly(_column(current, column).missing / current.rows)


def _type_error_rate(_reference: Profile, current: Profile, column: str) -> Distance:
    return _exactly(_column(current, column).mistyped / current.rows)


def _outside_rate(reference: Profile, current: Profile, column: str) -> Distance:
    """Count what lies outside; values in the very cell of a border may or may not, unless the range tells."""
    state = _column(current, column)
    if isinstance(state, CategoricalState):
        return _unseen_rate(reference, current, column)
    known_range = numeric_column(reference, column)
    if known_range.centre != state.centre:
        raise DoesNotFitError(f"{column}: reference and window have different centres: count one again")
    if not known_range.finite:
        raise DoesNotFitError(f"{column}: the reference has no value, so no range")
    outside, undecided = state.below + state.above, 0
    # Adding 0.0 makes -0.0, the same value in another cell, 0.0.
    ends = cells.cell_numbers(np.array([known_range.low, known_range.high]) - state.centre)
    if state.low < known_range.low:
        outside += _between(state, -1, int(ends[0]))
        undecided += _between(state, int(ends[0]) - 1, int(ends[0]) + 1)
    if state.high > known_range.high:
        outside += _between(state, int(ends[1]), cells.CELLS)
        undecided += _between(state, int(ends[1]) - 1, int(ends[1]) + 1)
    values = max(state.finite + state.below + state.above, 1)
    return Distance(value=outside / values, at_most=min((outside + undecided) / values, 1.0))


def _unseen_rate(reference: Profile, current: Profile, column: str) -> Distance:
    """Count levels that the reference lacks; of folded columns only buckets are known, so this is the least."""
    before, now = categorical_column(reference, column), categorical_column(current, column)
    if before.folded or now.folded:
        before, now = categorical.fold(before), categorical.fold(now)
    known = dict(before.levels)
    share = sum(count for level, count in now.levels if level not in known) / max(now.present, 1)
    return Distance(value=share, at_most=1.0 if now.folded else share)


def _between(state: NumericState, after: int, before: int) -> int:
    return int(state.counts[(state.cells > after) & (state.cells < before)].sum())


def _broken_rules(name: str, evidence: Evidence) -> Measurement:
    current = evidence.current
    if current is None or not current.rows:
        return _nothing(name, "the window has no rows")
    names = evidence.columns or tuple(current.rules)
    unknown = sorted(set(names) - set(current.rules))
    if unknown or not names:
        why = f"the profile has no rule {', '.join(unknown)}" if unknown else "the project has no rules for rows"
        return Measurement(monitor=name, value=None, samples=current.rows, why=why)
    asked = {rule: current.rules[rule] for rule in names}
    unasked = sorted(rule for rule, found in asked.items() if not found.asked)
    if unasked:
        why = f"no row has all the values that {', '.join(unasked)} needs"
        return Measurement(monitor=name, value=None, samples=0, why=why)
    parts = tuple((rule, found.broken / found.asked) for rule, found in asked.items())
    samples = min(found.asked for found in asked.values())
    return Measurement(monitor=name, value=max(rate for _, rate in parts), samples=samples, parts=parts)


def _row_count(name: str, evidence: Evidence) -> Measurement:
    """Count the rows.  Here an empty window is an answer: it is what the metric is there to find."""
    rows = evidence.current.rows if evidence.current else 0
    return Measurement(monitor=name, value=float(rows), samples=max(rows, 1))


def _age(name: str, evidence: Evidence) -> Measurement:
    if evidence.newest is None or evidence.now is None:
        return _nothing(name, "no row was ever seen" if evidence.newest is None else "the time was not given")
    hours = (evidence.now - evidence.newest).total_seconds() / 3600
    return Measurement(monitor=name, value=hours, samples=1)


def _column(one: Profile, column: str) -> NumericState | CategoricalState:
    if column not in one.columns:
        raise DoesNotFitError(f"the profile has no column {column!r}; it has {', '.join(one.columns)}")
    return one.columns[column]


def _exactly(value: float) -> Distance:
    return Distance(value=value, at_most=value)


def _nothing(name: str, why: str) -> Measurement:
    return Measurement(monitor=name, value=None, samples=0, why=why)


_MEASURES: Mapping[str, Callable[[str, Evidence], Measurement]] = {
    "null_value_rate": _nulls,
    "data_type_error_rate": _type_errors,
    "out_of_bounds_rate": _out_of_bounds,
    "unseen_level_rate": _unseen,
    "broken_rule_rate": _broken_rules,
    "row_count": _row_count,
    "hours_since_newest": _age,
    "duplicate_rate": structure.duplicates,
    "schema_change_count": structure.schema_changes,
}
