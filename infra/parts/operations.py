"""Who hears of what happens: alerts, a budget, a page in the portal, and events for the controller."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from pulumi import Output

from infra import names, workbook
from infra.components.action_group import ActionGroup, ActionGroupArgs
from infra.components.budget import Budget, BudgetArgs
from infra.components.event_queue import EventQueue, EventQueueArgs
from infra.components.event_subscription import EventSubscription, EventSubscriptionArgs
from infra.components.event_topic import EventTopic, EventTopicArgs
from infra.components.metric_alert import MetricAlert, MetricAlertArgs
from infra.components.workbook import Workbook, WorkbookArgs
from infra.grants import On, Who
from infra.parts.access import granted_to
from infra.parts.ground import Ground
from infra.parts.plan import Declared
from infra.parts.serving import Serving
from infra.sections.choice import mine
from infra.sections.operations import Alerts

_WORKSPACE = "Microsoft.MachineLearningServices/workspaces"
_ENDPOINT = f"{_WORKSPACE}/onlineEndpoints"


@dataclass(frozen=True, kw_only=True)
class Limit:
    """A figure of Azure's own ("Supported metrics with Azure Monitor") and from where on somebody is told."""

    name: str
    description: str
    namespace: str
    metric: str
    above: int
    aggregation: str
    severity: int
    window: str
    only: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def operated(ground: Ground, serving: Serving) -> Declared:
    """Declare all that tells of the environment."""
    queued = _queued(ground)
    told = dict(queued.told)
    group = _told_people(ground, serving)
    if ground.plan.settings.workbook:
        _shown(ground)
    if ground.plan.settings.budget:
        told["budget"] = _budget(ground, group)
    return replace(queued, told=told)


def _queued(ground: Ground) -> Declared:
    plan, foundation, asked = ground.plan, ground.foundation, ground.plan.settings.events
    if asked is None:
        return Declared()
    elsewhere = mine(plan.settings.chosen.storage)  # what is brought along may lie in another group
    group = elsewhere.split("/")[4] if elsewhere else plan.group
    queue = EventQueue("events", EventQueueArgs(resource_group_name=group, account_name=foundation.storage.name))
    topic = EventTopic(
        "events-topic",
        EventTopicArgs(
            resource_group_name=plan.group,
            location=plan.settings.location,
            name=plan.names.of(names.EVENT_TOPIC),
            workspace_id=ground.workspace.id,
            tags=plan.tags,
        ),
    )
    scopes = {**ground.scopes, On.EVENT_QUEUE: queue.queue_id, On.UNDELIVERED: queue.undelivered_id}
    allowed = granted_to(plan, foundation, scopes, Who.EVENTS, topic.principal_id)
    EventSubscription(
        "events-to-queue",
        EventSubscriptionArgs(
            resource_group_name=plan.group,
            topic_name=topic.name,
            account_id=foundation.storage.id,
            queue_name=queue.queue_name,
            undelivered_name=queue.undelivered_name,
            types=asked.types,
            subject_begins_with=asked.subject_begins_with,
            subject_ends_with=asked.subject_ends_with,
            deliver_for_minutes=asked.deliver_for_minutes,
            keep_days=asked.keep_days,
            # Azure tries the destination when the subscription is made.
            after=allowed,
        ),
    )
    return Declared(told={"queues": {"events": queue.queue_name}}, held=(queue, *allowed))


def endpoint_limits(alerts: Alerts) -> Iterator[Limit]:
    """What each online endpoint is held to."""
    if alerts.endpoint_errors_per_minute is not None:
        yield Limit(
            name="errors",
            description="The endpoint answers with errors of its own.",
            namespace=_ENDPOINT,
            metric="RequestsPerMinute",
            above=alerts.endpoint_errors_per_minute,
            aggregation="Average",
            severity=1,
            window=alerts.window,
            only={"statusCodeClass": ("5xx",)},
        )
    if alerts.endpoint_latency_ms is not None:
        yield Limit(
            name="latency",
            description="The slowest answers of the endpoint take too long.",
            namespace=_ENDPOINT,
            metric="RequestLatency_P95",
            above=alerts.endpoint_latency_ms,
            aggregation="Average",
            severity=2,
            window=alerts.window,
        )


def workspace_limits(alerts: Alerts) -> Iterator[Limit]:
    """What the workspace is held to."""
    if alerts.failed_runs is not None:
        yield Limit(
            name="failed-runs",
            description="Jobs fail.",
            namespace=_WORKSPACE,
            metric="Failed Runs",
            above=alerts.failed_runs,
            aggregation="Total",
            severity=2,
            window=alerts.window,
        )
    if alerts.quota_percent is not None:
        yield Limit(
            name="quota",
            description="A cluster is about to use up its quota of cores.",
            namespace=_WORKSPACE,
            metric="Quota Utilization Percentage",
            above=alerts.quota_percent,
            aggregation="Maximum",
            severity=3,
            window=alerts.window,
        )


def _told_people(ground: Ground, serving: Serving) -> ActionGroup | None:
    plan, alerts = ground.plan, ground.plan.settings.alerts
    if alerts is None:
        return None
    group = ActionGroup(
        "people",
        ActionGroupArgs(
            resource_group_name=plan.group,
            name=plan.names.of(names.ACTION_GROUP),
            short_name=plan.settings.workload,
            emails=alerts.emails,
            tags=plan.tags,
        ),
    )
    for limit in workspace_limits(alerts):
        _alert(ground, group, limit, ground.workspace.id, limit.name)
    for name, endpoint in serving.online.items():
        for limit in endpoint_limits(alerts):
            _alert(ground, group, limit, endpoint.id, f"{name}-{limit.name}")
    return group


def _alert(ground: Ground, group: ActionGroup, limit: Limit, scope: Output[str], name: str) -> None:
    plan = ground.plan
    MetricAlert(
        f"alert-{name}",
        MetricAlertArgs(
            resource_group_name=plan.group,
            name=plan.names.of(names.ALERT, name),
            description=limit.description,
            scope=scope,
            namespace=limit.namespace,
            metric=limit.metric,
            above=limit.above,
            aggregation=limit.aggregation,
            severity=limit.severity,
            only=limit.only,
            window=limit.window,
            action_group_id=group.id,
            tags=plan.tags,
        ),
    )


def _shown(ground: Ground) -> None:
    plan = ground.plan
    title = f"{plan.settings.workload} {plan.place.environment}"
    Workbook(
        "workbook",
        WorkbookArgs(
            resource_group_name=plan.group,
            location=plan.settings.location,
            guid=names.workbook(f"{plan.place.subscription_id}/{plan.names.of(names.RESOURCE_GROUP)}", "overview"),
            title=title,
            logs_id=ground.foundation.observability.logs_id,
            content=workbook.content(title),
            tags=plan.tags,
        ),
    )


def _budget(ground: Ground, group: ActionGroup | None) -> dict[str, Any]:
    plan, asked = ground.plan, ground.plan.settings.budget
    assert asked is not None  # noqa: S101  whoever calls has looked
    Budget(
        "budget",
        BudgetArgs(
            scope=plan.made_group_id,
            name=plan.names.of(names.BUDGET),
            amount=asked.amount,
            start=asked.start,
            end=asked.end or f"{int(asked.start[:4]) + 10}{asked.start[4:]}",
            spent_percent=asked.spent_percent,
            forecast_percent=asked.forecast_percent,
            emails=asked.emails,
            action_group_ids=[group.id] if group else (),
        ),
    )
    return {"amount": asked.amount}
