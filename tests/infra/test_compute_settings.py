"""Machines that a stack file cannot have: told before anything is built, all at once, each with what to do."""

import json
from typing import Any

import pytest

from infra.settings import SettingsError, read
from tests.infra.stacks import LEAST

_SUBNET = "/subscriptions/s/resourceGroups/hub/providers/Microsoft.Network/virtualNetworks/hub/subnets/jobs"
_CPU = {"vmSize": "Standard_DS3_v2", "maxNodes": 1}
_ANN = {"vmSize": "Standard_DS3_v2", "user": "10000000-0000-0000-0000-000000000009"}
_SMALL = {"cpu": "2", "memory": "8Gi"}
_TEAM = {"cpu": "32", "memory": "128Gi", "defaultInstanceType": "small"}
_AKS = "/subscriptions/s/resourceGroups/g/providers/Microsoft.ContainerService/managedClusters/aks"


def _kubernetes(**changed: Any) -> dict[str, Any]:  # noqa: ANN401  any key of the section
    return {"kubernetes": {"instanceTypes": {"small": _SMALL}, "computes": {"team": _TEAM}} | changed}


def _read(changed: dict[str, Any]) -> None:
    sent = {key: value if isinstance(value, str) else json.dumps(value) for key, value in changed.items()}
    read("dev", LEAST | {f"aml-kit:{key}": value for key, value in sent.items()})


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        (
            {"computeClusters": {"cpu": {**_CPU, "subnet": _SUBNET}}},
            "computeClusters.cpu.subnet cannot be with isolationMode 'AllowOnlyApprovedOutbound', a network of its own",
        ),
        (
            {"computeClusters": {"cpu": {**_CPU, "location": "westus2"}}},
            "computeClusters.cpu.location 'westus2' cannot be with isolationMode 'AllowOnlyApprovedOutbound'",
        ),
        ({"computeClusters": {"cpu": {**_CPU, "minNodes": 2}}}, "minNodes 2 is more than maxNodes 1"),
        ({"computeClusters": {"cpu": {**_CPU, "identity": "mine"}}}, "'mine' is not `shared`, `own` or the ARM id of"),
        ({"computeInstances": {"ann": _ANN}}, "people's own machines belong where they experiment: set access.people"),
        (
            {"access": {"people": "work"}, "computeInstances": {"ann": _ANN}},
            "set access.people to 'experiment' (it is 'work'), or computeInstances.ann.anywhere to true",
        ),
        ({"computeInstances": {"ann": {**_ANN, "idleTime": "PT5M"}}}, "idleTime 'PT5M' is not between"),
        ({"computeInstances": {"ann": {**_ANN, "user": "ann"}}}, "'ann' is not an Entra object id"),
        ({"computeInstances": {"ann": {**_ANN, "stopAt": "at six"}}}, "computeInstances.ann.stopAt"),
        ({"serverless": {}}, "serverless needs a subnet: set serverless.subnet or network.subnets.compute"),
        (
            {"isolationMode": "Disabled", "serverless": {"subnet": _AKS}},
            "serverless.subnet must be the id of a Microsoft.Network/virtualNetworks/subnets, not of a",
        ),
        (_kubernetes(cluster=_SUBNET), "cluster must be the id of a Microsoft.ContainerService/managedClusters, not"),
        (_kubernetes(cluster="none"), "'none' is not `create` or the ARM id of one's own"),
        (
            _kubernetes(cluster=_AKS, pools={"gpu": _CPU}),
            "pools means nothing for a cluster of your own: take it away, or set cluster to 'create'",
        ),
        (_kubernetes(pools={"system": _CPU}), "'system' is the name of systemPool; choose another"),
        (_kubernetes(computes={}), "computes is empty: a cluster without one is of no use to the workspace"),
        (
            _kubernetes(instanceTypes={"small": {**_SMALL, "pool": "gpus"}}, pools={"gpu": _CPU}),
            "instanceTypes.small.pool 'gpus' is none of pools; did you mean 'gpu'?",
        ),
        (
            _kubernetes(instanceTypes={"small": {**_SMALL, "gpus": 1}}),
            "instanceTypes.small.gpus: no machine of its pool has one; name a pool of a size with GPUs",
        ),
        (
            _kubernetes(computes={"team": {**_TEAM, "defaultInstanceType": "smal"}}),
            "computes.team.defaultInstanceType 'smal' is none of instanceTypes; did you mean 'small'?",
        ),
        (
            _kubernetes(computes={"team": {"cpu": "32", "defaultInstanceType": "small"}}),
            "cpu and memory are one quota: say both, or neither for a namespace that stands already",
        ),
        (
            _kubernetes(computes={"team": _TEAM, "other": {**_TEAM, "namespace": "team"}}),
            "two have one namespace; a quota is a namespace's, so give each its own",
        ),
        (_kubernetes(computes={"team": {**_TEAM, "gpus": 4}}), "Azure's own quota has no GPUs; set gitOps, or take it"),
        (_kubernetes(podRange="172.31.0.0/20"), "serviceRange and podRange overlap"),
        (_kubernetes(podRange="192.168.0.1/16"), "podRange: 192.168.0.1/16 has host bits set"),
        (
            _kubernetes(gitOps={"url": "https://me:secret@git.example.com/x"}),
            "is not the address of a Git repository, `https://` or `ssh://`, without a user or password in it",
        ),
        (
            {**_kubernetes(), "computeClusters": {"team": _CPU}},
            "kubernetes.computes.team: computeClusters has 'team' too; the names of computes are one list",
        ),
    ],
)
def test_what_cannot_be_is_refused(changed: dict[str, Any], told: str) -> None:
    with pytest.raises(SettingsError) as refused:
        _read(changed)

    lines = [line for line in str(refused.value).splitlines() if line.startswith("  - ")]
    assert len(lines) == 1
    assert told in lines[0]


@pytest.mark.parametrize(
    "changed",
    [
        {"computeInstances": {"ann": {**_ANN, "anywhere": True}}},
        {"access": {"people": "experiment"}, "computeInstances": {"ann": {**_ANN, "stopAt": "never"}}},
        {"isolationMode": "Disabled", "computeClusters": {"cpu": {**_CPU, "subnet": _SUBNET, "location": "westus2"}}},
        {"isolationMode": "Disabled", "serverless": {"subnet": _SUBNET}},
        _kubernetes(),
        _kubernetes(cluster=_AKS),
    ],
)
def test_what_can_be_is_read(changed: dict[str, Any]) -> None:
    _read(changed)


def test_all_that_is_wrong_with_machines_is_told_at_once() -> None:
    with pytest.raises(SettingsError) as refused:
        _read(
            {
                "computeClusters": {"cpu": {**_CPU, "subnet": _SUBNET, "location": "westus2"}},
                "computeInstances": {"ann": _ANN},
                **_kubernetes(),
            }
        )

    assert [line.split(" ")[3] for line in str(refused.value).splitlines()[1:]] == [
        "aml-kit:",
        "aml-kit:",
        "aml-kit:",
    ]


def test_what_is_wrong_is_told_in_the_same_order_in_whatever_order_it_was_written() -> None:
    def told(*names: str) -> str:
        with pytest.raises(SettingsError) as refused:
            _read(_kubernetes(instanceTypes={name: {**_SMALL, "pool": "gone"} for name in names}))
        return str(refused.value)

    assert told("small", "gpu") == told("gpu", "small")
