"""Managed identities of resources: what Azure fills in below `identity`."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from environments.local.arm.errors import ArmError
from environments.local.arm.identity import Principal
from environments.local.arm.ids import ResourceId, parse

if TYPE_CHECKING:
    from environments.local.arm.resource_types import Body, Context, Request, Resource

TYPE = "Microsoft.ManagedIdentity/userAssignedIdentities"


def with_identity(context: Context, request: Request, existing: Body | None) -> Body:
    """The body with principals for the identities that it asks for.  Raises ArmError for one that does not exist."""
    asked = request.body.get("identity")
    if not isinstance(asked, dict):
        return request.body
    kind = str(asked.get("type") or "None").lower()
    identity: Body = {"type": asked.get("type")}
    if "systemassigned" in kind:
        before = (existing or {}).get("identity") or {}
        identity["principalId"] = before.get("principalId") or str(uuid.uuid4())
        identity["tenantId"] = context.settings.tenant
    if "userassigned" in kind:
        assigned = asked.get("userAssignedIdentities") or {}
        identity["userAssignedIdentities"] = {each: _ids(context, parse(each)) for each in assigned}
    return {**request.body, "identity": identity}


def principal_of(context: Context, resource: Resource) -> Principal | None:
    """Whose token the processes of a resource get: its first user-assigned identity, else its own, else nobody's."""
    identity = resource.body.get("identity") or {}
    for name in identity.get("userAssignedIdentities") or {}:
        found = context.store.get(parse(name))
        if found is not None:
            return _principal(found)
    own = identity.get("principalId")
    return Principal(object_id=own, client_id=own, name=resource.id.name) if own else None


def _principal(found: Resource) -> Principal:
    properties = found.properties
    return Principal(object_id=properties["principalId"], client_id=properties["clientId"], name=found.id.name)


def _ids(context: Context, wanted: ResourceId) -> Body:
    found = context.store.get(wanted)
    if found is None:
        raise ArmError(400, "FailedIdentityOperation", f"The user-assigned identity '{wanted}' was not found.")
    return {"principalId": found.properties["principalId"], "clientId": found.properties["clientId"]}
