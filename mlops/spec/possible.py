"""Policies that contradict themselves or can never be met: said before anything waits for them for ever."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path

from mlops.domain.declared.monitor import Reference, Signal
from mlops.domain.project import Kind
from mlops.monitors import domain_classifier, estimate, surrogate
from mlops.monitors import registry as signals
from mlops.monitors.installed import BadSignalError
from mlops.spec.document import Spec
from mlops.spec.document.gate import EvaluationGate
from mlops.spec.document.monitor import MonitorLimit
from mlops.spec.document.rollout import Analysis, ApproveStep, CompareStep, Rollout, ShadowStep, SmokeStep, WeightStep
from mlops.spec.fields import written_duration
from mlops.spec.meaning import analyses_of, askings
from mlops.spec.problem import Check, Found, Problem
from mlops.spec.tree import Where

DAY = timedelta(days=1)
YEAR = 364 * DAY  # whole weeks, as projects count a year
_FEWEST: Mapping[str, int] = {
    Signal.MULTIVARIATE_DRIFT: domain_classifier.FEWEST,
    Signal.ESTIMATED_PERFORMANCE: estimate.FEWEST,
    Signal.FEATURE_ATTRIBUTION_DRIFT: surrogate.FEWEST,
}
BETWEEN_0_AND_1 = {"accuracy", "brier_score", "roc_auc"}  # gate metrics that have no other values


def _gate_bounds(spec: Spec, _: Path) -> Found:
    for at, gate in enumerate(spec.gates):
        for which, metric in enumerate(gate.metrics if isinstance(gate, EvaluationGate) else ()):
            where = ("spec", "gates", at, "metrics", which)
            low, high = metric.at_least, metric.at_most
            if low is not None and high is not None and low > high:
                yield Problem(f"nothing is at least {low:g} and at most {high:g}: exchange them", where)
            if metric.name not in BETWEEN_0_AND_1:
                continue
            if (low is not None and low > 1) or (high is not None and high < 0) or metric.min_delta >= 1:
                what = f"{metric.name} lies between 0 and 1: no candidate passes; choose bounds inside"
                yield Problem(what, where)


def _enough_people(spec: Spec, _: Path) -> Found:
    """More words than people can never come; and where the author may not approve, one of them may be the author."""
    for where, asked in askings(spec):
        people = {name.lower() for group in asked.approvers for name in spec.groups.get(group, ())}
        needed = asked.count or 1
        if people and needed > len(people):
            what = f"{needed} people must approve, and {' and '.join(asked.approvers)} have {len(people)}"
            yield Problem(f"{what}: name more people under groups, or ask for fewer", where)
        elif needed == len(people) == 1 and asked.not_author:
            what = f"only {next(iter(people))} may approve, and never what they asked for or applied themselves"
            yield Problem(f"{what}: name another person, or set notAuthor: false", where)


def _windows(spec: Spec, _: Path) -> Found:
    """Hours that lie in days that are frozen for a year from any day on are never open."""
    windows = spec.rollout.windows
    for at, frozen in enumerate(windows.freeze):
        if frozen.last - frozen.first > 2 * YEAR:
            what = f"frozen for {(frozen.last - frozen.first).days} days: no candidate takes over; shorten it"
            yield Problem(what, ("spec", "rollout", "windows", "freeze", at))


def _signals(spec: Spec, _: Path) -> Found:
    for at, monitor in enumerate(spec.monitors):
        if monitor.signal in signals.MONITORS:
            continue
        try:
            metrics = sorted(signals.monitor(monitor.signal).METRICS)
        except BadSignalError as error:
            yield Problem(str(error), ("spec", "monitors", at, "signal"))
            continue
        if monitor.metric not in metrics:
            what = f"{monitor.signal} has no metric {monitor.metric!r}: {', '.join(metrics)}"
            yield Problem(what, ("spec", "monitors", at, "metric"))


def _enough_rows(spec: Spec, _: Path) -> Found:
    """Where fewer rows than a method needs come, that is for minSamples to say: else it would be an error each time."""
    for at, monitor in enumerate(spec.monitors):
        fewest = _FEWEST.get(monitor.signal, 1) if monitor.attributions is None else 1
        if monitor.min_samples < fewest:
            what = f"{monitor.signal} needs {fewest} rows: with {monitor.min_samples} it could not be measured"
            yield Problem(f"{what}; ask for {fewest} at least", ("spec", "monitors", at, "minSamples"))


def _limits(spec: Spec, _: Path) -> Found:
    for at, monitor in enumerate(spec.monitors):
        if monitor.limit is not None:
            yield from _contradiction(monitor.limit, ("spec", "monitors", at, "limit"))
        if monitor.bounds is not None and monitor.bounds[0] > monitor.bounds[1]:
            what = f"no value lies in {list(monitor.bounds)}: write the lowest first"
            yield Problem(what, ("spec", "monitors", at, "bounds"))


def _analysis_limits(spec: Spec, _: Path) -> Found:
    for name, analyses in spec.rollout.analysis.items():
        for at, analysis in enumerate(analyses):
            yield from _contradiction(analysis, ("spec", "rollout", "analysis", name, at))


def _contradiction(limit: MonitorLimit | Analysis, where: Where) -> Iterator[Problem]:
    """Bounds that look the same way make every value of one a value of the other."""
    if limit.failure is not None and limit.failure.upward == limit.success.upward:
        what = f"failure ({limit.failure}) looks the same way as success ({limit.success}): a number would be both"
        yield Problem(f"{what}; turn one of them round", where)


def _season(spec: Spec, _: Path) -> Found:
    trained = spec.pipeline.window
    for at, monitor in enumerate(spec.monitors):
        if monitor.reference is Reference.SEASON and trained is not None and trained < YEAR:
            window = written_duration(trained)
            what = f"reference season needs a year of training rows, but pipeline.window is {window}: for a part of"
            what += " each year nothing could be measured; use P364D at least, or reference training"
            yield Problem(what, ("spec", "monitors", at, "reference"))


def _enough_measured(spec: Spec, _: Path) -> Found:
    for at, monitor in enumerate(spec.monitors):
        where = ("spec", "monitors", at, "minSamples")
        yield from _never(spec, monitor.min_samples, monitor.window, "window", where)


def _enough_trained(spec: Spec, _: Path) -> Found:
    pipeline = spec.pipeline
    if pipeline.window is not None:
        yield from _never(spec, pipeline.min_rows, pipeline.window, "window", ("spec", "pipeline", "minRows"))


def _enough_held_out(spec: Spec, _: Path) -> Found:
    for at, gate in enumerate(spec.gates):
        if isinstance(gate, EvaluationGate):
            where = ("spec", "gates", at, "minSamples")
            yield from _never(spec, gate.min_samples, spec.pipeline.holdout, "pipeline.holdout", where)


def _never(spec: Spec, needed: int, span: timedelta, name: str, where: Where) -> Iterator[Problem]:
    rate = spec.data.rows_per_day
    if rate is not None and needed > rate * (span / DAY):
        least = written_duration(timedelta(days=-(-needed // rate)))
        what = f"{needed} rows never come in {written_duration(span)} at {rate:g} a day (data.rowsPerDay)"
        yield Problem(f"{what}: ask for {int(rate * (span / DAY))} at most, or a {name} of {least} at least", where)


def _enough_served(spec: Spec, _: Path) -> Found:
    """An analysis that pauses the rollout when it stays inconclusive must be able to see its requests before that."""
    rollout, rate = spec.rollout, spec.data.rows_per_day
    if rate is None or spec.deployment.kind is Kind.BATCH:  # what is counted there are jobs
        return
    for where, share, hold, names in _stages(rollout):
        for analysis in (each for name in names for each in rollout.analysis.get(name, ())):
            if analysis.inconclusive_limit is None or analysis.mode == "dryRun":
                continue
            span = hold + rollout.measure_every * (analysis.inconclusive_limit + 1)
            seen = rate * share / 100 * (span / DAY)
            if analysis.min_samples > seen:
                what = f"{analysis.metric} needs {analysis.min_samples} requests, but at {share} % of {rate:g} a day"
                what += f" about {seen:.3g} come before inconclusiveLimit {analysis.inconclusive_limit} pauses it:"
                yield Problem(f"{what} lengthen `for`, raise the share or the limit, or ask for fewer", where)


def _stages(rollout: Rollout) -> Iterator[tuple[Where, int, timedelta, tuple[str, ...]]]:
    for at, step in enumerate(rollout.steps):
        where: Where = ("spec", "rollout", "steps", at)
        match step:
            case ShadowStep():
                yield where, step.shadow.percent, step.shadow.for_, analyses_of(step)
            case WeightStep():
                yield where, step.set_weight, step.for_, analyses_of(step)
            case SmokeStep() | ApproveStep() | CompareStep():
                continue
    yield ("spec", "rollout", "bake"), 100, rollout.bake.for_, rollout.bake.analysis


CHECKS = (
    Check(("gates",), _gate_bounds),
    Check(("gates", "groups", "rollout", "promotion"), _enough_people),
    Check(("rollout",), _windows),
    Check(("monitors",), _signals),
    Check(("monitors",), _enough_rows),
    Check(("monitors",), _limits),
    Check(("rollout",), _analysis_limits),
    Check(("monitors", "pipeline"), _season),
    Check(("data", "monitors"), _enough_measured),
    Check(("data", "pipeline"), _enough_trained),
    Check(("data", "pipeline", "gates"), _enough_held_out),
    Check(("data", "rollout", "deployment"), _enough_served),
)
