"""A project's monitors as Azure ML's own monitor schedules, and what of them Azure cannot do.

One schedule for each `every`, since a schedule has one trigger; one signal for each monitor, since Azure's component
looks at the first threshold of a signal only.  What Azure cannot do is said, and the rest is written all the same:
a part that was left out in silence would look as though somebody watched it.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from mlops.domain.declared.monitor import Reference, Signal
from mlops.domain.triggers.triggers import monitor_conditions
from mlops.monitors.drift import SMALLER_IS_WORSE
from mlops.monitors.proposal import names
from mlops.spec.fields import written_duration

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mlops.domain.data.measurement import Bound
    from mlops.domain.declared.monitor import Monitor, Segment
    from mlops.domain.project import Project, Task

_BOTH = ("jensen_shannon_distance", "population_stability_index")
_NUMERICAL = (*_BOTH, "normalized_wasserstein_distance", "two_sample_kolmogorov_smirnov_test")
_DRIFT = {"numerical": _NUMERICAL, "categorical": (*_BOTH, "pearsons_chi_squared_test")}
_QUALITY = ("null_value_rate", "data_type_error_rate", "out_of_bounds_rate")
_NDCG = "normalized_discounted_cumulative_gain"
_CLASSES = ("accuracy", "precision", "recall")
_SPELLED = {"mean_absolute_error": "mae", "mean_squared_error": "mse", "root_mean_squared_error": "rmse"}
_ABOVE_IS_FINE = frozenset({*_CLASSES, _NDCG, *SMALLER_IS_WORSE})
_METRICS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    Signal.DATA_DRIFT: _DRIFT,
    Signal.PREDICTION_DRIFT: _DRIFT,
    Signal.DATA_QUALITY: {"numerical": _QUALITY, "categorical": _QUALITY},
    Signal.FEATURE_ATTRIBUTION_DRIFT: {"": (_NDCG,)},
    Signal.MODEL_PERFORMANCE: {"classification": _CLASSES, "regression": tuple(_SPELLED)},
}
"""By signal and section the metrics that Azure has (the SDK's own schema of metric thresholds)."""
_INPUTS, _OUTPUTS = "model_inputs", "model_outputs"
_UNITS = (("day", timedelta(days=1)), ("hour", timedelta(hours=1)), ("minute", timedelta(minutes=1)))


@dataclass(frozen=True, kw_only=True)
class Target:
    """What Azure is to look at, which no project file says: it changes with each promotion."""

    endpoint: str
    deployment: str
    training: str
    """The champion's training set, `azureml:NAME:VERSION`; Azure reads it as an MLTable."""
    email: str = ""
    instance_type: str = "standard_e4s_v3"
    """Of the serverless Spark that Azure runs its own component on."""


@dataclass(frozen=True, kw_only=True)
class Compiled:
    """Schedules by name, as the mappings that their YAML files hold, and what Azure cannot do."""

    schedules: Mapping[str, Mapping[str, Any]]
    remarks: tuple[str, ...]


def compiled(project: Project, target: Target) -> Compiled:
    """Write a project's monitors as Azure's."""
    signals: dict[timedelta, dict[str, Any]] = defaultdict(dict)
    remarks: list[str] = []
    for monitor in project.monitors:
        cannot = tuple(_cannot(project, monitor))
        if cannot:
            remarks += [f"{monitor.name}: not written: {said}" for said in cannot]
            continue
        (signal,) = names([monitor.name]) if monitor.segment else (monitor.name,)
        signals[monitor.every][signal] = _signal(project, monitor, target)
        remarks += [f"{monitor.name}: {said}" for said in _lost(project, monitor)]
    schedules = {}
    for every, found in signals.items():
        name = f"{project.name}-every-{written_duration(every).lower()}"
        schedules[name] = _schedule(name, every, found, project.task, target)
    return Compiled(schedules=schedules, remarks=tuple(remarks))


def _schedule(name: str, every: timedelta, signals: Mapping[str, Any], task: Task, target: Target) -> Mapping[str, Any]:
    unit, count = rhythm(every)
    return {
        "$schema": "http://azureml/sdk-2-0/Schedule.json",
        "name": name,
        "trigger": {"type": "recurrence", "frequency": unit, "interval": count},
        "create_monitor": {
            "compute": {"instance_type": target.instance_type, "runtime_version": "3.4"},
            "monitoring_target": {
                "ml_task": task.value,
                "endpoint_deployment_id": f"azureml:{target.endpoint}:{target.deployment}",
            },
            "monitoring_signals": dict(signals),
            **({"alert_notification": {"emails": [target.email]}} if target.email else {}),
        },
    }


def rhythm(every: timedelta) -> tuple[str, int]:
    """Give Azure's unit of time, and how many of it make a duration of whole minutes."""
    unit, length = next((unit, length) for unit, length in _UNITS if not every % length)
    return unit, every // length


def _cannot(project: Project, monitor: Monitor) -> Iterator[str]:
    """Say why Azure has no like of a monitor at all."""
    sections = _METRICS.get(monitor.signal)
    if sections is None:
        yield f"Azure has no signal {monitor.signal}"
        return
    known = sections.get(project.task.value) or tuple(dict.fromkeys(one for some in sections.values() for one in some))
    if monitor.metric not in known:
        yield f"Azure's {monitor.signal} has no metric {monitor.metric}; it has {', '.join(known)}"
    elif (alert := _alert(project, monitor)) is None:
        yield "neither a limit nor a trigger says from where on it alerts"
    elif alert.bound.factor:
        yield f"Azure compares with numbers, not with the champion ({alert.bound})"
    elif alert.above == (monitor.metric in _ABOVE_IS_FINE):
        side = ("below", "above") if alert.above else ("above", "below")
        yield f"Azure alerts {side[0]} a threshold of {monitor.metric}, this monitor {side[1]} it"
    if monitor.relative:
        yield "Azure's thresholds are of distances, not relative to what the reference varies by itself"
    if monitor.segment and (monitor.signal not in _SEGMENTED or monitor.segment.value is None):
        yield "Azure has segments of data_drift and model_performance only, and by values, not between cuts"
    if monitor.expression or monitor.bounds:
        yield "Azure takes the range of the reference, not bounds or sums of columns"
    if monitor.every % timedelta(minutes=1):
        yield f"Azure's triggers count whole minutes, not {written_duration(monitor.every)}"


def _lost(project: Project, monitor: Monitor) -> Iterator[str]:
    """Say what of a monitor is not kept."""
    alert = _alert(project, monitor)
    if alert and alert.trigger:
        yield f"it has no limit; Azure alerts from where trigger {alert.trigger} enters, at each window"
    if monitor.limit and monitor.limit.failure:
        yield f"Azure alerts from {monitor.limit.failure} on; it knows nothing between that and {monitor.limit.success}"
    if monitor.limit and monitor.limit.false_alarms is not None:
        yield "Azure does not ask whether chance would do, so it alerts more often"
    if monitor.min_samples > 1:
        yield f"Azure alerts with fewer than {monitor.min_samples} rows too"
    if monitor.aggregate != "max":
        yield f"Azure alerts for each column, not for their {monitor.aggregate}"
    if monitor.reference is Reference.SEASON:
        yield "Azure compares with the whole training set, not with its season"
    if monitor.quarantine:
        yield "Azure quarantines nothing: the window is trained and judged on"


@dataclass(frozen=True, kw_only=True)
class _Alert:
    """From which number on, and to which side, somebody is to be told; of a trigger where no limit says it."""

    bound: Bound
    above: bool
    trigger: str = ""


def _alert(project: Project, monitor: Monitor) -> _Alert | None:
    limit = monitor.limit
    if limit is not None:
        return _Alert(bound=limit.failure or limit.success, above=not limit.success.upward)
    for trigger in project.triggers:
        for _, condition in monitor_conditions(trigger):
            if condition.monitor == monitor.name:
                return _Alert(bound=condition.enter, above=condition.enter.upward, trigger=trigger.name)
    return None


def _signal(project: Project, monitor: Monitor, target: Target) -> Mapping[str, Any]:
    alert = _alert(project, monitor)
    threshold = alert.bound.offset if alert else 0.0
    spelled = _SPELLED.get(monitor.metric, monitor.metric)
    sections = {
        section: {spelled: threshold} for section, known in _METRICS[monitor.signal].items() if monitor.metric in known
    }
    thresholds = sections.pop("", None) or sections
    return {
        "type": str(monitor.signal),
        **_data(project, monitor, target),
        **({"features": list(monitor.columns or project.data.features)} if monitor.signal in _OF_COLUMNS else {}),
        **(_segment(monitor.segment) if monitor.segment else {}),
        "metric_thresholds": thresholds,
        "alert_enabled": bool(target.email),
    }


_OF_COLUMNS = frozenset({Signal.DATA_DRIFT, Signal.DATA_QUALITY})
_SEGMENTED = frozenset({Signal.DATA_DRIFT, Signal.MODEL_PERFORMANCE})


def _segment(segment: Segment) -> Mapping[str, Any]:
    return {"data_segment": {"feature_name": segment.column, "feature_values": [segment.value]}}


def _data(project: Project, monitor: Monitor, target: Target) -> Mapping[str, Any]:
    """Say what is compared with what; the window before where the loop compares with that too."""
    data, size = project.data, written_duration(monitor.window)
    now = {"lookback_window_size": size, "lookback_window_offset": written_duration(data.grace)}
    inputs, outputs = (_collected(target, kind, now) for kind in (_INPUTS, _OUTPUTS))
    training = _asset(target.training, "mltable", "training")
    labelled = {**training, "data_column_names": {"target_column": data.label}}
    match monitor.signal:
        case Signal.PREDICTION_DRIFT:
            before = {**now, "lookback_window_offset": written_duration(data.grace + monitor.window)}
            return {"production_data": outputs, "reference_data": _collected(target, _OUTPUTS, before)}
        case Signal.FEATURE_ATTRIBUTION_DRIFT:
            named = {**outputs, "data_column_names": {"prediction": data.prediction}}
            return {"production_data": [inputs, named], "reference_data": labelled}
        case Signal.MODEL_PERFORMANCE:
            keyed = {"prediction": data.prediction, "correlation_id": "correlationid"}
            labels = {**_asset(data.labels, "mltable", "ground_truth"), "data_window": now}
            return {
                "production_data": {**outputs, "data_column_names": keyed},
                "reference_data": {**labels, "data_column_names": {"actual": "label", "correlation_id": "key"}},
            }
    return {"production_data": inputs, "reference_data": labelled}


def _collected(target: Target, kind: str, window: Mapping[str, str]) -> dict[str, Any]:
    """Name a collection as Azure registers it: a data asset of the deployment."""
    path = f"azureml:{target.endpoint}-{target.deployment}-{kind}:1"
    return {**_asset(path, "uri_folder", kind), "data_window": dict(window)}


def _asset(path: str, kind: str, context: str) -> dict[str, Any]:
    return {"input_data": {"path": path, "type": kind}, "data_context": context}
