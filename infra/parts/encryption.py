"""The key of one's own that workspaces, storage and images are encrypted with: made, brought along, or none."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from pulumi import Output

from infra import names
from infra.components.container_registry import ImagesKey
from infra.components.customer_key import CustomerKey, CustomerKeyArgs
from infra.components.identity import Identity
from infra.components.role_grant import RoleGrant, RoleGrantArgs
from infra.components.storage import StorageKey
from infra.components.workspace import OwnKey
from infra.conditions import wanted
from infra.grants import Who
from infra.parts.plan import Plan
from infra.sections.choice import mine


@dataclass(frozen=True, kw_only=True)
class Lock:
    """The key itself, which grants are about, and what a workspace is told of it."""

    id: Output[str]
    told: OwnKey
    vault_uri: Output[str]
    name: Output[str]
    vault_made: Output[str] | None = None  # the vault that was made for it


def keyed(plan: Plan) -> Lock | None:
    """Make the key, or find the one that was brought along."""
    asked = plan.settings.encryption
    if asked is None:
        return None
    brought = mine(asked.key)
    if brought:
        vault, name = re.split("/keys/", brought, maxsplit=1, flags=re.IGNORECASE)
        uri = f"https://{vault.rsplit('/', 1)[1]}.vault.azure.net"
        return Lock(
            id=Output.from_input(brought),
            vault_uri=Output.from_input(uri),
            name=Output.from_input(name),
            told=OwnKey(
                identifier=f"{uri}/keys/{name}/{asked.key_version}", vault_id=vault, service_side=asked.service_side
            ),
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
    return Lock(
        id=made.id,
        told=told,
        vault_uri=Output.concat("https://", made.vault_name, ".vault.azure.net"),
        name=made.name,
        vault_made=made.vault_id,
    )


@dataclass(frozen=True, kw_only=True)
class Wrapping:
    """The key over what workspaces stand on, with the identity that storage and images wrap with it by."""

    lock: Lock
    identity: Identity
    granted: tuple[RoleGrant, ...]

    @property
    def over_storage(self) -> StorageKey:
        """What the storage account is told."""
        return StorageKey(
            vault_uri=self.lock.vault_uri, key_name=self.lock.name, identity_id=self.identity.id, after=self.granted
        )

    @property
    def over_images(self) -> ImagesKey:
        """What the container registry is told."""
        return ImagesKey(
            identifier=Output.concat(self.lock.vault_uri, "/keys/", self.lock.name),
            identity_id=self.identity.id,
            client_id=self.identity.client_id,
            after=self.granted,
        )


def wrapping(plan: Plan, lock: Lock | None, identities: Mapping[Who, Identity]) -> Wrapping | None:
    """Let the identity of encryption use the key, before what it is over is made; None where it is over nothing."""
    identity = identities.get(Who.ENCRYPTION)
    if lock is None or identity is None:
        return None
    rows = (grant for grant in wanted(plan.settings, plan.group_id) if grant.who is Who.ENCRYPTION)
    granted = tuple(
        RoleGrant(
            grant.name,
            RoleGrantArgs(
                scope=lock.id,
                role_id=str(grant.role.value),
                principal_id=identity.principal_id,
                subscription_id=plan.place.subscription_id,
                why=grant.why,
            ),
        )
        for grant in rows
    )
    return Wrapping(lock=lock, identity=identity, granted=granted)
