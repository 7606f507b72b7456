"""The controller's memory in Azure: a PostgreSQL server inside the network, that knows no password."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
from pulumi import Input, Output, ResourceOptions
from pulumi_azure_native import dbforpostgresql as postgres

DATABASE = "mlops"


@dataclass(frozen=True, kw_only=True)
class AdministratorArgs:
    """The principal that may do all in the server; Entra's, because the server has no other kind."""

    object_id: Input[str]  # Entra's object id
    name: Input[str]  # its role's name in the database
    kind: str  # "ServicePrincipal" (a managed identity is one) or "Group"


@dataclass(frozen=True, kw_only=True)
class ControllerDatabaseArgs:
    """The decisions a caller makes.  The component makes the rest."""

    resource_group_name: Input[str]
    location: str
    tenant_id: str
    name: str
    subnet_id: Input[str]  # delegated to Microsoft.DBforPostgreSQL/flexibleServers
    dns_zone_id: Input[str]  # the private zone of its name
    administrator: AdministratorArgs  # who may do all in it
    tags: Mapping[str, str]
    version: str = "16"  # PostgreSQL's major version
    sku: str = "Standard_D2ds_v5"  # Azure's name of the machine size
    tier: str = "GeneralPurpose"  # the tier that `sku` is of
    storage_gib: int = 32  # to begin with; it grows by itself
    backup_days: int = 14  # how far back it can be restored
    geo_backup: bool = False  # whether backups lie in another region too; for good
    standby: str = "ZoneRedundant"  # where a second server waits to take over
    protect: bool = True


class ControllerDatabase(pulumi.ComponentResource):
    """One server and one database; its address answers inside the virtual network only."""

    id: Output[str]
    host: Output[str]  # its name inside the network

    def __init__(self, name: str, args: ControllerDatabaseArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("aml-kit:infra:ControllerDatabase", name, {}, opts)

        server = _server(self, name, args)
        inside = ResourceOptions(parent=self, deleted_with=server, depends_on=[server])
        administrator = postgres.AdministratorsMicrosoftEntra(
            f"{name}-administrator",
            resource_group_name=args.resource_group_name,
            server_name=server.name,
            object_id=args.administrator.object_id,
            principal_name=args.administrator.name,
            principal_type=args.administrator.kind,
            tenant_id=args.tenant_id,
            opts=inside,
        )
        # A server takes one change at a time, so what is in it is made one after the other.
        enforced = postgres.Configuration(
            f"{name}-encrypted",
            resource_group_name=args.resource_group_name,
            server_name=server.name,
            configuration_name="require_secure_transport",
            source="user-override",
            value="on",
            opts=ResourceOptions.merge(inside, ResourceOptions(depends_on=[administrator])),
        )
        postgres.Database(
            f"{name}-data",
            resource_group_name=args.resource_group_name,
            server_name=server.name,
            database_name=DATABASE,
            charset="UTF8",
            collation="en_US.utf8",
            opts=ResourceOptions.merge(
                inside, ResourceOptions(depends_on=[administrator, enforced], protect=args.protect)
            ),
        )

        self.id = server.id
        self.host = server.fully_qualified_domain_name
        self.register_outputs({"id": self.id, "host": self.host})


def _server(parent: pulumi.Resource, name: str, args: ControllerDatabaseArgs) -> "postgres.Server":
    return postgres.Server(
        name,
        resource_group_name=args.resource_group_name,
        location=args.location,
        server_name=args.name,
        create_mode="Default",
        version=args.version,
        sku=postgres.SkuArgs(name=args.sku, tier=args.tier),
        storage=postgres.StorageArgs(storage_size_gb=args.storage_gib, auto_grow="Enabled"),
        auth_config=postgres.AuthConfigArgs(
            active_directory_auth="Enabled",
            password_auth="Disabled",  # noqa: S106  there is none
            tenant_id=args.tenant_id,
        ),
        network=postgres.NetworkArgs(
            delegated_subnet_resource_id=args.subnet_id,
            private_dns_zone_arm_resource_id=args.dns_zone_id,
            public_network_access="Disabled",
        ),
        backup=postgres.BackupArgs(
            backup_retention_days=args.backup_days, geo_redundant_backup="Enabled" if args.geo_backup else "Disabled"
        ),
        high_availability=postgres.HighAvailabilityArgs(mode=args.standby),
        tags=dict(args.tags),
        opts=ResourceOptions(
            parent=parent,
            protect=args.protect,
            delete_before_replace=True,
            # Azure chooses zones, and swaps them when the standby takes over.
            ignore_changes=["availabilityZone", "highAvailability.standbyAvailabilityZone"],
        ),
    )
