"""Azure ML's ways to name data and assets, followed to a blob path or to a stored resource."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from environments.local.arm.errors import ArmError, invalid
from environments.local.arm.ids import ResourceId, parse

if TYPE_CHECKING:
    from environments.local.arm.resource_types import Context, Resource

NAMESPACE = "Microsoft.MachineLearningServices"
WORKSPACE = f"{NAMESPACE}/workspaces"
REGISTRY = f"{NAMESPACE}/registries"

_SHORT = re.compile(r"azureml://datastores/([^/]+)(?:/paths/(.*))?", re.IGNORECASE)
_LONG = re.compile(
    r"azureml://subscriptions/([^/]+)/resourcegroups/([^/]+)"
    r"(?:/providers/Microsoft\.MachineLearningServices)?/workspaces/([^/]+)/datastores/([^/]+)(?:/paths/(.*))?",
    re.IGNORECASE,
)
_OUTPUT = re.compile(r"azureml://jobs/([^/]+)/outputs/([^/]+)(?:/paths/(.*))?", re.IGNORECASE)
_RUN = re.compile(r"runs:/([^/]+)(?:/(.*))?")
_WEB = re.compile(r"(?:https|wasbs)://(?:([^@/]+)@)?([a-z0-9]+)\.blob\.core\.windows\.net/?([^?]*)(?:\?.*)?")
_IN_REGISTRY = re.compile(r"azureml://registries/([^/]+)/([a-z]+)/([^/]+)/(versions|labels)/([^/]+)", re.IGNORECASE)
_IN_LOCATION = re.compile(
    r"azureml://locations/[^/]+/workspaces/([^/]+)/([a-z]+)/([^/]+)/versions/([^/]+)", re.IGNORECASE
)


@dataclass(frozen=True, kw_only=True)
class Place:
    """A folder or a file of a storage account; an empty path is the whole container."""

    account: str
    container: str
    path: str

    @property
    def url(self) -> str:
        """As programs reach it, through the proxy and with a credential of their own."""
        return f"https://{self.account}.blob.core.windows.net/{self.container}/{self.path}"

    def below(self, path: str) -> Place:
        """A path under this one."""
        joined = "/".join(part for part in (self.path.rstrip("/"), path.lstrip("/")) if part)
        return Place(account=self.account, container=self.container, path=joined)


def datastore_uri(workspace: ResourceId, datastore: str, path: str) -> str:
    """The long form, as Azure answers it."""
    return (
        f"azureml://subscriptions/{workspace.subscription}/resourcegroups/{workspace.resource_group}"
        f"/workspaces/{workspace.name}/datastores/{datastore}/paths/{path}"
    )


def locate(context: Context, workspace: ResourceId, uri: str) -> Place:
    """Follow a URI or an asset's id to its blobs.

    Raises ArmError when it names a datastore or an asset that does not exist, and for forms that hold no blobs.
    """
    if found := _SHORT.fullmatch(uri):
        return _in_datastore(context, workspace.child("datastores", found[1]), found[2] or "")
    if found := _LONG.fullmatch(uri):
        other = parse(f"/subscriptions/{found[1]}/resourceGroups/{found[2]}/providers/{WORKSPACE}/{found[3]}")
        return _in_datastore(context, other.child("datastores", found[4]), found[5] or "")
    if found := _OUTPUT.fullmatch(uri):
        path = "/".join(("azureml", found[1], found[2], found[3] or ""))
        return _in_datastore(context, default_datastore(context, workspace).id, path)
    if found := _RUN.fullmatch(uri):
        path = f"ExperimentRun/dcid.{found[1]}/{found[2] or ''}"
        return _in_datastore(context, workspace.child("datastores", "workspaceartifactstore"), path)
    if found := _WEB.fullmatch(uri):
        container, _, path = found[3].partition("/") if found[1] is None else (found[1], "", found[3])
        return Place(account=found[2], container=container, path=path)
    asset = find_asset(context, workspace, uri)
    properties = asset.properties
    inner = properties.get("dataUri") or properties.get("modelUri") or properties.get("codeUri")
    if not inner:
        raise invalid(f"'{uri}' names an asset without data of its own.")
    return locate(context, _home_of(asset.id), inner)


def find_asset(context: Context, workspace: ResourceId, reference: str, kind: str = "data") -> Resource:
    """Find the version that a reference names: an id, `azureml:name:version`, or a registry's or location's URI.

    `kind` (`data`, `models`, `environments`…) is for the short form only.  Raises ArmError when there is none.
    """
    wanted = asset_id(context, workspace, reference, kind)
    found = context.store.get(wanted)
    if found is None:
        raise ArmError(404, "ReferencedAssetNotFound", f"The asset '{reference}' does not exist ({wanted}).")
    return found


def asset_id(context: Context, workspace: ResourceId, reference: str, kind: str = "data") -> ResourceId:
    """The resource id that a reference stands for, whether it exists or not.  Raises ArmError for no reference."""
    if found := _IN_REGISTRY.fullmatch(reference):
        container = registry_named(context, found[1]).id.child(found[2], found[3])
        return container.child("versions", found[5]) if found[4].lower() == "versions" else latest(context, container)
    if found := _IN_LOCATION.fullmatch(reference):
        return _by_workspace_guid(context, found[1]).id.child(found[2], found[3]).child("versions", found[4])
    bare = reference.removeprefix("azureml:")
    if bare.lower().startswith("/subscriptions/"):
        return parse(bare)
    name, _, version = bare.rpartition(":")
    if not name or "/" in bare:
        raise invalid(f"'{reference}' is no way to name an asset; use azureml:<name>:<version>.")
    return workspace.child(kind, name).child("versions", version)


def latest(context: Context, container: ResourceId) -> ResourceId:
    """The newest version of a container.  Raises ArmError when there is none."""
    found = context.store.get(container)
    if found is None:
        raise ArmError(404, "ReferencedAssetNotFound", f"The asset '{container}' does not exist.")
    return container.child("versions", found.properties["latestVersion"])


def registry_named(context: Context, name: str) -> Resource:
    """Find a registry by its name, which is unique in Azure.  Raises ArmError 404."""
    for found in context.store.of_type(REGISTRY):
        if found.id.name.lower() == name.lower():
            return found
    raise ArmError(404, "RegistryNotFound", f"The registry '{name}' does not exist.")


def default_datastore(context: Context, workspace: ResourceId) -> Resource:
    """The datastore that `isDefault` names.  Raises ArmError when the workspace has none."""
    for found in context.store.children(workspace, f"{WORKSPACE}/datastores"):
        if found.properties.get("isDefault"):
            return found
    raise ArmError(404, "DatastoreNotFound", f"The workspace '{workspace.name}' has no default datastore.")


def has_blobs(context: Context, place: Place) -> bool:
    """Whether anything lies there: a file of that name or files below it."""
    if context.accounts.get(place.account) is None:
        return False
    container = context.accounts.client(place.account).get_container_client(place.container)
    if not container.exists():
        return False
    if not place.path.strip("/"):
        return True
    names = (blob.name for blob in container.list_blobs(name_starts_with=place.path.rstrip("/")))
    bare = place.path.rstrip("/")
    return any(name == bare or name.startswith(bare + "/") for name in names)


def _in_datastore(context: Context, datastore: ResourceId, path: str) -> Place:
    found = context.store.get(datastore)
    if found is None:
        raise ArmError(404, "DatastoreNotFound", f"The datastore '{datastore.name}' does not exist.")
    properties = found.properties
    if properties.get("datastoreType") != "AzureBlob":
        raise invalid(f"The datastore '{datastore.name}' is of type {properties.get('datastoreType')}, not AzureBlob.")
    return Place(account=properties["accountName"], container=properties["containerName"], path=path.lstrip("/"))


def _by_workspace_guid(context: Context, guid: str) -> Resource:
    for found in context.store.of_type(WORKSPACE):
        if str(found.properties.get("workspaceId")).lower() == guid.lower() or found.id.name.lower() == guid.lower():
            return found
    raise ArmError(404, "WorkspaceNotFound", f"The workspace '{guid}' does not exist.")


def _home_of(asset: ResourceId) -> ResourceId:
    """The workspace or registry above `…/models/M/versions/V`."""
    above = asset
    for _ in range(2):
        above = above.parent or above
    return above
