"""What a project's monitor asks for: its columns, its rules for rows, and how its columns' values become one."""

from __future__ import annotations

import statistics
from dataclasses import replace
from typing import TYPE_CHECKING

from mlops.domain.declared.monitor import Signal
from mlops.monitors.drift import SMALLER_IS_WORSE
from mlops.monitors.profile import Bounds, Schema

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlops.domain.data.measurement import Measurement
    from mlops.domain.declared.monitor import Monitor
    from mlops.domain.project import Data
    from mlops.monitors.profile import Profile


def columns(monitor: Monitor, data: Data) -> tuple[str, ...]:
    """Name the columns that it looks at."""
    if monitor.signal == Signal.PREDICTION_DRIFT:
        return (data.prediction,)
    return tuple(monitor.expression) or monitor.columns or data.features


def rules(monitor: Monitor, names: tuple[str, ...]) -> tuple[Bounds, ...]:
    """Give its rules for rows."""
    if monitor.bounds is None:
        return ()
    low, high = monitor.bounds
    if monitor.expression:
        return (Bounds(name=monitor.name, weights=tuple(monitor.expression.items()), low=low, high=high),)
    return tuple(Bounds(name=column, weights=((column, 1.0),), low=low, high=high) for column in names)


def metric(monitor: Monitor) -> str:
    """Give the metric that is measured: bounds of the project's own are rules."""
    return "broken_rule_rate" if monitor.bounds and monitor.metric == "out_of_bounds_rate" else monitor.metric


def aggregated(monitor: Monitor, measured: Measurement) -> Measurement:
    """Take the mean or median of the columns instead of the worst one, where the project asks for that."""
    if monitor.aggregate == "max" or not measured.parts or monitor.metric in SMALLER_IS_WORSE:
        return measured
    values = [value for _, value in measured.parts]
    value = statistics.fmean(values) if monitor.aggregate == "mean" else statistics.median(values)
    return replace(measured, value=value, low=None, high=None)


def narrow(one: Profile, names: Sequence[str]) -> Profile:
    """Leave out all columns but these, and all rules."""
    columns = {name: one.columns[name] for name in names if name in one.columns}
    types = {name: one.types[name] for name in names if name in one.types}
    return replace(one, schema=only(one.schema, set(columns)), columns=columns, rules={}, types=types)


def only(schema: Schema, names: set[str]) -> Schema:
    """Leave out all columns but these, and all rules."""
    return Schema(
        centres=tuple((name, centre) for name, centre in schema.centres if name in names),
        times=tuple(name for name in schema.times if name in names),
        lengths=tuple(name for name in schema.lengths if name in names),
        categorical=tuple(name for name in schema.categorical if name in names),
    )
