"""Microsoft.Authorization: role assignments and definitions, policies and locks, on any scope."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from environments.local.arm import locks
from environments.local.arm.errors import ArmError, conflict, invalid
from environments.local.arm.ids import ResourceId, parse
from environments.local.arm.resource_types import ResourceType
from environments.local.services.identities import with_identity

if TYPE_CHECKING:
    from collections.abc import Mapping

    from environments.local.arm.resource_types import Body, Context, Request, Resource
    from environments.local.arm.store import Store

_ASSIGNMENT = "Microsoft.Authorization/roleAssignments"
_DEFINITION = "Microsoft.Authorization/roleDefinitions"
_POLICY = "Microsoft.Authorization/policyDefinitions"
_POLICY_ASSIGNMENT = "Microsoft.Authorization/policyAssignments"


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


def seed(store: Store, known: Mapping[str, Body]) -> None:
    """Have Azure's built-in policies, as far as the table of the subscription has them."""
    for name, row in known.items():
        found = ResourceId(f"/providers/{_POLICY}/{name}")
        rule = {"if": {}, "then": {"effect": row["effect"]}}
        properties = {"displayName": row["displayName"], "parameters": row["parameters"], "policyRule": rule}
        body = {"properties": {**properties, "policyType": "BuiltIn", "mode": "Indexed"}}
        if (there := store.get(found)) is None or there.body != body:
            store.put(found, body)


def _policies(context: Context, request: Request) -> list[Resource]:
    """At the scope and above it; without `$filter=atScope()` below it too."""
    only_above = request.query.get("$filter", "").lower() == "atscope()"
    return [
        each
        for each in context.store.of_type(_POLICY_ASSIGNMENT)
        if request.id.within(each.id.parent or ResourceId("")) or (not only_above and each.id.within(request.id))
    ]


def _is_guid(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True


def _check_policy_assignment(_context: Context, request: Request) -> None:
    kind = str((request.body.get("identity") or {}).get("type") or "None")
    if kind != "None" and not request.body.get("location"):
        raise ArmError(
            400, "LocationRequired", f"The policy assignment '{request.id.name}' has an identity and needs a location."
        )


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
    ResourceType(
        type=_POLICY_ASSIGNMENT,
        check=_check_policy_assignment,
        fill=with_identity,
        parents_checked=False,
        listed=_policies,
    ),
    ResourceType(type=_POLICY, parents_checked=False),
    ResourceType(type="Microsoft.Authorization/policySetDefinitions", parents_checked=False),
    ResourceType(type="Microsoft.Authorization/policyExemptions", parents_checked=False),
)
