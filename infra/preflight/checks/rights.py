"""The deployer's own rights: what Azure would refuse half-way."""

import fnmatch
from collections.abc import Iterable
from dataclasses import dataclass

from infra.preflight import plan
from infra.preflight.check import Check
from infra.preflight.findings import Finding, Outcome, bad, good, unknown, worst
from infra.preflight.plan import Stack, types
from infra.preflight.port import Azure, Permission

_GROUPS = "2024-03-01"
_GRANTING = "microsoft.authorization/"


@dataclass(frozen=True, kw_only=True)
class Rights:
    """What the caller may do, and where that was asked."""

    scope: str
    permissions: tuple[Permission, ...]


def _look(azure: Azure, stack: Stack) -> Rights:
    # Rights may be given on the group alone, if there is one already.
    scope = stack.group if azure.find(stack.group, _GROUPS) is not None else stack.scope
    return Rights(scope=scope, permissions=azure.permissions(scope))


def _judge(stack: Stack, seen: Rights) -> tuple[Finding, ...]:
    findings = tuple(_of_one(f"{kind}/write", seen) for kind in types(stack))
    if worst([finding.outcome for finding in findings]) is Outcome.PASS:
        return (good(seen.scope, f"all {len(findings)} rights that `up` needs are there"),)
    return tuple(finding for finding in findings if finding.outcome is not Outcome.PASS)


def _of_one(action: str, seen: Rights) -> Finding:
    grants = [each for each in seen.permissions if allows(each, action)]
    if any(not each.condition for each in grants):
        return good(action, "is allowed")
    if grants and not action.lower().startswith(_GRANTING):
        return good(action, "is allowed")  # conditions are about role assignments and about data
    if grants:
        return unknown(
            action,
            f"is allowed at {seen.scope} under a condition, which only Azure evaluates",
            "see that the condition lets the roles of infra/README.md be granted, then bypass with that reason",
        )
    role = "Role Based Access Control Administrator" if action.lower().startswith(_GRANTING) else "Contributor"
    return bad(action, f"is not allowed at {seen.scope}", f"have the role {role} granted there to whoever runs `up`")


def allows(permission: Permission, action: str) -> bool:
    """Whether one grant allows an action: one of its actions matches, and none of its exceptions."""
    return _matches(permission.actions, action) and not _matches(permission.not_actions, action)


def _matches(patterns: Iterable[str], action: str) -> bool:
    # Azure knows `*` only; the other signs of fnmatch do not occur in the names of actions.
    return any(fnmatch.fnmatchcase(action.lower(), pattern.lower()) for pattern in patterns)


CHECK = Check(
    id="rights",
    finds=f"a right that whoever runs `up` does not have, `{plan.ROLE_ASSIGNMENT}/write` above all",
    asks="permissions of Microsoft.Authorization, at the resource group if it exists, else the subscription",
    look=_look,
    judge=_judge,
)
