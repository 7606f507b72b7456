"""What the workbook shows: the first questions about an environment that misbehaves, as Azure's workbook JSON."""

import json
from collections.abc import Sequence
from typing import Any

# Title, query by its steps (tables and columns: "Azure Monitor Logs reference") and how it is drawn.
_QUESTIONS = (
    (
        "Runs that ended, by state",
        (
            "AmlRunStatusChangedEvent",
            "where Status in ('Completed', 'Failed', 'Canceled')",
            "summarize runs = count() by bin(TimeGenerated, 1h), Status",
        ),
        "barchart",
    ),
    (
        "Answers of endpoints, by status",
        (
            "AmlOnlineEndpointTrafficLog",
            "summarize answers = count() by bin(TimeGenerated, 15m), status = strcat(EndpointName, ' ', ResponseCode)",
        ),
        "timechart",
    ),
    (
        "How long endpoints take, in milliseconds",
        (
            "AmlOnlineEndpointTrafficLog",
            "summarize percentiles(TotalDurationMs, 50, 95) by bin(TimeGenerated, 15m), EndpointName",
        ),
        "timechart",
    ),
    (
        "What endpoints' containers went through",
        (
            "AmlOnlineEndpointEventLog",
            "project TimeGenerated, EndpointName, DeploymentName, Name, Message",
            "top 100 by TimeGenerated",
        ),
        "table",
    ),
    (
        "Machines of clusters",
        (
            "AmlComputeClusterEvent",
            "summarize nodes = max(CurrentNodeCount) by bin(TimeGenerated, 15m), ClusterName",
        ),
        "timechart",
    ),
)


def content(title: str) -> str:
    """The whole workbook; the same text for the same title, so that a second run changes nothing."""
    items = [_heading(title), _time(), *(_tile(i, *question) for i, question in enumerate(_QUESTIONS))]
    return json.dumps({"version": "Notebook/1.0", "items": items, "fallbackResourceIds": []}, sort_keys=True)


def _heading(title: str) -> dict[str, Any]:
    return {"type": 1, "name": "title", "content": {"json": f"# {title}"}}


def _time() -> dict[str, Any]:
    choice = {
        "id": "time",
        "version": "KqlParameterItem/1.0",
        "name": "Time",
        "type": 4,
        "isRequired": True,
        "value": {"durationMs": 24 * 3600 * 1000},
        "typeSettings": {"selectableValues": [{"durationMs": hours * 3600 * 1000} for hours in (1, 24, 168, 720)]},
    }
    return {
        "type": 9,
        "name": "time",
        "content": {"version": "KqlParameterItem/1.0", "parameters": [choice], "style": "pills"},
    }


def _tile(number: int, title: str, steps: Sequence[str], drawn: str) -> dict[str, Any]:
    return {
        "type": 3,
        "name": f"question-{number}",
        "content": {
            "version": "KqlItem/1.0",
            "title": title,
            "query": "\n| ".join(steps),
            "size": 0,
            "timeContextFromParameter": "Time",
            "queryType": 0,
            "resourceType": "microsoft.operationalinsights/workspaces",
            "visualization": drawn,
        },
    }
