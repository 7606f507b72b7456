"""What models answer behind, deployed by hand or as code: the whole of what each component asks Azure for."""

from typing import Any

import pulumi
import pytest

from infra.components.autoscale import Autoscale, AutoscaleArgs
from infra.components.batch_endpoint import BatchEndpoint, BatchEndpointArgs
from infra.components.online_deployment import OnlineDeployment, OnlineDeploymentArgs
from tests.infra.asking import HERE, PLACED, asked, inputs

_WS: dict[str, Any] = {
    "resource_group_name": "rg",
    "workspace_name": "ws",
    "location": "eastus",
    "tags": {"owner": "team"},
}


@pytest.mark.parametrize(
    ("changed", "properties", "ignored"),
    [
        ({}, {}, ("properties.defaults",)),
        ({"default_deployment": "v1"}, {"defaults": {"deploymentName": "v1"}}, ()),
    ],
    ids=["left to whoever releases", "named here"],
)
def test_batch_endpoint(changed: dict[str, Any], properties: dict[str, Any], ignored: tuple[str, ...]) -> None:
    args = BatchEndpointArgs(**_WS, name="rain-batch", identity_id="/id/endpoint", **changed)

    (endpoint,) = asked(lambda: BatchEndpoint("rain", args))

    assert endpoint.inputs == {
        **PLACED,
        "workspaceName": "ws",
        "endpointName": "rain-batch",
        "identity": {"type": "UserAssigned", "userAssignedIdentities": ["/id/endpoint"]},
        "properties": {"authMode": "AADToken", "description": "", **properties},
    }
    assert endpoint.ignore_changes == ignored


_COLLECTED = {"dataCollectionMode": "Enabled", "samplingRate": 1}
_PROBE = {"initialDelay": "PT10S", "period": "PT10S", "timeout": "PT2S", "successThreshold": 1, "failureThreshold": 30}
_DEPLOYMENT = {
    "endpointComputeType": "Managed",
    "model": "azureml://registries/r/models/m/versions/1",
    "instanceType": "Standard_DS3_v2",
    "scaleSettings": {"scaleType": "Default"},
    "egressPublicNetworkAccess": "Disabled",
    "appInsightsEnabled": True,
    "dataCollector": {
        "collections": {"model_inputs": _COLLECTED, "model_outputs": _COLLECTED},
        "rollingRate": "Hour",
    },
    "requestSettings": {"requestTimeout": "PT30S", "maxConcurrentRequestsPerInstance": 1, "maxQueueWait": "PT0.5S"},
    "livenessProbe": _PROBE,
    "readinessProbe": _PROBE,
}


@pytest.mark.parametrize(
    ("changed", "properties", "ignored"),
    [
        ({}, {}, ()),
        (
            {
                "environment": "/env",
                "code_id": "/code",
                "scoring_script": "score.py",
                "public_egress": True,
                "autoscaled": True,
            },
            {
                "environmentId": "/env",
                "codeConfiguration": {"codeId": "/code", "scoringScript": "score.py"},
                "egressPublicNetworkAccess": "Enabled",
            },
            ("sku.capacity",),
        ),
    ],
    ids=["defaults", "all"],
)
def test_online_deployment(changed: dict[str, Any], properties: dict[str, Any], ignored: tuple[str, ...]) -> None:
    class Parent(pulumi.ComponentResource):
        def __init__(self) -> None:
            super().__init__("tests:Endpoint", "endpoint")

    def make() -> OnlineDeployment:
        args = OnlineDeploymentArgs(
            **_WS,
            endpoint=Parent(),
            endpoint_name="rain",
            name="v1",
            model="azureml://registries/r/models/m/versions/1",
            instance_type="Standard_DS3_v2",
            instances=3,
            **changed,
        )
        return OnlineDeployment("rain-v1", args)

    (deployment,) = asked(make)

    assert deployment.inputs == {
        **PLACED,
        "workspaceName": "ws",
        "endpointName": "rain",
        "deploymentName": "v1",
        "kind": "Managed",
        "sku": {"name": "Default", "capacity": 3},
        "properties": _DEPLOYMENT | properties,
    }
    assert deployment.ignore_changes == ignored
    # Azure refuses to delete a deployment that has traffic, so that it goes with its endpoint.
    assert deployment.deleted_with.endswith("tests:Endpoint::endpoint")


def test_autoscale() -> None:
    args = AutoscaleArgs(
        **HERE,
        name="scale",
        deployment_id="/rain/v1",
        minimum=3,
        maximum=6,
        metric="CpuUtilizationPercentage",
        above=70,
        below=30,
    )

    def rule(operator: str, threshold: int, window: str, action: dict[str, str]) -> dict[str, Any]:
        trigger = {
            "metricName": "CpuUtilizationPercentage",
            "metricNamespace": "Microsoft.MachineLearningServices/workspaces/onlineEndpoints/deployments",
            "metricResourceUri": "/rain/v1",
            "operator": operator,
            "statistic": "Average",
            "threshold": threshold,
            "timeAggregation": "Average",
            "timeGrain": "PT1M",
            "timeWindow": window,
        }
        return {"metricTrigger": trigger, "scaleAction": {"type": "ChangeCount", "value": "1", **action}}

    assert inputs(lambda: Autoscale("load", args)) == {
        "monitor:AutoscaleSetting": {
            **PLACED,
            "autoscaleSettingName": "scale",
            "enabled": True,
            "targetResourceUri": "/rain/v1",
            "profiles": [
                {
                    "name": "load",
                    "capacity": {"minimum": "3", "maximum": "6", "default": "3"},
                    "rules": [
                        rule("GreaterThan", 70, "PT5M", {"direction": "Increase", "cooldown": "PT5M"}),
                        rule("LessThan", 30, "PT15M", {"direction": "Decrease", "cooldown": "PT15M"}),
                    ],
                }
            ],
        }
    }
