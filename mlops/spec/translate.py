"""From a checked document to the domain's project, with its paths resolved."""

from pathlib import Path

from mlops.domain import project as domain
from mlops.domain.data.measurement import Limit
from mlops.domain.declared import monitor as declared_monitor
from mlops.domain.declared import trigger as declared_trigger
from mlops.domain.declared.facts import Facts
from mlops.spec.document import Document, Spec
from mlops.spec.document.monitor import Monitor
from mlops.spec.gates import to_gate
from mlops.spec.policing import policy_of
from mlops.spec.promoting import promotion_of
from mlops.spec.rollouts import to_rollout
from mlops.spec.segmenting import segmented
from mlops.spec.sourcing import notification_of, source_of
from mlops.spec.training import pipeline_of
from mlops.spec.triggering import condition_of


def to_project(document: Document, folder: Path) -> domain.Project:
    """Build the project of a document in which nothing was found wrong."""
    spec = document.spec
    return domain.Project(
        name=document.metadata.name,
        model=spec.model.name,
        task=spec.task,
        data=domain.Data(**spec.data.model_dump(exclude={"rows_per_day"})),
        pipeline=pipeline_of(spec.pipeline, folder),
        deployment=_deployment(spec, folder),
        monitors=tuple(one for monitor in spec.monitors for one in segmented(monitor, _monitor(monitor))),
        triggers=tuple(
            declared_trigger.Trigger(name=trigger.name, when=condition_of(trigger.when), repeat=trigger.repeat)
            for trigger in spec.triggers
        ),
        gates=tuple(to_gate(gate, document, folder) for gate in spec.gates),
        rollout=to_rollout(document, folder),
        policy=policy_of(spec.trigger_policy),
        files=domain.Files(**spec.files.model_dump()),
        folder=folder,
        facts=_facts(document, folder),
        sources=tuple(source_of(source, folder) for source in spec.sources),
        notifications=tuple(notification_of(each, folder) for each in spec.notifications),
        promotion=promotion_of(document, folder),
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


def _deployment(spec: Spec, folder: Path) -> domain.Deployment:
    part = spec.deployment
    paths = {"code": (folder / part.code).resolve(), "runtime": (folder / part.runtime).resolve()}
    batch = part.kind is domain.Kind.BATCH
    compute = (part.compute or spec.pipeline.compute) if batch else ""
    columns = part.columns or (spec.data.key, spec.data.prediction) if batch else ()
    return domain.Deployment(**{**part.model_dump(), **paths, "compute": compute, "columns": columns})


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
