"""The Azure ML registry, which environments share: one makes it, the others bring its id."""

from infra import names
from infra.components.registry import Registry, RegistryArgs
from infra.parts.plan import Known, Plan, brought
from infra.sections.choice import CREATE, NONE


def shared(plan: Plan) -> Known | None:
    """Declare the registry in all its regions, or know the one that was brought along."""
    settings, choice = plan.settings, plan.settings.chosen.registry
    if choice != CREATE:
        return None if choice == NONE else brought(choice)
    registry = Registry(
        "registry",
        RegistryArgs(
            resource_group_name=plan.group,
            locations=(settings.location, *settings.registry_locations),
            name=plan.names.of(names.REGISTRY),
            storage_sku=settings.storage_sku,
            public=settings.registry_public,
            protect=settings.delete_protection,
            tags=plan.tags,
        ),
    )
    return Known(id=registry.id, name=registry.name)
