"""Addresses: the arithmetic, what the settings refuse by it, and what a network brought along must have."""

import ipaddress
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infra.preflight.checks import network, outbound
from infra.preflight.findings import Finding, Outcome, bad, unknown
from infra.preflight.plan import Stack
from infra.preflight.stack import problems, read
from infra.sections.addresses import inside, overlapping, too_small, usable
from tests.fakes.preflight import FakeAzure
from tests.infra.preflight.stacks import SCOPE, cluster, document, not_passed, stack

RANGE = st.tuples(st.integers(0, 2**32 - 1), st.integers(16, 29)).map(
    lambda drawn: str(ipaddress.ip_network(drawn, strict=False))
)
VNET = "/subscriptions/s/resourceGroups/net/providers/Microsoft.Network/virtualNetworks/spoke"
HUB = "/subscriptions/s/resourceGroups/net/providers/Microsoft.Network/virtualNetworks/hub"


def _addresses(cidr: str) -> tuple[int, int]:
    """First and last address, by hand."""
    start, bits = cidr.split("/")
    first = sum(int(part) << shift for part, shift in zip(start.split("."), (24, 16, 8, 0), strict=True))
    return first, first + 2 ** (32 - int(bits)) - 1


# ---------------------------------------------------------------- arithmetic


@given(RANGE, RANGE)
def test_two_ranges_overlap_if_and_only_if_they_share_an_address(one: str, other: str) -> None:
    (first, last), (start, end) = _addresses(one), _addresses(other)

    assert list(overlapping({"a": one, "b": other})) == ([("a", "b")] if first <= end and start <= last else [])


@given(RANGE, RANGE)
def test_a_range_is_inside_another_if_and_only_if_all_its_addresses_are(one: str, other: str) -> None:
    (first, last), (start, end) = _addresses(one), _addresses(other)

    assert inside(one, (other,)) is (start <= first and last <= end)
    assert inside(one, (one,))


@given(RANGE, st.integers(0, 5000))
def test_what_is_told_to_be_large_enough_is_and_the_next_smaller_is_not(cidr: str, count: int) -> None:
    told = list(too_small("subnet", cidr, count))

    assert bool(told) is (count > usable(cidr))
    if told:
        bits = int(told[0].split("make it a /")[1].split(",")[0])
        assert usable(f"0.0.0.0/{bits}") >= count > usable(f"0.0.0.0/{bits + 1}")


def test_azure_keeps_five_addresses_of_each_subnet() -> None:
    assert [usable(f"10.0.0.0/{bits}") for bits in (24, 28, 29, 30)] == [251, 11, 3, 0]


# ---------------------------------------------------------------- what the settings refuse


def _network(**subnets: str) -> dict[str, Any]:
    return {"network": {"addressSpace": "10.40.0.0/20", "subnets": subnets}}


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        (_network(endpoints="10.40.0.0/24"), []),
        (
            _network(endpoints="10.41.0.0/24"),
            [
                (
                    "aml-kit: network.subnets.endpoints 10.41.0.0/24 lies outside network.addressSpace 10.40.0.0/20: "
                    "move it inside, or widen addressSpace"
                )
            ],
        ),
        (
            _network(endpoints="10.40.0.0/24", kubernetes="10.40.0.0/23"),
            [
                (
                    "aml-kit: network.subnets.endpoints 10.40.0.0/24 and network.subnets.kubernetes 10.40.0.0/23 "
                    "overlap: move one of them"
                )
            ],
        ),
        (
            _network(endpoints="10.40.0.0/29"),
            [
                (
                    "aml-kit: network.subnets.endpoints 10.40.0.0/29 has 3 usable addresses (5 are Azure's own), "
                    "and 7 are needed at most: make it a /28, or lower what stands in it"
                )
            ],
        ),
        (
            _network(endpoints="10.40.0.0/24", compute="10.40.1.0/29")
            | {"isolationMode": "Disabled", "computeClusters": {"cpu": cluster(nodes=4)}},
            [
                (
                    "aml-kit: network.subnets.compute 10.40.1.0/29 has 3 usable addresses (5 are Azure's own), "
                    "and 4 are needed at most: make it a /28, or lower what stands in it"
                )
            ],
        ),
        (
            _network(endpoints="10.40.0.0/24", controller="10.40.1.0/28", database="10.40.2.0/29"),
            [
                (
                    "aml-kit: network.subnets.controller 10.40.1.0/28 is smaller than /27, "
                    "the least that Azure takes for it"
                ),
                "aml-kit: network.subnets.database 10.40.2.0/29 is smaller than /28, the least that Azure takes for it",
            ],
        ),
    ],
    ids=["fits", "outside", "overlap", "endpoints", "compute", "least"],
)
def test_a_network_that_cannot_be_is_refused_before_it_is_made(changed: dict[str, Any], told: list[str]) -> None:
    assert list(problems(document(**changed))) == told


# ---------------------------------------------------------------- a way in


@pytest.mark.parametrize(
    ("changed", "outcome"),
    [
        ({}, Outcome.FAIL),
        ({"publicNetworkAccess": True}, Outcome.PASS),
        ({"network": {"virtualNetwork": "none"}}, Outcome.PASS),
        ({"network": {"addressSpace": "10.40.0.0/20", "subnets": {"endpoints": "10.40.0.0/24"}}}, Outcome.PASS),
    ],
    ids=["closed", "open", "somebody else leads in", "its own way in"],
)
def test_what_is_closed_says_which_way_leads_in(changed: dict[str, Any], outcome: Outcome) -> None:
    bare = document(**changed)
    config = {key: value for key, value in bare.config.items() if key != "aml-kit:network" or "network" in changed}
    found = replace(bare, config=config)
    of = Stack(document=found, settings=read(found), subscription=FakeAzure().subscription_id)

    assert [each.outcome for each in network.CHECK.run(FakeAzure(), of)] == [outcome]


# ---------------------------------------------------------------- what is brought along


def _subnet(name: str, prefix: str = "10.0.0.0/24", *services: str, used: int = 0) -> dict[str, Any]:
    delegations = [{"properties": {"serviceName": service}} for service in services]
    inner = {"addressPrefix": prefix, "delegations": delegations, "ipConfigurations": [{}] * used}
    return {"name": name, "properties": inner}


def _found(of: Stack, **resources: dict[str, Any]) -> list[Finding]:
    ids = {"spoke": VNET.lower(), "hub": HUB.lower()}
    azure = FakeAzure(resources={ids[name]: {"properties": each} for name, each in resources.items()})
    return [each for each in network.CHECK.run(azure, of) if each.outcome is not Outcome.PASS]


BROUGHT = stack(network={"virtualNetwork": VNET, "subnets": {"endpoints": "Pe", "controller": "apps"}})
APPS = _subnet("apps", "10.0.1.0/24", "Microsoft.App/environments")


def test_a_network_brought_along_with_room_in_its_subnets_passes() -> None:
    assert _found(BROUGHT, spoke={"subnets": [_subnet("pe"), APPS]}) == []


def test_a_network_that_is_not_there_is_named() -> None:
    assert _found(BROUGHT) == [
        bad(
            "network.virtualNetwork spoke",
            "there is no such network, or you may not see it",
            "mend network.virtualNetwork",
        )
    ]


@pytest.mark.parametrize(
    ("subnets", "told"),
    [
        ([APPS], ("network.subnets.endpoints Pe", "the network has no such subnet; it has apps")),
        (
            [_subnet("pe", "10.0.0.0/28", used=5), APPS],
            ("network.subnets.endpoints Pe", "has 6 free addresses, and 7 are needed at most"),
        ),
        (
            [_subnet("pe"), _subnet("apps")],
            ("network.subnets.controller apps", "is not delegated to Microsoft.App/environments"),
        ),
        (
            [_subnet("pe", "10.0.0.0/24", "Microsoft.App/environments"), APPS],
            ("network.subnets.endpoints Pe", "is delegated to microsoft.app/environments"),
        ),
    ],
    ids=["missing", "full", "not delegated", "delegated"],
)
def test_a_subnet_that_does_not_serve_is_told(subnets: list[dict[str, Any]], told: tuple[str, str]) -> None:
    (found,) = _found(BROUGHT, spoke={"subnets": subnets})

    assert (found.about, found.seen) == told
    assert found.change


SPOKE = stack(network={"addressSpace": "10.40.0.0/20", "hub": HUB, "subnets": {"endpoints": "10.40.0.0/24"}})


def _hub(*prefixes: str, **peered: str) -> dict[str, Any]:
    peerings = [
        {"properties": {"remoteVirtualNetwork": {"id": where}, "remoteAddressSpace": {"addressPrefixes": [prefix]}}}
        for where, prefix in peered.items()
    ]
    return {"addressSpace": {"addressPrefixes": list(prefixes)}, "virtualNetworkPeerings": peerings}


def test_an_address_space_that_the_hub_or_its_networks_use_is_refused() -> None:
    assert _found(SPOKE, hub=_hub("10.0.0.0/16", other="10.41.0.0/16")) == []
    (found,) = _found(SPOKE, hub=_hub("10.0.0.0/8"))
    assert found.seen.startswith("overlaps with 10.0.0.0/8 of the hub")
    (found,) = _found(SPOKE, hub=_hub("10.0.0.0/16", other="10.40.0.0/20"))
    assert found.seen.startswith("overlaps with 10.40.0.0/20 of the hub")


def test_a_network_that_an_earlier_up_peered_does_not_overlap_with_itself() -> None:
    ours = f"{SPOKE.group}/providers/Microsoft.Network/virtualNetworks/vnet-amlkit-dev"

    assert _found(SPOKE, hub=_hub("10.0.0.0/16", **{ours: "10.40.0.0/20"})) == []


@settings(deadline=None, max_examples=30)
@given(RANGE)
def test_whatever_the_hub_has_there_is_an_answer(prefix: str) -> None:
    assert len(network.CHECK.run(FakeAzure(resources={HUB.lower(): {"properties": _hub(prefix)}}), SPOKE)) == 1


def test_a_private_target_of_a_type_that_nobody_knows_cannot_be_told() -> None:
    new = f"{SCOPE}/resourceGroups/other/providers/Example.New/things/facts"
    records = f"{SCOPE}/resourceGroups/other/providers/Microsoft.Storage/storageAccounts/records"
    of = stack(outbound={"private": [{"resource": records, "part": "blob"}, {"resource": new, "part": "x"}]})

    assert not_passed(outbound.CHECK, FakeAzure(), of) == [
        unknown(
            "outbound.private.1 facts",
            "preflight does not know the parts of Example.New/things",
            "look Example.New/things up in Azure's list of private-link resources, then bypass this check with what "
            "you found",
        )
    ]
