"""What tells of an environment: the whole of what each component asks Azure for."""

from typing import Any

import pytest

from infra.components.action_group import ActionGroup, ActionGroupArgs
from infra.components.budget import Budget, BudgetArgs
from infra.components.event_queue import EventQueue, EventQueueArgs
from infra.components.event_subscription import EventSubscription, EventSubscriptionArgs
from infra.components.event_topic import EventTopic, EventTopicArgs
from infra.components.metric_alert import MetricAlert, MetricAlertArgs
from infra.components.workbook import Workbook, WorkbookArgs
from tests.infra.asking import HERE, PLACED, TAGS, inputs

_ITSELF = {"type": "SystemAssigned"}


def test_event_topic() -> None:
    args = EventTopicArgs(**HERE, name="evgt", workspace_id="/ws")

    assert inputs(lambda: EventTopic("events", args)) == {
        "eventgrid:SystemTopic": {
            **PLACED,
            "systemTopicName": "evgt",
            "source": "/ws",
            "topicType": "Microsoft.MachineLearningServices.Workspaces",
            "identity": _ITSELF,
        }
    }


def test_event_queue() -> None:
    args = EventQueueArgs(resource_group_name="rg", account_name="st")

    account = {"resourceGroupName": "rg", "accountName": "st"}
    assert inputs(lambda: EventQueue("events", args)) == {
        "storage:Queue": {**account, "queueName": "workspace-events"},
        "storage:BlobContainer": {**account, "containerName": "undelivered-events", "publicAccess": "None"},
    }


@pytest.mark.parametrize(
    ("changed", "only", "retry", "seconds"),
    [
        (
            {},
            {"subjectBeginsWith": "", "subjectEndsWith": ""},
            {"eventTimeToLiveInMinutes": 1440, "maxDeliveryAttempts": 30},
            604800,
        ),
        (
            {
                "subject_begins_with": "models/rain",
                "subject_ends_with": "1",
                "deliver_for_minutes": 10,
                "attempts": 3,
                "keep_days": 1,
            },
            {"subjectBeginsWith": "models/rain", "subjectEndsWith": "1"},
            {"eventTimeToLiveInMinutes": 10, "maxDeliveryAttempts": 3},
            86400,
        ),
    ],
    ids=["defaults", "all"],
)
def test_event_subscription(changed: dict[str, Any], only: dict[str, str], retry: dict[str, int], seconds: int) -> None:
    args = EventSubscriptionArgs(
        resource_group_name="rg",
        topic_name="evgt",
        account_id="/st",
        queue_name="q",
        undelivered_name="c",
        types=("RunCompleted",),
        **changed,
    )

    # No `destination` and no `deadLetterDestination`: those would be reached by the account's key.
    assert inputs(lambda: EventSubscription("events", args)) == {
        "eventgrid:SystemTopicEventSubscription": {
            "resourceGroupName": "rg",
            "systemTopicName": "evgt",
            "eventSubscriptionName": "to-queue",
            "eventDeliverySchema": "EventGridSchema",
            "deliveryWithResourceIdentity": {
                "identity": _ITSELF,
                "destination": {
                    "endpointType": "StorageQueue",
                    "resourceId": "/st",
                    "queueName": "q",
                    "queueMessageTimeToLiveInSeconds": seconds,
                },
            },
            "deadLetterWithResourceIdentity": {
                "identity": _ITSELF,
                "deadLetterDestination": {"endpointType": "StorageBlob", "resourceId": "/st", "blobContainerName": "c"},
            },
            "filter": {
                "includedEventTypes": ["Microsoft.MachineLearningServices.RunCompleted"],
                "isSubjectCaseSensitive": True,
                **only,
            },
            "retryPolicy": retry,
        }
    }


def test_action_group() -> None:
    args = ActionGroupArgs(
        resource_group_name="rg", name="ag", short_name="amlkit", emails=("a@example.com",), tags=TAGS
    )

    assert inputs(lambda: ActionGroup("people", args)) == {
        "monitor:ActionGroup": {
            **PLACED,
            "location": "global",
            "actionGroupName": "ag",
            "groupShortName": "amlkit",
            "enabled": True,
            "emailReceivers": [
                {"name": "a@example.com", "emailAddress": "a@example.com", "useCommonAlertSchema": True}
            ],
        }
    }


@pytest.mark.parametrize(
    ("only", "dimensions"),
    [
        ({}, []),
        ({"statusCodeClass": ("5xx",)}, [{"name": "statusCodeClass", "operator": "Include", "values": ["5xx"]}]),
    ],
    ids=["all", "some"],
)
def test_metric_alert(only: dict[str, tuple[str, ...]], dimensions: list[dict[str, Any]]) -> None:
    args = MetricAlertArgs(
        resource_group_name="rg",
        name="alert",
        description="words",
        scope="/ws",
        namespace="Ns/type",
        metric="Failed Runs",
        above=0,
        aggregation="Total",
        severity=2,
        action_group_id="/ag",
        tags=TAGS,
        only=only,
    )

    assert inputs(lambda: MetricAlert("alert", args)) == {
        "monitor:MetricAlert": {
            **PLACED,
            "location": "global",
            "ruleName": "alert",
            "description": "words",
            "enabled": True,
            "autoMitigate": True,
            "severity": 2,
            "scopes": ["/ws"],
            "windowSize": "PT15M",
            "evaluationFrequency": "PT5M",
            "criteria": {
                "odataType": "Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria",
                "allOf": [
                    {
                        "criterionType": "StaticThresholdCriterion",
                        "name": "limit",
                        "metricNamespace": "Ns/type",
                        "metricName": "Failed Runs",
                        "operator": "GreaterThan",
                        "threshold": 0,
                        "timeAggregation": "Total",
                        "dimensions": dimensions,
                    }
                ],
            },
            "actions": [{"actionGroupId": "/ag"}],
        }
    }


def test_workbook() -> None:
    args = WorkbookArgs(**HERE, guid="guid", title="amlkit dev", logs_id="/logs", content="{}")

    assert inputs(lambda: Workbook("workbook", args)) == {
        "applicationinsights:Workbook": {
            **PLACED,
            "resourceName": "guid",
            "kind": "shared",
            "category": "workbook",
            "displayName": "amlkit dev",
            "sourceId": "/logs",
            "serializedData": "{}",
            "version": "Notebook/1.0",
        }
    }


def test_budget() -> None:
    args = BudgetArgs(
        scope="/rg",
        name="budget",
        amount=500,
        start="2026-01-01",
        end="2036-01-01",
        spent_percent=(80,),
        forecast_percent=(100,),
        emails=("a@example.com",),
        action_group_ids=("/ag",),
    )

    def notification(threshold: int, kind: str) -> dict[str, Any]:
        return {
            "enabled": True,
            "operator": "GreaterThanOrEqualTo",
            "threshold": threshold,
            "thresholdType": kind,
            "contactEmails": ["a@example.com"],
            "contactGroups": ["/ag"],
        }

    assert inputs(lambda: Budget("budget", args)) == {
        "consumption:Budget": {
            "scope": "/rg",
            "budgetName": "budget",
            "amount": 500,
            "category": "Cost",
            "timeGrain": "Monthly",
            "timePeriod": {"startDate": "2026-01-01T00:00:00Z", "endDate": "2036-01-01T00:00:00Z"},
            "notifications": {"spent-80": notification(80, "Actual"), "forecast-100": notification(100, "Forecasted")},
        }
    }
