"""What policies do to a request: change it, refuse it, or say what they think of it; pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from environments.local.policy import aliases
from environments.local.policy.aliases import ABSENT
from environments.local.policy.conditions import holds

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from environments.local.policy.assigned import Policy
    from environments.local.policy.conditions import Json, World


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What is to be stored, and who objects."""

    body: Json
    refused_by: tuple[Policy, ...] = ()
    conflicts: tuple[str, ...] = ()
    """Fields that two policies would set to different values."""


@dataclass(frozen=True, kw_only=True)
class Change:
    """One field that a policy sets, or takes away (ABSENT)."""

    policy: Policy
    field: str
    value: Any
    refuses: bool = False  # what happens where somebody else wants another value


def outcome(policies: Iterable[Policy], world: World) -> Outcome:
    """Do as Azure does: first what changes the request, then what refuses the changed one."""
    in_force = [each for each in policies if each.enforced and not each.unevaluated]
    body = dict(world.resource)
    done: dict[str, Change] = {}
    conflicts: list[str] = []
    refused: list[Policy] = []
    for change in _changes(in_force, world):
        path = aliases.path_of(change.field)
        before = done.get(path)
        if before is not None and before.value != change.value:
            conflicts += [change.field] if before.refuses or change.refuses else []
            refused += [change.policy] if before.refuses or change.refuses else []
        elif before is None:
            done[path] = change
            body = aliases.written(body, path, change.value)
    after = replace(world, resource=body)
    refused += [each for each in _clashing(in_force, world) if each not in refused]
    refused += [each for each in in_force if _effect(each, after) == "deny" and _meets(each, after)]
    return Outcome(body=body, refused_by=tuple(refused), conflicts=tuple(dict.fromkeys(conflicts)))


def compliant(policy: Policy, world: World) -> bool | None:
    """Whether a resource that is there keeps a policy; None where the policy is not about it."""
    if policy.unevaluated or _effect(policy, world) == "disabled":
        return None
    if not _about(policy, world):
        return None
    return not _meets(policy, world)


def _about(policy: Policy, world: World) -> bool:
    """Azure counts a resource as compliant where its type (and kind) is one that the policy speaks of."""
    types = [each for each in policy.rule["if"].get("allOf", [policy.rule["if"]]) if _is_of_type(each)]
    scoped = replace(world, parameters=policy.parameters)
    return policy.looks_at(world.resource) and all(holds(each, scoped) for each in types)


def _is_of_type(condition: Json) -> bool:
    return str(condition.get("field", "")).lower() in {"type", "kind"} or (
        isinstance(condition.get("not"), dict) and _is_of_type(condition["not"])
    )


def _meets(policy: Policy, world: World) -> bool:
    return policy.looks_at(world.resource) and holds(policy.rule["if"], replace(world, parameters=policy.parameters))


def _effect(policy: Policy, world: World) -> str:
    return str(replace(world, parameters=policy.parameters).worked_out(policy.rule["then"]["effect"])).lower()


def _changes(policies: Iterable[Policy], world: World) -> Iterator[Change]:
    for policy in policies:
        effect = _effect(policy, world)
        if effect not in {"modify", "append"} or not _meets(policy, world):
            continue
        scoped = replace(world, parameters=policy.parameters)
        details = policy.rule["then"]["details"]
        yield from _modified(policy, details, scoped) if effect == "modify" else _appended(policy, details, scoped)


def _modified(policy: Policy, details: Json, world: World) -> Iterator[Change]:
    refuses = str(world.worked_out(details.get("conflictEffect", "deny"))).lower() == "deny"
    for each in details["operations"]:
        if not world.worked_out(each.get("condition", True)):
            continue
        kind, name = str(each["operation"]).lower(), str(world.worked_out(each["field"]))
        value = ABSENT if kind == "remove" else world.worked_out(each.get("value"))
        if kind != "add" or world.read(name) is ABSENT:
            yield Change(policy=policy, field=name, value=value, refuses=refuses)


def _appended(policy: Policy, details: list[Json], world: World) -> Iterator[Change]:
    for each in details:
        name = str(world.worked_out(each["field"]))
        if world.read(name) is ABSENT:
            yield Change(policy=policy, field=name, value=world.worked_out(each["value"]), refuses=True)


def _clashing(policies: Iterable[Policy], world: World) -> Iterator[Policy]:
    """An append acts as a deny where the field says something else already."""
    for policy in policies:
        if _effect(policy, world) != "append" or not _meets(policy, world):
            continue
        scoped = replace(world, parameters=policy.parameters)
        wanted = {str(scoped.worked_out(each["field"])): scoped.worked_out(each["value"])
                  for each in policy.rule["then"]["details"]}  # fmt: skip
        if any(scoped.read(name) is not ABSENT and scoped.read(name) != value for name, value in wanted.items()):
            yield policy
