"""What Azure itself refuses or reports in the environment's resource group, whoever asks."""

from collections.abc import Mapping
from typing import Any

from infra import initiative, names
from infra.components.policy_assignment import PolicyAssignment, PolicyAssignmentArgs
from infra.components.policy_set import PolicySet, PolicySetArgs
from infra.components.role_grant import RoleGrant, RoleGrantArgs
from infra.guardrails import BUILT_INS
from infra.parts.plan import Plan
from infra.sections.guardrails import Guardrails

_OWN = "initiative"


def guarded(plan: Plan) -> None:
    """Assign all policies that are asked for."""
    asked = plan.settings.guardrails
    if asked is None:
        return
    for name in asked.built_ins:
        policy = BUILT_INS[name]
        PolicyAssignment(
            f"policy-{name}",
            PolicyAssignmentArgs(
                scope=plan.made_group_id,
                name=plan.names.of(names.POLICY, name),
                title=policy.title,
                definition_id=policy.id,
                enforced=asked.enforcement == "Default",
                message=f"{policy.title}. {plan.settings.owner} answers for this environment.",
                parameters=policy.parameters(asked.effect or "Audit", asked.approved_models),
            ),
        )
    if asked.initiative:
        _own(plan, asked, initiative.load(asked.initiative))


def _assigned(asked: Guardrails, found: initiative.Initiative) -> Mapping[str, object]:
    """What the file says, but for an effect that the stack file chooses, if the policies take one.

    What only looks (`Audit`) changes nothing either: a parameter that is `Modify` or `Disabled` is `Disabled` then.
    """
    if asked.effect is None:
        return found.assigned
    chosen: dict[str, str] = {"effect": asked.effect} if "effect" in found.parameters else {}
    if asked.effect == "Audit":
        chosen |= {name: "Disabled" for name, one in found.parameters.items() if _may_change(one)}
    return {**found.assigned, **chosen}


def _may_change(parameter: Mapping[str, Any]) -> bool:
    return {"Modify", "Disabled"} <= {*parameter.get("allowedValues", ())}


def _own(plan: Plan, asked: Guardrails, found: initiative.Initiative) -> None:
    name = plan.names.of(names.POLICY, _OWN)
    made = PolicySet(
        f"policy-{_OWN}",
        PolicySetArgs(
            name=name,
            title=found.title,
            definitions=found.definitions,
            members=found.members,
            parameters=found.parameters,
            metadata=found.metadata,
        ),
    )
    assignment = PolicyAssignment(
        f"policy-{_OWN}-assigned",
        PolicyAssignmentArgs(
            scope=plan.made_group_id,
            name=name,
            title=found.title,
            definition_id=made.id,
            enforced=asked.enforcement == "Default",
            message=found.message,
            parameters=_assigned(asked, found),
            acts=found.acts,
            location=plan.settings.location,
        ),
    )
    for role in found.roles:
        RoleGrant(
            f"policy-{_OWN}-{role}",
            RoleGrantArgs(
                scope=plan.made_group_id,
                role_id=role,
                principal_id=assignment.principal_id,
                subscription_id=plan.place.subscription_id,
                why="changes or builds what its policies ask for",
            ),
        )
