"""Assets of shared registries that a stack file names: stand-ins, there before the first `up`."""

from __future__ import annotations

import contextlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from azure.core.exceptions import ResourceExistsError
from azure.storage.blob import BlobServiceClient

from environments.local.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from azure.core.credentials import TokenCredential

    from environments.local.provider.resource_manager import ResourceManager

_URI = re.compile(
    r"azureml://registries/(?P<registry>[^/]+)/(?P<kind>models|codes|environments)/(?P<name>[^/]+)/versions/(?P<version>[^/]+)"
)
_SCRIPT = re.compile(r"[\w./-]+\.py")
_AZURES = "azureml"
"""The registry that is always there."""
_GROUP = "shared-registries"
_REGION = "eastus"
_REGISTRIES, _ASSETS = "2024-04-01", "2024-04-01"
_CONTAINER = "stand-ins"
_SCORE = '''"""Stands in for scoring code: answers what it is asked."""


def init():
    """Nothing to load."""


def run(body):
    """Answer the question."""
    return body
'''


@dataclass(frozen=True, kw_only=True)
class Asset:
    """One version of a model, of code or of an environment."""

    registry: str
    kind: str
    name: str
    version: str

    @property
    def registry_id(self) -> str:
        """Where its registry is made."""
        group = f"/subscriptions/{Settings().subscription}/resourceGroups/{_GROUP}"
        return f"{group}/providers/Microsoft.MachineLearningServices/registries/{self.registry}"


def assets(texts: Iterable[str]) -> tuple[Asset, ...]:
    """The assets among some texts, but for Azure's own."""
    found = (_URI.fullmatch(each) for each in texts)
    return tuple(dict.fromkeys(Asset(**each.groupdict()) for each in found if each and each["registry"] != _AZURES))


def scripts(texts: Iterable[str]) -> tuple[str, ...]:
    """The names of scoring scripts among some texts."""
    return tuple(dict.fromkeys(each for each in texts if _SCRIPT.fullmatch(each)))


def make(
    wanted: Iterable[Asset], named: tuple[str, ...], manager: ResourceManager, credential: TokenCredential
) -> None:
    """Make each asset, with its registry; code holds a stand-in under each name that a script could have."""
    accounts: dict[str, str] = {}
    for each in wanted:
        if each.registry not in accounts:
            accounts[each.registry] = _registry(each.registry_id, manager)
        service = BlobServiceClient(f"https://{accounts[each.registry]}.blob.core.windows.net", credential)
        path = f"{each.registry_id}/{each.kind}/{each.name}/versions/{each.version}"
        manager.put(path, {"api-version": _ASSETS}, {"properties": _properties(each, named, service)})


def _registry(registry_id: str, manager: ResourceManager) -> str:
    """Make a registry; returns the account that keeps what is in it."""
    region = {
        "location": _REGION,
        "storageAccountDetails": [{"systemCreatedStorageAccount": {"storageAccountType": "Standard_LRS"}}],
        "acrDetails": [{"systemCreatedAcrAccount": {"acrAccountSku": "Premium"}}],
    }
    body = {
        "location": _REGION,
        "identity": {"type": "SystemAssigned"},
        "properties": {"regionDetails": [region], "publicNetworkAccess": "Enabled"},
    }
    manager.put(registry_id.partition("/providers/")[0], {"api-version": "2021-04-01"}, {"location": _REGION})
    made = manager.put(registry_id, {"api-version": _REGISTRIES}, body)
    details = made["properties"]["regionDetails"][0]["storageAccountDetails"][0]
    return str(details["systemCreatedStorageAccount"]["storageAccountName"])


def _properties(asset: Asset, named: tuple[str, ...], service: BlobServiceClient) -> Mapping[str, Any]:
    if asset.kind == "environments":
        return {"image": "mcr.microsoft.com/azureml/curated/minimal-py311-inference:latest"}
    texts = dict.fromkeys(named or ("score.py",), _SCORE) if asset.kind == "codes" else {"model.txt": "a stand-in\n"}
    address = _uploaded(f"{asset.kind}/{asset.name}/{asset.version}", texts, service)
    return {"codeUri": address} if asset.kind == "codes" else {"modelUri": address, "modelType": "custom_model"}


def _uploaded(folder: str, texts: Mapping[str, str], service: BlobServiceClient) -> str:
    """Keep files in the registry's account; returns the folder's address."""
    container = service.get_container_client(_CONTAINER)
    with contextlib.suppress(ResourceExistsError):  # another asset has made it
        container.create_container()
    for name, text in texts.items():
        container.upload_blob(f"{folder}/{name}", text, overwrite=True)
    return f"{container.url}/{folder}"
