from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import pytest
from azure.core.exceptions import HttpResponseError

from environments.local import supervisor
from tests.environments.local.services.platform import STORAGE, make_account, make_group

if TYPE_CHECKING:
    from tests.environments.running import LocalAzure

BODY = {"location": "eastus", "kind": "StorageV2", "sku": {"name": "Standard_LRS"}, "properties": {}}


@pytest.mark.parametrize("name", ["Upper", "ab", "with-dash", "x" * 25])
def test_a_name_that_azure_does_not_take_is_refused(local_azure: LocalAzure, name: str) -> None:
    path = f"{make_group(local_azure, 'storage')}/providers/Microsoft.Storage/storageAccounts/{name}"
    reply = local_azure.arm("PUT", path, STORAGE, BODY)
    assert (reply.status_code, reply.json()["error"]["code"]) == (400, "AccountNameInvalid")


def test_a_name_is_taken_in_all_groups(local_azure: LocalAzure) -> None:
    make_account(local_azure, make_group(local_azure, "storage"), "takenname")
    other = f"{make_group(local_azure, 'storage2')}/providers/Microsoft.Storage/storageAccounts/takenname"
    reply = local_azure.arm("PUT", other, STORAGE, BODY)
    assert (reply.status_code, reply.json()["error"]["code"]) == (409, "StorageAccountAlreadyTaken")


def test_containers_are_made_and_deleted_in_the_accounts_own_azurite(local_azure: LocalAzure) -> None:
    account = make_account(local_azure, make_group(local_azure, "storage"), "withcontainers")
    path = f"{account}/blobServices/default/containers/kept"
    assert local_azure.arm("PUT", path, STORAGE, {"properties": {}}).status_code == 201
    client = local_azure.context.accounts.client("withcontainers").get_container_client("kept")
    assert client.exists()
    assert local_azure.arm("DELETE", path, STORAGE).status_code == 200
    assert not client.exists()


def test_keys_open_the_account_and_a_new_key_closes_it_to_the_old_one(local_azure: LocalAzure) -> None:
    account = make_account(local_azure, make_group(local_azure, "storage"), "withkeys")
    old = local_azure.arm("POST", f"{account}/listKeys", STORAGE).json()["keys"][0]["value"]
    assert len(base64.b64decode(old)) == 64
    before = local_azure.context.accounts.client("withkeys")
    before.create_container("first")
    new = local_azure.arm("POST", f"{account}/regenerateKey", STORAGE, {"keyName": "key1"}).json()["keys"][0]["value"]
    assert new != old
    after = local_azure.context.accounts.client("withkeys")
    assert after.get_container_client("first").exists()
    stale = type(before)(
        after.url,
        credential={"account_name": "withkeys", "account_key": old},
        connection_verify=str(local_azure.home.bundle),
    )
    with pytest.raises(HttpResponseError, match="Authentication"):
        stale.get_account_information()


def test_deleting_the_account_ends_its_azurite_and_its_blobs(local_azure: LocalAzure) -> None:
    account = make_account(local_azure, make_group(local_azure, "storage"), "goesaway")
    running = supervisor.find(local_azure.home, "azurite-goesaway")
    assert running is not None
    local_azure.wait(local_azure.arm("DELETE", account, STORAGE))
    assert not running.alive
    assert local_azure.context.accounts.get("goesaway") is None
    assert not (local_azure.home.path / "azurite" / "goesaway").exists()


def test_deleting_the_group_ends_the_azurites_in_it(local_azure: LocalAzure) -> None:
    group = make_group(local_azure, "doomed")
    make_account(local_azure, group, "doomedaccount")
    running = supervisor.find(local_azure.home, "azurite-doomedaccount")
    assert running is not None
    local_azure.wait(local_azure.arm("DELETE", group, "2024-03-01"))
    assert not running.alive
