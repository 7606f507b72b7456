"""Who may do what: the rows of the table of grants, made; and whose tokens are trusted."""

from collections.abc import Iterable, Mapping, Sequence

from pulumi import Input, Output, Resource

from infra import names
from infra.components.federated_credential import FederatedCredential, FederatedCredentialArgs
from infra.components.identity import Identity
from infra.components.role_grant import RoleGrant, RoleGrantArgs
from infra.conditions import people, wanted
from infra.foundation import Foundation
from infra.grants import PEOPLE, Grant, On, Who
from infra.parts.ground import Ground
from infra.parts.plan import Declared, Plan
from infra.roles import OwnRole
from infra.sections.access import Access

# What is made after the workspace, whose own grants cannot wait for it.
_LATER = (On.CLUSTER, On.SUBNET, On.OUTBOUND)


def granted(plan: Plan, foundation: Foundation, scopes: Mapping[On, Output[str]], to: Who) -> list[RoleGrant]:
    """Grant one identity or group all that the table has for it on what stands by then."""
    rows = [grant for grant in wanted(plan.settings, plan.group_id) if grant.who is to and grant.on not in _LATER]
    return [_grant(plan, foundation, grant, scopes[grant.on]) for grant in rows]


def granted_on(plan: Plan, foundation: Foundation, on: On, scope: Input[str], label: str = "") -> list[RoleGrant]:
    """Grant all that the table has on one thing that is made late; of several things each has a label."""
    rows = [grant for grant in wanted(plan.settings, plan.group_id) if grant.on is on]
    twins = {who: (label, identity.principal_id) for who, identity in foundation.identities.items() if label}
    return [_grant(plan, foundation, grant, scope, twin=twins.get(grant.who)) for grant in rows]


def granted_as(
    plan: Plan, foundation: Foundation, scopes: Mapping[On, Output[str]], to: Who, identity: tuple[str, Identity]
) -> list[RoleGrant]:
    """Grant one more identity what the table has for another: a twin with the same rights and a name of its own."""
    twin, principal = identity
    rows = [grant for grant in wanted(plan.settings, plan.group_id) if grant.who is to and grant.on not in _LATER]
    return [_grant(plan, foundation, grant, scopes[grant.on], twin=(twin, principal.principal_id)) for grant in rows]


def granted_to(
    plan: Plan, foundation: Foundation, scopes: Mapping[On, Output[str]], to: Who, principal_id: Output[str]
) -> list[RoleGrant]:
    """Grant what the table has for an identity that a resource brings along."""
    rows = [grant for grant in wanted(plan.settings, plan.group_id) if grant.who is to]
    return [_grant(plan, foundation, grant, scopes[grant.on], brought=principal_id) for grant in rows]


def admitted(ground: Ground) -> Declared:
    """Let in people, by group, and outside programs, by their own tokens."""
    access = ground.plan.settings.access or Access()
    made = [
        grant
        for who in (Who.CI_PLATFORM, Who.CI_MODELS, *PEOPLE)
        for grant in granted(ground.plan, ground.foundation, ground.scopes, who)
    ]
    for who, ci in ((Who.CI_PLATFORM, access.platform_ci), (Who.CI_MODELS, access.models_ci)):
        if ci is not None:
            _trusted(ground, who, ci.trusted)
    return Declared(held=tuple(made))


def _trusted(ground: Ground, who: Who, trusted: Iterable[tuple[str, str]]) -> None:
    before: Sequence[Resource] = ()
    for issuer, subject in trusted:
        name = names.federated_credential(issuer, subject)
        # Azure writes the credentials of one identity one at a time, and refuses a second while it does.
        credential = FederatedCredential(
            f"{who.value}-{name}",
            FederatedCredentialArgs(
                resource_group_name=ground.plan.group,
                identity_name=ground.foundation.identities[who].name,
                name=name,
                issuer=issuer,
                subject=subject,
                after=before,
            ),
        )
        before = (credential.resource,)


def _grant(
    plan: Plan,
    foundation: Foundation,
    grant: Grant,
    scope: Input[str],
    *,
    twin: tuple[str, Input[str]] | None = None,
    brought: Input[str] | None = None,
) -> RoleGrant:
    groups = people(plan.settings)
    given = twin[1] if twin else brought or groups.get(grant.who)
    principal = foundation.identities[grant.who].principal_id if given is None else given
    own = isinstance(grant.role, OwnRole)
    return RoleGrant(
        f"{twin[0]}-{grant.name}" if twin else grant.name,
        RoleGrantArgs(
            scope=scope,
            role_id=names.role_definition(plan.group_id, grant.role.value) if own else grant.role.value,
            principal_id=principal,
            principal_type="Group" if grant.who in groups else "ServicePrincipal",
            subscription_id=plan.place.subscription_id,
            why=grant.why,
            after=(foundation.roles[grant.role].resource,) if isinstance(grant.role, OwnRole) else (),
        ),
    )
