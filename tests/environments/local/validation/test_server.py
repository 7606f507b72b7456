"""Every PUT is checked, whatever asks for it; and `status` says by what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import httpx
import pytest

from environments.local import validation
from tests.environments.local.services import platform

if TYPE_CHECKING:
    from tests.environments.running import LocalAzure


@pytest.fixture(scope="module")
def workspace(local_azure: LocalAzure) -> str:
    return platform.make_workspace(local_azure, "checked", "checked")


class Wrong(NamedTuple):
    below: str
    version: str
    body: dict[str, Any]
    at: str


_CASES = {
    "unknown property": Wrong(
        "datastores/d",
        "2024-10-01-preview",
        {"properties": {"datastoreType": "AzureBlob", "credentials": {"credentialsType": "None"}, "acount": "x"}},
        "properties.acount",
    ),
    "bad enum": Wrong(
        "onlineEndpoints/wrong",
        "2022-02-01-preview",
        {"location": "eastus", "properties": {"authMode": "Perhaps"}},
        "properties.authMode",
    ),
    "required left out": Wrong(
        "onlineEndpoints/wrong", "2022-02-01-preview", {"location": "eastus", "properties": {}}, "properties.authMode"
    ),
    "wrong type": Wrong(
        "computes/wrong",
        "2023-08-01-preview",
        {"properties": {"computeType": "AmlCompute", "properties": {"scaleSettings": {"maxNodeCount": "two"}}}},
        "properties.properties.scaleSettings.maxNodeCount",
    ),
}


@pytest.mark.parametrize("wrong", _CASES.values(), ids=_CASES)
def test_a_wrong_body_is_refused_and_nothing_is_made(local_azure: LocalAzure, workspace: str, wrong: Wrong) -> None:
    path = f"{workspace}/{wrong.below}"
    reply = local_azure.arm("PUT", path, wrong.version, wrong.body)
    error = reply.json()["error"]
    assert (reply.status_code, reply.headers["x-ms-error-code"]) == (400, "InvalidRequestContent")
    assert [each["code"] for each in error["details"]] == ["InvalidRequestContent"]
    assert error["details"][0]["message"].startswith(f"'{wrong.at}' ")
    assert local_azure.arm("GET", path, wrong.version).status_code == 404


def test_other_namespaces_are_checked_too(local_azure: LocalAzure, workspace: str) -> None:
    path = f"{workspace.partition('/providers/')[0]}/providers/Microsoft.Storage/storageAccounts/wrong"
    body = {"location": "eastus", "kind": "StorageV3", "sku": {"name": "Standard_LRS", "size": "big"}}
    reply = local_azure.arm("PUT", path, "2024-01-01", body)
    assert reply.status_code == 400
    assert {each["message"].split("'")[1] for each in reply.json()["error"]["details"]} == {"kind", "sku.size"}


def test_an_enum_in_the_sdks_case_is_kept_in_azures(local_azure: LocalAzure, workspace: str) -> None:
    body = {"location": "eastus", "properties": {"authMode": "aadToken", "publicNetworkAccess": "enabled"}}
    found = local_azure.put(f"{workspace}/onlineEndpoints/cased", "2022-02-01-preview", body)
    assert (found["properties"]["authMode"], found["properties"]["publicNetworkAccess"]) == ("AADToken", "Enabled")


_MADE = {
    "": "2024-03-01",
    "/providers/Microsoft.KeyVault/vaults/checked-vault": "2024-11-01",
    "/providers/Microsoft.Insights/components/checked-insights": "2020-02-02",
    "/providers/Microsoft.Storage/storageAccounts/checkedstore": "2024-01-01",
    "/providers/Microsoft.MachineLearningServices/workspaces/checked": platform.WORKSPACES,
}


@pytest.mark.parametrize("made", _MADE)
def test_what_is_answered_may_be_sent_back(local_azure: LocalAzure, workspace: str, made: str) -> None:
    """The SDK's updates, and those who use `az rest`, put whole answers."""
    path = f"{workspace.partition('/providers/')[0]}{made}"
    reply = local_azure.arm("PUT", path, _MADE[made], local_azure.arm("GET", path, _MADE[made]).json())
    assert reply.status_code == 200, reply.text
    local_azure.wait(reply)


def test_status_says_by_what_bodies_are_checked(local_azure: LocalAzure) -> None:
    plain = f"http://127.0.0.1:{local_azure.context.ports.plain}/status"
    said = httpx.get(plain, trust_env=False).json()["validation"]
    settings = local_azure.context.settings
    assert said == validation.described(settings)
    assert ("schemas are off" in said) == (settings.schemas is None)
