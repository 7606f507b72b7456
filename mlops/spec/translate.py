"""From a checked document to the domain's project, with its paths resolved."""

from pathlib import Path

from mlops.domain import project as domain
from mlops.domain.facts import Facts
from mlops.domain.measurement import Limit
from mlops.spec import document as written
from mlops.spec.segmenting import segmented


def to_project(document: written.Document, folder: Path) -> domain.Project:
    """Build the project of a document in which nothing was found wrong."""
    spec = document.spec
    return domain.Project(
        name=document.metadata.name,
        model=spec.model.name,
        task=spec.task,
        data=domain.Data(**spec.data.model_dump(exclude={"rows_per_day"})),
        pipeline=_pipeline(spec.pipeline, folder),
        deployment=_deployment(spec.deployment, folder),
        monitors=tuple(one for monitor in spec.monitors for one in segmented(monitor, _monitor(monitor))),
        triggers=tuple(
            domain.Trigger(name=trigger.name, when=_condition(trigger.when), repeat=trigger.repeat)
            for trigger in spec.triggers
        ),
        gates=tuple(_gate(gate) for gate in spec.gates),
        rollout=_rollout(spec.rollout, folder),
        policy=_policy(spec.trigger_policy),
        files=domain.Files(**spec.files.model_dump()),
        folder=folder,
        facts=_facts(document, folder),
    )


def _facts(document: written.Document, folder: Path) -> Facts:
    people, model = document.metadata, document.spec.model
    return Facts(
        owner=people.owner,
        intended_use=people.intended_use,
        licence=people.licence,
        alert_owner=people.alert_owner,
        tier=people.risk.tier,
        ai_act=people.risk.ai_act,
        format=model.format,
        card=(folder / model.card).resolve() if model.card else None,
    )


def _pipeline(part: written.Pipeline, folder: Path) -> domain.Pipeline:
    return domain.Pipeline(**{**part.model_dump(), "job": (folder / part.job).resolve()})


def _deployment(part: written.Deployment, folder: Path) -> domain.Deployment:
    paths = {"code": (folder / part.code).resolve(), "runtime": (folder / part.runtime).resolve()}
    return domain.Deployment(**{**part.model_dump(), **paths})


def _monitor(part: written.Monitor) -> domain.Monitor:
    limit = part.limit and Limit(
        monitor=part.name,
        success=part.limit.success,
        failure=part.limit.failure,
        min_samples=part.min_samples,
        false_alarms=part.limit.false_alarms,
    )
    fields = {name: getattr(part, name) for name in written.Monitor.model_fields if name != "segments"}
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
                return domain.Smoke(requests=(folder / one.smoke.requests).resolve())
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
        on_external_change=part.on_external_change,
    )


def _analysis(part: written.Analysis) -> domain.Analysis:
    fields = {name: getattr(part, name) for name in written.Analysis.model_fields if name != "mode"}
    return domain.Analysis(**fields, dry_run=part.mode == "dryRun")
