"""From a checked document to the domain's project, with its paths resolved."""

from datetime import timedelta
from pathlib import Path

from mlops.domain import project as domain
from mlops.domain.declared import monitor as declared_monitor
from mlops.domain.declared import pipeline as declared_pipeline
from mlops.domain.declared import policy as declared_policy
from mlops.domain.declared import rollout as declared_rollout
from mlops.domain.declared import trigger as declared_trigger
from mlops.domain.facts import Facts
from mlops.domain.measurement import Limit
from mlops.spec.document import Document
from mlops.spec.document.data import Deployment, Pipeline
from mlops.spec.document.monitor import Monitor
from mlops.spec.document.policy import Budget, TriggerPolicy
from mlops.spec.document.rollout import Analysis, Rollout, ShadowStep, SmokeStep, Step, WeightStep
from mlops.spec.document.trigger import (
    AllOf,
    AnyOf,
    Condition,
    CronCondition,
    EveryCondition,
    MonitorCondition,
    NotOf,
    RowsCondition,
)
from mlops.spec.gates import to_gate
from mlops.spec.segmenting import segmented
from mlops.spec.sourcing import notification_of, source_of


def to_project(document: Document, folder: Path) -> domain.Project:
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
            declared_trigger.Trigger(name=trigger.name, when=_condition(trigger.when), repeat=trigger.repeat)
            for trigger in spec.triggers
        ),
        gates=tuple(to_gate(gate, document, folder) for gate in spec.gates),
        rollout=_rollout(spec.rollout, folder),
        policy=_policy(spec.trigger_policy),
        files=domain.Files(**spec.files.model_dump()),
        folder=folder,
        facts=_facts(document, folder),
        sources=tuple(source_of(source, folder) for source in spec.sources),
        notifications=tuple(notification_of(each, folder) for each in spec.notifications),
    )


def _facts(document: Document, folder: Path) -> Facts:
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


def _pipeline(part: Pipeline, folder: Path) -> declared_pipeline.Pipeline:
    price = declared_pipeline.Price(**part.price.model_dump()) if part.price else None
    fields = {**part.model_dump(), "job": (folder / part.job).resolve(), "price": price}
    return declared_pipeline.Pipeline(**fields)


def _deployment(part: Deployment, folder: Path) -> domain.Deployment:
    paths = {"code": (folder / part.code).resolve(), "runtime": (folder / part.runtime).resolve()}
    return domain.Deployment(**{**part.model_dump(), **paths})


def _monitor(part: Monitor) -> declared_monitor.Monitor:
    limit = part.limit and Limit(
        monitor=part.name,
        success=part.limit.success,
        failure=part.limit.failure,
        min_samples=part.min_samples,
        false_alarms=part.limit.false_alarms,
    )
    fields = {name: getattr(part, name) for name in Monitor.model_fields if name != "segments"}
    return declared_monitor.Monitor(**{**fields, "limit": limit})


def _condition(part: Condition) -> declared_trigger.Condition:  # noqa: PLR0911 - one a variant
    match part:
        case MonitorCondition():
            windows = part.for_
            at_least, of = (windows, windows) if isinstance(windows, int) else (windows.at_least, windows.of)
            return declared_trigger.MonitorCondition(
                monitor=part.monitor, enter=part.enter, exit=part.exit, at_least=at_least, of=of
            )
        case EveryCondition():
            return declared_trigger.EveryCondition(period=part.every)
        case CronCondition():
            return declared_trigger.CronCondition(cron=part.cron, timezone=part.timezone)
        case RowsCondition():
            return declared_trigger.RowsCondition(at_least=part.labelled_rows)
        case AllOf():
            return declared_trigger.AllOf(conditions=tuple(map(_condition, part.all)))
        case AnyOf():
            return declared_trigger.AnyOf(conditions=tuple(map(_condition, part.any)))
        case NotOf():
            return declared_trigger.Not(condition=_condition(part.not_))


def _policy(part: TriggerPolicy) -> declared_policy.TriggerPolicy:
    return declared_policy.TriggerPolicy(
        debounce=part.debounce,
        max_wait=part.max_wait,
        cooldown=part.cooldown,
        on_busy=part.concurrency.on_busy,
        budget=_budget(part.budget) if part.budget else None,
        breaker_failures=part.circuit_breaker.failures,
        breaker_hold=_breaker_hold(part),
        breaker_reset_by=part.circuit_breaker.reset_by,
        manual_skips=part.overrides.manual.skip,
    )


def _breaker_hold(part: TriggerPolicy) -> timedelta:
    """Longer than the cool-down that holds everything anyway."""
    said = part.circuit_breaker.hold_for
    return max(3 * part.cooldown, timedelta(days=3)) if said is None else said


def _budget(part: Budget) -> declared_policy.Budget:
    cost = part.cost
    money = {"cost": cost.limit, "currency": cost.currency} if cost else {"cost": None}
    return declared_policy.Budget(**{**part.model_dump(exclude={"cost"}), **money})


def _rollout(part: Rollout, folder: Path) -> declared_rollout.Rollout:
    def analyses(names: tuple[str, ...]) -> tuple[declared_rollout.Analysis, ...]:
        return tuple(_analysis(one) for name in names for one in part.analysis[name])

    def step(one: Step) -> declared_rollout.Step:
        match one:
            case SmokeStep():
                return declared_rollout.Smoke(requests=(folder / one.smoke.requests).resolve())
            case ShadowStep():
                shadow = one.shadow
                return declared_rollout.Shadow(
                    percent=shadow.percent,
                    hold=shadow.for_,
                    min_samples=shadow.min_samples,
                    analyses=analyses(shadow.analysis),
                )
            case WeightStep():
                return declared_rollout.SetWeight(
                    weight=one.set_weight,
                    hold=one.for_,
                    min_samples=one.min_samples,
                    analyses=analyses(one.analysis),
                )

    return declared_rollout.Rollout(
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


def _analysis(part: Analysis) -> declared_rollout.Analysis:
    fields = {name: getattr(part, name) for name in Analysis.model_fields if name != "mode"}
    return declared_rollout.Analysis(**fields, dry_run=part.mode == "dryRun")
