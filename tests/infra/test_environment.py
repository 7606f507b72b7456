"""One environment as a whole: what it tells mlops, in which order it is made, what it never does."""

import json

import pulumi
import pytest

from infra.__main__ import main
from tests.infra.recorder import SUBSCRIPTION, TENANT, record
from tests.infra.stacks import SCENARIOS, STACKS, config, graph


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


@pytest.mark.parametrize("stack", ["local", *SCENARIOS])
def test_every_resource_has_a_component_above_it(stack: str) -> None:
    assert [r.name for r in graph(stack).resources if "aml-kit:infra:" not in r.parent] == []


@pytest.mark.parametrize(
    ("stack", "kept"),
    [("local", set()), ("dev", set()), ("staging", set()), ("prod", {"workspace", "storage", "vault", "registry"})],
)
def test_what_cannot_be_had_back_is_protected_where_people_rely_on_it(stack: str, kept: set[str]) -> None:
    assert {one.name for one in graph(stack).resources if one.protect} == kept


def test_a_feature_that_is_off_leaves_nothing_behind() -> None:
    only_cpu = {"cpu": {"vmSize": "Standard_DS3_v2", "maxNodes": 1}}

    whole = {one.name for one in graph("local").resources}
    without = {one.name for one in graph("local", onlineEndpoints={}, computeClusters=only_cpu).resources}

    assert whole - without == {"gpu", "rain"}
    assert without < whole


def test_a_wrong_stack_file_ends_the_program_before_anything_is_declared() -> None:
    def program() -> dict[str, object]:
        pulumi.runtime.set_all_config({**config("local"), "aml-kit:isolationMod": "Disabled"})
        main()
        return {}

    with pytest.raises(pulumi.RunError, match="aml-kit:isolationMod: no such key; did you mean 'isolationMode'"):
        record(program)


def test_the_program_builds_what_its_stack_file_says() -> None:
    def program() -> dict[str, object]:
        pulumi.runtime.set_all_config(config("local"))
        main()
        return {}

    assert [one.name for one in record(program).resources if one.token == "resources:ResourceGroup"] == ["group"]
