"""Deleted resources that still hold a name: Azure keeps vaults and Log Analytics workspaces for weeks."""

from infra.preflight import plan
from infra.preflight.check import Check
from infra.preflight.findings import Finding, bad, good
from infra.preflight.plan import Planned, Stack, planned
from infra.preflight.port import Azure, Deleted

_HELD = (plan.VAULT, plan.LOGS)


def _look(azure: Azure, _stack: Stack) -> tuple[Deleted, ...]:
    return azure.deleted()


def _judge(stack: Stack, seen: tuple[Deleted, ...]) -> tuple[Finding, ...]:
    wanted = [one for one in planned(stack) if one.type in _HELD]
    found = [(one, twin) for one in wanted for twin in seen if _same(one, twin)]
    if not found:
        return (good("deleted twins", f"none among {len(seen)} deleted vaults and Log Analytics workspaces"),)
    return tuple(_in_the_way(one, twin) for one, twin in found)


def _same(one: Planned, twin: Deleted) -> bool:
    if one.type.lower() != twin.kind.lower() or one.name.lower() != twin.name.lower():
        return False
    # A vault's name is the world's; a Log Analytics workspace's is its group's.
    return one.type == plan.VAULT or not twin.id or twin.id.lower() == one.id.lower()


def _in_the_way(one: Planned, twin: Deleted) -> Finding:
    until = f" until {twin.purge}" if twin.purge else ""
    if one.type == plan.LOGS:
        seen = f"deleted, but kept{until}: `up` would bring it back with its old logs"
        purge = f"purge it (`az monitor log-analytics workspace delete --force`, group and name of {one.id})"
    elif twin.purgeable:
        seen = f"deleted, but its name is held{until}"
        purge = f"purge it (`az keyvault purge --name {one.name}`; its secrets are lost)"
    else:
        seen = f"deleted with purge protection: its name is held{until}, and nobody can shorten that"
        purge = f"recover it (`az keyvault recover --name {one.name}`) and import it"
    return bad(f"{one.type.rsplit('/', 1)[1]} {one.name}", seen, f"raise `generation` in the stack file, or {purge}")


CHECK = Check(
    id="deleted",
    finds="a deleted vault or Log Analytics workspace that still holds one of the names",
    asks="deletedVaults of Microsoft.KeyVault, deletedWorkspaces of Microsoft.OperationalInsights",
    look=_look,
    judge=_judge,
)
