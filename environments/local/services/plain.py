"""Resource types of which only the record is kept: nothing behind them runs on this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from environments.local.arm.resource_types import ResourceType
from environments.local.services.identities import with_identity

if TYPE_CHECKING:
    from environments.local.arm.resource_types import Body, Context, Request


def succeeded(context: Context, request: Request, existing: Body | None) -> Body:
    """What Azure adds to nearly every resource: the state, and principals of its managed identities."""
    body = with_identity(context, request, existing)
    return {**body, "properties": {**(body.get("properties") or {}), "provisioningState": "Succeeded"}}


def plain(*types: str) -> tuple[ResourceType, ...]:
    """Declare types that are stored, checked and answered, and no more."""
    return tuple(ResourceType(type=name, fill=succeeded) for name in types)


RESOURCE_TYPES = (
    *plain(
        "Microsoft.Network/virtualNetworks",
        "Microsoft.Network/virtualNetworks/subnets",
        "Microsoft.Network/networkSecurityGroups",
        "Microsoft.Network/networkSecurityGroups/securityRules",
        "Microsoft.Network/virtualNetworks/virtualNetworkPeerings",
        "Microsoft.Network/applicationSecurityGroups",
        "Microsoft.Network/azureFirewalls",
        "Microsoft.Network/bastionHosts",
        "Microsoft.Network/firewallPolicies",
        "Microsoft.Network/firewallPolicies/ruleCollectionGroups",
        "Microsoft.Network/networkInterfaces",
        "Microsoft.Network/publicIPPrefixes",
        "Microsoft.Network/routeTables",
        "Microsoft.Network/routeTables/routes",
        "Microsoft.Network/publicIPAddresses",
        "Microsoft.Network/natGateways",
        "Microsoft.Network/privateEndpoints",
        "Microsoft.Network/privateEndpoints/privateDnsZoneGroups",
        "Microsoft.Network/privateDnsZones",
        "Microsoft.Network/privateDnsZones/virtualNetworkLinks",
        "Microsoft.Network/privateDnsZones/A",
        "Microsoft.Network/privateDnsZones/AAAA",
        "Microsoft.Network/privateDnsZones/CNAME",
        "Microsoft.Network/privateDnsZones/MX",
        "Microsoft.Network/privateDnsZones/PTR",
        "Microsoft.Network/privateDnsZones/SRV",
        "Microsoft.Network/privateDnsZones/TXT",
        "Microsoft.EventGrid/topics",
        "Microsoft.EventGrid/topics/eventSubscriptions",
        "Microsoft.EventGrid/systemTopics",
        "Microsoft.EventGrid/systemTopics/eventSubscriptions",
        "Microsoft.CognitiveServices/accounts",
        "Microsoft.CognitiveServices/accounts/deployments",
        "Microsoft.ContainerService/managedClusters",
        "Microsoft.ContainerService/managedClusters/agentPools",
        "Microsoft.ContainerService/managedClusters/maintenanceConfigurations",
        "Microsoft.ContainerService/managedClusters/managedNamespaces",
        "Microsoft.ContainerService/managedClusters/trustedAccessRoleBindings",
        "Microsoft.KubernetesConfiguration/extensions",
        "Microsoft.KubernetesConfiguration/fluxConfigurations",
        "Microsoft.App/managedEnvironments",
        "Microsoft.App/managedEnvironments/storages",
        "Microsoft.App/containerApps",
        "Microsoft.App/jobs",
    ),
    *(
        ResourceType(type=name, fill=succeeded, parents_checked=False)  # extensions of any scope
        for name in (
            "Microsoft.Consumption/budgets",
            "Microsoft.EventGrid/eventSubscriptions",
            "Microsoft.Insights/dataCollectionRuleAssociations",
            "Microsoft.Resources/tags",
        )
    ),
)
