from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.environments.running import LocalAzure

VERSION = "2024-03-01"


def test_a_group_is_made_found_in_any_case_and_deleted_by_an_operation(local_azure: LocalAzure) -> None:
    path = f"{local_azure.subscription}/resourceGroups/First"
    made = local_azure.put(path, VERSION, {"location": "eastus", "tags": {"a": "b"}})
    assert (made["name"], made["tags"], made["properties"]) == ("First", {"a": "b"}, {"provisioningState": "Succeeded"})
    found = local_azure.arm("GET", path.lower(), VERSION)
    assert (found.status_code, found.json()["id"]) == (200, path)

    gone = local_azure.arm("DELETE", path, VERSION)
    assert gone.status_code == 202
    assert local_azure.wait(gone)["status"] == "Succeeded"
    assert local_azure.arm("GET", path, VERSION).status_code == 404
    assert local_azure.arm("DELETE", path, VERSION).status_code == 204


def test_an_unknown_type_is_refused_in_azures_shape(local_azure: LocalAzure) -> None:
    local_azure.put(f"{local_azure.subscription}/resourceGroups/G", VERSION, {"location": "eastus"})
    path = f"{local_azure.subscription}/resourceGroups/G/providers/Microsoft.Quantum/workspaces/Q"
    reply = local_azure.arm("PUT", path, "2024-01-01", {"location": "eastus"})
    assert (reply.status_code, reply.headers["x-ms-error-code"]) == (404, "InvalidResourceType")
    assert reply.json()["error"]["code"] == "InvalidResourceType"


def test_nobody_gets_in_without_a_token(local_azure: LocalAzure) -> None:
    with local_azure.http() as client:
        client.headers.pop("Authorization")
        reply = client.get("https://management.azure.com/subscriptions?api-version=2022-12-01")
    assert (reply.status_code, reply.json()["error"]["code"]) == (401, "AuthenticationFailed")
