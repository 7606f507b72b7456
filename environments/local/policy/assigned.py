"""Which policies are in force for a resource: assignments, taken apart into definitions with their parameters; pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from environments.local.policy import aliases, definitions, expressions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from environments.local.arm.ids import ResourceId
    from environments.local.policy.conditions import Json

_NOT_LOOKED_AT = (
    "microsoft.authorization/policy",
    "microsoft.policyinsights/",
    "microsoft.resources/deployments",
)
_NEITHER = ("microsoft.resources/subscriptions", "microsoft.resources/tenants")


@dataclass(frozen=True, kw_only=True)
class Policy:
    """One definition as one assignment puts it in force."""

    assignment: Json  # with id, name and properties
    definition: Json
    initiative: Json | None = None
    reference: str = ""
    parameters: Json = field(default_factory=dict)
    unevaluated: str = ""  # why nothing here evaluates it

    @property
    def rule(self) -> Json:
        """Its `if` and `then`."""
        found: Json = self.definition["properties"]["policyRule"]
        return found

    @property
    def enforced(self) -> bool:
        """Whether it changes and refuses, or only says what it would."""
        return str(self.assignment["properties"].get("enforcementMode") or "Default").lower() == "default"

    @property
    def message(self) -> str:
        """What its assignment says to somebody who is refused: of this definition, else of all."""
        told = self.assignment["properties"].get("nonComplianceMessages") or ()
        own = [each for each in told if each.get("policyDefinitionReferenceId") == self.reference != ""]
        general = [each for each in told if not each.get("policyDefinitionReferenceId")]
        return next((str(each["message"]) for each in (*own, *general)), "")

    def looks_at(self, resource: Mapping[str, Any]) -> bool:
        """Whether its mode lets it see a type."""
        kind = str(resource["type"])
        if kind.lower().startswith(_NOT_LOOKED_AT) or kind.lower() in _NEITHER:
            return False
        mode = str(self.definition["properties"].get("mode") or "Indexed").lower()
        return mode == "all" or (mode == "indexed" and aliases.is_indexed(kind, resource))


def in_force(
    target: ResourceId,
    assignments: Iterable[tuple[ResourceId, Json]],
    exemptions: Iterable[tuple[ResourceId, Json]],
    find: Callable[[str], Json | None],
) -> tuple[Policy, ...]:
    """All policies that are about a resource's place, but for what is exempt there."""
    excused = [each for scope, each in exemptions if target.within(scope) and _counts(each)]
    return tuple(
        policy
        for scope, assignment in assignments
        if _reaches(target, scope, assignment)
        for policy in taken_apart(assignment, find)
        if not any(_excuses(each, policy) for each in excused)
    )


def taken_apart(assignment: Json, find: Callable[[str], Json | None]) -> Iterator[Policy]:
    """The definitions that an assignment puts in force."""
    properties = assignment["properties"]
    wanted = str(properties["policyDefinitionId"])
    found = find(wanted)
    given = _values(properties.get("parameters") or {})
    if "/policysetdefinitions/" not in wanted.lower():
        yield _policy(assignment, found or _unknown(wanted), given)
        return
    if found is None:
        yield _policy(assignment, _unknown(wanted), given)
        return
    outer = {**_defaults(found), **given}
    for i, member in enumerate(found["properties"]["policyDefinitions"]):
        inner = {
            name: expressions.evaluate(each.get("value"), {"parameters": lambda key: _named(outer, key)})
            for name, each in (member.get("parameters") or {}).items()
        }
        definition = find(str(member["policyDefinitionId"])) or _unknown(str(member["policyDefinitionId"]))
        reference = str(member.get("policyDefinitionReferenceId") or i)
        yield _policy(assignment, definition, inner, initiative=found, reference=reference)


def _policy(
    assignment: Json, definition: Json, given: Json, initiative: Json | None = None, reference: str = ""
) -> Policy:
    parameters = {**_defaults(definition), **given}
    return Policy(
        assignment=assignment,
        definition=definition,
        initiative=initiative,
        reference=reference,
        parameters=parameters,
        unevaluated=_unevaluated(definition, parameters),
    )


def _unevaluated(definition: Json, parameters: Json) -> str:
    properties = definition["properties"]
    rule = properties["policyRule"]
    if not rule["if"]:
        return "the local environment does not have this policy's rule"
    mode = str(properties.get("mode") or "Indexed")
    if mode.lower() not in definitions.MODES:
        return f"the local environment evaluates no policies of mode {mode}"
    effect = str(expressions.evaluate(rule["then"]["effect"], {"parameters": lambda key: _named(parameters, key)}))
    if effect.lower() not in definitions.EVALUATED:
        return f"the local environment does not evaluate the effect {effect}"
    return ""


def _unknown(wanted: str) -> Json:
    return {
        "id": wanted,
        "name": wanted.rsplit("/", 1)[-1],
        "properties": {"policyRule": {"if": {}, "then": {"effect": "audit"}}},
    }


def _defaults(definition: Json) -> Json:
    rows = definition["properties"].get("parameters") or {}
    return {name: row["defaultValue"] for name, row in rows.items() if "defaultValue" in row}


def _values(parameters: Json) -> Json:
    return {name: each.get("value") for name, each in parameters.items()}


def _named(values: Json, name: str) -> Any:  # noqa: ANN401
    for key, value in values.items():
        if key.lower() == name.lower():
            return value
    raise expressions.ExpressionError(f"there is no parameter '{name}'")


def _reaches(target: ResourceId, scope: ResourceId, assignment: Json) -> bool:
    not_scopes = [str(each).lower().rstrip("/") for each in assignment["properties"].get("notScopes") or ()]
    return target.within(scope) and not any(f"{target.key}/".startswith(f"{each}/") for each in not_scopes)


def _counts(exemption: Json) -> bool:
    ends = exemption["properties"].get("expiresOn")
    return not ends or datetime.fromisoformat(str(ends)) > datetime.now(UTC)


def _excuses(exemption: Json, policy: Policy) -> bool:
    properties = exemption["properties"]
    same = str(properties["policyAssignmentId"]).lower() == str(policy.assignment["id"]).lower()
    members = [str(each).lower() for each in properties.get("policyDefinitionReferenceIds") or ()]
    return same and (not members or policy.reference.lower() in members)
