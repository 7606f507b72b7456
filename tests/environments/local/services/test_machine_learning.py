"""Workspaces, datastores, code and registries, request by request."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from azure.storage.blob import BlobServiceClient

from tests.environments.local.services.platform import DATASTORES, WORKSPACES, make_group, workspace_body

if TYPE_CHECKING:
    from tests.environments.running import LocalAzure

CODE = "2023-04-01"


def test_a_workspace_needs_its_storage_vault_and_insights_and_they_must_exist(local_azure: LocalAzure) -> None:
    group = make_group(local_azure, "incomplete")
    path = f"{group}/providers/Microsoft.MachineLearningServices/workspaces/ws"
    body = workspace_body(local_azure, group, "incomplete")
    without = {**body, "properties": {k: v for k, v in body["properties"].items() if k != "keyVault"}}
    reply = local_azure.arm("PUT", path, WORKSPACES, without)
    assert (reply.status_code, "keyVault" in reply.json()["error"]["message"]) == (400, True)
    gone = {**body, "properties": {**body["properties"], "keyVault": body["properties"]["keyVault"] + "x"}}
    reply = local_azure.arm("PUT", path, WORKSPACES, gone)
    assert (reply.status_code, reply.json()["error"]["code"]) == (400, "InvalidResourceReference")
    assert local_azure.arm("GET", path, WORKSPACES).status_code == 404


def test_a_workspace_tells_where_its_data_plane_and_its_tracking_are(local_azure: LocalAzure, workspace: str) -> None:
    found = local_azure.arm("GET", workspace, WORKSPACES).json()["properties"]
    assert found["mlFlowTrackingUri"] == f"azureml://eastus.api.azureml.ms/mlflow/v1.0{workspace}"
    assert str(uuid.UUID(found["workspaceId"])) == found["workspaceId"]
    with local_azure.http("https://ml.azure.com") as client:
        api = "https://eastus.api.azureml.ms"
        assert client.get(found["discoveryUrl"]).json() == {"api": api, "history": api}


def test_a_workspaces_storage_never_changes(local_azure: LocalAzure) -> None:
    group = make_group(local_azure, "fixed")
    path = f"{group}/providers/Microsoft.MachineLearningServices/workspaces/fixed"
    local_azure.put(path, WORKSPACES, workspace_body(local_azure, group, "fixed"))
    other = workspace_body(local_azure, group, "otherfixed")
    assert local_azure.arm("PUT", path, WORKSPACES, other).json()["error"]["code"] == "PropertyChangeNotAllowed"


def test_a_managed_network_is_never_disabled_again(local_azure: LocalAzure) -> None:
    group = make_group(local_azure, "managed")
    path = f"{group}/providers/Microsoft.MachineLearningServices/workspaces/managed"
    body = workspace_body(local_azure, group, "managed")
    for mode in ("AllowInternetOutbound", "AllowOnlyApprovedOutbound"):
        local_azure.put(path, WORKSPACES, _isolated(body, mode))

    refused = local_azure.arm("PUT", path, WORKSPACES, _isolated(body, "Disabled"))

    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "ValidationError")


def _isolated(body: dict[str, Any], mode: str) -> dict[str, Any]:
    return {**body, "properties": {**body["properties"], "managedNetwork": {"isolationMode": mode}}}


def _datastore(local_azure: LocalAzure, workspace: str, name: str, **more: object) -> str:
    path = f"{workspace}/datastores/{name}"
    body = {
        "datastoreType": "AzureBlob",
        "accountName": "sharedstore",
        "containerName": "azureml",
        "credentials": {"credentialsType": "AccountKey", "secrets": {"secretsType": "AccountKey", "key": "c2VjcmV0"}},
        **more,
    }
    local_azure.put(path, DATASTORES, {"properties": body})
    return path


def test_a_datastores_secret_comes_out_by_list_secrets_only(local_azure: LocalAzure, workspace: str) -> None:
    path = _datastore(local_azure, workspace, "secretive")
    for reply in (
        local_azure.arm("GET", path, DATASTORES),
        local_azure.arm("GET", f"{workspace}/datastores", DATASTORES),
    ):
        assert "c2VjcmV0" not in reply.text
    secrets = local_azure.arm("POST", f"{path}/listSecrets", DATASTORES, {}).json()
    assert secrets == {"secretsType": "AccountKey", "key": "c2VjcmV0"}
    seen = local_azure.arm("GET", path, DATASTORES).json()["properties"]
    local_azure.arm("PUT", path, DATASTORES, {"properties": seen})
    assert local_azure.arm("POST", f"{path}/listSecrets", DATASTORES, {}).json() == secrets


def test_an_identity_based_datastore_has_no_secrets(local_azure: LocalAzure, workspace: str) -> None:
    path = _datastore(local_azure, workspace, "byidentity", credentials={"credentialsType": "None"})
    reply = local_azure.arm("POST", f"{path}/listSecrets", DATASTORES, {})
    assert (reply.status_code, reply.json()["error"]["code"]) == (400, "UserError")


def test_the_system_datastores_token_opens_their_container_and_no_other(
    local_azure: LocalAzure, workspace: str
) -> None:
    path = f"{workspace}/datastores/workspaceblobstore"
    own = local_azure.arm("GET", path, DATASTORES).json()["properties"]
    secrets = local_azure.arm("POST", f"{path}/listSecrets", DATASTORES, {"expirableSecret": True}).json()
    assert secrets["secretsType"] == "Sas"
    address = local_azure.context.accounts.client(own["accountName"]).url
    client = BlobServiceClient(address, credential=secrets["sasToken"], connection_verify=str(local_azure.home.bundle))
    client.get_blob_client(own["containerName"], "by-token").upload_blob(b"x", overwrite=True)
    other = client.get_blob_client("azureml", "by-token")
    assert _refused(lambda: other.upload_blob(b"x"))


def _refused(call: object) -> bool:
    try:
        call()  # type: ignore[operator]
    except Exception as error:  # noqa: BLE001 - the kind of refusal is Azurite's
        return "Authoriz" in str(error) or "authenticate" in str(error)
    return False


def test_only_one_datastore_is_the_default(local_azure: LocalAzure) -> None:
    group = make_group(local_azure, "defaults")
    path = f"{group}/providers/Microsoft.MachineLearningServices/workspaces/defaults"
    local_azure.put(path, WORKSPACES, workspace_body(local_azure, group, "defaults"))
    _datastore(local_azure, path, "newdefault", accountName="defaultsstore", isDefault=True)
    listed = local_azure.arm("GET", f"{path}/datastores?isDefault=true", DATASTORES).json()["value"]
    assert [each["name"] for each in listed] == ["newdefault"]


def test_each_upload_of_code_gets_a_container_of_its_own(local_azure: LocalAzure, workspace: str) -> None:
    places = set()
    for _ in range(2):
        path = f"{workspace}/codes/{uuid.uuid4()}/versions/1/startPendingUpload"
        reply = local_azure.arm("POST", path, CODE, {"pendingUploadType": "TemporaryBlobReference"}).json()
        reference = reply["blobReferenceForConsumption"]
        assert reference["credential"]["sasUri"].startswith(reference["blobUri"] + "?")
        places.add(reference["blobUri"])
    assert len(places) == 2


def test_code_is_found_again_by_its_hash_in_the_whole_workspace(local_azure: LocalAzure, workspace: str) -> None:
    container = local_azure.context.accounts.client("sharedstore").get_container_client("azureml")
    container.upload_blob("src/t.py", b"print(1)", overwrite=True)
    uri = "https://sharedstore.blob.core.windows.net/azureml/src"
    digest = uuid.uuid4().hex * 2
    path = f"{workspace}/codes/{uuid.uuid4()}/versions/1"
    properties = {"hash_sha256": digest, "hash_version": "202208"}
    reply = local_azure.arm("PUT", path, CODE, {"properties": {"codeUri": uri, "properties": properties}})
    assert reply.status_code == 201, reply.text
    elsewhere = f"{workspace}/codes/{uuid.uuid4()}/versions?hash={digest}&hashVersion=202208"
    assert [each["id"] for each in local_azure.arm("GET", elsewhere, CODE).json()["value"]] == [path]
    assert local_azure.arm("GET", elsewhere.replace(digest, "0" * 64), CODE).json()["value"] == []


def test_a_code_version_of_nothing_is_refused(local_azure: LocalAzure, workspace: str) -> None:
    path = f"{workspace}/codes/{uuid.uuid4()}/versions/1"
    uri = "https://sharedstore.blob.core.windows.net/azureml/no/where"
    reply = local_azure.arm("PUT", path, CODE, {"properties": {"codeUri": uri}})
    assert (reply.status_code, reply.json()["error"]["code"]) == (400, "CodePathNotFound")


def test_a_template_other_than_the_workspaces_is_refused(local_azure: LocalAzure) -> None:
    group = make_group(local_azure, "templates")
    path = f"{group}/providers/Microsoft.Resources/deployments/d"
    body = {"properties": {"mode": "Incremental", "template": {"resources": []}, "parameters": {}}}
    reply = local_azure.arm("PUT", path, "2020-06-01", body)
    assert (reply.status_code, reply.json()["error"]["code"]) == (400, "InvalidTemplate")
