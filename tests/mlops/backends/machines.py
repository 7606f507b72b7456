"""A workspace of the local environment with a cluster and files in its blob storage, for what monitors run there."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from azure.ai.ml import MLClient
from azure.ai.ml.entities import AmlCompute
from azure.identity import DefaultAzureCredential
from azure.storage.blob import ContainerClient

from tests.environments.local.services.platform import make_workspace

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tests.environments.running import LocalAzure

STORE = "azureml://datastores/workspaceblobstore/paths/"


@dataclass(frozen=True, kw_only=True)
class Machines:
    """The workspace, what `infra` says of it, and its files."""

    azure: LocalAzure
    client: Any
    platform: Path
    container: ContainerClient

    def put(self, files: Mapping[str, bytes]) -> None:
        """Write blobs by their names."""
        for name, content in files.items():
            self.container.upload_blob(name, content, overwrite=True)


def machines(azure: LocalAzure, folder: Path) -> Machines:
    """Make it, as the deployer."""
    _, _, subscription, _, group, *_, workspace = make_workspace(azure, "monitors", "monitors").split("/")
    client = MLClient(DefaultAzureCredential(), subscription, group, workspace, enable_telemetry=False)
    client.compute.begin_create_or_update(AmlCompute(name="cpu-2", size="Standard_DS3_v2", max_instances=2)).result()
    outputs = {
        "environment": "local",
        "subscriptionId": subscription,
        "tenantId": azure.context.settings.tenant,
        "location": "eastus",
        "resourceGroupName": group,
        "workspaceName": workspace,
        "storageAccountName": "",
        "containers": {},
        "computeClusters": {"cpu": {"name": "cpu-2"}},
        "onlineEndpoints": {},
    }
    platform = folder / "outputs.json"
    platform.write_text(json.dumps(outputs))
    store: Any = client.datastores.get("workspaceblobstore")
    address = f"https://{store.account_name}.blob.core.windows.net"
    container = ContainerClient(address, store.container_name, credential=DefaultAzureCredential())
    return Machines(azure=azure, client=client, platform=platform, container=container)
