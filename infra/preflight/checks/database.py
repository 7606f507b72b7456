"""The controller's PostgreSQL server: whether the region has its size, tier, version, standby and backups."""

from collections.abc import Iterator

from infra.preflight.check import Check
from infra.preflight.findings import Finding, bad, good
from infra.preflight.plan import Stack
from infra.preflight.port import Azure, Servers
from infra.sections.control_plane import Database

_KEY = "controlPlane.database"


def _asked(stack: Stack) -> Database | None:
    plane = stack.settings.control_plane
    return plane.database if plane is not None else None


def _look(azure: Azure, stack: Stack) -> Servers:
    return azure.servers(stack.settings.location) if _asked(stack) is not None else Servers()


def _judge(stack: Stack, seen: Servers) -> tuple[Finding, ...]:
    asked, region = _asked(stack), stack.settings.location
    if asked is None:
        return (good("database", "the stack file asks for none"),)
    if seen.closed:
        change = "ask Azure's support for flexible servers of PostgreSQL there, or choose another location"
        return (bad(_KEY, f"{region} is closed to this subscription ({seen.closed})", change),)
    sized = f"{_KEY}.sku {asked.sku} ({asked.tier}) in {region}"
    return tuple(_wrong(asked, seen, region)) or (good(sized, "can be had, as it is asked for"),)


def _wrong(asked: Database, seen: Servers, region: str) -> Iterator[Finding]:
    sizes = {name.lower(): modes for name, modes in seen.tiers.get(asked.tier, {}).items()}
    if asked.sku.lower() not in sizes:
        yield _no_size(asked, seen, region)
    elif asked.standby != "Disabled" and asked.standby not in sizes[asked.sku.lower()]:
        has = " or ".join(("Disabled", *sizes[asked.sku.lower()]))
        yield bad(
            f"{_KEY}.standby {asked.standby}", f"{asked.sku} does not have it in {region}", f"set standby to {has}"
        )
    if asked.version not in seen.versions:
        yield bad(f"{_KEY}.version {asked.version}", f"{region} does not have it", _one_of(seen.versions))
    if asked.geo_backup and not seen.geo_backup:
        yield bad(
            f"{_KEY}.geoBackup",
            f"{region} keeps no backups in another region",
            "set geoBackup to false, or choose another location",
        )


def _no_size(asked: Database, seen: Servers, region: str) -> Finding:
    about = f"{_KEY}.sku {asked.sku}"
    others = [tier for tier, sizes in seen.tiers.items() if asked.sku.lower() in map(str.lower, sizes)]
    if others:
        return bad(
            about, f"is of tier {others[0]}, not {asked.tier}", f"set tier to {others[0]}, or choose another sku"
        )
    return bad(about, f"{region} has no such size of tier {asked.tier}", _one_of(tuple(seen.tiers.get(asked.tier, ()))))


def _one_of(known: tuple[str, ...]) -> str:
    return f"choose one of {', '.join(known)}" if known else "choose another location"


CHECK = Check(
    id="database",
    finds="a size of the controller's PostgreSQL server that its tier or the region does not have; a standby, version "
    "or backup that is not to be had there",
    asks="capabilities of Microsoft.DBforPostgreSQL in the region",
    look=_look,
    judge=_judge,
)
