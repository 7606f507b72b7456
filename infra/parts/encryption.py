"""The key of one's own that workspaces encrypt with: made, brought along, or none."""

import re
from dataclasses import dataclass

from pulumi import Output

from infra import names
from infra.components.customer_key import CustomerKey, CustomerKeyArgs
from infra.components.workspace import OwnKey
from infra.parts.plan import Plan
from infra.sections.choice import mine


@dataclass(frozen=True, kw_only=True)
class Lock:
    """The key itself, which grants are about, and what a workspace is told of it."""

    id: Output[str]
    told: OwnKey
    vault_made: Output[str] | None = None  # the vault that was made for it


def keyed(plan: Plan) -> Lock | None:
    """Make the key, or find the one that was brought along."""
    asked = plan.settings.encryption
    if asked is None:
        return None
    brought = mine(asked.key)
    if brought:
        vault, name = re.split("/keys/", brought, maxsplit=1, flags=re.IGNORECASE)
        address = f"https://{vault.rsplit('/', 1)[1]}.vault.azure.net/keys/{name}/{asked.key_version}"
        return Lock(
            id=Output.from_input(brought),
            told=OwnKey(identifier=address, vault_id=vault, service_side=asked.service_side),
        )
    made = CustomerKey(
        "key",
        CustomerKeyArgs(
            resource_group_name=plan.group,
            location=plan.settings.location,
            tenant_id=plan.place.tenant_id,
            vault_name=plan.names.of(names.VAULT, "key"),
            key_name="workspaces",
            soft_delete_days=plan.settings.soft_delete_days,
            protect=plan.settings.delete_protection,
            tags=plan.tags,
        ),
    )
    told = OwnKey(identifier=made.identifier, vault_id=made.vault_id, service_side=asked.service_side)
    return Lock(id=made.id, told=told, vault_made=made.vault_id)
