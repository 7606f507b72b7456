"""From the document to the domain's project: paths resolved, references between parts checked."""

from collections.abc import Iterator
from pathlib import Path

from mlops.domain import project as domain
from mlops.domain.measurement import Limit
from mlops.monitors.registry import MONITORS
from mlops.spec import document as written
from mlops.spec.pipeline import pipeline_problem


class MeaningError(Exception):
    """Well-formed, but it cannot be meant: `where` is the path of keys, `what` says why and what to do."""

    def __init__(self, what: str, *where: str | int) -> None:
        super().__init__(what)
        self.what = what
        self.where = where


def to_project(document: written.Document, folder: Path) -> domain.Project:
    """Build the project; raises `MeaningError` for the first thing that cannot be meant."""
    spec = document.spec
    for problem in _problems(spec):
        raise problem
    return domain.Project(
        name=document.metadata.name,
        model=spec.model.name,
        task=spec.task,
        data=domain.Data(**spec.data.model_dump()),
        pipeline=_pipeline(spec.pipeline, folder),
        deployment=_deployment(spec.deployment, folder),
        monitors=tuple(_monitor(monitor) for monitor in spec.monitors),
        triggers=tuple(
            domain.Trigger(name=trigger.name, when=_condition(trigger.when), repeat=trigger.repeat)
            for trigger in spec.triggers
        ),
        gates=tuple(_gate(gate) for gate in spec.gates),
        rollout=_rollout(spec.rollout, folder),
        policy=_policy(spec.trigger_policy),
        folder=folder,
    )


def _problems(spec: written.Spec) -> Iterator[MeaningError]:
    yield from _repeated("monitors", [monitor.name for monitor in spec.monitors])
    yield from _repeated("triggers", [trigger.name for trigger in spec.triggers])
    yield from _repeated("gates", [gate.name for gate in spec.gates])
    if not any(isinstance(gate, written.EvaluationGate) for gate in spec.gates):
        yield MeaningError("no gate of type compare: every candidate would pass", "spec", "gates")
    if not any(
        metric.at_least is not None or metric.at_most is not None
        for gate in spec.gates
        if isinstance(gate, written.EvaluationGate)
        for metric in gate.metrics
    ):
        yield MeaningError(
            "no metric has atLeast or atMost: the first model, which has no champion to beat, would always pass",
            "spec",
            "gates",
        )
    columns = set(spec.data.features)
    for at, monitor in enumerate(spec.monitors):
        metrics = sorted(MONITORS[monitor.signal].METRICS)
        if monitor.metric not in metrics:
            what = f"{monitor.signal.value} has no metric {monitor.metric!r}: {', '.join(metrics)}"
            yield MeaningError(what, "spec", "monitors", at, "metric")
        for column in (*monitor.columns, *monitor.expression):
            if column not in columns:
                yield MeaningError(
                    f"{column!r} is no feature: use one of {', '.join(spec.data.features)}", "spec", "monitors", at
                )
    monitors = {monitor.name for monitor in spec.monitors}
    for at, trigger in enumerate(spec.triggers):
        for name in _monitors_of(trigger.when):
            if name not in monitors:
                known = ", ".join(sorted(monitors)) or "none is declared"
                yield MeaningError(f"there is no monitor {name!r}: {known}", "spec", "triggers", at, "when")
    yield from _rollout_problems(spec.rollout)


def _repeated(part: str, names: list[str]) -> Iterator[MeaningError]:
    for at, name in enumerate(names):
        if name in names[:at]:
            yield MeaningError(f"the name {name!r} is taken already: names are unique", "spec", part, at, "name")


def _monitors_of(condition: written.Condition) -> Iterator[str]:
    match condition:
        case written.MonitorCondition():
            yield condition.monitor
        case written.AllOf():
            for part in condition.all:
                yield from _monitors_of(part)
        case written.AnyOf():
            for part in condition.any:
                yield from _monitors_of(part)
        case written.NotOf():
            yield from _monitors_of(condition.not_)


def _rollout_problems(rollout: written.Rollout) -> Iterator[MeaningError]:
    weights = [step.set_weight for step in rollout.steps if isinstance(step, written.WeightStep)]
    if weights != sorted(set(weights)) or not weights or weights[-1] != 100:  # noqa: PLR2004 - per cent
        yield MeaningError(f"weights must rise and end at 100, not {weights}", "spec", "rollout", "steps")
    shifted = False
    for at, step in enumerate(rollout.steps):
        shifted = shifted or isinstance(step, written.WeightStep)
        if shifted and not isinstance(step, written.WeightStep):
            yield MeaningError("smoke and shadow come before the first setWeight", "spec", "rollout", "steps", at)
        for name in _analysis_of(step):
            if name not in rollout.analysis:
                yield _unknown_analysis(rollout, name, "steps", at)
    for name in rollout.bake.analysis:
        if name not in rollout.analysis:
            yield _unknown_analysis(rollout, name, "bake", "analysis")


def _unknown_analysis(rollout: written.Rollout, name: str, *where: str | int) -> MeaningError:
    known = ", ".join(rollout.analysis) or "none is declared"
    return MeaningError(f"there is no analysis {name!r}: {known}", "spec", "rollout", *where)


def _analysis_of(step: written.Step) -> tuple[str, ...]:
    match step:
        case written.ShadowStep():
            return step.shadow.analysis
        case written.WeightStep():
            return step.analysis
        case written.SmokeStep():
            return ()


def _pipeline(part: written.Pipeline, folder: Path) -> domain.Pipeline:
    job = _existing(part.job, folder, "pipeline", "job")
    wrong = pipeline_problem(job)
    if wrong:
        raise MeaningError(wrong, "spec", "pipeline", "job")
    return domain.Pipeline(**{**part.model_dump(), "job": job})


def _deployment(part: written.Deployment, folder: Path) -> domain.Deployment:
    code = _existing(part.code, folder, "deployment", "code")
    if not (code / part.scoring_script).is_file():
        raise MeaningError(f"{code} has no file {part.scoring_script}", "spec", "deployment", "code")
    runtime = _existing(part.runtime, folder, "deployment", "runtime")
    return domain.Deployment(**{**part.model_dump(), "code": code, "runtime": runtime})


def _existing(path: Path, folder: Path, *where: str | int) -> Path:
    found = (folder / path).resolve()
    if not found.exists():
        raise MeaningError(f"{found} does not exist: paths are relative to the project file", "spec", *where)
    return found


def _monitor(part: written.Monitor) -> domain.Monitor:
    limit = part.limit and Limit(
        monitor=part.name, success=part.limit.success, failure=part.limit.failure, min_samples=part.min_samples
    )
    fields = {name: getattr(part, name) for name in written.Monitor.model_fields}
    return domain.Monitor(**{**fields, "limit": limit})


def _condition(part: written.Condition) -> domain.Condition:  # noqa: PLR0911 - one a variant
    match part:
        case written.MonitorCondition():
            windows = part.for_
            at_least, of = (windows, windows) if isinstance(windows, int) else (windows.at_least, windows.of)
            return domain.MonitorCondition(
                monitor=part.monitor, enter=part.enter, exit=part.exit, at_least=at_least, of=of
            )
        case written.EveryCondition():
            return domain.EveryCondition(period=part.every)
        case written.CronCondition():
            return domain.CronCondition(cron=part.cron, timezone=part.timezone)
        case written.RowsCondition():
            return domain.RowsCondition(at_least=part.labelled_rows)
        case written.AllOf():
            return domain.AllOf(conditions=tuple(map(_condition, part.all)))
        case written.AnyOf():
            return domain.AnyOf(conditions=tuple(map(_condition, part.any)))
        case written.NotOf():
            return domain.Not(condition=_condition(part.not_))


def _policy(part: written.TriggerPolicy) -> domain.TriggerPolicy:
    return domain.TriggerPolicy(
        debounce=part.debounce,
        max_wait=part.max_wait,
        cooldown=part.cooldown,
        breaker_failures=part.circuit_breaker.failures,
        breaker_hold=part.circuit_breaker.hold_for,
    )


def _gate(part: written.Gate) -> domain.EvaluationGate | domain.ApprovalGate:
    if isinstance(part, written.ApprovalGate):
        return domain.ApprovalGate(name=part.name, expires=part.expires, count=part.count, not_author=part.not_author)
    return domain.EvaluationGate(
        name=part.name,
        metrics=tuple(domain.GateMetric(**metric.model_dump()) for metric in part.metrics),
        min_samples=part.min_samples,
        block=part.block,
        resamples=part.resamples,
    )


def _rollout(part: written.Rollout, folder: Path) -> domain.Rollout:
    def analyses(names: tuple[str, ...]) -> tuple[domain.Analysis, ...]:
        return tuple(_analysis(one) for name in names for one in part.analysis[name])

    def step(one: written.Step) -> domain.Step:
        match one:
            case written.SmokeStep():
                return domain.Smoke(requests=_existing(one.smoke.requests, folder, "rollout", "steps"))
            case written.ShadowStep():
                shadow = one.shadow
                return domain.Shadow(
                    percent=shadow.percent,
                    hold=shadow.for_,
                    min_samples=shadow.min_samples,
                    analyses=analyses(shadow.analysis),
                )
            case written.WeightStep():
                return domain.SetWeight(
                    weight=one.set_weight,
                    hold=one.for_,
                    min_samples=one.min_samples,
                    analyses=analyses(one.analysis),
                )

    return domain.Rollout(
        steps=tuple(map(step, part.steps)),
        bake=part.bake.for_,
        bake_analyses=analyses(part.bake.analysis),
        bake_min_samples=part.bake.min_samples,
        keep_previous=part.bake.keep_previous,
        measure_every=part.measure_every,
        consecutive_success=part.consecutive_success,
        progress_deadline=part.progress_deadline,
        keep_failed=part.keep_failed,
        automatic_rollback=part.automatic_rollback,
    )


def _analysis(part: written.Analysis) -> domain.Analysis:
    fields = {name: getattr(part, name) for name in written.Analysis.model_fields if name != "mode"}
    return domain.Analysis(**fields, dry_run=part.mode == "dryRun")
