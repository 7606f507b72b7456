"""One environment as a whole: what it tells mlops, in which order it is made, what it never does."""

import json

import pytest

from tests.infra.recorder import SUBSCRIPTION, TENANT
from tests.infra.stacks import STACKS, graph


def test_the_outputs_are_exactly_what_mlops_reads() -> None:
    outputs = graph("local").outputs

    identity = {"id", "clientId", "principalId"}
    assert outputs == {
        "environment": "local",
        "subscriptionId": SUBSCRIPTION,
        "tenantId": TENANT,
        "location": "eastus",
        "resourceGroupName": "rg-amlkit-local",
        "workspaceName": "mlw-amlkit-local",
        "workspaceId": "/id/workspaces/mlw-amlkit-local",
        "registryName": outputs["registryName"],
        "storageAccountName": outputs["storageAccountName"],
        "containers": {"artifacts": "azureml-blobstore-guid"},
        "computeClusters": {
            "cpu": {
                "name": "cpu",
                "vmSize": "Standard_DS3_v2",
                "family": "standardDSv2Family",
                "tier": "Dedicated",
                "maxNodes": 2,
                "gpu": False,
            },
            "gpu": {
                "name": "gpu",
                "vmSize": "Standard_NC4as_T4_v3",
                "family": "Standard NCASv3_T4 Family",
                "tier": "Dedicated",
                "maxNodes": 1,
                "gpu": True,
            },
        },
        "onlineEndpoints": {
            "rain": {
                "name": outputs["onlineEndpoints"]["rain"]["name"],
                "scoringUri": outputs["onlineEndpoints"]["rain"]["scoringUri"],
                "identityClientId": "clientId of endpoint-identity",
            }
        },
        "identities": {
            who: {key: outputs["identities"][who][key] for key in identity}
            for who in ("workspace", "compute", "endpoint", "controller")
        },
    }


@pytest.mark.parametrize("stack", STACKS)
def test_no_output_holds_a_key_or_a_connection_string(stack: str) -> None:
    told = json.dumps(graph(stack).outputs).lower()

    assert [word for word in ("connectionstring", "instrumentationkey", "accountkey", "password") if word in told] == []


def _waits_for(asked: tuple[str, ...]) -> set[str]:
    return {urn.rsplit("::", 1)[1] for urn in asked if "RoleAssignment" in urn}


def test_whatever_works_by_an_identity_waits_for_what_that_identity_was_granted() -> None:
    made = graph("local")
    granted = {r.name for r in made.resources if r.token == "authorization:RoleAssignment"}

    for token, who in (
        ("machinelearningservices:Workspace", "workspace-"),
        ("machinelearningservices:Compute", "compute-"),
        ("machinelearningservices:OnlineEndpoint", "endpoint-"),
    ):
        for resource in (r for r in made.resources if r.token == token):
            assert _waits_for(resource.depends_on) == {name for name in granted if name.startswith(who)}


def test_every_resource_has_a_component_above_it() -> None:
    assert [r.name for r in graph("local").resources if "aml-kit:infra:" not in r.parent] == []
