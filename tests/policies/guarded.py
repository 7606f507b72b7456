"""The initiative as the local environment's resource manager evaluates it, without a server."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from environments.local.policy import assigned, effects
from environments.local.policy.conditions import World
from environments.local.provider import bodies
from environments.local.provider.resources import served
from rules.stack import unversioned

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from environments.local.policy.assigned import Policy

TAGS = {"owner": "team", "cost-center": "42", "environment": "prod", "data-classification": "internal"}
ROOT = Path(__file__).resolve().parents[2]
_SET = "/providers/Microsoft.Authorization/policySetDefinitions/ours"
_BUILT_INS = "/providers/Microsoft.Authorization/policyDefinitions/"
_OWN = "/subscriptions/s/providers/Microsoft.Authorization/policyDefinitions/"


def guardrails(parameters: Mapping[str, Any] | None = None) -> tuple[Policy, ...]:
    """Every member of the printed initiative, as one assignment with these parameters puts it in force."""
    given = {name: {"value": value} for name, value in {"effect": "Deny", **(parameters or {})}.items()}
    assignment = {"id": "/a", "name": "a", "properties": {"policyDefinitionId": _SET, "parameters": given}}
    return tuple(assigned.taken_apart(assignment, lambda wanted: _known().get(wanted)))


def broken(policies: tuple[Policy, ...], resource_type: str, inputs: Mapping[str, Any]) -> list[str]:
    """Which members what a program asks for breaks, whatever they would do about it."""
    world = asked(resource_type, inputs)
    return [each.reference for each in policies if effects.compliant(each, world) is False]


def refused(policies: tuple[Policy, ...], resource_type: str, inputs: Mapping[str, Any]) -> list[str]:
    """The definitions by which what a program asks for is refused."""
    found = effects.outcome(policies, asked(resource_type, inputs))
    return [each.definition["name"] for each in found.refused_by]


def built_ins(assignments: Iterable[Mapping[str, Any]]) -> tuple[Policy, ...]:
    """What these assignments (as a program asks for them) put in force of Azure's own policies, if it were enforced."""
    kind = served("azure-native:authorization:PolicyAssignment")
    bodies_ = [bodies.to_body(kind, each) for each in assignments]
    return tuple(
        policy
        for body in bodies_
        for policy in assigned.taken_apart({"id": "/a", "name": "a", **body}, lambda wanted: _known().get(wanted))
        if policy.definition["id"] in _known()
    )


def changed(
    policies: tuple[Policy, ...], resource_type: str, inputs: Mapping[str, Any], tags: Mapping[str, str]
) -> dict[str, Any]:
    """What is stored of what a program asks for, in a group with these tags."""
    return effects.outcome(policies, replace(asked(resource_type, inputs), group={"tags": tags})).body


def asked(resource_type: str, inputs: Mapping[str, Any]) -> World:
    """A request as it reaches the resource manager, in a group with all tags."""
    kind = served(unversioned(resource_type))
    body = bodies.to_body(kind, inputs)
    resource = {**body, "id": "/it", "name": "it", "fullName": "it", "type": kind.arm_type}
    return World(resource=resource, group={"tags": TAGS})


@cache
def _known() -> Mapping[str, dict[str, Any]]:
    """Azure's own policies as far as the repository keeps their rule, ours, and the set, by id."""
    table = json.loads((ROOT / "environments/local/subscription/policies.json").read_text())
    found: dict[str, dict[str, Any]] = {}
    for name, row in table.items():
        rule = {"if": row.get("if", {}), "then": {"effect": row["effect"]}}
        properties = {"mode": row.get("mode", "Indexed"), "parameters": row["parameters"], "policyRule": rule}
        found[_BUILT_INS + name] = {"id": _BUILT_INS + name, "name": name, "properties": properties}
    initiative = json.loads((ROOT / "policies/initiative.json").read_text())
    for each in initiative["definitions"]:
        found[_OWN + each["name"]] = {"id": _OWN + each["name"], "name": each["name"], "properties": each}
    members = [
        {
            "policyDefinitionReferenceId": each["reference"],
            "policyDefinitionId": each.get("policyDefinitionId") or _OWN + each["definition"],
            "parameters": each["parameters"],
        }
        for each in initiative["members"]
    ]
    whole = {"parameters": initiative["parameters"], "policyDefinitions": members}
    found[_SET] = {"id": _SET, "name": "ours", "properties": whole}
    return found
