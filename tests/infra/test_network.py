"""The network of a whole environment: one knob closes what is open and leads a way to what is closed."""

import json
from functools import cache
from typing import Any

import pytest

from infra.parts.ways import WAYS
from infra.settings import SettingsError, read
from tests.infra.recorder import Graph
from tests.infra.stacks import LEAST, built

_MADE: dict[str, Any] = {"addressSpace": "10.40.0.0/20", "subnets": {"endpoints": "10.40.0.0/24"}}
_ID = "/subscriptions/s/resourceGroups/hub/providers/Microsoft.Network/virtualNetworks/hub"
_ZONES = "/subscriptions/s/resourceGroups/dns"
_BLOB = "privatelink.blob.core.windows.net"
_BROUGHT = {"virtualNetwork": _ID, "subnets": {"endpoints": "snet-pe"}}


def _sent(network: object, **changed: str) -> dict[str, str]:
    return (
        LEAST | {"aml-kit:network": json.dumps(network)} | {f"aml-kit:{key}": value for key, value in changed.items()}
    )


@cache
def _built(sent: tuple[tuple[str, str], ...]) -> Graph:
    return built("dev", dict(sent))


def _graph(network: object, **changed: str) -> Graph:
    return _built(tuple(_sent(network, **changed).items()))


def _ways(made: Graph) -> set[tuple[str, str]]:
    found = [one.inputs for one in made.resources if one.token == "network:PrivateEndpoint"]
    connections = [one["privateLinkServiceConnections"][0] for one in found]
    return {(one["privateLinkServiceId"], one["groupIds"][0]) for one in connections}


_CLOSED_WAYS = {
    ("/id/storage", "blob"),
    ("/id/storage", "file"),
    ("/id/storage", "queue"),
    ("/id/vault", "vault"),
    ("/id/images", "registry"),
    ("/id/registry", "amlregistry"),
    ("/id/workspaces/mlw-amlkit-dev", "amlworkspace"),
}


def _open(made: Graph) -> set[str]:
    """The resources that answer to the internet."""

    def access(inputs: dict[str, Any]) -> str:
        found = inputs.get("publicNetworkAccess") or inputs.get("properties", {}).get("publicNetworkAccess", "")
        return str(found).lower()

    return {one.name for one in made.resources if access(one.inputs) == "enabled"}


def test_what_is_closed_has_a_way_in_and_what_is_open_needs_none() -> None:
    closed, opened = _graph(_MADE), _graph(_MADE, publicNetworkAccess="true")

    assert (_open(closed), _ways(closed)) == (set(), _CLOSED_WAYS)
    assert (_open(opened), _ways(opened)) == ({"workspace", "storage", "vault", "images", "registry"}, set())


def test_each_way_has_all_its_names_in_zones_that_the_network_looks_into() -> None:
    made = _graph(_MADE)
    zones = {one.inputs["privateZoneName"] for one in made.resources if one.token == "privatedns:PrivateZone"}
    linked = {one.inputs["privateZoneName"] for one in made.resources if one.token.endswith(":VirtualNetworkLink")}

    named = {
        config["privateDnsZoneId"].removeprefix("/id/zones-")
        for one in made.resources
        if one.token.endswith(":PrivateDnsZoneGroup")
        for config in one.inputs["privateDnsZoneConfigs"]
    }

    assert named == zones == linked == {zone for way in WAYS if way.service != "logs" for zone in way.zones}


def test_a_service_is_given_one_endpoint_at_a_time() -> None:
    made = _graph(_MADE)

    waits = {
        name: made.one("network:PrivateEndpoint", f"storage-{name}-endpoint") for name in ("blob", "file", "queue")
    }

    assert waits["blob"].urn in waits["file"].depends_on
    assert waits["file"].urn in waits["queue"].depends_on


def test_a_network_and_zones_that_are_brought_along_are_used_and_not_made() -> None:
    made = _graph(_BROUGHT | {"dnsZones": _ZONES})

    tokens = {one.token for one in made.resources if one.token.startswith(("network:", "privatedns:"))}
    blob = made.one("network:PrivateEndpoint", "storage-blob-endpoint").inputs
    names = made.one("network:PrivateDnsZoneGroup", "storage-blob-endpoint-names").inputs
    assert tokens == {"network:PrivateEndpoint", "network:PrivateDnsZoneGroup"}
    assert blob["subnet"] == {"id": f"{_ID}/subnets/snet-pe"}
    assert names["privateDnsZoneConfigs"] == [
        {
            "name": "privatelink-blob-core-windows-net",
            "privateDnsZoneId": f"{_ZONES}/providers/Microsoft.Network/privateDnsZones/{_BLOB}",
        }
    ]


def test_without_a_network_nothing_of_it_is_made() -> None:
    bare, none = built("dev", LEAST), _graph({"virtualNetwork": "none"})

    assert {one.urn: one.inputs for one in none.asked} == {one.urn: one.inputs for one in bare.asked}


def test_logs_are_closed_only_together_with_a_way_in() -> None:
    access = ("publicNetworkAccessForIngestion", "publicNetworkAccessForQuery")
    made, bare = _graph(_MADE | {"closeLogs": True}), _graph(_MADE)

    def told(found: Graph) -> set[str]:
        logs = (found.one("operationalinsights:Workspace"), found.one("applicationinsights:Component"))
        return {one.inputs[key] for one in logs for key in access}

    scope = made.one("monitor:PrivateLinkScope")
    endpoint = made.one("network:PrivateEndpoint", "logs-endpoint")
    assert (told(bare), told(made)) == ({"Enabled"}, {"Disabled"})
    assert scope.inputs["accessModeSettings"]["queryAccessMode"] == "PrivateOnly"
    assert endpoint.inputs["privateLinkServiceConnections"][0]["privateLinkServiceId"] == "/id/logs-scope"
    assert made.one("monitor:PrivateLinkScopedResource", "logs-scope-insights").urn in endpoint.depends_on


def test_zones_shared_with_others_are_not_shut_for_them() -> None:
    made = _graph(_BROUGHT | {"dnsZones": _ZONES, "closeLogs": True})

    assert made.one("monitor:PrivateLinkScope").inputs["accessModeSettings"]["queryAccessMode"] == "Open"


def test_machines_stand_in_the_subnet_that_was_made_for_them() -> None:
    subnets = {"endpoints": "10.40.0.0/24", "compute": "10.40.1.0/24"}
    clusters = json.dumps({"cpu": {"vmSize": "Standard_DS3_v2", "maxNodes": 1}})

    made = _graph(_MADE | {"subnets": subnets}, isolationMode="Disabled", computeClusters=clusters)

    cluster = made.one("machinelearningservices:Compute", "cpu").inputs["properties"]["properties"]
    assert cluster["subnet"] == {"id": "/id/network-compute"}


def test_the_outside_is_told_the_subnets() -> None:
    assert _graph(_MADE).outputs["network"] == {"id": "/id/network", "subnets": {"endpoints": "/id/network-endpoints"}}


_NEEDS_RANGE = [
    "network: subnets.endpoints must be a range of addresses in a network that is made, such as '10.40.0.0/24'",
]


@pytest.mark.parametrize(
    ("network", "changed", "told"),
    [
        (
            {"subnets": {"endpoints": "10.40.0.0/24"}},
            {},
            ["network: virtualNetwork 'create' needs addressSpace, such as '10.40.0.0/20'"],
        ),
        (
            _MADE | {"subnets": {"endpoints": "snet-pe"}},
            {},
            _NEEDS_RANGE,
        ),
        (
            _MADE | {"egress": "nat"},
            {},
            ["network: egress serves no subnet, and is paid for: add subnets.controller, say, or take it away"],
        ),
        (
            _BROUGHT | {"subnets": {"endpoints": "10.40.0.0/24"}},
            {},
            ["network: subnets.endpoints must be the name of a subnet of the network that is brought along"],
        ),
        (
            _BROUGHT | {"hub": _ID, "egress": "nat"},
            {},
            [
                "network: hub is for a network that is made: take it away, or set virtualNetwork to 'create'",
                "network: egress is for a network that is made: take it away, or set virtualNetwork to 'create'",
            ],
        ),
        (
            {"virtualNetwork": "none", "subnets": {"endpoints": "snet-pe"}},
            {},
            ["network: subnets need a network: set virtualNetwork to 'create' or an id, or take them away"],
        ),
        (
            _BROUGHT | {"virtualNetwork": f"{_ID}/subnets/x"},
            {},
            [
                (
                    "network: virtualNetwork must be the id of a Microsoft.Network/virtualNetworks, "
                    "not of a Microsoft.Network/virtualNetworks/subnets"
                )
            ],
        ),
        (
            _MADE | {"addressSpace": "10.40.0.7/20"},
            {},
            ["network: addressSpace 10.40.0.7/20 begins in the middle of its range: it would be 10.40.0.0/20"],
        ),
        (
            {"addressSpace": "10.40.0.0/20"},
            {},
            [
                (
                    " publicNetworkAccess is false, and without network.subnets.endpoints nothing leads in: "
                    "add it, or set network.virtualNetwork to 'none' if somebody else makes the private endpoints"
                )
            ],
        ),
        (
            _MADE | {"dnsZones": "none"},
            {},
            [
                (
                    " publicNetworkAccess is false, and with network.dnsZones 'none' nobody finds what leads in: "
                    "set it to 'create', or to the id of the resource group that holds the zones"
                )
            ],
        ),
        (
            _MADE | {"closeLogs": True},
            {"publicNetworkAccess": "true"},
            [
                (
                    " network.closeLogs needs a private endpoint: take it away, or set publicNetworkAccess to false "
                    "and network.virtualNetwork to 'create' or an id"
                )
            ],
        ),
        (
            _MADE | {"subnets": {"endpoints": "10.40.0.0/24", "compute": "10.40.1.0/24"}},
            {},
            [
                (
                    " network.subnets.compute means nothing with isolationMode 'AllowOnlyApprovedOutbound' "
                    "(a network of its own): take it away, or set isolationMode to 'Disabled'"
                )
            ],
        ),
        (
            _MADE | {"dnsServers": ["10.0.0.300"]},
            {},
            ["network.dnsServers.0: '10.0.0.300' is not an IPv4 address"],
        ),
    ],
)
def test_a_network_that_cannot_be_is_refused(network: object, changed: dict[str, str], told: list[str]) -> None:
    with pytest.raises(SettingsError) as caught:
        read("dev", _sent(network, **changed))

    assert str(caught.value).splitlines()[1:] == [f"  - aml-kit:{line}" for line in told]
