"""What cannot be deleted because something else stands on it: the order of deletion that Azure enforces, as data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from environments.local.arm.errors import ArmError
from environments.local.arm.ids import parse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from environments.local.arm.resource_types import Context, Resource

_NETWORK = "Microsoft.Network"
_AUTHORIZATION = "Microsoft.Authorization"
_SUBNET = f"{_NETWORK}/virtualNetworks/subnets"
_SUBNET_IN_USE = "InUseSubnetCannotBeDeleted"
_ADDRESS = f"{_NETWORK}/publicIPAddresses"
_TROUBLE = "Azure, Troubleshoot: "


@dataclass(frozen=True, kw_only=True)
class Hold:
    """One kind of resource that keeps another from being deleted by naming it."""

    held: str
    by: str
    at: str
    """Where in its body the holder names what it holds; `[]` goes through a list.  Empty: it lies below it."""
    code: str
    source: str
    status: int = 400


HOLDS = (
    *(
        Hold(held=_SUBNET, by=by, at=at, code=_SUBNET_IN_USE, source=_TROUBLE + "delete a virtual network or subnet")
        for by, at in (
            (f"{_NETWORK}/privateEndpoints", "properties.subnet.id"),
            (f"{_NETWORK}/networkInterfaces", "properties.ipConfigurations[].properties.subnet.id"),
            (f"{_NETWORK}/bastionHosts", "properties.ipConfigurations[].properties.subnet.id"),
            (f"{_NETWORK}/azureFirewalls", "properties.ipConfigurations[].properties.subnet.id"),
            ("Microsoft.App/managedEnvironments", "properties.vnetConfiguration.infrastructureSubnetId"),
            ("Microsoft.ContainerService/managedClusters", "properties.agentPoolProfiles[].vnetSubnetID"),
            ("Microsoft.ContainerService/managedClusters/agentPools", "properties.vnetSubnetID"),
            ("Microsoft.DBforPostgreSQL/flexibleServers", "properties.network.delegatedSubnetResourceId"),
            ("Microsoft.MachineLearningServices/workspaces/computes", "properties.properties.subnet.id"),
        )
    ),
    *(
        Hold(held=f"{_NETWORK}/{held}", by=_SUBNET, at=f"properties.{at}.id", code=code, source="Azure's answer")
        for held, at, code in (
            ("networkSecurityGroups", "networkSecurityGroup", "InUseNetworkSecurityGroupCannotBeDeleted"),
            ("routeTables", "routeTable", "InUseRouteTableCannotBeDeleted"),
            ("natGateways", "natGateway", "InUseNatGatewayCannotBeDeleted"),
        )
    ),
    *(
        Hold(held=_ADDRESS, by=f"{_NETWORK}/{by}", at=at, code="PublicIPAddressCannotBeDeleted",
             source="Azure's answer PublicIPAddressCannotBeDeleted")
        for by, at in (
            ("natGateways", "properties.publicIpAddresses[].id"),
            ("bastionHosts", "properties.ipConfigurations[].properties.publicIPAddress.id"),
            ("azureFirewalls", "properties.ipConfigurations[].properties.publicIPAddress.id"),
        )
    ),
    Hold(held=f"{_NETWORK}/firewallPolicies", by=f"{_NETWORK}/azureFirewalls", at="properties.firewallPolicy.id",
         code="FirewallPolicyCannotBeDeleted", source="Firewall Manager: a policy in use cannot be deleted"),
    Hold(held=f"{_NETWORK}/privateDnsZones", by=f"{_NETWORK}/privateDnsZones/virtualNetworkLinks", at="",
         code="CannotDeleteResource", status=409, source="Private DNS: a zone with virtual network links is kept"),
    Hold(held="Microsoft.App/managedEnvironments", by="Microsoft.App/containerApps",
         at="properties.managedEnvironmentId", code="ManagedEnvironmentInUse", status=409,
         source="Container Apps: an environment is deleted after the apps in it"),
    Hold(held="Microsoft.App/managedEnvironments", by="Microsoft.App/containerApps", at="properties.environmentId",
         code="ManagedEnvironmentInUse", status=409,
         source="Container Apps: an environment is deleted after the apps in it"),
    Hold(held="Microsoft.App/managedEnvironments", by="Microsoft.App/jobs", at="properties.environmentId",
         code="ManagedEnvironmentInUse", status=409,
         source="Container Apps: an environment is deleted after the jobs in it"),
    Hold(held="Microsoft.MachineLearningServices/workspaces", by="Microsoft.MachineLearningServices/workspaces",
         at="properties.hubResourceId", code="HubHasProjects", status=409,
         source="Azure ML, Hubs: a hub is deleted after its projects"),
    Hold(held=f"{_AUTHORIZATION}/roleDefinitions", by=f"{_AUTHORIZATION}/roleAssignments",
         at="properties.roleDefinitionId", code="RoleDefinitionHasAssignments",
         source=_TROUBLE + "RBAC: a custom role is deleted after its assignments"),
    Hold(held=f"{_AUTHORIZATION}/policyDefinitions", by=f"{_AUTHORIZATION}/policyAssignments",
         at="properties.policyDefinitionId", code="InvalidDeletePolicyDefinitionRequest",
         source="Azure's answer InvalidDeletePolicyDefinitionRequest"),
    Hold(held=f"{_AUTHORIZATION}/policyDefinitions", by=f"{_AUTHORIZATION}/policySetDefinitions",
         at="properties.policyDefinitions[].policyDefinitionId", code="InvalidDeletePolicyDefinitionRequest",
         source="Azure's answer InvalidDeletePolicyDefinitionRequest"),
    Hold(held=f"{_AUTHORIZATION}/policySetDefinitions", by=f"{_AUTHORIZATION}/policyAssignments",
         at="properties.policyDefinitionId", code="InvalidDeletePolicySetDefinitionRequest",
         source="Azure's answer InvalidDeletePolicySetDefinitionRequest"),
)  # fmt: skip


def refuse_held(context: Context, target: Resource) -> None:
    """Raise ArmError when something that stays needs what would go, be it the resource itself or a part of it."""
    going = [target, *context.store.below(target.id)]
    keys = {each.id.key: each for each in going}
    types = {each.id.type.lower() for each in going}
    for hold in HOLDS:
        if hold.held.lower() not in types:
            continue
        for holder in context.store.of_type(hold.by):
            held = next((keys[each] for each in _held_by(hold, holder) if each in keys), None)
            stays = not holder.id.within(target.id) or (held is target and not hold.at)
            if held is not None and stays:
                raise ArmError(
                    hold.status,
                    hold.code,
                    f"{held.id.type.rsplit('/', 1)[-1]} '{held.id.name}' is in use by '{holder.id}' and cannot be"
                    " deleted. In order to delete it, delete or change that first.",
                )


def _held_by(hold: Hold, holder: Resource) -> tuple[str, ...]:
    if not hold.at:
        above = holder.id.parent
        return (above.key,) if above is not None else ()
    return tuple(parse(each).key for each in _at(holder.body, hold.at.split(".")))


def _at(value: Any, steps: list[str]) -> Iterator[str]:  # noqa: ANN401
    if not steps:
        if isinstance(value, str):
            yield value
        return
    inner = value.get(steps[0].removesuffix("[]")) if isinstance(value, dict) else None
    for each in (inner or []) if steps[0].endswith("[]") else [inner]:
        yield from _at(each, steps[1:])
