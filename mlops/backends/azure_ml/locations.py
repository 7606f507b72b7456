"""Where Azure ML's references lie: from `azureml:NAME:VERSION` and `azureml://…` to a container and a path in it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from azure.storage.blob import ContainerClient

from mlops.backends.blobs.container import Container
from mlops.backends.errors import said
from mlops.ports import RefusedError

if TYPE_CHECKING:
    from azure.ai.ml import MLClient
    from azure.core.credentials import TokenCredential

_DATASTORE = re.compile(r"^azureml://(?:.*/)?datastores/(?P<datastore>[^/]+)/paths/(?P<path>.*)$")
_WORKSPACE = re.compile(
    r"^azureml://subscriptions/(?P<subscription>[^/]+)/resource[gG]roups/(?P<group>[^/]+)"
    r"(?:/providers/Microsoft\.MachineLearningServices)?/workspaces/(?P<workspace>[^/]+)/"
)
_ASSET = re.compile(r"^azureml:(?P<name>[^:/]+)(?::(?P<version>[^:/]+))?$")


def workspace_of(reference: str) -> tuple[str, str, str] | None:
    """Give the subscription, the resource group and the workspace that a long datastore path names."""
    found = _WORKSPACE.match(reference)
    return (found["subscription"], found["group"], found["workspace"]) if found else None


class Locations:
    """Looks references up; a datastore and a version of a data asset do not change, so each is asked for once."""

    def __init__(self, client: MLClient, credential: TokenCredential) -> None:
        self._client = client
        self._credential = credential
        self._containers: dict[str, Container] = {}
        self._uris: dict[str, str] = {}

    def find(self, reference: str) -> tuple[Container, str]:
        """Give the container and the path of a data asset or a datastore path.

        Raise RefusedError for any other reference, OutsideError when the asset is not there (yet).
        """
        uri = self._uri(reference) if _ASSET.match(reference) else reference
        match = _DATASTORE.match(uri)
        if match is None:
            raise RefusedError(
                f"{reference!r} is neither azureml:NAME:VERSION nor azureml://datastores/NAME/paths/PATH"
                + (f"; it lies at {uri}, which is no datastore" if uri != reference else "")
            )
        return self.container(match["datastore"]), match["path"]

    def container(self, datastore: str) -> Container:
        """Give a datastore's container."""
        if datastore not in self._containers:
            with said(f"looking up the datastore {datastore}"):
                found = self._client.datastores.get(datastore)
            account = f"{found.protocol or 'https'}://{found.account_name}.blob.{found.endpoint or 'core.windows.net'}"
            client = ContainerClient(account, found.container_name, credential=self._credential)
            self._containers[datastore] = Container(client)
        return self._containers[datastore]

    def _uri(self, reference: str) -> str:
        if reference in self._uris:
            return self._uris[reference]
        asset = _ASSET.match(reference)
        if asset is None:
            raise RefusedError(f"{reference!r} is no data asset")
        with said(f"looking up the data asset {reference}"):
            version = {"version": asset["version"]} if asset["version"] else {"label": "latest"}
            found = self._client.data.get(asset["name"], **version)
        if asset["version"]:
            self._uris[reference] = str(found.path)
        return str(found.path)
