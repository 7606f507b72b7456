"""What a subscription may not have is refused, as in Azure, by tables that a test or a user changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest

from environments.local import subscription
from tests.environments.local.services.platform import GROUPS, STORAGE, make_group

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.environments.running import LocalAzure

Json = dict[str, Any]
COMPUTES = "2024-10-01"
DSV2 = "standardDSv2Family"


@pytest.fixture
def azure(local_azure: LocalAzure) -> Iterator[LocalAzure]:
    yield local_azure
    subscription.reset(local_azure.home)


def _limit(azure: LocalAzure, **limits: object) -> None:
    subscription.change(azure.home, "quota", {"machineLearning": limits})


def _cluster(least: int = 0, most: int = 4, size: str = "Standard_DS3_v2", priority: str = "Dedicated") -> Json:
    scale = {"minNodeCount": least, "maxNodeCount": most}
    inner = {"vmSize": size, "vmPriority": priority, "scaleSettings": scale}
    return {"location": "eastus", "properties": {"computeType": "AmlCompute", "properties": inner}}


def _told(reply: httpx.Response) -> tuple[int, str]:
    return reply.status_code, reply.json().get("error", {}).get("code", "")


def _refused(azure: LocalAzure, workspace: str, body: Json, name: str = "refused") -> tuple[int, str]:
    reply = azure.arm("PUT", f"{workspace}/computes/{name}", COMPUTES, body)
    azure.wait(reply)
    if reply.status_code < 300:
        azure.wait(azure.arm("DELETE", f"{workspace}/computes/{name}", COMPUTES))
    return _told(reply)


def test_a_cluster_whose_first_machine_does_not_fit_its_family_is_refused(azure: LocalAzure, workspace: str) -> None:
    _limit(azure, dedicated={DSV2: 3})

    reply = azure.arm("PUT", f"{workspace}/computes/refused", COMPUTES, _cluster())

    assert _told(reply) == (400, "ClusterMinNodesExceedCoreQuota")
    assert "standardDSv2Family vCPU quota of 3 and cannot accomodate" in reply.json()["error"]["message"]
    assert azure.arm("GET", f"{workspace}/computes/refused", COMPUTES).status_code == 404


@pytest.mark.parametrize(
    ("body", "limits", "answer"),
    [
        (_cluster(), {"dedicated": {DSV2: 4}}, (201, "")),
        (_cluster(least=2), {"dedicated": {DSV2: 7}}, (400, "ClusterMinNodesExceedCoreQuota")),
        (_cluster(), {"TotalDedicatedCores": 3}, (400, "ClusterMinNodesExceedCoreQuota")),
        (_cluster(priority="LowPriority"), {"dedicated": {DSV2: 0}, "TotalDedicatedCores": 0}, (201, "")),
        (_cluster(priority="LowPriority"), {"TotalLowPriorityCores": 3}, (400, "ClusterMinNodesExceedCoreQuota")),
        (_cluster(), {"regions": {"eastus": {"dedicated": {DSV2: 3}}}}, (400, "ClusterMinNodesExceedCoreQuota")),
        (_cluster(), {"regions": {"westeurope": {"dedicated": {DSV2: 3}}}}, (201, "")),
        (_cluster(size="Standard_NC6"), {}, (400, "InvalidPropertyValue")),
        (
            _cluster(size="Standard_NC40ads_H100_v5", priority="LowPriority"),
            {},
            (400, "UnsupportedVMSizeForLowPriority"),
        ),
    ],
    ids=[
        *("one fits", "the least that always runs", "all families", "low priority has no family"),
        *("low priority in all", "this region", "another region", "retired", "H100"),
    ],
)
def test_quota_is_enforced_where_azure_enforces_it(
    azure: LocalAzure, workspace: str, body: Json, limits: Json, answer: tuple[int, str]
) -> None:
    _limit(azure, **limits)

    assert _refused(azure, workspace, body) == answer


def test_what_is_used_is_told_and_the_next_deployment_must_fit_beside_it(azure: LocalAzure, workspace: str) -> None:
    before = _used(azure)
    azure.put(f"{workspace}/computes/busy", COMPUTES, _cluster(least=2))
    assert _used(azure) == before + 8

    _limit(azure, dedicated={DSV2: before + 8 + 7})  # one instance takes two of four vCPUs: one, and its surge
    reply = _deployment(azure, workspace)
    assert _told(reply) == (400, "OutOfQuota")
    assert f"Current usage/limit: {before + 8}/{before + 15}. Additional needed: 8." in reply.json()["error"]["message"]
    _limit(azure, dedicated={DSV2: before + 16})
    assert _told(_deployment(azure, workspace))[1] != "OutOfQuota"
    azure.wait(azure.arm("DELETE", f"{workspace}/computes/busy", COMPUTES))
    azure.wait(azure.arm("DELETE", f"{workspace}/onlineEndpoints/quota-endpoint", COMPUTES))


def _deployment(azure: LocalAzure, workspace: str) -> httpx.Response:
    endpoint = f"{workspace}/onlineEndpoints/quota-endpoint"
    body = {"location": "eastus", "identity": {"type": "SystemAssigned"}, "properties": {"authMode": "AADToken"}}
    azure.put(endpoint, COMPUTES, body)
    asked = {"endpointComputeType": "Managed", "instanceType": "Standard_DS3_v2"}
    one = {"location": "eastus", "sku": {"name": "Default", "capacity": 1}, "properties": asked}
    reply = azure.arm("PUT", f"{endpoint}/deployments/blue", COMPUTES, one)
    azure.wait(reply)
    return reply


def _used(azure: LocalAzure) -> int:
    where = f"{azure.subscription}/providers/Microsoft.MachineLearningServices/locations/eastus/usages"
    rows = azure.arm("GET", where, COMPUTES).json()["value"]
    (found,) = [row for row in rows if row["name"]["value"] == DSV2 and "dedicated" in row["type"]]
    used: int = found["currentValue"]
    return used


def test_a_namespace_that_is_not_registered_takes_nothing(azure: LocalAzure) -> None:
    group = make_group(azure, "unregistered")
    subscription.change(azure.home, "providers", {"Microsoft.Storage": "NotRegistered"})

    reply = azure.arm("PUT", f"{group}/providers/Microsoft.Storage/storageAccounts/unregistered1", STORAGE, {})

    assert _told(reply) == (409, "MissingSubscriptionRegistration")


def test_the_deployer_may_do_what_the_table_says(azure: LocalAzure) -> None:
    group = make_group(azure, "rights")
    only = {"actions": ["*"], "notActions": ["Microsoft.Storage/*/write"]}
    subscription.change(azure.home, "permissions", {"deployer": [only]})

    reply = azure.arm("PUT", f"{group}/providers/Microsoft.Storage/storageAccounts/rights1", STORAGE, {})

    assert _told(reply) == (403, "AuthorizationFailed")
    assert azure.arm("PUT", group, GROUPS, {"location": "eastus"}).status_code == 200


@pytest.mark.parametrize(
    ("kind", "changed"),
    [
        ("Microsoft.Storage/storageAccounts", {"taken": {"Microsoft.Storage/storageAccounts": ["worldtaken1"]}}),
        ("Microsoft.KeyVault/vaults", {"deletedVaults": {"worldtaken1": {}}}),
        (
            "Microsoft.ContainerRegistry/registries",
            {"taken": {"Microsoft.ContainerRegistry/registries": ["worldtaken1"]}},
        ),
    ],
)
def test_a_name_that_the_world_has_is_neither_available_nor_given(azure: LocalAzure, kind: str, changed: Json) -> None:
    group = make_group(azure, "world")
    subscription.change(azure.home, "names", changed)
    where = f"{azure.subscription}/providers/{kind.partition('/')[0]}/checkNameAvailability"

    told = azure.arm("POST", where, "2023-07-01", {"name": "worldtaken1", "type": kind}).json()
    reply = azure.arm("PUT", f"{group}/providers/{kind}/worldtaken1", "2023-07-01", {"location": "eastus"})

    assert (told["nameAvailable"], told["reason"]) == (False, "AlreadyExists")
    assert _told(reply)[0] == 409


def test_tables_are_changed_and_reset_by_the_plain_port_too(azure: LocalAzure) -> None:
    base = f"http://127.0.0.1:{azure.context.ports.plain}/subscription"
    with httpx.Client(trust_env=False) as client:
        client.patch(f"{base}/quota", json={"machineLearning": {"dedicated": {DSV2: 3}}})
        assert client.get(f"{base}/quota").json()["machineLearning"]["dedicated"][DSV2] == 3
        client.delete(base)
        assert client.get(f"{base}/quota").json()["machineLearning"]["dedicated"][DSV2] == 500
        assert client.get(f"{base}/quotas").status_code == 400


def test_a_table_that_is_no_json_is_named_in_the_answer(azure: LocalAzure) -> None:
    azure.home.folder("subscription").joinpath("quota.json").write_text("{")

    reply = azure.arm(
        "GET", f"{azure.subscription}/providers/Microsoft.MachineLearningServices/locations/eastus/usages", COMPUTES
    )

    assert _told(reply) == (500, "InvalidTable")
    assert "quota.json is no JSON" in reply.json()["error"]["message"]


def _server(
    size: str = "Standard_D2ds_v5", version: str = "16", standby: str = "Disabled", geo: str = "Disabled"
) -> Json:
    inner = {"version": version, "highAvailability": {"mode": standby}, "backup": {"geoRedundantBackup": geo}}
    return {"location": "East US", "sku": {"name": size, "tier": "GeneralPurpose"}, "properties": inner}


@pytest.mark.parametrize(
    ("body", "region", "answer"),
    [
        (_server(standby="ZoneRedundant", geo="Enabled"), {}, (201, "")),
        (_server(size="standard_d2DS_v5"), {}, (201, "")),
        (_server(size="Standard_B1ms"), {}, (400, "InvalidParameterValue")),
        (_server(version="9"), {}, (400, "ParameterOutOfRange")),
        (_server(standby="SameZone"), {"tiers": {"GeneralPurpose": {"Standard_D2ds_v5": []}}}, (400, "HANotSupported")),
        (_server(standby="ZoneRedundant"), {"zones": False}, (400, "HANotSupported")),
        (_server(standby="SameZone"), {"zones": False}, (201, "")),
        (_server(geo="Enabled"), {"geoBackup": False}, (400, "GeoBackupNotSupported")),
        (_server(), {"closed": "offer"}, (400, "LocationIsOfferRestricted")),
    ],
)
def test_a_database_server_that_its_region_does_not_have_is_refused(
    azure: LocalAzure, body: Json, region: Json, answer: tuple[int, str]
) -> None:
    subscription.change(azure.home, "postgresql", {"regions": {"eastus": region, "westeurope": {"closed": "else"}}})
    path = f"{make_group(azure, 'databases')}/providers/Microsoft.DBforPostgreSQL/flexibleServers/psql-limits"

    reply = azure.arm("PUT", path, "2024-08-01", body)
    azure.wait(reply)

    assert _told(reply) == answer
    assert azure.arm("GET", path, "2024-08-01").status_code == (200 if answer[0] == 201 else 404)
    azure.wait(azure.arm("DELETE", path, "2024-08-01"))
