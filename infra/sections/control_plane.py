"""What runs the controller in Azure, as a stack file asks for it."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from infra.sections.choice import CREATE, CreateOrMine, mine, misfits
from infra.sections.values import IN_WORDS, Text, Values

_IMAGE = r"^[a-z0-9]+([._/-][a-z0-9]+)*(@sha256:[0-9a-f]{64}|:[0-9][A-Za-z0-9._-]*)$"
_CRON = r"^(\S+ ){4}\S+$"
_GUID = r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"
_SKU = r"^Standard_[A-Za-z0-9_]+$"
IN_WORDS |= {
    _IMAGE: "an image of the environment's registry by digest or numbered tag (`mlops@sha256:…`, `mlops:1.4.0`)",
    _CRON: "a cron expression of five fields, in UTC, such as `*/5 * * * *`",
    _GUID: "a GUID",
    _SKU: "a machine size of PostgreSQL's flexible servers, such as `Standard_D2ds_v5`",
}
_ZONE = "Microsoft.Network/privateDnsZones"
_ZONE_ENDS = ".postgres.database.azure.com"

Image = Annotated[str, StringConstraints(pattern=_IMAGE)]
Cron = Annotated[str, StringConstraints(pattern=_CRON)]
Guid = Annotated[str, StringConstraints(pattern=_GUID)]
ServerSku = Annotated[str, StringConstraints(pattern=_SKU)]


class Administrators(Values):
    """A group of Entra that administers the database instead of the controller's identity, which must be in it."""

    object_id: Guid = Field(description="The group's object id.")
    name: Text = Field(description="The group's name, which is its role's name in the database too.")


class Database(Values):
    """A PostgreSQL server in `network.subnets.database`; it knows Entra's principals and no password."""

    dns_zone: CreateOrMine = Field(
        default=CREATE, description="The zone of its name, which ends in `.postgres.database.azure.com`."
    )
    version: Literal["15", "16", "17"] = Field(default="16", description="PostgreSQL's major version.")
    sku: ServerSku = Field(default="Standard_D2ds_v5", description="Azure's name of the machine size.")
    tier: Literal["Burstable", "GeneralPurpose", "MemoryOptimized"] = Field(
        default="GeneralPurpose", description="The tier that `sku` is of."
    )
    storage_gib: Literal[32, 64, 128, 256, 512] = Field(default=32, description="To begin with; it grows by itself.")
    backup_days: int = Field(default=14, ge=7, le=35, description="How far back it can be restored.")
    geo_backup: bool = Field(default=False, description="Whether backups lie in another region too; for good.")
    standby: Literal["ZoneRedundant", "SameZone", "Disabled"] = Field(
        default="ZoneRedundant", description="Where a second server waits to take over."
    )
    administrators: Administrators | None = Field(
        default=None, description="A group that administers it; the controller's identity when not said."
    )

    def contradictions(self) -> Iterator[str]:
        """A zone that cannot hold its name, and a standby that the tier does not have."""
        yield from misfits("dnsZone", self.dns_zone, _ZONE)
        zone = mine(self.dns_zone)
        if zone and not zone.lower().endswith(_ZONE_ENDS):
            yield f"dnsZone {zone.rsplit('/', 1)[1]!r} does not end in {_ZONE_ENDS!r}, which Azure asks for"
        if self.tier == "Burstable" and self.standby != "Disabled":
            yield f"standby {self.standby!r} needs another tier than 'Burstable': choose one, or set it to 'Disabled'"


class ControlPlane(Values):
    """The controller of ``mlops`` in Container Apps, in `network.subnets.controller`: no public address, no secret."""

    image: Image = Field(description="What runs, pulled from the environment's registry by the controller's identity.")
    runs: Literal["job", "app"] = Field(
        default="job", description="`job` makes one pass whenever `schedule` says; `app` runs all the time."
    )
    schedule: Cron = Field(default="*/5 * * * *", description="When a job makes its pass.")
    arguments: tuple[Text, ...] = Field(default=("controller",), description="What the image is started with.")
    cpu: Literal["0.25", "0.5", "1.0", "2.0"] = Field(
        default="0.5", description="Cores; memory is twice as many GiB, as Container Apps demands."
    )
    timeout_minutes: int = Field(default=30, ge=1, le=1440, description="After how long a job's pass is ended.")
    zone_redundant: bool = Field(default=True, description="Whether it survives the loss of a zone; for good.")
    database: Database | None = Field(default=None, description="Where it keeps its memory; none makes no server.")
