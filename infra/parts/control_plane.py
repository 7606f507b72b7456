"""What runs the controller in Azure, and where it keeps its memory."""

from collections.abc import Mapping, Sequence

from pulumi import Input, Output, Resource

from infra import names
from infra.components.controller_database import (
    DATABASE,
    AdministratorArgs,
    ControllerDatabase,
    ControllerDatabaseArgs,
)
from infra.components.controller_host import ControllerHost, ControllerHostArgs
from infra.components.diagnostics import Diagnostics, DiagnosticsArgs
from infra.components.private_zones import PrivateZones, PrivateZonesArgs
from infra.grants import Who
from infra.parts.ground import Ground
from infra.parts.network import Stead
from infra.parts.plan import Declared
from infra.sections.choice import mine
from infra.sections.control_plane import Database


def controlled(ground: Ground, after: Sequence[Resource]) -> Declared:
    """Declare the controller, which waits for what its identity was granted."""
    plan, asked, stead = ground.plan, ground.plan.settings.control_plane, ground.foundation.stead
    images = ground.foundation.images
    if asked is None or stead is None or images is None:  # settings are refused with it and without them
        return Declared(held=tuple(after))
    identity = ground.foundation.identities[Who.CONTROLLER]
    database = _database(ground, stead, asked.database) if asked.database else None
    host = ControllerHost(
        "controller",
        ControllerHostArgs(
            resource_group_name=plan.group,
            location=plan.settings.location,
            environment_name=plan.names.of(names.APPS),
            inner_group_name=plan.names.of(names.APPS_NODES),
            name=plan.names.of(names.APP),
            subnet_id=stead.subnets["controller"],  # settings are refused without it
            identity_id=identity.id,
            registry_host=Output.concat(images.name, ".azurecr.io"),
            image=asked.image,
            arguments=asked.arguments,
            variables=_variables(ground, database),
            cron=asked.schedule if asked.runs == "job" else None,
            timeout_seconds=asked.timeout_minutes * 60,
            cpu=float(asked.cpu),
            memory=f"{float(asked.cpu) * 2:g}Gi",
            zone_redundant=asked.zone_redundant,
            tags=plan.tags,
            after=after,
        ),
    )
    _logged(ground, "controller-diagnostics", host.environment_id)
    told = {"name": host.name} | ({"databaseHost": database.host} if database else {})
    return Declared(told={"controlPlane": told}, held=tuple(after))


def _database(ground: Ground, stead: Stead, asked: Database) -> ControllerDatabase:
    plan = ground.plan
    database = ControllerDatabase(
        "controller-database",
        ControllerDatabaseArgs(
            resource_group_name=plan.group,
            location=plan.settings.location,
            tenant_id=plan.place.tenant_id,
            name=plan.names.of(names.DATABASE),
            subnet_id=stead.subnets["database"],  # settings are refused without it
            dns_zone_id=_zone(ground, stead, asked),
            administrator=_administrator(ground, asked),
            version=asked.version,
            sku=asked.sku,
            tier=asked.tier,
            storage_gib=asked.storage_gib,
            backup_days=asked.backup_days,
            geo_backup=asked.geo_backup,
            standby=asked.standby,
            protect=plan.settings.delete_protection,
            tags=plan.tags,
        ),
    )
    _logged(ground, "controller-database-diagnostics", database.id)
    return database


def _zone(ground: Ground, stead: Stead, asked: Database) -> Input[str]:
    brought = mine(asked.dns_zone)
    if brought:
        return brought
    # A server inside a network has a zone of its own ("Networking with private access": it ends so).
    zone = f"{ground.plan.names.of(names.DATABASE)}.private.postgres.database.azure.com"
    made = PrivateZones(
        "database-zone",
        PrivateZonesArgs(
            resource_group_name=ground.plan.group, zones=(zone,), virtual_network_id=stead.id, tags=ground.plan.tags
        ),
    )
    return made.ids[zone]


def _administrator(ground: Ground, asked: Database) -> AdministratorArgs:
    if asked.administrators:
        return AdministratorArgs(object_id=asked.administrators.object_id, name=asked.administrators.name, kind="Group")
    identity = ground.foundation.identities[Who.CONTROLLER]
    return AdministratorArgs(object_id=identity.principal_id, name=identity.name, kind="ServicePrincipal")


def _variables(ground: Ground, database: ControllerDatabase | None) -> Mapping[str, Input[str]]:
    """What the controller finds its way by; nothing in it lets anybody in."""
    place, identity = ground.plan.place, ground.foundation.identities[Who.CONTROLLER]
    found: dict[str, Input[str]] = {
        "AZURE_CLIENT_ID": identity.client_id,
        "AZURE_TENANT_ID": place.tenant_id,
        "AZURE_SUBSCRIPTION_ID": place.subscription_id,
    }
    if database is not None:
        user: Output[str] = Output.from_input(identity.name)
        found |= {
            "PGHOST": database.host,
            "PGDATABASE": DATABASE,
            "PGUSER": user,
            "PGSSLMODE": "verify-full",
            "PGSSLROOTCERT": "system",
        }
    return found


def _logged(ground: Ground, name: str, resource_id: Output[str]) -> None:
    Diagnostics(name, DiagnosticsArgs(resource_id=resource_id, logs_id=ground.foundation.observability.logs_id))
