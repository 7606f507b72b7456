"""Machines for jobs and for people: the whole of what each asks Azure for, closed and as far open as it goes."""

from typing import Any

import pytest

from infra.components.cluster import Cluster, ClusterArgs
from infra.components.compute_instance import ComputeInstance, ComputeInstanceArgs
from infra.components.workspace import Workspace, WorkspaceArgs
from tests.infra.asking import HERE, PLACED, asked

_SUBNET = "/subscriptions/s/resourceGroups/hub/providers/Microsoft.Network/virtualNetworks/hub/subnets/jobs"
_INSTANCE = {
    "vmSize": "Standard_DS3_v2",
    "applicationSharingPolicy": "Personal",
    "computeInstanceAuthorizationType": "personal",
    "personalComputeInstanceSettings": {"assignedUser": {"objectId": "person", "tenantId": "tenant"}},
    "enableNodePublicIp": False,
    "enableSSO": True,
    "sshSettings": {"sshPublicAccess": "Disabled"},
    "idleTimeBeforeShutdown": "PT30M",
}


def _switched(action: str, expression: str, time_zone: str) -> dict[str, Any]:
    return {
        "action": action,
        "triggerType": "Cron",
        "cron": {"expression": expression, "timeZone": time_zone},
        "status": "Enabled",
    }


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, {"schedules": {"computeStartStop": [_switched("Stop", "0 19 * * *", "UTC")]}}),
        (
            {"start_at": "0 7 * * 1-5", "stop_at": "0 18 * * 1-5", "time_zone": "E. Europe Standard Time"},
            {
                "schedules": {
                    "computeStartStop": [
                        _switched("Start", "0 7 * * 1-5", "E. Europe Standard Time"),
                        _switched("Stop", "0 18 * * 1-5", "E. Europe Standard Time"),
                    ]
                }
            },
        ),
        (
            {"stop_at": None, "idle_time": "PT15M", "subnet_id": _SUBNET},
            {"idleTimeBeforeShutdown": "PT15M", "subnet": {"id": _SUBNET}},
        ),
    ],
    ids=["defaults", "working hours", "in a subnet, by idleness only"],
)
def test_compute_instance(changed: dict[str, Any], expected: dict[str, Any]) -> None:
    args = ComputeInstanceArgs(
        **HERE,
        workspace_name="mlw",
        name="ciann",
        vm_size="Standard_DS3_v2",
        user_id="person",
        tenant_id="tenant",
        description="Ann's",
        **changed,
    )

    (made,) = asked(lambda: ComputeInstance("ann", args))

    assert made.inputs == {
        **PLACED,
        "workspaceName": "mlw",
        "computeName": "ciann",
        "properties": {
            "computeType": "ComputeInstance",
            "description": "Ann's",
            "disableLocalAuth": True,
            "properties": _INSTANCE | expected,
        },
    }
    assert made.delete_before_replace


def test_a_cluster_in_a_subnet_still_has_no_public_address() -> None:
    args = ClusterArgs(
        **HERE,
        workspace_name="mlw",
        name="cpu",
        vm_size="Standard_DS3_v2",
        max_nodes=2,
        identity_id="/identity",
        subnet_id=_SUBNET,
    )

    (made,) = asked(lambda: Cluster("cpu", args))

    inner = made.inputs["properties"]["properties"]
    assert inner["subnet"] == {"id": _SUBNET}
    assert inner["enableNodePublicIp"] is False
    assert inner["remoteLoginPortPublicAccess"] == "Disabled"


@pytest.mark.parametrize(("public", "closed"), [(False, True), (True, False)], ids=["defaults", "open"])
def test_machines_for_jobs_without_a_cluster(*, public: bool, closed: bool) -> None:
    args = WorkspaceArgs(
        **HERE,
        name="mlw",
        storage_account_id="/storage",
        key_vault_id="/vault",
        application_insights_id="/insights",
        container_registry_id="/images",
        identity_id="/identity",
        isolation_mode="Disabled",
        serverless_subnet_id=_SUBNET,
        serverless_public_addresses=public,
    )

    (made,) = asked(lambda: Workspace("workspace", args))

    assert made.inputs["serverlessComputeSettings"] == {
        "serverlessComputeCustomSubnet": _SUBNET,
        "serverlessComputeNoPublicIP": closed,
    }
