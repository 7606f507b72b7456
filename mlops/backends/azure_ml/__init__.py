"""Azure ML's control plane by its own SDK, `azure-ai-ml`; identity comes from `DefaultAzureCredential`, never a key."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING

from azure.ai.ml import MLClient
from azure.ai.ml.entities import DataCollector, DeploymentCollection
from azure.identity import DefaultAzureCredential

from mlops.backends.azure_ml.assets import AzureAssets
from mlops.backends.azure_ml.batch import AzureBatchEndpoints
from mlops.backends.azure_ml.datasets import AzureDatasets
from mlops.backends.azure_ml.endpoints import AzureEndpoints
from mlops.backends.azure_ml.locations import Locations, workspace_of
from mlops.backends.azure_ml.models import AzureModels
from mlops.backends.azure_ml.registry import AzureRegistry
from mlops.backends.azure_ml.runs import AzureRuns
from mlops.backends.azure_ml.training import AzureTraining
from mlops.backends.blobs.cache import Cache
from mlops.backends.blobs.collected import BlobCollectedData
from mlops.backends.blobs.container import blob_at, credential
from mlops.backends.blobs.reader import Reader
from mlops.backends.blobs.reference import References
from mlops.domain.project import Kind
from mlops.ports import Backends, RefusedError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mlops.backends.blobs.container import Container
    from mlops.backends.blobs.reader import Find
    from mlops.domain.project import Platform, Project
    from mlops.ports import Clock

SETTLE = timedelta(minutes=5)
"""Azure's collector files in batches: a request without an answer for less than this may still have one."""
SETTLE_LOCAL = timedelta(seconds=2)
"""The local environment's collector files at once."""


def connect(project: Project, platform: Platform, clock: Clock, home: Path) -> Backends:
    """Give everything of Azure that a project's loop works with; `home` keeps what was read.

    Raise RefusedError when the platform lacks what the project names.  Nothing is asked of Azure yet.
    """
    compute = _named("compute cluster", project.pipeline.compute, platform.compute)
    asked, batch = project.deployment, project.deployment.kind is Kind.BATCH
    endpoint = _named(f"{asked.kind.value} endpoint", asked.endpoint, platform.endpoints_for(asked))
    scores_on = _named("compute cluster", asked.compute, platform.compute) if batch else ""
    quiet()
    credential = DefaultAzureCredential()
    client = MLClient(
        credential,
        platform.subscription_id,
        platform.resource_group,
        platform.workspace,
        enable_telemetry=False,
        show_progress=False,
    )
    locations = Locations(client, credential)
    cache = Cache(home / "collected.sqlite3", project.data)
    reader = Reader(cache, locations.find, endpoint, project.data, clock)
    references = References(locations.find, home / "training-sets", project.data.time)
    settle = SETTLE_LOCAL if platform.environment == "local" else SETTLE
    scoring = project.promotion.evaluate if project.promotion else None
    training = AzureTraining(client, locations.find, project.name, project.pipeline, compute, scoring)
    return Backends(
        data=BlobCollectedData(cache, reader, references, clock, settle),
        datasets=AzureDatasets(client, cache, reader),
        training=training,
        models=AzureModels(client, locations.find),
        endpoints=AzureBatchEndpoints(client, project.name, asked, scores_on)
        if batch
        else AzureEndpoints(client, project.name, asked),
        assets=AzureAssets(client, training),
        registry=_registry(client, locations.find, credential, project, platform),
        runs=AzureRuns(client, locations.find, project, cache, reader),
    )


def _registry(
    client: MLClient, find: Find, credential: DefaultAzureCredential, project: Project, platform: Platform
) -> AzureRegistry | None:
    if project.promotion is None:
        return None
    return AzureRegistry(client, find, credential, project.promotion.registry or platform.registry)


def finder(platform: Platform | None) -> Callable[[str], tuple[Container, str]]:
    """Give what finds files by the names that Azure ML has for places; nothing is asked of Azure yet.

    It raises RefusedError for a name that needs a workspace where none is known.
    """
    quiet()
    identity = credential()
    known: dict[tuple[str, str, str], Locations] = {}

    def find(reference: str) -> tuple[Container, str]:
        if not reference.startswith("azureml:"):
            return blob_at(reference, identity)
        workspace = workspace_of(reference)
        if workspace is None and platform is not None:
            workspace = (platform.subscription_id, platform.resource_group, platform.workspace)
        if workspace is None:
            raise RefusedError(f"{reference}: of which workspace? Give --platform outputs.json, or the whole path")
        if workspace not in known:
            client = MLClient(identity, *workspace, enable_telemetry=False, show_progress=False)
            known[workspace] = Locations(client, identity)
        return known[workspace].find(reference)

    return find


def _named(what: str, key: str, known: object) -> str:
    if isinstance(known, dict) and key in known:
        return str(known[key])
    names = ", ".join(sorted(known)) if isinstance(known, dict) else ""
    raise RefusedError(f"the platform has no {what} {key!r}; it has {names or 'none'}: see the stack's outputs")


def quiet() -> None:
    """Keep the SDK from announcing its experimental classes: a command's output is not the place.

    Before it announces one it walks the whole stack, source files and all: 0.1 s for each deployment that is looked at.
    """
    own = [name for name in logging.root.manager.loggerDict if name.startswith("azure.ai.ml")]
    for name in ("azure", "msrest", *own):  # some have a level of their own, and tell of each download
        logging.getLogger(name).setLevel(logging.ERROR)
    for kind in (DataCollector, DeploymentCollection):
        plain = getattr(kind.__init__, "__wrapped__", None)
        if plain is not None:
            kind.__init__ = plain  # type: ignore[method-assign]
