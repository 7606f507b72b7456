"""Microsoft.Authorization: role assignments and definitions, and locks, on any scope."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from environments.local.arm import locks
from environments.local.arm.errors import ArmError, conflict, invalid
from environments.local.arm.ids import ResourceId, parse
from environments.local.arm.resource_types import ResourceType

if TYPE_CHECKING:
    from environments.local.arm.resource_types import Body, Context, Request, Resource

_ASSIGNMENT = "Microsoft.Authorization/roleAssignments"
_DEFINITION = "Microsoft.Authorization/roleDefinitions"


def _check_assignment(context: Context, request: Request) -> None:
    properties = request.body.get("properties") or {}
    if not _is_guid(request.id.name):
        raise ArmError(400, "InvalidRoleAssignmentId", f"The role assignment ID '{request.id.name}' must be a GUID.")
    if not _is_guid(str(properties.get("principalId"))):
        raise ArmError(400, "InvalidPrincipalId", f"The principal ID '{properties.get('principalId')}' is not valid.")
    role = parse(str(properties.get("roleDefinitionId")))
    if role.type.lower() != _DEFINITION.lower() or not _is_guid(role.name):
        raise invalid(f"'{role}' is not the id of a role definition.")
    wanted = _meaning(properties)
    for other in context.store.children(request.id.parent or ResourceId(""), _ASSIGNMENT):
        if other.id.key != request.id.key and _meaning(other.properties) == wanted:
            raise conflict("The role assignment already exists.", "RoleAssignmentExists")
        if other.id.key == request.id.key and _meaning(other.properties) != wanted:
            raise ArmError(
                400,
                "RoleAssignmentUpdateNotPermitted",
                "Tenant ID, application ID, principal ID, and scope cannot change.",
            )


def _meaning(properties: Body) -> tuple[str, str]:
    return str(properties.get("principalId")).lower(), parse(str(properties.get("roleDefinitionId"))).name.lower()


def _fill_assignment(_context: Context, request: Request, _existing: Body | None) -> Body:
    scope = request.id.parent
    defaults = {"principalType": "ServicePrincipal"}
    return {
        **request.body,
        "properties": {**defaults, **request.body["properties"], "scope": scope.text if scope else "/"},
    }


def _assignments(context: Context, request: Request) -> list[Resource]:
    """At the scope, above it and below it, as Azure lists them; `$filter` chooses by principal or scope."""
    wanted = request.query.get("$filter", "")
    found = []
    for each in context.store.of_type(_ASSIGNMENT):
        scope = each.id.parent or ResourceId("")
        below, above = scope.within(request.id), request.id.within(scope)
        if (below or above) and (wanted != "atScope()" or above) and _passes(each, wanted):
            found.append(each)
    return found


def _passes(assignment: Resource, wanted: str) -> bool:
    key, _, value = wanted.partition(" eq ")
    if key not in {"principalId", "assignedTo('principalId')"}:
        return True
    return bool(assignment.properties["principalId"].lower() == value.strip("'").lower())


def _is_guid(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True


RESOURCE_TYPES = (
    ResourceType(
        type=_ASSIGNMENT,
        check=_check_assignment,
        fill=_fill_assignment,
        listed=_assignments,
        parents_checked=False,
        put_status=201,
    ),
    ResourceType(type=_DEFINITION, parents_checked=False, put_status=201),
    ResourceType(type=locks.TYPE, parents_checked=False),
)
