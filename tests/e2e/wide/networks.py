"""Where traffic goes."""

from tests.e2e.wide.group import rg
from tests.e2e.wide.resource import azure, named

guard = azure(
    "network:NetworkSecurityGroup",
    "guard",
    {
        **rg,
        "networkSecurityGroupName": "guard",
        "securityRules": [
            {
                "name": "none-in",
                "access": "Deny",
                "direction": "Inbound",
                "priority": 100,
                "protocol": "*",
                "sourceAddressPrefix": "Internet",
                "sourcePortRange": "*",
                "destinationAddressPrefix": "*",
                "destinationPortRange": "*",
            }
        ],
    },
)
network = azure(
    "network:VirtualNetwork",
    "network",
    {
        **rg,
        "virtualNetworkName": "network",
        "addressSpace": {"addressPrefixes": ["10.0.0.0/16"]},
        "subnets": [{"name": "inline", "addressPrefix": "10.0.9.0/24"}],
    },
    ignore_changes=["subnets"],
)
subnet = azure(
    "network:Subnet",
    "endpoints",
    {
        **rg,
        "virtualNetworkName": named(network),
        "subnetName": "endpoints",
        "addressPrefix": "10.0.1.0/24",
        "networkSecurityGroup": {"id": guard},
        "delegations": [{"name": "apps", "serviceName": "Microsoft.App/environments"}],
    },
)
zone = azure(
    "privatedns:PrivateZone",
    "zone",
    {
        **rg,
        "privateZoneName": "privatelink.api.azureml.ms",
        "location": "global",
    },
)
azure(
    "privatedns:VirtualNetworkLink",
    "link",
    {
        **rg,
        "privateZoneName": named(zone),
        "virtualNetworkLinkName": "link",
        "location": "global",
        "registrationEnabled": False,
        "virtualNetwork": {"id": network},
    },
)
azure(
    "privatedns:PrivateRecordSet",
    "record",
    {
        **rg,
        "privateZoneName": named(zone),
        "recordType": "A",
        "relativeRecordSetName": "ws",
        "ttl": 300,
        "aRecords": [{"ipv4Address": "10.0.1.4"}],
    },
)
