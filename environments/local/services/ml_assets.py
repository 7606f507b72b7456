"""Versioned assets of a workspace: data, models, environments, components, code, feature-store entities."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from environments.local.arm.errors import ArmError
from environments.local.arm.ids import ResourceId, workspace_of
from environments.local.arm.resource_types import Action, Reply, ResourceType
from environments.local.services import ml_registries, uris
from environments.local.services.uris import REGISTRY, WORKSPACE

if TYPE_CHECKING:
    from collections.abc import Callable

    from environments.local.arm.resource_types import Body, Context, Request, Resource

_CONTENT = {
    "data": ("dataType", "dataUri", "referencedUris"),
    "models": ("modelUri", "modelType", "flavors"),
    "environments": ("image", "condaFile", "build", "osType"),
    "components": ("componentSpec",),
    "codes": ("codeUri",),
    "featurestoreEntities": ("indexColumns",),
    "featuresets": ("specification", "entities"),
}
"""What may not change once a version exists; tags, description and the archive flag may."""


def _content(kind: str) -> Callable[[Body], Any]:
    def chosen(properties: Body) -> Any:  # noqa: ANN401 - compared only
        return {name: _comparable(properties.get(name)) for name in _CONTENT[kind] if properties.get(name)}

    return chosen


def _comparable(value: object) -> object:
    """URIs in either form and in either case of their fixed parts are the same place."""
    if not isinstance(value, str) or not value.lower().startswith("azureml://"):
        return value
    _, _, rest = value.partition("/datastores/")
    return rest.rstrip("/") if rest else value


def _fill(_context: Context, request: Request, existing: Body | None) -> Body:
    properties = {key: value for key, value in (request.body.get("properties") or {}).items() if value is not None}
    before = (existing or {}).get("properties") or {}
    kept = {key: before[key] for key in ("dataUri", "modelUri") if key in before}
    filled = {"isArchived": False, "isAnonymous": False, "tags": {}, "properties": {}, **properties, **kept}
    return {**request.body, "properties": {**filled, "provisioningState": "Succeeded"}}


def _fill_data(context: Context, request: Request, existing: Body | None) -> Body:
    body = _fill(context, request, existing)
    body["properties"]["dataUri"] = _long(request.id, body["properties"]["dataUri"])
    return body


def _fill_model(context: Context, request: Request, existing: Body | None) -> Body:
    body = _fill(context, request, existing)
    properties = {"flavors": {}, "modelType": "custom_model", **body["properties"]}
    properties["modelUri"] = _long(request.id, properties["modelUri"])
    return {**body, "properties": properties}


def _fill_environment(context: Context, request: Request, existing: Body | None) -> Body:
    body = _fill(context, request, existing)
    return {**body, "properties": {"osType": "Linux", "environmentType": "UserCreated", **body["properties"]}}


def _long(asset: ResourceId, uri: str) -> str:
    prefix = "azureml://datastores/"
    home = workspace_of(asset)
    if not uri.lower().startswith(prefix) or not home.type.lower().endswith("/workspaces"):
        return uri
    datastore, _, path = uri[len(prefix) :].partition("/paths/")
    return uris.datastore_uri(home, datastore, path)


def _check_data(context: Context, request: Request) -> None:
    uri = str((request.body.get("properties") or {}).get("dataUri") or "")
    if uri.lower().startswith("azureml://") and "/datastores/" in uri.lower():
        uris.locate(context, workspace_of(request.id), uri)


def _check_model(context: Context, request: Request) -> None:
    """The blobs must be there: Azure looks before it registers."""
    uri = str((request.body.get("properties") or {}).get("modelUri") or "")
    place = uris.locate(context, workspace_of(request.id), uri)
    if context.accounts.get(place.account) is not None and not uris.has_blobs(context, place):
        raise ArmError(400, "ModelPathNotFound", f"There is nothing at '{uri}' to register as a model.")


def _check_code(context: Context, request: Request) -> None:
    uri = str((request.body.get("properties") or {}).get("codeUri") or "")
    place = uris.locate(context, workspace_of(request.id), uri)
    if context.accounts.get(place.account) is not None and not uris.has_blobs(context, place):
        raise ArmError(400, "CodePathNotFound", f"There is nothing at '{uri}' to register as code.")


def _check_environment(_context: Context, request: Request) -> None:
    properties = request.body.get("properties") or {}
    if not properties.get("image") and not properties.get("build"):
        raise ArmError(400, "ValidationError", f"The environment '{request.id.names[-2]}' needs an image or a build.")


def upload_place(context: Context, request: Request) -> Reply:
    """A container of its own for an upload, with a token to write there.

    In a shared container the SDK would find an earlier folder of the same name and silently upload nothing.
    """
    home = workspace_of(request.id)
    account = _account_of(context, home)
    container = f"{home.name.lower()[:20].strip('-')}-{uuid.uuid4()}"
    context.accounts.make_container(account.name, container)
    token = context.accounts.container_sas(account.name, container, "racwl")
    address = f"https://{account.name}.blob.core.windows.net/{container}"
    reference = {
        "blobUri": address,
        "storageAccountArmId": account.text,
        "credential": {"credentialType": "SAS", "sasUri": f"{address}?{token}"},
    }
    return Reply(
        body={
            "pendingUploadId": str(uuid.uuid4()),
            "pendingUploadType": "TemporaryBlobReference",
            "blobReferenceForConsumption": reference,
        }
    )


def _account_of(context: Context, home: ResourceId) -> ResourceId:
    found = context.store.get(home)
    if found is None:
        raise ArmError(404, "ParentResourceNotFound", f"'{home}' could not be found.")
    if home.type.lower() == WORKSPACE.lower():
        return ResourceId(found.properties["storageAccount"])
    return ml_registries.account_of(found)


def active(found: list[Resource], request: Request) -> list[Resource]:
    """Those that `listViewType` asks for: active ones unless it says otherwise."""
    view = request.query.get("listViewType", "ActiveOnly").lower()
    if view == "all":
        return found
    return [each for each in found if bool(each.properties.get("isArchived")) == (view == "archivedonly")]


def _listed(of_type: str) -> Callable[[Context, Request], list[Resource]]:
    def listed(context: Context, request: Request) -> list[Resource]:
        return active(context.store.children(request.id, of_type), request)

    return listed


def _codes_by_hash(of_type: str) -> Callable[[Context, Request], list[Resource]]:
    """The SDK asks under a name that it made up: the hash is looked for in the whole workspace."""

    def listed(context: Context, request: Request) -> list[Resource]:
        wanted = request.query.get("hash")
        if not wanted:
            return context.store.children(request.id, of_type)
        found = context.store.below(workspace_of(request.id), of_type)
        return [each for each in found if (each.properties.get("properties") or {}).get("hash_sha256") == wanted]

    return listed


def _container_type(top: str, kind: str) -> ResourceType:
    """Containers may be written directly: their archive flag, tags and description."""
    name = f"{top}/{kind}"
    return ResourceType(type=name, fill=_fill_container, listed=_listed(name))


def _fill_container(context: Context, request: Request, existing: Body | None) -> Body:
    before = (existing or {}).get("properties") or {}
    body = _fill(context, request, existing)
    own = {key: before.get(key) for key in ("latestVersion", "nextVersion")}
    return {**body, "properties": {**body["properties"], **own}}


def _as_stored(_context: Context, resource: Resource) -> Body:
    return resource.body


def _registry_id(_context: Context, resource: Resource) -> Body:
    """Assets of a registry are known by ids of their own."""
    registry = workspace_of(resource.id).name
    kind, name, _, version = resource.id.segments[-4:]
    return {**resource.body, "id": f"azureml://registries/{registry}/{kind}/{name}/versions/{version}"}


def _nothing(_context: Context, _request: Request) -> None:
    """Have no rule beyond the schema and the references."""


_CHECKS = {
    "data": _check_data,
    "models": _check_model,
    "environments": _check_environment,
    "codes": _check_code,
}
_FILLS = {"data": _fill_data, "models": _fill_model, "environments": _fill_environment}


def _version_type(top: str, kind: str, *, long_running: bool) -> ResourceType:
    name = f"{top}/{kind}/versions"
    return ResourceType(
        type=name,
        check=_CHECKS.get(kind, _nothing),
        fill=_FILLS.get(kind, _fill),
        listed=_codes_by_hash(name) if kind == "codes" else _listed(name),
        immutable=_content(kind),
        defaults={"osType": "Linux"} if kind == "environments" else {},
        versions_of=f"{top}/{kind}",
        long_running=long_running,
        parents_checked=kind != "codes",
        show=_registry_id if top == REGISTRY else _as_stored,
        actions={"startpendingupload": Action(run=upload_place, on_missing=True)},
    )


RESOURCE_TYPES = (
    *(_container_type(WORKSPACE, kind) for kind in _CONTENT),
    *(_version_type(WORKSPACE, kind, long_running=False) for kind in _CONTENT),
    *(_container_type(REGISTRY, kind) for kind in ("data", "models", "environments", "components", "codes")),
    *(
        _version_type(REGISTRY, kind, long_running=True)
        for kind in ("data", "models", "environments", "components", "codes")
    ),
)
