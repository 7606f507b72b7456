"""The Azure ML registry: where models, components and data go to be shared between environments."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi import Input, Output, ResourceOptions
from pulumi_azure_native import machinelearningservices as aml


@dataclass(frozen=True, kw_only=True)
class RegistryArgs:
    """The decisions a caller makes.  The component makes the rest."""

    resource_group_name: Input[str]
    locations: Sequence[str]  # the first is the registry's home
    name: str
    storage_sku: str  # how often, and how far apart, its data is kept
    tags: Mapping[str, str]
    public: bool = False
    protect: bool = True


class Registry(pulumi.ComponentResource):
    """One registry; Azure makes and owns the storage and the container registry of each region."""

    id: Output[str]
    name: Output[str]

    def __init__(self, name: str, args: RegistryArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("aml-kit:infra:Registry", name, {}, opts)

        registry = aml.Registry(
            name,
            resource_group_name=args.resource_group_name,
            location=args.locations[0],
            registry_name=args.name,
            identity=aml.ManagedServiceIdentityArgs(type="SystemAssigned"),
            public_network_access="Enabled" if args.public else "Disabled",
            region_details=[_region(location, args.storage_sku) for location in args.locations],
            tags=dict(args.tags),
            opts=ResourceOptions(parent=self, protect=args.protect),
        )

        self.id = registry.id
        self.name = registry.name
        self.register_outputs({"id": self.id, "name": self.name})


def _region(location: str, storage_sku: str) -> "aml.RegistryRegionArmDetailsArgs":
    account = aml.SystemCreatedStorageAccountArgs(
        storage_account_type=storage_sku, storage_account_hns_enabled=False, allow_blob_public_access=False
    )
    images = aml.SystemCreatedAcrAccountArgs(acr_account_sku="Premium")
    return aml.RegistryRegionArmDetailsArgs(
        location=location,
        storage_account_details=[aml.StorageAccountDetailsArgs(system_created_storage_account=account)],
        acr_details=[aml.AcrDetailsArgs(system_created_acr_account=images)],
    )
