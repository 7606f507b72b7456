"""What a stack file takes as given by naming its id: made before the first `up`, so that there is something to find."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from azure.identity import DefaultAzureCredential

from environments.local.arm.ids import ResourceId, parse
from environments.local.provider.checking import api_version
from environments.local.provider.resource_manager import ResourceManager
from environments.local.settings import Settings
from environments.rehearsal import shared_assets

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_REGION = "eastus"
_VERSION = "2021-04-01"
_BODIES: Mapping[str, dict[str, Any]] = {
    "microsoft.containerregistry/registries": {"sku": {"name": "Premium"}, "properties": {}},
    "microsoft.insights/components": {"kind": "web", "properties": {"Application_Type": "web"}},
    "microsoft.keyvault/vaults": {
        "properties": {
            "sku": {"family": "A", "name": "standard"},
            "enableRbacAuthorization": True,
            "enablePurgeProtection": True,
        }
    },
    "microsoft.keyvault/vaults/keys": {"properties": {"kty": "RSA"}},
    "microsoft.network/privatednszones": {"location": "global"},
    "microsoft.network/virtualnetworks": {"properties": {"addressSpace": {"addressPrefixes": ["10.0.0.0/8"]}}},
    "microsoft.network/virtualnetworks/subnets": {"properties": {"addressPrefix": "10.255.0.0/16"}},
    "microsoft.storage/storageaccounts": {"kind": "StorageV2", "sku": {"name": "Standard_LRS"}, "properties": {}},
}
"""What Azure does not do without, by type; all else is made of a location alone."""


class UnmakeableError(Exception):
    """The local environment will not make what a stack file takes as given."""


_ID = re.compile(r"/subscriptions/[^/\s]+/resourceGroups/[^/\s]+/providers/\S+", re.IGNORECASE)


def named_in(config: Mapping[str, Any]) -> tuple[str, ...]:
    """The resource ids in a stack file's values, in the order of their first mention, and the registries of assets."""
    texts = tuple(_strings(config))
    registries = (each.registry_id for each in shared_assets.assets(texts))
    return tuple(dict.fromkeys((*(each for each in texts if _ID.fullmatch(each)), *registries)))


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from _strings(each)
    elif isinstance(value, list):
        for each in value:
            yield from _strings(each)


def make(config: Mapping[str, Any], variables: Mapping[str, str]) -> None:
    """Make a plain resource for each id, with what lies above it, and the assets named.  Raises UnmakeableError."""
    if not named_in(config):
        return
    told = subprocess.run(
        [sys.executable, "-m", __name__, *dict.fromkeys(_strings(config))],
        env=dict(variables),
        cwd=Path(__file__).resolve().parents[2],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if told.returncode:
        raise UnmakeableError(
            "what the stack file takes as given could not be made: " + told.stderr.strip().splitlines()[-1]
        )


def _chain(resource_id: ResourceId) -> tuple[ResourceId, ...]:
    """What lies above it, from the resource group on, and itself."""
    above = resource_id.parent
    if above is None or above.resource_group is None:
        return (resource_id,)
    return (*_chain(above), resource_id)


def _body(of: ResourceId, tenant: str) -> dict[str, Any]:
    own = _BODIES.get(of.type.lower(), {})
    body: dict[str, Any] = {"location": _REGION, **own}
    if of.type.lower() == "microsoft.keyvault/vaults":
        body["properties"] = {**body["properties"], "tenantId": tenant}
    return body


def main(texts: Sequence[str]) -> None:
    """Make what these texts name, as the deployer of the local environment that the variables tell of."""
    credential = DefaultAzureCredential()
    manager = ResourceManager(endpoint="https://management.azure.com", credential=credential)
    done: set[str] = set()
    ids = (each for each in texts if _ID.fullmatch(each))
    for each in (part for resource_id in ids for part in _chain(parse(resource_id))):
        if each.key not in done and not _implicit(each):
            done.add(each.key)
            version = api_version(each.type) or _VERSION
            manager.put(each.text, {"api-version": version}, _body(each, Settings().tenant))
    shared_assets.make(shared_assets.assets(texts), shared_assets.scripts(texts), manager, credential)


def _implicit(of: ResourceId) -> bool:
    return of.type.rsplit("/", 1)[-1].lower() in {"blobservices", "queueservices", "fileservices"}


if __name__ == "__main__":
    main(sys.argv[1:])
