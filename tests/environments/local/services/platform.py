"""What a workspace stands on, made by plain requests; and programs of a user, run as `local-azure run` runs them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from typing import TYPE_CHECKING, Any

from environments.local import environment

if TYPE_CHECKING:
    from tests.environments.running import LocalAzure

GROUPS = "2024-03-01"
STORAGE = "2024-01-01"
WORKSPACES = "2024-10-01-preview"
DATASTORES = "2024-10-01-preview"


def make_group(azure: LocalAzure, name: str) -> str:
    path = f"{azure.subscription}/resourceGroups/{name}"
    azure.put(path, GROUPS, {"location": "eastus"})
    return path


def make_account(azure: LocalAzure, group: str, name: str) -> str:
    path = f"{group}/providers/Microsoft.Storage/storageAccounts/{name}"
    body = {"location": "eastus", "kind": "StorageV2", "sku": {"name": "Standard_LRS"}, "properties": {}}
    azure.put(path, STORAGE, body)
    return path


def workspace_body(azure: LocalAzure, group: str, name: str) -> dict[str, Any]:
    """Make what a workspace needs, and the body to make it with."""
    storage = make_account(azure, group, f"{name}store")
    vault = f"{group}/providers/Microsoft.KeyVault/vaults/{name}-vault"
    insights = f"{group}/providers/Microsoft.Insights/components/{name}-insights"
    sku = {"family": "A", "name": "standard"}
    tenant = azure.context.settings.tenant
    azure.put(
        vault,
        "2024-11-01",
        {"location": "eastus", "properties": {"tenantId": tenant, "sku": sku, "accessPolicies": []}},
    )
    azure.put(
        insights,
        "2020-02-02",
        {"location": "eastus", "kind": "web", "properties": {"Application_Type": "web"}},
    )
    properties = {"storageAccount": storage, "keyVault": vault, "applicationInsights": insights}
    return {"location": "eastus", "identity": {"type": "SystemAssigned"}, "properties": properties}


def make_workspace(azure: LocalAzure, group: str, name: str) -> str:
    where = make_group(azure, group)
    path = f"{where}/providers/Microsoft.MachineLearningServices/workspaces/{name}"
    found = azure.put(path, WORKSPACES, workspace_body(azure, where, name))
    assert found["properties"]["provisioningState"] == "Succeeded", found
    return path


_PRELUDE = """
import json, os, pathlib, sys, tempfile
from azure.ai.ml import MLClient, load_component
from azure.ai.ml.entities import *
from azure.core.exceptions import *
from azure.identity import DefaultAzureCredential
credential = DefaultAzureCredential()
subscription = os.environ["AZURE_SUBSCRIPTION_ID"]
folder = pathlib.Path(tempfile.mkdtemp())
answers = {}
def failure(call):
    try:
        call()
    except Exception as error:
        return type(error).__name__, str(getattr(getattr(error, "error", None), "code", "") or "")
    return "none", ""
"""


def run_program(azure: LocalAzure, program: str) -> dict[str, Any]:
    """Run a user's own program, unmodified, with what `local-azure run` sets; returns what it left in `answers`."""
    own = {**environment.inherited(), **azure.environment(), "PATH": os.environ["PATH"]}
    whole = _PRELUDE + textwrap.dedent(program) + "\nprint()\nprint(json.dumps(answers, default=str))\n"
    done = subprocess.run([sys.executable, "-c", whole], capture_output=True, text=True, check=False, env=own)
    assert done.returncode == 0, done.stderr[-3000:]
    found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return found
