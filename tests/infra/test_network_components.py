"""The components of a network: the whole of what each asks Azure for."""

from collections.abc import Mapping
from typing import Any

import pytest

from infra.components.monitor_scope import MonitorScope, MonitorScopeArgs
from infra.components.network_rules import flows
from infra.components.private_endpoint import PrivateEndpoint, PrivateEndpointArgs
from infra.components.private_zones import PrivateZones, PrivateZonesArgs
from infra.components.virtual_network import VirtualNetwork, VirtualNetworkArgs
from infra.parts.ways import WAYS
from tests.infra.asking import HERE, PLACED, TAGS, asked
from tests.infra.recorder import Asked

_HUB = "/subscriptions/s/resourceGroups/hub/providers/Microsoft.Network/virtualNetworks/hub"


def _network(changed: Mapping[str, Any]) -> dict[str, Asked]:
    args = VirtualNetworkArgs(**{**HERE, "name": "vnet", "address_space": "10.0.0.0/20", **changed})
    return {one.name: one for one in asked(lambda: VirtualNetwork("network", args))}


def test_a_subnet_reaches_nothing_by_itself_and_lets_nothing_in_that_is_not_needed() -> None:
    made = _network({"subnets": {"endpoints": "10.0.0.0/24"}, "group_names": {"endpoints": "nsg"}})

    inside = {"sourceAddressPrefix": "VirtualNetwork", "destinationAddressPrefix": "VirtualNetwork"}
    anywhere = {"sourceAddressPrefix": "*", "destinationAddressPrefix": "*"}
    inbound = {"direction": "Inbound", "sourcePortRange": "*"}
    https = {"name": "https-from-inside", "priority": 100, "access": "Allow", "protocol": "Tcp"}
    nothing = {"name": "nothing-else-inbound", "priority": 4096, "access": "Deny", "protocol": "*"}
    assert {name: one.inputs for name, one in made.items()} == {
        "network": {
            **PLACED,
            "virtualNetworkName": "vnet",
            "addressSpace": {"addressPrefixes": ["10.0.0.0/20"]},
            "enableDdosProtection": False,
            "enableVmProtection": False,
        },
        "network-endpoints-rules": {
            **PLACED,
            "networkSecurityGroupName": "nsg",
            "securityRules": [
                {**https, **inside, **inbound, "destinationPortRanges": ["443"]},
                {**nothing, **anywhere, **inbound, "destinationPortRanges": ["*"]},
            ],
        },
        "network-endpoints": {
            "resourceGroupName": "rg",
            "virtualNetworkName": "vnet",
            "subnetName": "endpoints",
            "addressPrefix": "10.0.0.0/24",
            "networkSecurityGroup": {"id": "/id/network-endpoints-rules"},
            "defaultOutboundAccess": False,
            "privateEndpointNetworkPolicies": "Enabled",
            "privateLinkServiceNetworkPolicies": "Enabled",
        },
    }


def test_a_network_can_resolve_peer_and_call_out_by_one_address() -> None:
    purposes = {"endpoints": "10.0.0.0/24", "database": "10.0.1.0/24"}
    changed = {"dns_servers": ("10.9.0.4",), "nat_name": "ng", "hub_id": _HUB}
    made = _network({"subnets": purposes, "group_names": {key: key for key in purposes}} | changed)

    assert made["network"].inputs["dhcpOptions"] == {"dnsServers": ["10.9.0.4"]}
    assert made["network-egress-address"].inputs == {
        **PLACED,
        "publicIpAddressName": "ng-ip",
        "sku": {"name": "Standard"},
        "publicIPAllocationMethod": "Static",
    }
    assert made["network-egress"].inputs == {
        **PLACED,
        "natGatewayName": "ng",
        "sku": {"name": "Standard"},
        "publicIpAddresses": [{"id": "/id/network-egress-address"}],
    }
    assert made["network-to-hub"].inputs == {
        "resourceGroupName": "rg",
        "virtualNetworkName": "vnet",
        "virtualNetworkPeeringName": "to-hub",
        "remoteVirtualNetwork": {"id": _HUB},
        "allowVirtualNetworkAccess": True,
        "allowForwardedTraffic": True,
    }
    assert "natGateway" not in made["network-endpoints"].inputs
    assert made["network-database"].inputs["natGateway"] == {"id": "/id/network-egress"}
    assert made["network-database"].inputs["delegations"] == [
        {"name": "database", "serviceName": "Microsoft.DBforPostgreSQL/flexibleServers"}
    ]
    # One change of a network at a time.
    assert made["network-endpoints"].urn in made["network-database"].depends_on
    assert made["network-database"].urn in made["network-to-hub"].depends_on


@pytest.mark.parametrize("purpose", ["endpoints", "compute", "database"])
def test_what_is_not_let_in_or_out_by_name_is_refused(purpose: str) -> None:
    rules = flows(purpose, "eastus")

    assert {rule.source for rule in rules if rule.access == "Allow"} == {"VirtualNetwork"}
    assert not {rule.destination for rule in rules if rule.access == "Allow"} & {"*", "Internet"}
    assert {rule.direction for rule in rules if rule.access == "Deny"} == {rule.direction for rule in rules}
    assert all(rule.priority == 4096 for rule in rules if rule.access == "Deny")
    ways = [(rule.direction, rule.priority) for rule in rules]
    assert len(set(ways)) == len(ways)
    assert all(100 <= rule.priority <= 4096 for rule in rules)


def test_machines_reach_what_azure_ml_needs_in_their_region_and_nothing_else() -> None:
    out = [rule for rule in flows("compute", "westeurope") if rule.direction == "Outbound" and rule.access == "Allow"]

    assert {rule.destination for rule in out} == {
        "VirtualNetwork",
        "AzureActiveDirectory",
        "AzureMachineLearning",
        "BatchNodeManagement.westeurope",
        "AzureResourceManager",
        "Storage.westeurope",
        "MicrosoftContainerRegistry",
        "AzureFrontDoor.FirstParty",
        "AzureMonitor",
    }


def test_private_zones() -> None:
    args = PrivateZonesArgs(resource_group_name="rg", zones=("a.example.com",), virtual_network_id="/vnet", tags=TAGS)

    assert {one.token: one.inputs for one in asked(lambda: PrivateZones("zones", args))} == {
        "privatedns:PrivateZone": {
            "resourceGroupName": "rg",
            "location": "global",
            "privateZoneName": "a.example.com",
            "tags": TAGS,
        },
        "privatedns:VirtualNetworkLink": {
            "resourceGroupName": "rg",
            "location": "global",
            "privateZoneName": "a.example.com",
            "virtualNetworkLinkName": "environment",
            "virtualNetwork": {"id": "/vnet"},
            "registrationEnabled": False,
            "tags": TAGS,
        },
    }


def test_private_endpoint() -> None:
    args = PrivateEndpointArgs(
        **HERE, name="pe", subnet_id="/subnet", target_id="/storage", group="blob", zone_ids={"a.example.com": "/zone"}
    )

    assert {one.token: one.inputs for one in asked(lambda: PrivateEndpoint("blob", args))} == {
        "network:PrivateEndpoint": {
            **PLACED,
            "privateEndpointName": "pe",
            "customNetworkInterfaceName": "pe-nic",
            "subnet": {"id": "/subnet"},
            "privateLinkServiceConnections": [
                {"name": "blob", "privateLinkServiceId": "/storage", "groupIds": ["blob"]}
            ],
        },
        "network:PrivateDnsZoneGroup": {
            "resourceGroupName": "rg",
            "privateEndpointName": "pe",
            "privateDnsZoneGroupName": "default",
            "privateDnsZoneConfigs": [{"name": "a-example-com", "privateDnsZoneId": "/zone"}],
        },
    }


@pytest.mark.parametrize(
    ("changed", "mode"), [({}, "PrivateOnly"), ({"access_mode": "Open"}, "Open")], ids=["defaults", "beside others"]
)
def test_monitor_scope(changed: dict[str, Any], mode: str) -> None:
    args = MonitorScopeArgs(
        resource_group_name="rg", name="ampls", members={"logs": "/logs", "insights": "/insights"}, tags=TAGS, **changed
    )

    made = {one.name: one.inputs for one in asked(lambda: MonitorScope("scope", args))}

    assert made == {
        "scope": {
            "resourceGroupName": "rg",
            "location": "global",
            "scopeName": "ampls",
            "accessModeSettings": {"ingestionAccessMode": mode, "queryAccessMode": mode},
            "tags": TAGS,
        },
        "scope-logs": {"resourceGroupName": "rg", "scopeName": "ampls", "name": "logs", "linkedResourceId": "/logs"},
        "scope-insights": {
            "resourceGroupName": "rg",
            "scopeName": "ampls",
            "name": "insights",
            "linkedResourceId": "/insights",
        },
    }


def test_a_workspace_is_found_under_both_of_its_names() -> None:
    (workspace,) = [way for way in WAYS if way.service == "workspace"]

    assert workspace.zones == ("privatelink.api.azureml.ms", "privatelink.notebooks.azure.net")
