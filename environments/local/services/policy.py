"""Azure Policy: definitions that are understood, assignments of what is there, and what they think of what is there."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from environments.local.arm.errors import ArmError
from environments.local.arm.ids import ResourceId, parse
from environments.local.arm.resource_types import Action, Reply, ResourceType
from environments.local.policy import admission, assigned, definitions
from environments.local.services.identities import with_identity

if TYPE_CHECKING:
    from collections.abc import Mapping

    from environments.local.arm.resource_types import Body, Context, Request, Resource
    from environments.local.arm.store import Store

_DEFINITION = "Microsoft.Authorization/policyDefinitions"
_SET = "Microsoft.Authorization/policySetDefinitions"
_LOG = logging.getLogger(__name__)
_NOT_UNDERSTOOD = ("overrides", "resourceSelectors")


def seed(store: Store, known: Mapping[str, Body]) -> None:
    """Have Azure's built-in policies, as far as the table of the subscription has them.

    A row without `if` may be assigned, and is told as not evaluated.
    """
    for name, row in known.items():
        found = ResourceId(f"/providers/{_DEFINITION}/{name}")
        then = {"effect": row["effect"], **({"details": row["details"]} if "details" in row else {})}
        properties = {
            "displayName": row["displayName"],
            "parameters": row["parameters"],
            "policyRule": {"if": row.get("if", {}), "then": then},
            "policyType": "BuiltIn",
            "mode": row.get("mode", "Indexed"),
        }
        if (there := store.get(found)) is None or there.body != {"properties": properties}:
            store.put(found, {"properties": properties})


def _check_definition(_context: Context, request: Request) -> None:
    found = definitions.findings(request.body.get("properties") or {})
    if found:
        raise ArmError(
            400,
            "InvalidPolicyRule",
            f"Failed to parse the policy rule of '{request.id.name}': {'; '.join(found)}.",
            found if len(found) > 1 else (),
        )


def _check_set(context: Context, request: Request) -> None:
    members = (request.body.get("properties") or {}).get("policyDefinitions") or []
    if not members:
        raise ArmError(400, "InvalidPolicySetDefinition", f"'{request.id.name}' holds no policy definition.")
    wrong = definitions.member_findings(request.body["properties"])
    if wrong:
        raise ArmError(400, "InvalidPolicySetDefinition", f"'{request.id.name}': {'; '.join(wrong)}.", wrong)
    for member in members:
        wanted = str(member.get("policyDefinitionId"))
        found = _there(context, wanted)
        if found is not None:
            _check_parameters(f"'{member.get('policyDefinitionReferenceId')}'", found, member.get("parameters") or {})


def _check_assignment(context: Context, request: Request) -> None:
    kind = str((request.body.get("identity") or {}).get("type") or "None")
    if kind != "None" and not request.body.get("location"):
        raise ArmError(
            400, "LocationRequired", f"The policy assignment '{request.id.name}' has an identity and needs a location."
        )
    properties = request.body.get("properties") or {}
    strange = [name for name in _NOT_UNDERSTOOD if properties.get(name)]
    if strange:
        raise ArmError(
            400, "InvalidPolicyAssignment", f"The local environment does not understand {' and '.join(strange)}."
        )
    found = _there(context, str(properties.get("policyDefinitionId")))
    if found is not None:
        _check_parameters(f"The policy assignment '{request.id.name}'", found, properties.get("parameters") or {})


def _there(context: Context, wanted: str) -> Resource | None:
    """What an assignment or a set names.  Raises ArmError for what is nobody's; a built-in may be one without a row."""
    found = context.store.get(parse(wanted))
    if found is None and not wanted.lower().startswith("/providers/"):
        raise ArmError(404, "PolicyDefinitionNotFound", f"The policy definition '{wanted}' could not be found.")
    return found


def _check_parameters(who: str, definition: Resource, given: Mapping[str, Any]) -> None:
    declared = definition.properties.get("parameters") or {}
    names = {name.lower() for name in declared}
    unknown = sorted(name for name in given if name.lower() not in names)
    if unknown:
        raise ArmError(
            400, "UndefinedPolicyParameter", f"{who} gives {', '.join(unknown)}, which '{definition.id.name}' has not."
        )
    missing = sorted(
        name
        for name, row in declared.items()
        if "defaultValue" not in row and name.lower() not in {each.lower() for each in given}
    )
    if missing:
        raise ArmError(
            400, "MissingPolicyParameter", f"{who} misses {', '.join(missing)}, which '{definition.id.name}' needs."
        )


def _assigned(context: Context, resource: Resource) -> None:
    """Say in the log what is assigned and not evaluated; the compliance says it too."""
    whole = {**resource.body, "id": resource.id.text, "name": resource.id.name}
    for each in assigned.taken_apart(whole, lambda wanted: _found(context, wanted)):
        if each.unevaluated:
            _LOG.warning("%s: %s is not evaluated: %s", resource.id.name, each.definition["name"], each.unevaluated)


def _found(context: Context, wanted: str) -> Body | None:
    found = context.store.get(parse(wanted))
    return {**found.body, "id": found.id.text, "name": found.id.name} if found else None


def _policies(context: Context, request: Request) -> list[Resource]:
    """At the scope and above it; without `$filter=atScope()` below it too."""
    only_above = request.query.get("$filter", "").lower() == "atscope()"
    return [
        each
        for each in context.store.of_type(admission.ASSIGNMENT)
        if request.id.within(each.id.parent or ResourceId("")) or (not only_above and each.id.within(request.id))
    ]


def _states(context: Context, request: Request) -> Reply:
    rows = list(admission.states(context.store, request.id.parent or ResourceId("")))
    if request.query.get("$filter"):
        rows = [each for each in rows if _passes(each, request.query["$filter"])]
    return Reply(body={"@odata.count": len(rows), "value": rows[: int(request.query.get("$top") or len(rows))]})


def _passes(row: Body, wanted: str) -> bool:
    """`NAME eq 'VALUE'`, with `and` between several."""
    for part in wanted.split(" and "):
        name, middle, value = part.strip().partition(" eq ")
        if not middle or name not in row:
            raise ArmError(
                400, "InvalidFilterInQueryString", f"The filter '{part}' is not understood: NAME eq 'VALUE'."
            )
        if str(row[name]).lower() != value.strip().strip("'").lower():
            return False
    return True


RESOURCE_TYPES = (
    ResourceType(
        type=admission.ASSIGNMENT,
        check=_check_assignment,
        fill=with_identity,
        made=_assigned,
        parents_checked=False,
        listed=_policies,
    ),
    ResourceType(type=_DEFINITION, check=_check_definition, parents_checked=False),
    ResourceType(type=_SET, check=_check_set, parents_checked=False),
    ResourceType(type=admission.EXEMPTION, parents_checked=False),
    ResourceType(
        type="Microsoft.PolicyInsights/policyStates",
        actions={"queryresults": Action(run=_states, on_missing=True)},
        parents_checked=False,
    ),
)
