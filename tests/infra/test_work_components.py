"""The workspace and what stands in it: the whole of what each asks Azure for."""

from typing import Any

import pytest

from infra.components.cluster import Cluster, ClusterArgs
from infra.components.online_endpoint import OnlineEndpoint, OnlineEndpointArgs
from infra.components.project import Project, ProjectArgs
from infra.components.workspace import OwnKey, Workspace, WorkspaceArgs
from tests.infra.asking import HERE, PLACED, inputs
from tests.infra.asking import asked as asked_of

_WORKSPACE = {
    **PLACED,
    "workspaceName": "mlw",
    "kind": "Default",
    "sku": {"name": "Basic", "tier": "Basic"},
    "storageAccount": "/storage",
    "keyVault": "/vault",
    "applicationInsights": "/insights",
    "containerRegistry": "/images",
    "publicNetworkAccess": "Disabled",
    "allowPublicAccessWhenBehindVnet": False,
    "managedNetwork": {
        "isolationMode": "AllowOnlyApprovedOutbound",
        "firewallSku": "Standard",
        "enableNetworkMonitor": False,
    },
    "provisionNetworkNow": True,
    "systemDatastoresAuthMode": "Identity",
    "identity": {"type": "UserAssigned", "userAssignedIdentities": ["/identity"]},
    "primaryUserAssignedIdentity": "/identity",
    "hbiWorkspace": False,
    "v1LegacyMode": False,
}


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, {}),
        (
            {"image_build_compute": "cpu", "high_business_impact": True, "firewall_sku": "Basic"},
            {
                "imageBuildCompute": "cpu",
                "hbiWorkspace": True,
                "managedNetwork": {
                    "isolationMode": "AllowOnlyApprovedOutbound",
                    "firewallSku": "Basic",
                    "enableNetworkMonitor": False,
                },
            },
        ),
        (
            {"public": True, "isolation_mode": "AllowInternetOutbound"},
            {
                "publicNetworkAccess": "Enabled",
                "managedNetwork": {"isolationMode": "AllowInternetOutbound", "enableNetworkMonitor": False},
            },
        ),
        (
            {"public": True, "isolation_mode": "Disabled"},
            {
                "publicNetworkAccess": "Enabled",
                "managedNetwork": {"isolationMode": "Disabled", "enableNetworkMonitor": False},
                "provisionNetworkNow": False,
            },
        ),
        ({"kind": "Hub"}, {"kind": "Hub"}),
        (
            {"kind": "FeatureStore", "spark_version": "3.4"},
            {"kind": "FeatureStore", "featureStoreSettings": {"computeRuntime": {"sparkRuntimeVersion": "3.4"}}},
        ),
        (
            {"own_key": OwnKey(identifier="https://kv/keys/k/1", vault_id="/kv", service_side=True)},
            {
                "enableServiceSideCMKEncryption": True,
                "encryption": {
                    "status": "Enabled",
                    "identity": {"userAssignedIdentity": "/identity"},
                    "keyVaultProperties": {"keyIdentifier": "https://kv/keys/k/1", "keyVaultArmId": "/kv"},
                },
            },
        ),
    ],
    ids=["defaults", "hardened", "open", "without a managed network", "hub", "feature store", "own key"],
)
def test_workspace(changed: dict[str, Any], expected: dict[str, Any]) -> None:
    args = WorkspaceArgs(
        **HERE,
        name="mlw",
        storage_account_id="/storage",
        key_vault_id="/vault",
        application_insights_id="/insights",
        container_registry_id="/images",
        identity_id="/identity",
        **changed,
    )

    assert inputs(lambda: Workspace("workspace", args)) == {"machinelearningservices:Workspace": _WORKSPACE | expected}


@pytest.mark.parametrize(
    ("changed", "size"),
    [
        ({}, {"vmPriority": "Dedicated", "scale": (0, 2, "PT5M")}),
        (
            {"min_nodes": 1, "priority": "LowPriority", "idle_time": "PT1H"},
            {"vmPriority": "LowPriority", "scale": (1, 2, "PT1H")},
        ),
    ],
    ids=["defaults", "always on and cheap"],
)
def test_cluster(changed: dict[str, Any], size: dict[str, Any]) -> None:
    args = ClusterArgs(
        **HERE,
        workspace_name="mlw",
        name="cpu",
        vm_size="Standard_DS3_v2",
        max_nodes=2,
        identity_id="/identity",
        **changed,
    )

    (asked,) = asked_of(lambda: Cluster("cpu", args))

    least, most, idle = size["scale"]
    assert asked.inputs == {
        **PLACED,
        "workspaceName": "mlw",
        "computeName": "cpu",
        "identity": {"type": "UserAssigned", "userAssignedIdentities": ["/identity"]},
        "properties": {
            "computeType": "AmlCompute",
            "disableLocalAuth": True,
            "properties": {
                "osType": "Linux",
                "vmSize": "Standard_DS3_v2",
                "vmPriority": size["vmPriority"],
                "enableNodePublicIp": False,
                "remoteLoginPortPublicAccess": "Disabled",
                "scaleSettings": {
                    "minNodeCount": least,
                    "maxNodeCount": most,
                    "nodeIdleTimeBeforeScaleDown": idle,
                },
            },
        },
    }
    assert asked.delete_before_replace


@pytest.mark.parametrize(
    ("changed", "access"), [({}, "Disabled"), ({"public": True}, "Enabled")], ids=["defaults", "open"]
)
def test_online_endpoint(changed: dict[str, Any], access: str) -> None:
    args = OnlineEndpointArgs(
        **HERE, workspace_name="mlw", name="rain-dev", identity_id="/identity", description="Rain.", **changed
    )

    (asked,) = asked_of(lambda: OnlineEndpoint("rain", args))

    assert asked.inputs == {
        **PLACED,
        "workspaceName": "mlw",
        "endpointName": "rain-dev",
        "kind": "Managed",
        "identity": {"type": "UserAssigned", "userAssignedIdentities": ["/identity"]},
        "properties": {"authMode": "AADToken", "publicNetworkAccess": access, "description": "Rain."},
    }
    assert asked.ignore_changes == ("properties.traffic", "properties.mirrorTraffic")


@pytest.mark.parametrize(
    ("changed", "access"), [({}, "Disabled"), ({"public": True}, "Enabled")], ids=["defaults", "open"]
)
def test_a_project_brings_neither_storage_nor_key_nor_network(changed: dict[str, Any], access: str) -> None:
    args = ProjectArgs(**HERE, name="mlw-rain", hub_id="/hub", identity_id="/identity", description="Rain.", **changed)

    (asked,) = asked_of(lambda: Project("rain", args))

    assert asked.inputs == {
        **PLACED,
        "workspaceName": "mlw-rain",
        "kind": "Project",
        "sku": {"name": "Basic", "tier": "Basic"},
        "hubResourceId": "/hub",
        "description": "Rain.",
        "publicNetworkAccess": access,
        "systemDatastoresAuthMode": "Identity",
        "identity": {"type": "UserAssigned", "userAssignedIdentities": ["/identity"]},
        "primaryUserAssignedIdentity": "/identity",
        "v1LegacyMode": False,
    }
    assert asked.protect
