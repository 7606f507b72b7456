"""A workspace for tests: made once by the SDK, with a cluster of two nodes and two runtimes."""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from azure.ai.ml import MLClient, command
from azure.ai.ml.entities import (
    AmlCompute,
    CodeConfiguration,
    DataCollector,
    DeploymentCollection,
    Environment,
    ManagedOnlineDeployment,
    ManagedOnlineEndpoint,
    Model,
)
from azure.ai.ml.entities import Workspace as AzureWorkspace
from azure.identity import DefaultAzureCredential

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import httpx
    from azure.storage.blob import ContainerClient

    from environments.local.arm.ids import ResourceId
    from tests.environments.running import LocalAzure

_ENDED = ("Completed", "Failed", "Canceled", "NotResponding")
PLAIN = "azureml:plain:1"
SCORING = "azureml:scoring:1"


@dataclass(frozen=True)
class Workspace:
    """The workspace and its client."""

    azure: LocalAzure
    client: Any

    @property
    def id(self) -> ResourceId:
        found = self.azure.context.store.of_type("Microsoft.MachineLearningServices/workspaces")
        return next(each.id for each in found if each.id.name == self.client.workspace_name)

    def new_name(self, prefix: str) -> str:
        return f"{prefix}-{uuid.uuid4().hex[:8]}"

    def command(self, text: str, **given: Any) -> Any:  # noqa: ANN401 - the SDK's own, untyped
        """A command job as a user writes it, submitted."""
        settings = {"environment": PLAIN, "compute": "cpu", **given}
        return self.client.jobs.create_or_update(command(command=text, **settings))

    def wait(self, name: str, seconds: float = 60) -> str:
        """Wait for a job's end, and return its status."""
        return self.wait_for(name, _ENDED, seconds)

    def wait_for(self, name: str, wanted: tuple[str, ...], seconds: float = 30) -> str:
        deadline = time.monotonic() + seconds
        while (status := self.status(name)) not in wanted:
            assert time.monotonic() < deadline, f"job {name} is still {status}"
            time.sleep(0.05)
        return status

    def status(self, name: str) -> str:
        found = self.client.jobs.get(name).status
        return str(getattr(found, "value", found))

    def error_of(self, name: str) -> str:
        found = self.azure.context.store.get(self.id.child("jobs", name))
        assert found is not None
        return str((found.properties.get("error") or {}).get("message", ""))

    def container(self, store: str = "workspaceblobstore") -> ContainerClient:
        """A datastore's blobs."""
        found = self.azure.context.store.get(self.id.child("datastores", store))
        assert found is not None
        client = self.azure.context.accounts.client(found.properties["accountName"])
        return client.get_container_client(found.properties["containerName"])

    def tracking_runtime(self) -> None:
        """Have the environment `tracked:1`, with MLflow and Azure's plug-in for it."""
        packages = ["mlflow-skinny==3.15.0", "azureml-mlflow==1.62.0.post6"]
        conda = {"dependencies": ["python=3.11", {"pip": packages}]}
        self.client.environments.create_or_update(
            Environment(name="tracked", version="1", image="python:3.11", conda_file=conda)
        )

    def endpoint(self, auth: str = "key") -> str:
        name = self.new_name("ep")
        self.client.online_endpoints.begin_create_or_update(ManagedOnlineEndpoint(name=name, auth_mode=auth)).result()
        return name

    def deploy(self, endpoint: str, folder: Path, name: str = "blue", **given: Any) -> None:  # noqa: ANN401 - the SDK's
        """Deploy the `score.py` of a folder; raises what the SDK raises."""
        self.client.online_deployments.begin_create_or_update(deployment(endpoint, folder, name, **given)).result()

    def traffic(self, endpoint: str, live: Mapping[str, int], mirror: Mapping[str, int] | None = None) -> None:
        found = self.client.online_endpoints.get(endpoint)
        found.traffic, found.mirror_traffic = dict(live), dict(mirror or {})
        self.client.online_endpoints.begin_create_or_update(found).result()

    def score(self, endpoint: str, body: object, headers: Mapping[str, str] | None = None) -> httpx.Response:
        """POST to the endpoint with its key, unless the headers say otherwise."""
        key = self.client.online_endpoints.get_keys(endpoint).primary_key
        address = self.client.online_endpoints.get(endpoint).scoring_uri
        with self.azure.http() as http:
            return http.post(address, json=body, headers={"Authorization": f"Bearer {key}", **(headers or {})})


def deployment(endpoint: str, folder: Path, name: str, **given: Any) -> ManagedOnlineDeployment:  # noqa: ANN401 - as above
    return ManagedOnlineDeployment(
        name=name,
        endpoint_name=endpoint,
        environment=given.pop("environment", SCORING),
        code_configuration=CodeConfiguration(code=str(folder), scoring_script="score.py"),
        instance_type="Standard_DS3_v2",
        instance_count=1,
        **given,
    )


def collecting(*names: str) -> DataCollector:
    return DataCollector(collections={name: DeploymentCollection(enabled="true") for name in names})


def open_workspace(azure: LocalAzure) -> Workspace:
    """Make what all tests share."""
    azure.put(f"{azure.subscription}/resourceGroups/tests", "2021-04-01", {"location": "eastus"})
    settings = azure.context.settings
    client = MLClient(DefaultAzureCredential(), settings.subscription, "tests", "workspace", enable_telemetry=False)
    client.workspaces.begin_create(AzureWorkspace(name="workspace", location="eastus")).result()
    cluster = AmlCompute(name="cpu", size="Standard_DS3_v2", min_instances=0, max_instances=2)
    client.compute.begin_create_or_update(cluster).result()
    single = AmlCompute(name="single", size="Standard_DS3_v2", min_instances=0, max_instances=1)
    client.compute.begin_create_or_update(single).result()
    client.environments.create_or_update(Environment(name="plain", version="1", image="python:3.11"))
    packages = ["azureml-inference-server-http==1.5.1", "azureml-ai-monitoring==1.0.0", "pandas"]
    conda = {"name": "scoring", "dependencies": ["python=3.11", "pip", {"pip": packages}]}
    image = "mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu22.04:latest"
    client.environments.create_or_update(Environment(name="scoring", version="1", image=image, conda_file=conda))
    return Workspace(azure, client)


def a_model(workspace: Workspace, folder: Path) -> str:
    """Register a model of one file and return its id."""
    (folder / "weights.txt").write_text("42")
    made = workspace.client.models.create_or_update(
        Model(name=workspace.new_name("model"), path=str(folder / "weights.txt"), type="custom_model")
    )
    return str(made.id)
