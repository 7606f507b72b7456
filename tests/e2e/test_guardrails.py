"""What no pack has seen is refused at run time: by hand, and by a program that runs without the pack."""

from __future__ import annotations

import json
import textwrap
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from environments.local.install import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from tests.e2e.local import Local

_BY_HAND = textwrap.dedent("""
    import json, os
    from azure.ai.ml import MLClient
    from azure.ai.ml.entities import Workspace
    from azure.core.exceptions import HttpResponseError
    from azure.identity import DefaultAzureCredential

    ml = MLClient(DefaultAzureCredential(), os.environ["AZURE_SUBSCRIPTION_ID"], "guarded")
    try:
        made = ml.workspaces.begin_create(Workspace(name="clicked", location="eastus")).result()
        print("answer", json.dumps({"made": made.name}))
    except HttpResponseError as error:
        print("answer", json.dumps({"code": error.error.code, "message": error.error.message}))
""")
_PLAINLY = textwrap.dedent("""
    import json, os, requests
    from azure.identity import DefaultAzureCredential

    token = DefaultAzureCredential().get_token("https://management.azure.com/.default").token
    where = f"https://management.azure.com/subscriptions/{os.environ['AZURE_SUBSCRIPTION_ID']}/resourceGroups/guarded"
    reply = requests.put(
        f"{where}/providers/Microsoft.Storage/storageAccounts/clickedaccount?api-version=2024-01-01",
        headers={"Authorization": f"Bearer {token}"},
        json={"location": "eastus", "kind": "StorageV2", "sku": {"name": "Standard_LRS"}, "properties": {}},
    )
    print("answer", json.dumps({"status": reply.status_code, "error": reply.json().get("error")}))
""")


_LABELLED = textwrap.dedent("""
    import json, os, requests
    from azure.identity import DefaultAzureCredential

    token = DefaultAzureCredential().get_token("https://management.azure.com/.default").token
    where = f"https://management.azure.com/subscriptions/{os.environ['AZURE_SUBSCRIPTION_ID']}/resourceGroups/guarded"
    reply = requests.put(
        f"{where}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/clicked?api-version=2023-01-31",
        headers={"Authorization": f"Bearer {token}"},
        json={"location": "eastus", "tags": {"purpose": "trying"}},
    )
    print("answer", json.dumps(reply.json().get("tags")))
""")


def _ran(local: Local, program: str) -> dict[str, Any]:
    said = local.azure("run", "--", "python", "-c", program)
    found: dict[str, Any] = json.loads(said.split("answer ")[-1].splitlines()[0])
    return found


def _project(local: Local, folder: Path) -> Local:
    (folder / "Pulumi.yaml").write_text("name: guarded\nruntime: python\n")
    (folder / "__main__.py").write_text("import tests.e2e.programs.guarded\n")
    for name in ("tests", "infra"):
        (folder / name).symlink_to(ROOT / name)
    found = replace(local, checkout=folder)
    found.azure("run", "--", "pulumi", "stack", "init", "local")
    _set(found, "azure-native:location", "eastus")
    return found


def _set(project: Local, key: str, value: str) -> None:
    project.azure("run", "--", "pulumi", "config", "set", key, value, "-s", "local")


def test_what_breaks_the_guardrails_is_refused_by_hand_and_without_the_pack_until_they_are_taken_away(
    local: Local, tmp_path: Path
) -> None:
    project = _project(local, tmp_path)
    _set(project, "guarded", "true")
    assert set(project.changes("up", "--yes", "--skip-preview")) == {"create"}

    clicked = _ran(project, _PLAINLY)
    assert clicked["status"] == 403, clicked
    assert clicked["error"]["code"] == "RequestDisallowedByPolicy"
    infos = [each["info"] for each in clicked["error"]["additionalInfo"]]
    assert {each["policyDefinitionReferenceId"] for each in infos} == {"s01", "s03-built-in", "s04"}
    assert {each["policyAssignmentName"] for each in infos} == {"guardrails"}
    by_hand = _ran(project, _BY_HAND)
    assert by_hand["code"] == "RequestDisallowedByPolicy"
    assert "disallowed by policy" in by_hand["message"]

    assert _ran(project, _LABELLED) == {"owner": "weather", "purpose": "trying"}

    _set(project, "open", "true")
    code, said = project.ended("run", "--", "pulumi", "up", "-s", "local", "--yes", "--skip-preview")
    assert code != 0
    assert "RequestDisallowedByPolicy" in said
    assert "guardrails-storage-no-shared-key" in said

    for key, value in {"open": "false", "guarded": "false"}.items():
        _set(project, key, value)
    assert project.changes("up", "--yes", "--skip-preview") == {"delete": 2}  # Pulumi deletes after it has changed
    _set(project, "open", "true")
    project.azure("run", "--", "pulumi", "up", "-s", "local", "--yes", "--skip-preview")
    assert _ran(project, _PLAINLY) == {"status": 201, "error": None}
    assert _ran(project, _BY_HAND) == {"made": "clicked"}
    assert _ran(project, _LABELLED) == {"purpose": "trying"}
    assert set(project.changes("destroy", "--yes", "--skip-preview")) == {"delete"}
