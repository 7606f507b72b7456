"""The functions that programs call: who asks, and what a resource is like."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from environments.local.provider import bodies
from environments.local.provider.markers import Marked
from environments.local.provider.resource_manager import RefusedError
from environments.local.provider.resources import UnservedTypeError, served

if TYPE_CHECKING:
    from collections.abc import Mapping

    from environments.local.provider.configuration import Configuration

_CLIENT = "azure-native:authorization:getClientConfig"


class UnservedFunctionError(LookupError):
    """The provider has no such function."""


def call(token: str, arguments: Mapping[str, Any], mine: Configuration) -> Marked:
    """Answer a function.

    Raises UnservedFunctionError, naming it, and RefusedError as the resource manager does.
    """
    if token == _CLIENT:
        return Marked(values=_client(mine))
    module, _, name = token.removeprefix("azure-native:").partition(":")
    if not name.startswith("get"):
        raise UnservedFunctionError(f"{token} is not served: keys and other secrets do not travel as values here")
    try:
        kind = served(f"azure-native:{module}:{name.removeprefix('get')}")
    except UnservedTypeError as error:
        raise UnservedFunctionError(f"the function {token} is not served: {error}") from error
    resource_id = kind.id(arguments, mine.subscription)
    body = mine.manager.get(resource_id, kind.type.api_version)
    if body is None:
        raise RefusedError(f"{resource_id} was not found")
    found = {**bodies.from_body(kind, body), "id": body.get("id", resource_id)}
    secrets = frozenset(tuple(each.split(".")) for each in kind.secrets)
    return Marked(values=found, secrets=secrets)


def _client(mine: Configuration) -> dict[str, Any]:
    claims = mine.manager.claims()
    return {
        "clientId": claims.get("appid") or claims.get("azp") or "",
        "objectId": claims.get("oid", ""),
        "subscriptionId": mine.subscription,
        "tenantId": claims.get("tid", ""),
    }
