"""Who hears of what: which figures are watched, what a budget may say, what the portal shows."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from infra import workbook
from infra.settings import SettingsError, read
from tests.infra.recorder import Graph
from tests.infra.stacks import LEAST, graph

_EMAILS = {"emails": ["a@example.com"]}
_BUDGET = {"amount": 500, "start": "2026-01-01"}


def _watched(made: Graph) -> dict[str, tuple[Any, ...]]:
    found = {}
    for one in made.resources:
        if one.token == "monitor:MetricAlert":
            (criterion,) = one.inputs["criteria"]["allOf"]
            only = {each["name"]: each["values"] for each in criterion["dimensions"]}
            (scope,) = one.inputs["scopes"]
            found[one.name] = (scope, criterion["metricName"], criterion["threshold"], only)
    return found


def test_endpoints_jobs_and_quota_are_watched() -> None:
    workspace = "/id/workspaces/mlw-amlkit-local"

    assert _watched(graph("local", alerts=_EMAILS)) == {
        "alert-failed-runs": (workspace, "Failed Runs", 0, {}),
        "alert-quota": (workspace, "Quota Utilization Percentage", 90, {}),
        "alert-rain-errors": ("/id/rain", "RequestsPerMinute", 1, {"statusCodeClass": ["5xx"]}),
        "alert-rain-latency": ("/id/rain", "RequestLatency_P95", 1000, {}),
    }


def test_a_limit_that_is_null_leaves_its_alert_out_and_the_others_in() -> None:
    alerts = _EMAILS | {"endpointErrorsPerMinute": None, "endpointLatencyMs": 200, "failedRuns": None}

    assert {name: found[2] for name, found in _watched(graph("local", alerts=alerts)).items()} == {
        "alert-quota": 90,
        "alert-rain-latency": 200,
    }


def test_every_alert_tells_the_people_that_are_named() -> None:
    made = graph("local", alerts=_EMAILS)

    told = [one.inputs["actions"] for one in made.resources if one.token == "monitor:MetricAlert"]
    assert told == [[{"actionGroupId": "/id/people"}]] * 4


def test_a_budget_tells_whoever_alerts_tell_too() -> None:
    asked = graph("local", alerts=_EMAILS, budget=_BUDGET).one("consumption:Budget").inputs

    assert asked["scope"] == "/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/rg-amlkit-local"
    assert {name: (each["contactEmails"], each["contactGroups"]) for name, each in asked["notifications"].items()} == {
        name: ([], ["/id/people"]) for name in ("spent-50", "spent-80", "spent-100", "forecast-100")
    }


def test_a_budget_is_the_same_whenever_it_is_asked_for() -> None:
    asked = graph("local", budget=_BUDGET | _EMAILS)

    assert asked.one("consumption:Budget").inputs["timePeriod"] == {
        "startDate": "2026-01-01T00:00:00Z",
        "endDate": "2036-01-01T00:00:00Z",
    }
    assert asked.outputs["budget"] == {"amount": 500}


def test_the_workbook_is_the_same_text_each_time_and_all_its_questions_follow_the_time_that_is_chosen() -> None:
    told = json.loads(workbook.content("amlkit dev"))

    assert workbook.content("amlkit dev") == workbook.content("amlkit dev")
    questions = [each["content"] for each in told["items"] if each["type"] == 3]
    assert {each["timeContextFromParameter"] for each in questions} == {"Time"}
    assert len({each["title"] for each in questions}) == len(questions) == 5


def test_the_workbook_is_there_when_it_is_asked_for() -> None:
    made = graph("local", workbook=True)

    assert {one.name for one in made.resources} - {one.name for one in graph("local").resources} == {"workbook"}
    assert made.one("applicationinsights:Workbook").inputs["serializedData"] == workbook.content("amlkit local")


def _refused(changed: Mapping[str, Any]) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        read("dev", LEAST | {f"aml-kit:{key}": json.dumps(value) for key, value in changed.items()})
    return [line.removeprefix("  - aml-kit") for line in str(caught.value).splitlines()[1:]]


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"alerts": {"emails": ["nobody"]}}, [":alerts.emails.0: 'nobody' is not a mail address"]),
        (
            {"alerts": {"emails": []}},
            [":alerts: emails is empty, so that nobody is told: name one, or take alerts away"],
        ),
        (
            {"alerts": {"emails": ["a@example.com", "a@example.com"]}},
            [":alerts: emails names an address twice"],
        ),
        (
            {
                "alerts": _EMAILS
                | dict.fromkeys(("endpointErrorsPerMinute", "endpointLatencyMs", "failedRuns", "quotaPercent"))
            },
            [":alerts: all limits are null, so that nothing is ever told: set one, or take alerts away"],
        ),
        (
            {"budget": _BUDGET | {"start": "2026-01-15"} | _EMAILS},
            [":budget.start: '2026-01-15' is not the first day of a month, such as `2026-01-01`"],
        ),
        (
            {"budget": _BUDGET | {"spentPercent": [100], "forecastPercent": []} | _EMAILS},
            [":budget: spentPercent and forecastPercent hold 1 values together: name 2 to 5"],
        ),
        (
            {"budget": _BUDGET | {"spentPercent": [80, 80], "end": "2026-01-01"} | _EMAILS},
            [
                ":budget: spentPercent names a percentage twice",
                ":budget: end 2026-01-01 is not after start 2026-01-01",
            ],
        ),
        ({"budget": _BUDGET}, [": budget tells nobody: name budget.emails, or set alerts"]),
    ],
)
def test_a_mistake_is_told_with_its_key_and_what_to_do(changed: Mapping[str, Any], told: list[str]) -> None:
    assert _refused(changed) == told
