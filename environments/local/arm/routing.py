"""From method and path to what is asked: a resource, a collection, an action, an operation or a provider."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from environments.local.arm import lifecycle, operations
from environments.local.arm.errors import ArmError, not_found
from environments.local.arm.ids import ResourceId, parse
from environments.local.arm.resource_types import Reply
from environments.local.settings import REGIONS
from environments.local.subscription import table

if TYPE_CHECKING:
    from environments.local.arm.resource_types import Body, Context, Request

_LOGIN = "https://login.microsoftonline.com/"
_SUMMARY = ("id", "name", "type", "location", "tags", "sku", "kind")


def answer(context: Context, method: str, request: Request) -> Reply:  # noqa: PLR0911 - one a kind of path
    """Answer one request; `request.id` is still the bare path.  Raises ArmError."""
    segments = request.id.segments
    lowered = tuple(segment.lower() for segment in segments)
    if "mfeoperationsstatus" in lowered or "mfeoperationresults" in lowered:
        return _operation(context, request, segments)
    if lowered[:1] == ("metadata",):
        return metadata(request.api_version)
    if len(segments) == 1 and lowered[0] in {"subscriptions", "tenants"}:
        kind = f"Microsoft.Resources/{lowered[0]}"
        return lifecycle.list_all(context, replace(request, id=ResourceId("")), kind)
    if _provider(lowered):
        return _providers(context, segments)
    if lowered[-1:] == ("operations",) and "deployments" in lowered:
        return Reply(body={"value": []})
    if len(segments) % 2 == 0:
        return _resource(context, method, request)
    above, last = ResourceId("/" + "/".join(segments[:-1])), segments[-1]
    if method == "POST":
        return lifecycle.post(context, replace(request, id=above), last)
    if method != "GET":
        raise ArmError(405, "MethodNotAllowed", f"{method} is not allowed on the collection '{request.id}'.")
    return _collection(context, replace(request, id=above), last)


def _resource(context: Context, method: str, request: Request) -> Reply:
    match method:
        case "GET":
            return lifecycle.get(context, request)
        case "HEAD":
            lifecycle.existing(context, request.id)
            return Reply(status=204)
        case "PUT":
            return lifecycle.put(context, request)
        case "PATCH":
            return lifecycle.patch(context, request)
        case "DELETE":
            return lifecycle.delete(context, request)
    raise ArmError(405, "MethodNotAllowed", f"{method} is not allowed on '{request.id}'.")


def _collection(context: Context, request: Request, last: str) -> Reply:
    """List what lies under a parent; `…/providers/NAMESPACE/TYPE` lists that type of the scope."""
    segments = request.id.segments
    if last.lower() == "resources" and request.id.namespace is None:
        return _everything(context, request)
    if len(segments) >= 2 and segments[-2].lower() == "providers":  # noqa: PLR2004 - a pair
        scope = parse("/".join(segments[:-2]))
        return lifecycle.list_all(context, replace(request, id=scope), f"{segments[-1]}/{last}")
    if request.id.namespace is None:
        return lifecycle.list_all(context, request, f"Microsoft.Resources/{last}")
    return lifecycle.list_all(context, request, f"{request.id.type}/{last}")


def _everything(context: Context, request: Request) -> Reply:
    """`/subscriptions/S/resources` and a group's: top-level resources only, without their properties."""
    found = []
    for resource in context.store.below(request.id):
        if resource.id.namespace is None or resource.id.type.count("/") != 1:
            continue
        kind = lifecycle.type_of(context, resource.id.type)
        whole = lifecycle.shown(context, kind, resource)
        found.append({key: whole[key] for key in _SUMMARY if key in whole})
    return Reply(body={"value": found})


def _operation(context: Context, request: Request, segments: tuple[str, ...]) -> Reply:
    found = context.operations.get(segments[-1])
    if found is None:
        raise not_found(request.id)
    if segments[-2].lower() == "mfeoperationresults":
        if found.status == operations.IN_PROGRESS:
            return Reply(status=202, headers=lifecycle.polling(context, found))
        return Reply(status=204)
    body: Body = {"id": request.id.text, "name": found.name, "status": found.status}
    if found.error is not None:
        body["error"] = found.error
    headers = lifecycle.polling(context, found) if found.status == operations.IN_PROGRESS else {}
    return Reply(body=body, headers=headers)


def _provider(lowered: tuple[str, ...]) -> bool:
    """`…/providers`, `…/providers/NAMESPACE` and `…/providers/NAMESPACE/register`."""
    below = lowered[2:] if lowered[:1] == ("subscriptions",) else lowered
    return below[:1] == ("providers",) and (len(below) <= 2 or below[2:] == ("register",))  # noqa: PLR2004 - a pair


def _providers(context: Context, segments: tuple[str, ...]) -> Reply:
    namespaces: dict[str, list[str]] = {}
    for kind in context.types.values():
        namespace, _, rest = kind.type.partition("/")
        namespaces.setdefault(namespace, []).append(rest)
    subscription = f"/subscriptions/{context.settings.subscription}"
    states = {name.lower(): state for name, state in table(context.home, "providers").items()}

    def described(namespace: str) -> dict[str, object]:
        types = [
            {"resourceType": rest, "locations": list(REGIONS), "apiVersions": []}
            for rest in namespaces[namespace]
            if rest
        ]
        where = f"{subscription}/providers/{namespace}"
        state = states.get(namespace.lower(), "Registered")
        return {"id": where, "namespace": namespace, "registrationState": state, "resourceTypes": types}

    if segments[-1].lower() == "providers":
        return Reply(body={"value": [described(each) for each in sorted(namespaces)]})
    at = next(i for i, segment in enumerate(segments) if segment.lower() == "providers")
    wanted = next((each for each in namespaces if each.lower() == segments[at + 1].lower()), None)
    if wanted is None:
        raise ArmError(
            404,
            "InvalidResourceNamespace",
            f"The resource namespace '{segments[at + 1]}' is not served by the local environment.",
        )
    return Reply(body=described(wanted))


def metadata(api_version: str) -> Reply:
    """`/metadata/endpoints`: one object since 2022-09-01, before that a list."""
    cloud = {
        "name": "AzureCloud",
        "portal": "https://portal.azure.com",
        "resourceManager": "https://management.azure.com/",
        "authentication": {
            "loginEndpoint": _LOGIN,
            "audiences": ["https://management.core.windows.net/", "https://management.azure.com/"],
            "tenant": "common",
            "identityProvider": "AAD",
        },
        "suffixes": {
            "storage": "core.windows.net",
            "keyVaultDns": "vault.azure.net",
            "acrLoginServer": "azurecr.io",
        },
        "activeDirectoryDataLake": "https://datalake.azure.net/",
        "graph": "https://graph.windows.net/",
        "microsoftGraphResourceId": "https://graph.microsoft.com/",
    }
    return Reply(body=cloud if api_version >= "2022-09-01" else [cloud])
