"""Who may do what: the rows of the table of grants, made."""

from collections.abc import Mapping

from pulumi import Output

from infra.components.role_grant import RoleGrant, RoleGrantArgs
from infra.foundation import Foundation
from infra.grants import On, Who, grants
from infra.parts.plan import Plan


def granted(plan: Plan, foundation: Foundation, scopes: Mapping[On, Output[str]], to: Who) -> list[RoleGrant]:
    """Grant one identity all that the table has for it."""
    managed = plan.settings.isolation_mode != "Disabled"
    return [
        RoleGrant(
            grant.name,
            RoleGrantArgs(
                scope=scopes[grant.on],
                role_id=grant.role.value,
                principal_id=foundation.identities[grant.who].principal_id,
                subscription_id=plan.place.subscription_id,
                why=grant.why,
            ),
        )
        for grant in grants(managed_network=managed)
        if grant.who is to
    ]
