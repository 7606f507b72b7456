"""Triggers that can never fire, and policies that would hold what they let fire for ever."""

import math
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from mlops.domain.data.measurement import Bound
from mlops.domain.declared.pipeline import Price
from mlops.monitors.registry import MONITORS
from mlops.spec.document import Spec
from mlops.spec.document.gate import EvaluationGate
from mlops.spec.document.monitor import Monitor
from mlops.spec.document.policy import Budget
from mlops.spec.document.trigger import (
    AllOf,
    AnyOf,
    ChangedCondition,
    Condition,
    CronCondition,
    MonitorCondition,
    NotOf,
    ReadyCondition,
)
from mlops.spec.fields import written_duration
from mlops.spec.meaning import leaves
from mlops.spec.problem import Check, Found, Problem
from mlops.spec.tree import Where

DAY = timedelta(days=1)
_SHARES = ("_rate", "_share", "_test", "_index", "_distance", "_parity_ratio")
_FROM_0_TO_1 = {
    "accuracy",
    "precision",
    "recall",
    "f1",
    "roc_auc",
    "brier_score",
    "expected_calibration_error",
    "labelled_share",
    "jensen_shannon_distance",
    "kolmogorov_smirnov_distance",
    "chebyshev_distance",
    "estimated_accuracy",
    "estimated_precision",
    "estimated_recall",
    "estimated_f1",
    "estimated_roc_auc",
    "domain_classifier_auc",
}


def _cron(spec: Spec, _: Path) -> Found:
    for at, trigger in enumerate(spec.triggers):
        for leaf in leaves(trigger.when):
            if isinstance(leaf, CronCondition):
                yield from _ticks(leaf.cron, leaf.timezone, ("spec", "triggers", at, "when"))


def _schedules(spec: Spec, _: Path) -> Found:
    for at, source in enumerate(spec.sources):
        if source.schedule is not None:
            where = ("spec", "sources", at, "schedule")
            yield from _ticks(source.schedule.cron, source.schedule.timezone, where)


def _ticks(cron: str, zone: str, where: Where) -> Found:
    from croniter import CroniterBadDateError, croniter  # noqa: PLC0415 - only projects with a cron pay for it

    if not croniter.is_valid(cron):
        what = f"{cron!r} is no cron expression: minute, hour, day of month, month, day of week"
        yield Problem(f"{what}, such as '0 3 * * 1'", where)
    else:
        try:
            croniter(cron, datetime(2000, 1, 1, tzinfo=UTC)).get_next(datetime)
        except CroniterBadDateError:
            yield Problem(f"{cron!r} names a day that no year has: it never fires", where)
    if not _is_zone(zone):
        yield Problem(f"{zone!r} is no time zone: use a name such as UTC or Europe/Berlin", where)


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (KeyError, OSError, ValueError):  # "not found" is a KeyError, a folder's name an OSError
        return False
    return True


def _bounds(spec: Spec, _: Path) -> Found:
    """A condition that no measured number meets."""
    metrics = {monitor.name: monitor.metric for monitor in spec.monitors}
    for at, trigger in enumerate(spec.triggers):
        for leaf in leaves(trigger.when):
            if not isinstance(leaf, MonitorCondition) or leaf.monitor not in metrics:
                continue
            low, high = _range(metrics[leaf.monitor])
            if not _reachable(leaf.enter, low, high):
                span = f"between {low:g} and {high:g}" if math.isfinite(high) else f"at least {low:g}"
                what = f"{metrics[leaf.monitor]} is {span}: it is never {leaf.enter}, so this never fires"
                yield Problem(f"{what}; choose a bound inside", ("spec", "triggers", at, "when"))


def _range(metric: str) -> tuple[float, float]:
    if metric in _FROM_0_TO_1 or metric.endswith(("_rate", "_test")):
        return 0.0, 1.0
    return (0.0 if metric.endswith(_SHARES) else -math.inf), math.inf


def _reachable(bound: Bound, low: float, high: float) -> bool:
    """Whether a value from `low` to `high` can meet the bound; the champion's number is not known before."""
    if bound.factor:
        return True
    return any(bound.holds(value, None) for value in (low, high))


def _champions(spec: Spec, _: Path) -> Found:
    """A bound on the champion's number needs a gate that measured it."""
    known = {metric.name for gate in spec.gates if isinstance(gate, EvaluationGate) for metric in gate.metrics}
    metrics = {monitor.name: monitor.metric for monitor in spec.monitors if _is_known(monitor)}
    for at, trigger in enumerate(spec.triggers):
        for leaf in leaves(trigger.when):
            if not isinstance(leaf, MonitorCondition) or not (leaf.enter.factor or leaf.exit.factor):
                continue
            metric = metrics.get(leaf.monitor)
            if metric is not None and metric not in known:
                what = f"no gate measures {metric}, so the champion has no such number and this never fires"
                yield Problem(
                    f"{what}: add {metric} to a gate, or write a plain number", ("spec", "triggers", at, "when")
                )


def _is_known(monitor: Monitor) -> bool:
    return monitor.signal in MONITORS and monitor.metric in MONITORS[monitor.signal].METRICS


def _contradictions(spec: Spec, _: Path) -> Found:
    for at, trigger in enumerate(spec.triggers):
        if _never(trigger.when):
            what = "all of these can never hold together: one is the opposite of another; this never fires"
            yield Problem(what, ("spec", "triggers", at, "when"))


def _never(condition: Condition) -> bool:
    match condition:
        case AllOf():
            opposites = [part.not_ for part in condition.all if isinstance(part, NotOf)]
            return any(part in opposites for part in condition.all) or any(map(_never, condition.all))
        case AnyOf():
            return all(map(_never, condition.any))
        case _:
            return False


def _arrivals(spec: Spec, _: Path) -> Found:
    """Labels that should have come are looked for in whole days."""
    for at, trigger in enumerate(spec.triggers):
        for leaf in leaves(trigger.when):
            if isinstance(leaf, ReadyCondition) and leaf.over < DAY:
                what = f"labels are counted by the day: over {written_duration(leaf.over)} there may be none"
                yield Problem(f"{what}; use P1D at least", ("spec", "triggers", at, "when", "over"))


def _own_champion(spec: Spec, _: Path) -> Found:
    own = f"model:{spec.model.name}"
    for at, trigger in enumerate(spec.triggers):
        for leaf in leaves(trigger.when):
            if isinstance(leaf, ChangedCondition) and {own, f"{own}@champion"} & set(leaf.asset_changed):
                what = f"{own} is what this project makes: each promotion would ask for the next; leave it out"
                yield Problem(what, ("spec", "triggers", at, "when", "assetChanged"))


def _waits(spec: Spec, _: Path) -> Found:
    policy, where = spec.trigger_policy, ("spec", "triggerPolicy")
    if policy.max_wait is not None and policy.max_wait < policy.debounce:
        waits, quiet = written_duration(policy.max_wait), written_duration(policy.debounce)
        what = f"maxWait {waits} always ends before debounce {quiet} does: raise it, or leave debounce out"
        yield Problem(what, (*where, "maxWait"))
    hold = policy.circuit_breaker.hold_for
    if hold is not None and hold < policy.cooldown:
        held, cools = written_duration(hold), written_duration(policy.cooldown)
        what = f"holdFor {held} ends before cooldown {cools} does, so an open breaker would hold nothing"
        yield Problem(f"{what}: make it longer, or leave it out", (*where, "circuitBreaker", "holdFor"))


def _budget(spec: Spec, _: Path) -> Found:
    """One run, at its dearest, must fit: else nothing is ever trained."""
    budget, price = spec.trigger_policy.budget, spec.pipeline.price
    if budget is None:
        return
    where: Where = ("spec", "triggerPolicy", "budget")
    if price is None and (budget.cost or budget.gpu_hours):
        what = "nobody says what an hour of training costs: give pipeline.price perHour, currency and gpus"
        yield Problem(what, where)
    elif price is not None:
        yield from _one_run(spec, budget, Price(**price.model_dump()), where)


def _one_run(spec: Spec, budget: Budget, price: Price, where: Where) -> Iterator[Problem]:
    longest = spec.pipeline.timeout
    takes = f"a run may take {written_duration(longest)} (pipeline.timeout)"
    if budget.cost is not None:
        most, limit = price.cost(longest), budget.cost.limit
        if budget.cost.currency != price.currency:
            what = f"{budget.cost.currency} cannot be compared with pipeline.price in {price.currency}: use one of them"
            yield Problem(what, (*where, "cost", "currency"))
        elif most > limit:
            what = f"{takes} and cost {most:g} {price.currency}, more than the whole budget of {limit:g}"
            yield Problem(f"{what}: nothing would ever be trained", (*where, "cost", "limit"))
    if budget.gpu_hours is not None:
        most = price.gpu_hours(longest)
        if not price.gpus:
            what = "pipeline.price.gpus is 0: GPU hours would never be used; say how many GPUs a node has"
            yield Problem(what, (*where, "gpuHours"))
        elif most > budget.gpu_hours:
            what = f"{takes}, {most:g} GPU hours, more than the whole budget of {budget.gpu_hours:g}"
            yield Problem(f"{what}: nothing would ever be trained", (*where, "gpuHours"))


CHECKS = (
    Check(("triggers",), _cron),
    Check(("sources",), _schedules),
    Check(("triggers", "monitors"), _bounds),
    Check(("triggers", "monitors", "gates"), _champions),
    Check(("triggers",), _contradictions),
    Check(("triggers",), _arrivals),
    Check(("triggers", "model"), _own_champion),
    Check(("trigger_policy",), _waits),
    Check(("trigger_policy", "pipeline"), _budget),
)
