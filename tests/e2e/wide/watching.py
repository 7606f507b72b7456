"""What watches it."""

from tests.e2e.wide.ground import images, logs, queue, store
from tests.e2e.wide.group import rg
from tests.e2e.wide.machine_learning import workspace
from tests.e2e.wide.resource import azure, named

team = azure(
    "monitor:ActionGroup",
    "team",
    {
        **rg,
        "actionGroupName": "team",
        "groupShortName": "team",
        "enabled": True,
        "location": "global",
        "emailReceivers": [{"name": "mail", "emailAddress": "a@example.com", "useCommonAlertSchema": True}],
    },
)
azure(
    "monitor:DiagnosticSetting",
    "diagnostics",
    {
        "resourceUri": workspace,
        "name": "all",
        "workspaceId": logs,
        "logs": [{"categoryGroup": "allLogs", "enabled": True}],
    },
)
azure(
    "monitor:MetricAlert",
    "alert",
    {
        **rg,
        "ruleName": "alert",
        "location": "global",
        "enabled": True,
        "severity": 2,
        "evaluationFrequency": "PT5M",
        "windowSize": "PT15M",
        "scopes": [workspace],
        "actions": [{"actionGroupId": team}],
        "criteria": {
            "odataType": "Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria",
            "allOf": [
                {
                    "criterionType": "StaticThresholdCriterion",
                    "name": "failed",
                    "metricName": "Failed Runs",
                    "operator": "GreaterThan",
                    "threshold": 0,
                    "timeAggregation": "Total",
                }
            ],
        },
    },
)
topic = azure(
    "eventgrid:SystemTopic",
    "topic",
    {
        **rg,
        "systemTopicName": "topic",
        "source": store,
        "topicType": "Microsoft.Storage.StorageAccounts",
    },
)
azure(
    "eventgrid:SystemTopicEventSubscription",
    "events",
    {
        **rg,
        "systemTopicName": named(topic),
        "eventSubscriptionName": "events",
        "destination": {"endpointType": "StorageQueue", "resourceId": store, "queueName": named(queue)},
        "filter": {"includedEventTypes": ["Microsoft.Storage.BlobCreated"]},
    },
)
azure(
    "authorization:ManagementLockByScope",
    "lock",
    {
        "scope": images,
        "lockName": "read-only-in-name",
        "level": "NotSpecified",
        "notes": "a lock that locks nothing",
    },
)
