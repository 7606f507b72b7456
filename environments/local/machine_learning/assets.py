"""What Azure ML's references point at: datastores, data, models, code, environments, components and other jobs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from environments.local.arm.errors import ArmError
from environments.local.arm.ids import ResourceId, parse

if TYPE_CHECKING:
    from environments.local.arm.resource_types import Context, Resource

ML = "Microsoft.MachineLearningServices"
DEFAULT_STORE = "workspaceblobstore"
ARTIFACT_STORE = "workspaceartifactstore"

_URI_FIELD = {"data": "dataUri", "models": "modelUri", "codes": "codeUri"}
_DATASTORE = re.compile(
    r"^azureml:(?://subscriptions/(?P<subscription>[^/]+)/resource[gG]roups/(?P<group>[^/]+)"
    r"(?:/providers/Microsoft\.MachineLearningServices)?/workspaces/(?P<workspace>[^/]+)/"
    r"|//)datastores/(?P<store>[^/]+)(?:/paths)?/?(?P<path>.*)$"
)
_REGISTRY = re.compile(
    r"^azureml://registries/(?P<registry>[^/]+)/(?P<kind>[a-z]+)/(?P<name>[^/]+)/"
    r"(?:versions/(?P<version>[^/]+)|labels/(?P<label>[^/]+))$"
)
_LOCATION = re.compile(
    r"^azureml://locations/[^/]+/workspaces/(?P<workspace>[^/]+)/(?P<kind>[a-z]+)/(?P<name>[^/]+)/versions/(?P<version>[^/]+)$"
)
_JOB_OUTPUT = re.compile(r"^azureml://jobs/(?P<job>[^/]+)/outputs/(?P<output>[^/]+)(?:/paths/(?P<path>.*))?$")
_BLOB = re.compile(
    r"^https://(?P<account>[^./]+)\.(?:blob|dfs)\.core\.windows\.net/(?P<container>[^/?]+)/?(?P<path>[^?]*)"
)
_WASBS = re.compile(r"^(?:wasbs|abfss)://(?P<container>[^@]+)@(?P<account>[^.]+)\.(?:blob|dfs)\.[^/]+/(?P<path>.*)$")
_SHORT = re.compile(r"^(?:azureml:)?(?P<name>[^:/@]+)(?::(?P<version>[^:/@]+)|@(?P<label>[^:/@]+))?$")


@dataclass(frozen=True, kw_only=True)
class Location:
    """A blob, or all blobs below a path."""

    account: str
    container: str
    path: str
    """Without slashes around it; empty for the whole container."""

    def below(self, name: str) -> Location:
        """A path further down."""
        path = f"{self.path}/{name.strip('/')}".strip("/")
        return Location(account=self.account, container=self.container, path=path)

    @property
    def url(self) -> str:
        """The blob's own address."""
        return f"https://{self.account}.blob.core.windows.net/{self.container}/{self.path}"


def locate(context: Context, workspace: ResourceId, uri: str) -> Location:
    """Find what a URI or an asset's id points at.  Raises ArmError 400, naming it, when there is no such thing."""
    if found := _DATASTORE.match(uri):
        holder = workspace
        if found["workspace"]:
            holder = parse(
                f"/subscriptions/{found['subscription']}/resourceGroups/{found['group']}/providers/{ML}"
                f"/workspaces/{found['workspace']}"
            )
        return datastore(context, holder, found["store"]).below(found["path"])
    if found := _BLOB.match(uri) or _WASBS.match(uri):
        if context.accounts.get(found["account"]) is None:
            raise _nothing(uri, "the local environment has no such storage account, and asks nothing outside of it")
        return Location(account=found["account"], container=found["container"], path=found["path"].strip("/"))
    if found := _JOB_OUTPUT.match(uri):
        return job_output(context, workspace, found["job"], found["output"]).below(found["path"] or "")
    asset = find(context, workspace, uri, ("data", "models", "codes"))
    target = str(asset.properties.get(_URI_FIELD[asset.id.segments[-4].lower()]) or "")
    if target == uri or not target:
        raise _nothing(uri, "it has no content")
    return locate(context, parse("/".join(asset.id.segments[:-4])), target)


def datastore(context: Context, workspace: ResourceId, name: str) -> Location:
    """Find a datastore's container.  Raises ArmError 400."""
    found = context.store.get(workspace.child("datastores", name))
    if found is None:
        raise _nothing(f"datastore {name}", f"workspace {workspace.name} has none of that name")
    account, container = found.properties.get("accountName"), found.properties.get("containerName")
    if not account or not container:
        kind = found.properties.get("datastoreType", "?")
        raise _nothing(f"datastore {name}", f"it is of type {kind}; only blob datastores can be read here")
    return Location(account=account, container=container, path="")


def job_output(context: Context, workspace: ResourceId, job: str, output: str) -> Location:
    """Find a named output of a job."""
    found = context.store.get(workspace.child("jobs", job))
    if found is None:
        raise _nothing(f"job {job}", "there is no such job")
    given = (found.properties.get("outputs") or {}).get(output) or {}
    if given.get("uri"):
        return locate(context, workspace, given["uri"])
    return datastore(context, workspace, DEFAULT_STORE).below(f"azureml/{job}/{output}")


def find(context: Context, workspace: ResourceId, reference: str, kinds: tuple[str, ...]) -> Resource:
    """Find an asset's version by ARM id, `azureml:name:version`, `azureml:name@latest` or a registry's URI.

    Raises ArmError 400 naming what is missing.
    """
    text = reference.removeprefix("azureml:") if reference.startswith("azureml:/subscriptions") else reference
    wanted: ResourceId | None = None
    if text.startswith("/subscriptions"):
        wanted = parse(text)
    elif found := _REGISTRY.match(text):
        registry = _registry(context, found["registry"])
        wanted = _version(context, registry.child(found["kind"], found["name"]), found["version"], found["label"])
    elif found := _LOCATION.match(text):
        wanted = _by_workspace_id(context, found["workspace"], found["kind"], found["name"], found["version"])
    elif found := _SHORT.match(text):
        for kind in kinds:
            wanted = _version(context, workspace.child(kind, found["name"]), found["version"], found["label"])
            if wanted is not None and context.store.get(wanted) is not None:
                break
    asset = context.store.get(wanted) if wanted is not None else None
    if asset is None:
        raise _nothing(reference, f"there is no such {' or '.join(kinds)}")
    return asset


def exists(context: Context, workspace: ResourceId, reference: str, kinds: tuple[str, ...]) -> None:
    """Raise ArmError 400 where the reference points at nothing."""
    find(context, workspace, reference, kinds)


def _registry(context: Context, name: str) -> ResourceId:
    for registry in context.store.of_type(f"{ML}/registries"):
        if registry.id.name.lower() == name.lower():
            return registry.id
    raise _nothing(f"registry {name}", "there is no such registry")


def _by_workspace_id(context: Context, workspace_id: str, kind: str, name: str, version: str) -> ResourceId | None:
    for workspace in context.store.of_type(f"{ML}/workspaces"):
        if workspace_id in (workspace.properties.get("workspaceId"), workspace.id.name):
            return workspace.id.child(kind, name).child("versions", version)
    return None


def _version(context: Context, container: ResourceId, version: str | None, label: str | None) -> ResourceId | None:
    if version is None:
        found = context.store.get(container)
        version = str(found.properties.get("latestVersion") or "") if found else None
        if not version or (label and label != "latest"):
            return None
    return container.child("versions", version)


def _nothing(what: str, why: str) -> ArmError:
    return ArmError(400, "UserError", f"{what}: {why}.")
