"""The ports on the local environment: a workspace, an endpoint, a history, and a project's folder."""

from __future__ import annotations

import contextlib
import json
import uuid
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from azure.ai.ml import MLClient
from azure.ai.ml.entities import AmlCompute, ManagedOnlineEndpoint
from azure.ai.ml.entities import Data as DataAsset
from azure.identity import DefaultAzureCredential
from azure.storage.blob import ContainerClient

from mlops.backends.azure_ml import connect
from mlops.backends.clock import open_clock
from mlops.domain.declared.pipeline import Pipeline
from mlops.domain.declared.rollout import Rollout
from mlops.domain.project import Deployment, Platform, Project, RollingRate, Task
from tests.environments.local.services.platform import make_workspace
from tests.mlops.backends.collector import DATA

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

    from mlops.ports import Backends
    from tests.environments.running import LocalAzure

ROOT = Path(__file__).resolve().parents[3]
FOLDER = Path(__file__).parent / "project"
ENDPOINT = "rain-local"
_DAY = timedelta(days=1)

# Half of the days in January to June are wet, all in July, none in August.
HISTORY = "day,temperature,wind,rain\n" + "".join(
    f"1974-{month:02}-{day:02},{day / 10},{month},{1 if month == 7 else 0 if month == 8 else day % 2}\n"
    for month in range(1, 9)
    for day in range(1, 29)
)


@dataclass(frozen=True, kw_only=True)
class OnAzure:
    """The real thing, as far as this machine has it."""

    azure: LocalAzure
    client: Any
    backends: Backends

    def send(self, **row: object) -> httpx.Response:
        """Send a record to the endpoint, as an application does."""
        uri = self.client.online_endpoints.get(ENDPOINT).scoring_uri
        with self.azure.http("https://ml.azure.com") as http:
            return http.post(uri, json={"data": [row]})

    def label(self, **labels: int) -> None:
        """Write a file of labels; d1975_01_01=1 labels that day."""
        store = self.client.datastores.get("workspaceblobstore")
        address = f"https://{store.account_name}.blob.core.windows.net"
        container = ContainerClient(address, store.container_name, credential=DefaultAzureCredential())
        text = "day,rain\n" + "".join(f"{day[1:].replace('_', '-')},{label}\n" for day, label in labels.items())
        container.upload_blob(f"labels/{uuid.uuid4()}.csv", text.encode())


@contextlib.contextmanager
def as_deployer(azure: LocalAzure) -> Iterator[None]:
    """Set what `local-azure run` sets."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in azure.environment().items():
            patch.setenv(name, value)
        yield


def set_up(azure: LocalAzure, home: Path) -> OnAzure:
    """Build what infra would, and connect as the loop does."""
    _, _, subscription, _, group, *_, workspace = make_workspace(azure, "loop", "loop").split("/")
    client = MLClient(DefaultAzureCredential(), subscription, group, workspace, enable_telemetry=False)
    client.compute.begin_create_or_update(AmlCompute(name="cpu", size="Standard_DS3_v2", max_instances=2)).result()
    client.online_endpoints.begin_create_or_update(ManagedOnlineEndpoint(name=ENDPOINT, auth_mode="aad_token")).result()
    history = home / "history.csv"
    history.write_text(HISTORY)
    client.data.create_or_update(DataAsset(name="rain-history", version="1", type="uri_file", path=str(history)))
    platform = Platform(
        environment="local",
        subscription_id=subscription,
        tenant_id=azure.context.settings.tenant,
        location="eastus",
        resource_group=group,
        workspace=workspace,
        registry="",
        storage_account="",
        compute={"cpu": "cpu"},
        endpoints={"rain": ENDPOINT},
        containers={},
    )
    clock = open_clock(f"http://127.0.0.1:{azure.context.ports.plain}/clock")
    return OnAzure(azure=azure, client=client, backends=connect(project(FOLDER), platform, clock, home / "mlops"))


def project(folder: Path) -> Project:
    """A project of that folder, with the runtime of the rain example: it is built already where that ran."""
    return Project(
        name="rain",
        model="rain",
        task=Task.CLASSIFICATION,
        data=DATA,
        pipeline=Pipeline(job=folder / "pipeline.yml", compute="cpu", window=_DAY, holdout=_DAY),
        deployment=Deployment(
            endpoint="rain",
            code=folder / "score",
            runtime=ROOT / "examples" / "rain" / "environment" / "conda.yml",
            rolling_rate=RollingRate.MONTH,
        ),
        monitors=(),
        triggers=(),
        gates=(),
        rollout=Rollout(steps=()),
    )


def body(**row: object) -> str:
    """A request."""
    return json.dumps({"data": [row]})
