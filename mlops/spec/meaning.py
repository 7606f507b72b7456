"""References between the parts of a project file, and to the files that it points at: they must lead somewhere."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from mlops.domain.declared.monitor import Signal
from mlops.domain.project import Kind
from mlops.monitors import calibration, multivariate
from mlops.monitors.registry import MONITORS
from mlops.spec.document import Spec
from mlops.spec.document.gate import ApprovalGate, EvaluationGate, LoadGate
from mlops.spec.document.promotion import Asked
from mlops.spec.document.rollout import (
    Approve,
    ApproveStep,
    CompareStep,
    Rollout,
    ShadowStep,
    SmokeStep,
    Step,
    WeightStep,
)
from mlops.spec.document.trigger import (
    AllOf,
    AnyOf,
    Condition,
    EventCondition,
    ManualCondition,
    MonitorCondition,
    NotOf,
)
from mlops.spec.problem import Check, Found, Problem
from mlops.spec.tree import Where

FULL = 100
_WITH_CHANCE: Mapping[str, tuple[str, ...]] = {
    Signal.DATA_DRIFT: tuple(calibration.METRICS),
    Signal.PREDICTION_DRIFT: tuple(calibration.METRICS),
    Signal.MULTIVARIATE_DRIFT: multivariate.CALIBRATED,
}
"""Metrics of which it is known what chance alone makes of them."""


def _monitor_names(spec: Spec, _: Path) -> Found:
    yield from _repeated("monitors", [monitor.name for monitor in spec.monitors])


def _trigger_names(spec: Spec, _: Path) -> Found:
    yield from _repeated("triggers", [trigger.name for trigger in spec.triggers])


def _source_names(spec: Spec, _: Path) -> Found:
    yield from _repeated("sources", [source.name for source in spec.sources])


def _notification_names(spec: Spec, _: Path) -> Found:
    yield from _repeated("notifications", [each.name for each in spec.notifications])


def _repeated(part: str, names: list[str]) -> Iterator[Problem]:
    for at, name in enumerate(names):
        if name in names[:at]:
            yield Problem(f"the name {name!r} is taken already: names are unique", ("spec", part, at, "name"))


def _gates(spec: Spec, _: Path) -> Found:
    yield from _repeated("gates", [gate.name for gate in spec.gates])
    compare = [gate for gate in spec.gates if isinstance(gate, EvaluationGate)]
    kinds = [isinstance(gate, ApprovalGate) for gate in spec.gates]
    for at in (i for i, people in enumerate(kinds) if not people and True in kinds[:i]):
        what = f"people approve before {spec.gates[at].name!r} has judged: move it before the approval"
        yield Problem(what, ("spec", "gates", at))
    metrics = [metric for gate in compare for metric in gate.metrics]
    if not compare:
        yield Problem("no gate of type compare: every candidate would pass", ("spec", "gates"))
    elif not any(metric.at_least is not None or metric.at_most is not None for metric in metrics):
        what = "no metric has atLeast or atMost: the first model, which has no champion to beat, would always pass"
        yield Problem(what, ("spec", "gates"))


def _approvers(spec: Spec, _: Path) -> Found:
    for where, asked in askings(spec):
        for group in asked.approvers:
            if group not in spec.groups:
                known = ", ".join(spec.groups) or "none is declared"
                yield Problem(f"there is no group {group!r}: {known}", (*where, "approvers"))


def askings(spec: Spec) -> Iterator[tuple[Where, ApprovalGate | Approve | Asked]]:
    """Where people are asked: by gates, by steps of the rollout, and before a version leaves."""
    for at, gate in enumerate(spec.gates):
        if isinstance(gate, ApprovalGate):
            yield ("spec", "gates", at), gate
    for at, step in enumerate(spec.rollout.steps):
        if isinstance(step, ApproveStep):
            yield ("spec", "rollout", "steps", at, "approve"), step.approve
    if spec.promotion is not None and spec.promotion.requires.approval is not None:
        yield ("spec", "promotion", "requires", "approval"), spec.promotion.requires.approval


def _metrics(spec: Spec, _: Path) -> Found:
    """Signals of our own; those of installed packages may come and go without stopping a loop that was applied."""
    for at, monitor in enumerate(spec.monitors):
        metrics = sorted(MONITORS[monitor.signal].METRICS) if monitor.signal in MONITORS else []
        if metrics and monitor.metric not in metrics:
            what = f"{monitor.signal} has no metric {monitor.metric!r}: {', '.join(metrics)}"
            yield Problem(what, ("spec", "monitors", at, "metric"))


def _relative(spec: Spec, _: Path) -> Found:
    for at, monitor in enumerate(spec.monitors):
        if monitor.relative and monitor.metric not in calibration.METRICS:
            known = ", ".join(calibration.METRICS)
            yield Problem(f"relative is for distances ({known}), not {monitor.metric}", ("spec", "monitors", at))


def _false_alarms(spec: Spec, _: Path) -> Found:
    for at, monitor in enumerate(spec.monitors):
        limit, where = monitor.limit, ("spec", "monitors", at, "limit")
        if limit is None or limit.false_alarms is None:
            continue
        if monitor.metric not in _WITH_CHANCE.get(monitor.signal, ()):
            known = ", ".join(calibration.METRICS)
            what = f"falseAlarms is for data_drift and prediction_drift measured by one of {known}, and for"
            what += f" multivariate_drift by one of {', '.join(multivariate.CALIBRATED)}"
            yield Problem(f"{what}, not {monitor.signal} by {monitor.metric}", where)
        if limit.success.upward:
            yield Problem(
                f"falseAlarms needs a success of '<' or '<=': a distance is fine when small, not {limit.success}", where
            )


def _columns(spec: Spec, _: Path) -> Found:
    features = spec.data.features
    for at, monitor in enumerate(spec.monitors):
        for column in (*monitor.columns, *monitor.expression):
            if column not in features:
                what = f"{column!r} is no feature: use one of {', '.join(features)}"
                yield Problem(what, ("spec", "monitors", at))


def _conditions(spec: Spec, _: Path) -> Found:
    monitors = {monitor.name for monitor in spec.monitors}
    for at, trigger in enumerate(spec.triggers):
        for name in monitors_of(trigger.when):
            if name not in monitors:
                known = ", ".join(sorted(monitors)) or "none is declared"
                yield Problem(f"there is no monitor {name!r}: {known}", ("spec", "triggers", at, "when"))


def _event_sources(spec: Spec, _: Path) -> Found:
    sources = {source.name for source in spec.sources}
    for at, trigger in enumerate(spec.triggers):
        for leaf in leaves(trigger.when):
            if isinstance(leaf, EventCondition) and leaf.event not in sources:
                known = ", ".join(sorted(sources)) or "none is declared"
                yield Problem(f"there is no source {leaf.event!r}: {known}", ("spec", "triggers", at, "when"))


def _manual(spec: Spec, _: Path) -> Found:
    """People ask by a command; there is one way to do that, and it is no state that others could be combined with."""
    asking = [at for at, each in enumerate(spec.triggers) if isinstance(each.when, ManualCondition)]
    for at in asking[1:]:
        what = f"{spec.triggers[asking[0]].name!r} says already how people ask: leave one of them out"
        yield Problem(what, ("spec", "triggers", at, "when"))
    for at, trigger in enumerate(spec.triggers):
        if at not in asking and any(isinstance(leaf, ManualCondition) for leaf in leaves(trigger.when)):
            what = "a person's word is no part of a condition: make `manual` a trigger of its own"
            yield Problem(what, ("spec", "triggers", at, "when"))


def monitors_of(condition: Condition) -> Iterator[str]:
    """The monitors that a condition looks at."""
    return (leaf.monitor for leaf in leaves(condition) if isinstance(leaf, MonitorCondition))


def leaves(condition: Condition) -> Iterator[Condition]:
    """The conditions that are not made of others."""
    match condition:
        case AllOf():
            for part in condition.all:
                yield from leaves(part)
        case AnyOf():
            for part in condition.any:
                yield from leaves(part)
        case NotOf():
            yield from leaves(condition.not_)
        case _:
            yield condition


def _rollout(spec: Spec, _: Path) -> Found:
    rollout, batch = spec.rollout, spec.deployment.kind is Kind.BATCH
    weights = [step.set_weight for step in rollout.steps if isinstance(step, WeightStep)]
    if not batch and (weights != sorted(set(weights)) or not weights or weights[-1] != FULL):
        yield Problem(f"weights must rise and end at 100, not {weights}", ("spec", "rollout", "steps"))
    shifted = False
    for at, step in enumerate(rollout.steps):
        served = at > 0 and not isinstance(rollout.steps[at - 1], SmokeStep)
        if isinstance(step, ApproveStep) and not served:
            what = "people are asked before anything was served: use a gate of type approval, or put a step before it"
            yield Problem(what, ("spec", "rollout", "steps", at))
        shifted = shifted or isinstance(step, WeightStep)
        if not batch and shifted and not isinstance(step, WeightStep | ApproveStep):
            yield Problem("smoke and shadow come before the first setWeight", ("spec", "rollout", "steps", at))


def _analyses(spec: Spec, _: Path) -> Found:
    rollout = spec.rollout
    for at, step in enumerate(rollout.steps):
        for name in analyses_of(step):
            if name not in rollout.analysis:
                yield _unknown_analysis(rollout, name, "steps", at)
    for name in rollout.bake.analysis:
        if name not in rollout.analysis:
            yield _unknown_analysis(rollout, name, "bake", "analysis")


def _unknown_analysis(rollout: Rollout, name: str, *where: str | int) -> Problem:
    known = ", ".join(rollout.analysis) or "none is declared"
    return Problem(f"there is no analysis {name!r}: {known}", ("spec", "rollout", *where))


def analyses_of(step: Step) -> tuple[str, ...]:
    """The names of the analyses that a step asks for."""
    match step:
        case ShadowStep():
            return step.shadow.analysis
        case CompareStep():
            return step.compare.analysis
        case WeightStep():
            return step.analysis
        case SmokeStep() | ApproveStep():
            return ()


def _pipeline_file(spec: Spec, folder: Path) -> Found:
    yield from _missing(folder / spec.pipeline.job, ("spec", "pipeline", "job"))


def _evaluate_file(spec: Spec, folder: Path) -> Found:
    if spec.promotion is not None:
        yield from _missing(folder / spec.promotion.evaluate, ("spec", "promotion", "evaluate"))


def _deployment_files(spec: Spec, folder: Path) -> Found:
    part = spec.deployment
    code = (folder / part.code).resolve()
    yield from _missing(code, ("spec", "deployment", "code"))
    if code.exists() and not (code / part.scoring_script).is_file():
        what = f"{code} has no file {part.scoring_script}: put it there, or name another with scoringScript"
        yield Problem(what, ("spec", "deployment", "code"))
    yield from _missing(folder / part.runtime, ("spec", "deployment", "runtime"))


def _load_files(spec: Spec, folder: Path) -> Found:
    for at, gate in enumerate(spec.gates):
        if isinstance(gate, LoadGate):
            yield from _missing(folder / gate.requests, ("spec", "gates", at, "requests"))


def _smoke_files(spec: Spec, folder: Path) -> Found:
    for at, step in enumerate(spec.rollout.steps):
        if isinstance(step, SmokeStep):
            yield from _missing(folder / step.smoke.requests, ("spec", "rollout", "steps", at, "smoke", "requests"))


def _missing(path: Path, where: tuple[str | int, ...]) -> Iterator[Problem]:
    found = path.resolve()
    if not found.exists():
        yield Problem(f"{found} does not exist: paths are relative to the project file", where)


CHECKS = (
    Check(("monitors",), _monitor_names),
    Check(("monitors",), _metrics),
    Check(("monitors",), _false_alarms),
    Check(("monitors",), _relative),
    Check(("monitors", "data"), _columns),
    Check(("triggers",), _trigger_names),
    Check(("sources",), _source_names),
    Check(("notifications",), _notification_names),
    Check(("triggers", "monitors"), _conditions),
    Check(("triggers", "sources"), _event_sources),
    Check(("triggers",), _manual),
    Check(("gates",), _gates),
    Check(("gates", "groups", "rollout", "promotion"), _approvers),
    Check(("rollout", "deployment"), _rollout),
    Check(("rollout",), _analyses),
    Check(("pipeline",), _pipeline_file),
    Check(("promotion",), _evaluate_file),
    Check(("deployment",), _deployment_files),
    Check(("rollout",), _smoke_files),
    Check(("gates",), _load_files),
)
