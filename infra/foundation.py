"""What a workspace stands on: group, storage, vault, registries, logs and identities."""

from collections.abc import Mapping
from dataclasses import dataclass

from pulumi import Output

from infra import names
from infra.components.container_registry import ContainerRegistry, ContainerRegistryArgs
from infra.components.custom_role import CustomRole, CustomRoleArgs
from infra.components.identity import Identity, IdentityArgs
from infra.components.observability import Observability, ObservabilityArgs
from infra.components.resource_group import ResourceGroup, ResourceGroupArgs
from infra.components.vault import Vault, VaultArgs
from infra.conditions import identities, own_roles
from infra.grants import Who
from infra.names import Names
from infra.parts.data import stored
from infra.parts.encryption import Lock, Wrapping, keyed, wrapping
from infra.parts.network import Stead, settled
from infra.parts.plan import Known, Place, Plan, brought
from infra.parts.sharing import shared
from infra.roles import DEFINITIONS, OwnRole
from infra.sections.choice import CREATE, NONE, mine
from infra.settings import Settings


@dataclass(frozen=True, kw_only=True)
class Foundation:
    """What a workspace stands on."""

    storage: Known
    vault: Known
    images: Known | None
    observability: Observability
    registry: Known | None
    identities: Mapping[Who, Identity]
    roles: Mapping[OwnRole, CustomRole]
    stead: Stead | None  # the virtual network, where there is one
    lock: Lock | None  # the key of one's own, where there is one


def planned(place: Place, settings: Settings) -> Plan:
    """Make the resource group, and what all else is made from."""
    named = Names(
        workload=settings.workload,
        environment=place.environment,
        subscription=place.subscription_id,
        generation=settings.generation,
    )
    tags = {
        "owner": settings.owner,
        "cost-center": settings.cost_center,
        "environment": place.environment,
        "data-classification": settings.data_classification,
    }
    group = ResourceGroup(
        "group", ResourceGroupArgs(name=named.of(names.RESOURCE_GROUP), location=settings.location, tags=tags)
    )
    return Plan(place=place, settings=settings, names=named, tags=tags, group=group.name)


def laid(plan: Plan) -> Foundation:
    """Declare everything that exists before the workspace."""
    settings = plan.settings
    known = {who: identified(plan, who.value) for who in identities(settings)}
    lock = keyed(plan)
    over = wrapping(plan, lock, known)
    return Foundation(
        storage=stored(plan, over),
        vault=_vault(plan),
        images=_images(plan, over),
        observability=_observability(plan),
        registry=shared(plan),
        identities=known,
        roles={role: _role(plan, role) for role in own_roles(settings, plan.group_id)},
        stead=settled(plan),
        lock=lock,
    )


def _vault(plan: Plan) -> Known:
    settings, own = plan.settings, mine(plan.settings.chosen.vault)
    if own:
        return brought(own)
    vault = Vault(
        "vault",
        VaultArgs(
            resource_group_name=plan.group,
            location=settings.location,
            tenant_id=plan.place.tenant_id,
            name=plan.names.of(names.VAULT),
            soft_delete_days=settings.soft_delete_days,
            public=settings.public_network_access,
            purge_protection=settings.purge_protection,
            protect=settings.delete_protection,
            tags=plan.tags,
        ),
    )
    return Known(id=vault.id, name=vault.name)


def _images(plan: Plan, over: Wrapping | None) -> Known | None:
    settings, choice = plan.settings, plan.settings.chosen.container_registry
    if choice != CREATE:
        return None if choice == NONE else brought(choice)
    images = ContainerRegistry(
        "images",
        ContainerRegistryArgs(
            resource_group_name=plan.group,
            location=settings.location,
            name=plan.names.of(names.CONTAINER_REGISTRY),
            sku=settings.container_registry_sku,
            public=settings.public_network_access,
            own_key=over.over_images if over and settings.encryption and settings.encryption.images else None,
            tags=plan.tags,
        ),
    )
    return Known(id=images.id, name=images.name)


def _observability(plan: Plan) -> Observability:
    settings = plan.settings
    return Observability(
        "observability",
        ObservabilityArgs(
            resource_group_name=plan.group,
            location=settings.location,
            logs_name=plan.names.of(names.LOGS),
            insights_name=plan.names.of(names.INSIGHTS),
            retention_days=settings.log_retention_days,
            public=not (settings.network and settings.network.close_logs),
            own_logs_id=mine(settings.chosen.logs),
            own_insights_id=mine(settings.chosen.insights),
            tags=plan.tags,
        ),
    )


def identified(plan: Plan, purpose: str) -> Identity:
    """Declare the identity of one purpose."""
    return Identity(
        f"{purpose}-identity",
        IdentityArgs(
            resource_group_name=plan.group,
            location=plan.settings.location,
            name=plan.names.of(names.IDENTITY, purpose),
            tags=plan.tags,
        ),
    )


def _role(plan: Plan, role: OwnRole) -> CustomRole:
    definition = DEFINITIONS[role]
    return CustomRole(
        f"{role.value}-role",
        CustomRoleArgs(
            group_id=Output.concat("/subscriptions/", plan.place.subscription_id, "/resourceGroups/", plan.group),
            role_id=names.role_definition(plan.group_id, role.value),
            name=plan.names.of(names.ROLE, role.value),
            description=definition.description,
            actions=definition.actions,
            not_actions=definition.not_actions,
        ),
    )
