"""Assigned policies at the resource manager's door: what they change, refuse, and think of what is there."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from environments.local.arm.errors import ArmError
from environments.local.arm.ids import ResourceId, parse
from environments.local.policy import assigned, effects
from environments.local.policy.conditions import World
from environments.local.policy.expressions import ExpressionError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from environments.local.arm.resource_types import Body, Context, Request
    from environments.local.arm.store import Store
    from environments.local.policy.assigned import Policy

ASSIGNMENT = "Microsoft.Authorization/policyAssignments"
EXEMPTION = "Microsoft.Authorization/policyExemptions"
_AZURES = {"microsoft.resources/resourcegroups": "Microsoft.Resources/subscriptions/resourceGroups"}
"""What policies call a type, where that is not its name here."""
_ENVELOPE = ("id", "name", "fullName", "type")


def admitted(context: Context, request: Request) -> Body:
    """The body as policies let it in.  Raises ArmError 403 where one refuses it."""
    try:
        policies = in_force(context.store, request.id)
        if not policies:
            return request.body
        found = effects.outcome(policies, _world(context.store, request.id, request.body, request.api_version))
    except ExpressionError as error:
        raise ArmError(
            400, "PolicyEvaluationFailed", f"A policy of '{request.id}' cannot be evaluated: {error}."
        ) from error
    if found.refused_by:
        raise _refusal(request.id, found.refused_by, found.conflicts)
    return {key: value for key, value in found.body.items() if key not in _ENVELOPE}


def in_force(store: Store, target: ResourceId) -> tuple[Policy, ...]:
    """All policies that are about a resource's place."""
    assignments = [(each.id.parent or ResourceId(""), _whole(each.id, each.body)) for each in store.of_type(ASSIGNMENT)]
    if not assignments:
        return ()
    exemptions = [(each.id.parent or ResourceId(""), each.body) for each in store.of_type(EXEMPTION)]
    return assigned.in_force(target, assignments, exemptions, lambda wanted: _definition(store, wanted))


def states(store: Store, scope: ResourceId) -> Iterator[Body]:
    """What every policy thinks of every resource at a scope and below it; what nothing evaluates is told as unknown."""
    now = datetime.now(UTC).isoformat()
    for assignment in store.of_type(ASSIGNMENT):
        above = assignment.id.parent or ResourceId("")
        if above.within(scope) or scope.within(above):
            for policy in assigned.taken_apart(_whole(assignment.id, assignment.body), lambda w: _definition(store, w)):
                if policy.unevaluated:
                    yield _state(policy, above, "Unknown", now) | {"complianceReasonCode": policy.unevaluated}
    resources = [each for each in (store.get(scope), *store.below(scope)) if each is not None]
    for resource in resources:
        world = _world(store, resource.id, resource.body, "")
        for policy in in_force(store, resource.id):
            try:
                kept = effects.compliant(policy, world)
            except ExpressionError as error:
                yield _state(policy, resource.id, "Unknown", now) | {"complianceReasonCode": str(error)}
                continue
            if kept is not None:
                yield _state(policy, resource.id, "Compliant" if kept else "NonCompliant", now)


def _world(store: Store, target: ResourceId, body: Body, api_version: str) -> World:
    subscription = parse(f"/subscriptions/{target.subscription}")
    group = parse(f"{subscription}/resourceGroups/{target.resource_group}")
    found = store.get(group) if target.resource_group else None
    return World(
        resource={
            **body,
            "id": target.text,
            "name": target.name,
            "fullName": "/".join(target.names),
            "type": _AZURES.get(target.type.lower(), target.type),
        },
        group={**found.body, "id": group.text, "name": group.name} if found else {},
        subscription={"id": subscription.text, "subscriptionId": target.subscription},
        api_version=api_version,
    )


def _definition(store: Store, wanted: str) -> Body | None:
    found = store.get(parse(wanted))
    return _whole(found.id, found.body) if found else None


def _whole(target: ResourceId, body: Body) -> Body:
    return {**body, "id": target.text, "name": target.name}


def _refusal(target: ResourceId, policies: tuple[Policy, ...], conflicts: tuple[str, ...]) -> ArmError:
    identifiers = [
        {
            "policyAssignment": {"name": each.assignment["name"], "id": each.assignment["id"]},
            "policyDefinition": {"name": each.definition["name"], "id": each.definition["id"]},
        }
        for each in policies
    ]
    reasons = "".join(f" Reason: '{each}'." for each in dict.fromkeys(each.message for each in policies) if each)
    clash = f" Policies want different values of {', '.join(conflicts)}." if conflicts else ""
    return ArmError(
        403,
        "RequestDisallowedByPolicy",
        f"Resource '{target.name}' was disallowed by policy.{reasons}{clash} Policy identifiers:"
        f" '{json.dumps(identifiers, separators=(',', ':'))}'.",
        more={
            "target": target.name,
            "additionalInfo": [{"type": "PolicyViolation", "info": _violation(each)} for each in policies],
        },
    )


def _violation(policy: Policy) -> dict[str, Any]:
    assignment, definition = policy.assignment, policy.definition
    info: dict[str, Any] = {
        "policyDefinitionDisplayName": definition["properties"].get("displayName") or definition["name"],
        "policyDefinitionId": definition["id"],
        "policyDefinitionName": definition["name"],
        "policyDefinitionEffect": str(policy.parameters.get("effect") or policy.rule["then"]["effect"]),
        "policyAssignmentId": assignment["id"],
        "policyAssignmentName": assignment["name"],
        "policyAssignmentDisplayName": assignment["properties"].get("displayName") or assignment["name"],
        "policyAssignmentScope": assignment["properties"].get("scope")
        or assignment["id"].partition("/providers/Microsoft.Authorization/")[0],
        "policyAssignmentParameters": assignment["properties"].get("parameters") or {},
    }
    if policy.initiative is not None:
        info |= {
            "policySetDefinitionId": policy.initiative["id"],
            "policySetDefinitionName": policy.initiative["name"],
            "policyDefinitionReferenceId": policy.reference,
        }
    return info


def _state(policy: Policy, target: ResourceId, state: str, now: str) -> Body:
    return {
        "timestamp": now,
        "resourceId": target.text,
        "resourceType": target.type,
        "resourceGroup": target.resource_group or "",
        "policyAssignmentId": policy.assignment["id"],
        "policyAssignmentName": policy.assignment["name"],
        "policyDefinitionId": policy.definition["id"],
        "policyDefinitionName": policy.definition["name"],
        "policyDefinitionReferenceId": policy.reference,
        "policySetDefinitionId": policy.initiative["id"] if policy.initiative else "",
        "policyDefinitionAction": str(policy.parameters.get("effect") or policy.rule["then"]["effect"]).lower(),
        "isCompliant": state == "Compliant",
        "complianceState": state,
    }
