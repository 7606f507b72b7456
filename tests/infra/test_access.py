"""People and outside programs: who is let in, by which right, and whose tokens are trusted."""

import json
from typing import Any

import pytest

from infra.conditions import wanted
from infra.settings import SettingsError, read
from tests.infra.recorder import SUBSCRIPTION, Asked, Graph
from tests.infra.stacks import LEAST, built

_PEOPLE = {
    "dataScientists": "10000000-0000-0000-0000-000000000001",
    "mlEngineers": "10000000-0000-0000-0000-000000000002",
    "auditors": "10000000-0000-0000-0000-000000000003",
    "registryReaders": "10000000-0000-0000-0000-000000000004",
}
_GITHUB = {"repository": "example/platform", "environment": "prod"}
_AZURE_DEVOPS = {
    "issuer": "https://vstoken.dev.azure.com/20000000-0000-0000-0000-000000000001",
    "subject": "sc://example/platform/prod",
}
_EVERYTHING = {
    "access": {
        **_PEOPLE,
        "platformCi": {"gitHub": [_GITHUB]},
        "modelsCi": {"azureDevOps": [_AZURE_DEVOPS]},
    },
    "kubernetes": {
        "subnet": "/subscriptions/s/resourceGroups/hub/providers/Microsoft.Network/virtualNetworks/hub/subnets/nodes",
        "instanceTypes": {"small": {"cpu": "2", "memory": "8Gi"}},
        "computes": {"team": {"cpu": "32", "memory": "128Gi", "defaultInstanceType": "small"}},
    },
}


def _with(**sections: Any) -> dict[str, str]:  # noqa: ANN401  any section of a stack file
    return LEAST | {f"aml-kit:{key}": json.dumps(value) for key, value in sections.items()}


def _made(token: str, made: Graph) -> list[Asked]:
    return [one for one in made.resources if one.token == token]


def _granted(made: Graph) -> dict[str, Asked]:
    return {one.name: one for one in _made("authorization:RoleAssignment", made)}


@pytest.mark.parametrize("people", ["read", "work", "experiment"])
def test_every_row_of_the_table_is_granted_and_nothing_beside_it(people: str) -> None:
    config = _with(**_EVERYTHING | {"access": {**_EVERYTHING["access"], "people": people}})

    assert set(_granted(built("dev", config))) == {grant.name for grant in wanted(read("dev", config), "/group")}


def test_people_are_granted_by_group_and_identities_by_principal() -> None:
    granted = _granted(built("dev", _with(**_EVERYTHING)))

    groups = {one.inputs["principalId"] for one in granted.values() if one.inputs["principalType"] == "Group"}
    assert groups == set(_PEOPLE.values())
    assert {one.inputs["principalType"] for one in granted.values()} == {"Group", "ServicePrincipal"}
    assert {
        name for name, one in granted.items() if one.inputs["principalType"] == "Group"
    } == {  # all look, nobody writes, unless it is said
        "data-scientists-reader-on-workspace",
        "ml-engineers-reader-on-workspace",
        "auditors-reader-on-group",
        "auditors-log-analytics-reader-on-logs",
        "registry-readers-reader-on-registry",
    }


def test_a_group_that_is_not_named_is_granted_nothing() -> None:
    made = _granted(built("dev", _with(access={"people": "experiment", "auditors": _PEOPLE["auditors"]})))

    assert {name for name, one in made.items() if one.inputs["principalType"] == "Group"} == {
        "auditors-reader-on-group",
        "auditors-log-analytics-reader-on-logs",
    }


def test_a_role_of_our_own_can_be_granted_in_the_group_only_and_is_there_first() -> None:
    made = built("dev", _with(access={**_PEOPLE, "people": "work"}))

    (role,) = _made("authorization:RoleDefinition", made)
    grant = _granted(made)["data-scientists-experimenter-on-workspace"]
    group = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-amlkit-dev"
    assert role.inputs["assignableScopes"] == [role.inputs["scope"]]
    assert role.inputs["scope"].startswith(f"/subscriptions/{SUBSCRIPTION}/resourceGroups/")
    assert group.endswith("rg-amlkit-dev")
    assert grant.inputs["roleDefinitionId"].rsplit("/", 1)[1] == role.inputs["roleDefinitionId"]
    assert role.urn in grant.depends_on


def test_outside_programs_are_trusted_by_exact_issuer_and_subject() -> None:
    made = built("dev", _with(**_EVERYTHING))

    trusted = _made("managedidentity:FederatedIdentityCredential", made)
    assert {
        (one.inputs["resourceName"], one.inputs["issuer"], one.inputs["subject"], tuple(one.inputs["audiences"]))
        for one in trusted
    } == {
        (
            "ci-platform-identity",
            "https://token.actions.githubusercontent.com",
            "repo:example/platform:environment:prod",
            ("api://AzureADTokenExchange",),
        ),
        ("ci-models-identity", _AZURE_DEVOPS["issuer"], _AZURE_DEVOPS["subject"], ("api://AzureADTokenExchange",)),
    }


def test_trusts_of_one_identity_are_written_one_after_the_other() -> None:
    both = {"modelsCi": {"gitHub": [_GITHUB], "azureDevOps": [_AZURE_DEVOPS]}}

    first, second = _made("managedidentity:FederatedIdentityCredential", built("dev", _with(access=both)))

    assert first.urn in second.depends_on


def test_a_cluster_with_an_identity_of_its_own_has_the_rights_of_all_clusters() -> None:
    clusters = {
        "cpu": {"vmSize": "Standard_DS3_v2", "maxNodes": 1, "identity": "own"},
        "gpu": {"vmSize": "Standard_NC4as_T4_v3", "maxNodes": 1},
    }

    made = built("dev", _with(computeClusters=clusters))

    granted = _granted(made)
    own = {name: one for name, one in granted.items() if name.startswith("cpu-compute-")}
    assert set(own) == {f"cpu-{name}" for name in granted if name.startswith("compute-")}
    assert {one.inputs["principalId"] for one in own.values()} == {"principalId of compute-cpu-identity"}
    waits = {urn.rsplit("::", 1)[1] for urn in made.one("machinelearningservices:Compute", "cpu").depends_on}
    assert set(own) <= waits


def _workflows(count: int) -> list[dict[str, str]]:
    return [{"repository": "example/models", "environment": f"prod-{number}"} for number in range(count)]


@pytest.mark.parametrize(
    ("access", "told"),
    [
        ({"platformCi": {}}, "access.platformCi: names nobody: add to gitHub or azureDevOps, or take the section away"),
        (
            {"modelsCi": {"gitHub": _workflows(21)}},
            "access.modelsCi: names 21 outside programs; one identity takes 20 at most",
        ),
        ({"modelsCi": {"gitHub": [_GITHUB, _GITHUB]}}, "access.modelsCi: names an outside program twice"),
        (
            {"modelsCi": {"gitHub": [{**_GITHUB, "environment": "*"}]}},
            (
                "access.modelsCi.gitHub.0.environment: '*' is not the exact name of a protected environment, without "
                "any wildcard"
            ),
        ),
        (
            {"modelsCi": {"gitHub": [{"repository": "example/models", "branch": "main"}]}},
            "access.modelsCi.gitHub.0.branch: no such key; known are environment, repository",
        ),
        (
            {"modelsCi": {"azureDevOps": [{**_AZURE_DEVOPS, "issuer": "https://example.com"}]}},
            (
                "access.modelsCi.azureDevOps.0.issuer: 'https://example.com' is not the issuer that the service "
                "connection shows: `https://login.microsoftonline.com/TENANT/v2.0` or "
                "`https://vstoken.dev.azure.com/ORGANIZATION`"
            ),
        ),
        (
            {"auditors": "someone@example.com"},
            "access.auditors: 'someone@example.com' is not an Entra object id (a GUID in lower case)",
        ),
        ({"people": "own"}, "access.people: should be 'read', 'work' or 'experiment', not 'own'"),
    ],
    ids=["nobody", "too many", "twice", "any environment", "a branch", "any issuer", "a person", "a word too much"],
)
def test_what_would_let_in_too_much_is_refused(access: dict[str, Any], told: str) -> None:
    with pytest.raises(SettingsError) as refused:
        read("dev", _with(access=access))

    assert f"  - aml-kit:{told}" in str(refused.value).splitlines()


def test_twenty_outside_programs_are_not_too_many() -> None:
    read("dev", _with(access={"modelsCi": {"gitHub": _workflows(20)}}))


@pytest.mark.parametrize(
    ("network", "role"),
    [
        ({"addressSpace": "10.40.0.0/20", "subnets": {"kubernetes": "10.40.1.0/24"}}, "subnet-joiner"),
        (
            {
                "virtualNetwork": "/subscriptions/s/resourceGroups/hub/providers/Microsoft.Network/virtualNetworks/hub",
                "subnets": {"kubernetes": "nodes"},
            },
            "network-contributor",  # a role of our own ends at the environment's group
        ),
    ],
    ids=["made here", "brought along"],
)
def test_a_cluster_may_join_the_subnet_that_it_stands_in(network: dict[str, Any], role: str) -> None:
    asked = {key: value for key, value in _EVERYTHING["kubernetes"].items() if key != "subnet"}

    made = built("dev", _with(kubernetes=asked, network=network, publicNetworkAccess=True))

    granted = _granted(made)
    cluster = made.one("containerservice:ManagedCluster")
    assert [name for name in granted if name.startswith("cluster-")] == [f"cluster-{role}-on-subnet"]
    assert granted[f"cluster-{role}-on-subnet"].urn in cluster.depends_on
    assert (
        cluster.inputs["agentPoolProfiles"][0]["vnetSubnetID"] == granted[f"cluster-{role}-on-subnet"].inputs["scope"]
    )
