"""The workspace's storage account, and what becomes of old data in it."""

from infra import names
from infra.components.data_life import DataLife, DataLifeArgs
from infra.components.storage import Storage, StorageArgs
from infra.parts.encryption import Wrapping
from infra.parts.plan import Known, Plan, brought
from infra.sections.choice import mine


def stored(plan: Plan, wrapping: Wrapping | None) -> Known:
    """Declare the account, or know the one that was brought along."""
    settings, life = plan.settings, plan.settings.data_life
    own = mine(settings.chosen.storage)
    if own:
        return brought(own)
    storage = Storage(
        "storage",
        StorageArgs(
            resource_group_name=plan.group,
            location=settings.location,
            name=plan.names.of(names.STORAGE),
            sku=settings.storage_sku,
            soft_delete_days=settings.soft_delete_days,
            restore_days=life.restore_days if life else 0,
            public=settings.public_network_access,
            protect=settings.delete_protection,
            own_key=wrapping.over_storage if wrapping and settings.encryption and settings.encryption.storage else None,
            tags=plan.tags,
        ),
    )
    if life is None:
        return Known(id=storage.id, name=storage.name)
    policy = DataLife(
        "storage-life",
        DataLifeArgs(
            resource_group_name=plan.group,
            account_name=storage.name,
            old_versions_days=life.old_versions_days,
            cool_after_days=life.cool_after_days,
            delete_after_days=life.delete_after_days,
            prefixes=life.prefixes,
        ),
    )
    return Known(id=storage.id, name=storage.name, inside=(policy,))
