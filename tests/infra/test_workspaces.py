"""What a stack file says of workspaces reaches each of them, in a whole environment."""

import json
from typing import Any

import pytest

from tests.infra.recorder import Graph
from tests.infra.stacks import LEAST, built

_WORKSPACE = "machinelearningservices:Workspace"
_STORAGE = "/subscriptions/s/resourceGroups/other/providers/Microsoft.Storage/storageAccounts/store"
_SUBNET = "/subscriptions/s/resourceGroups/hub/providers/Microsoft.Network/virtualNetworks/hub/subnets/jobs"
_NETWORK = {"addressSpace": "10.0.0.0/20", "subnets": {"endpoints": "10.0.0.0/24", "compute": "10.0.1.0/24"}}


def _graph(**said: object) -> Graph:
    return built(
        "dev",
        LEAST
        | {f"aml-kit:{key}": value if isinstance(value, str) else json.dumps(value) for key, value in said.items()},
    )


def _told(made: Graph, *keys: str) -> dict[str, dict[str, Any]]:
    names = ("workspace", "hub", "feature-store")
    each = {name: made.one(_WORKSPACE, name).inputs for name in names}
    return {name: {key: inputs[key] for key in keys if key in inputs} for name, inputs in each.items()}


def test_settings_reach_all_workspaces_and_the_cluster_that_builds_images_is_the_firsts() -> None:
    made = _graph(
        dataClassification="restricted",
        computeClusters={"cpu": {"vmSize": "Standard_DS3_v2", "maxNodes": 2}},
        imageBuildCluster="cpu",
        hub={},
        featureStore={"sparkVersion": "3.3"},
    )

    tags = {"owner": "team", "cost-center": "42", "environment": "dev", "data-classification": "restricted"}
    all_of = {"hbiWorkspace": True, "tags": tags}
    spark = {"computeRuntime": {"sparkRuntimeVersion": "3.3"}}
    assert _told(made, "hbiWorkspace", "tags", "imageBuildCompute", "featureStoreSettings") == {
        "workspace": all_of | {"imageBuildCompute": "cpu"},
        "hub": all_of,
        "feature-store": all_of | {"featureStoreSettings": spark},
    }


@pytest.mark.parametrize(
    ("classification", "high"), [("public", False), ("internal", False), ("confidential", True), ("restricted", True)]
)
def test_data_from_confidential_on_is_of_high_business_impact(classification: str, high: bool) -> None:  # noqa: FBT001
    made = _graph(dataClassification=classification)

    assert made.one(_WORKSPACE, "workspace").inputs["hbiWorkspace"] is high


@pytest.mark.parametrize(
    ("said", "subnet", "closed"),
    [
        ({"serverless": {"subnet": _SUBNET}}, _SUBNET, True),
        ({"serverless": {}, "network": _NETWORK}, "/id/network-compute", True),
        ({"serverless": {"subnet": _SUBNET, "publicAddresses": True}, "network": _NETWORK}, _SUBNET, False),
    ],
    ids=["no network of ours", "our network", "said, in spite of ours"],
)
def test_serverless_jobs_run_in_the_subnet_that_is_said_or_in_ours(
    said: dict[str, Any],
    subnet: str,
    closed: bool,  # noqa: FBT001
) -> None:
    made = _graph(isolationMode="Disabled", **said)

    assert made.one(_WORKSPACE, "workspace").inputs["serverlessComputeSettings"] == {
        "serverlessComputeCustomSubnet": subnet,
        "serverlessComputeNoPublicIP": closed,
    }


def test_an_outbound_rule_says_what_the_stack_file_does() -> None:
    services = [{"tag": "AzureMonitor", "protocol": "UDP", "ports": "80"}]
    private = [{"resource": _STORAGE, "part": "blob", "spark": True, "hosts": ["a.example.com"]}]

    made = _graph(outbound={"services": services, "private": private})

    rules = [one.inputs["properties"] for one in made.resources if one.token.endswith(":ManagedNetworkSettingsRule")]
    told = {"serviceTag": "AzureMonitor", "protocol": "UDP", "portRanges": "80", "action": "Allow"}
    target = {"serviceResourceId": _STORAGE, "subresourceTarget": "blob", "sparkEnabled": True}
    assert sorted(rules, key=lambda rule: rule["type"]) == [
        {"type": "PrivateEndpoint", "category": "UserDefined", "destination": target, "fqdns": ["a.example.com"]},
        {"type": "ServiceTag", "category": "UserDefined", "destination": told},
    ]


def test_what_is_collected_is_written_to_the_container_of_the_workspace_and_to_no_other() -> None:
    scopes = {one.inputs["scope"] for one in _graph().resources if one.name.endswith("-on-artifacts")}

    assert scopes == {"/id/storage/blobServices/default/containers/azureml-blobstore-guid"}


@pytest.mark.parametrize(
    ("said", "network"),
    [
        ({}, {"isolationMode": "AllowOnlyApprovedOutbound", "firewallSku": "Standard"}),
        ({"firewallSku": "Basic"}, {"isolationMode": "AllowOnlyApprovedOutbound", "firewallSku": "Basic"}),
        ({"isolationMode": "AllowInternetOutbound"}, {"isolationMode": "AllowInternetOutbound"}),
        ({"isolationMode": "Disabled"}, {"isolationMode": "Disabled"}),
    ],
    ids=["unsaid", "firewall", "internet", "off"],
)
def test_a_workspace_has_the_managed_network_that_is_said(said: dict[str, Any], network: dict[str, Any]) -> None:
    made = _graph(**said).one(_WORKSPACE, "workspace").inputs

    assert made["managedNetwork"] == network | {"enableNetworkMonitor": False}


@pytest.mark.parametrize(("public", "access"), [(True, "Enabled"), (False, "Disabled")])
def test_a_workspace_answers_to_whom_it_is_said(public: bool, access: str) -> None:  # noqa: FBT001
    made = _graph(publicNetworkAccess=public).one(_WORKSPACE, "workspace").inputs

    assert made["publicNetworkAccess"] == access


def test_a_workspace_stands_on_what_was_made_for_it_and_lets_out_to_the_hosts_that_are_named() -> None:
    made = _graph(outboundHosts=["packages.example.com"])

    workspace = made.one(_WORKSPACE, "workspace").inputs
    stands_on = ("containerRegistry", "applicationInsights", "storageAccount", "keyVault")
    assert {key: workspace[key] for key in stands_on} == {
        "containerRegistry": "/id/images",
        "applicationInsights": "/id/observability-insights",
        "storageAccount": "/id/storage",
        "keyVault": "/id/vault",
    }
    rules = [one.inputs["properties"] for one in made.resources if one.token.endswith(":ManagedNetworkSettingsRule")]
    assert [(rule["type"], rule["destination"]) for rule in rules] == [("FQDN", "packages.example.com")]
