"""What preflight has against a stack, asked of the fake and of the local environment alike."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from infra.preflight.checks import costs, database, encryption
from infra.preflight.findings import Finding, Outcome, bad, unknown
from infra.preflight.port import Permission
from tests.fakes.preflight import SIZES, FakeAzure
from tests.infra.preflight.stacks import cluster, stack
from tests.infra.preflight.worlds import Faked

if TYPE_CHECKING:
    from infra.preflight.check import Check
    from infra.preflight.plan import Stack
    from tests.infra.preflight.worlds import Tiers, World

TIERS: Tiers = {
    "Burstable": {"Standard_B1ms": ()},
    "GeneralPurpose": {"Standard_D2ds_v5": ("SameZone", "ZoneRedundant"), "Standard_D4ds_v5": ("SameZone",)},
}
NETWORK: dict[str, object] = {
    "addressSpace": "10.40.0.0/20",
    "egress": "nat",
    "subnets": {"endpoints": "10.40.0.0/24", "controller": "10.40.1.0/24", "database": "10.40.2.0/24"},
}
GOOD_VAULT = {"enablePurgeProtection": True, "enableSoftDelete": True, "enableRbacAuthorization": True}
RIGHT = "Microsoft.Authorization/roleAssignments/write"


def _not_passed(check: Check[Any], world: World, of: Stack) -> list[Finding]:
    found = check.run(world.port, replace(of, subscription=world.scope.rsplit("/", 1)[1]))
    assert found, "a check that says nothing has not looked"
    return [finding for finding in found if finding.outcome is not Outcome.PASS]


# ---------------------------------------------------------------- the controller's database


def _database(**said: object) -> Stack:
    return stack(network=NETWORK, controlPlane={"image": "mlops:1.0.0", "database": said})


def test_a_server_as_it_is_by_default_can_be_had(world: World) -> None:
    assert _not_passed(database.CHECK, world, _database()) == []
    assert _not_passed(database.CHECK, world, stack()) == []


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (
            {"sku": "Standard_D9ds_v5"},
            bad(
                "controlPlane.database.sku Standard_D9ds_v5",
                "eastus has no such size of tier GeneralPurpose",
                "choose one of Standard_D2ds_v5, Standard_D4ds_v5",
            ),
        ),
        (
            {"sku": "Standard_B1ms"},
            bad(
                "controlPlane.database.sku Standard_B1ms",
                "is of tier Burstable, not GeneralPurpose",
                "set tier to Burstable, or choose another sku",
            ),
        ),
        (
            {"sku": "Standard_E2ds_v5", "tier": "MemoryOptimized"},
            bad(
                "controlPlane.database.sku Standard_E2ds_v5",
                "eastus has no such size of tier MemoryOptimized",
                "choose another location",
            ),
        ),
        (
            {"sku": "Standard_D4ds_v5"},
            bad(
                "controlPlane.database.standby ZoneRedundant",
                "Standard_D4ds_v5 does not have it in eastus",
                "set standby to Disabled or SameZone",
            ),
        ),
        (
            {"version": "17"},
            bad("controlPlane.database.version 17", "eastus does not have it", "choose one of 15, 16"),
        ),
        (
            {"geoBackup": True},
            bad(
                "controlPlane.database.geoBackup",
                "eastus keeps no backups in another region",
                "set geoBackup to false, or choose another location",
            ),
        ),
    ],
)
def test_a_server_that_the_region_does_not_have_is_refused(
    world: World, said: dict[str, object], expected: Finding
) -> None:
    world.offer(TIERS, versions=("15", "16"), geo_backup=False)

    assert _not_passed(database.CHECK, world, _database(**said)) == [expected]


def test_a_region_that_is_closed_to_the_subscription_is_refused(world: World) -> None:
    world.offer(TIERS, closed="the offer is restricted")

    assert _not_passed(database.CHECK, world, _database()) == [
        bad(
            "controlPlane.database",
            "eastus is closed to this subscription (the offer is restricted)",
            "ask Azure's support for flexible servers of PostgreSQL there, or choose another location",
        )
    ]


def test_a_size_that_has_no_zones_where_the_region_has_none() -> None:
    from infra.preflight import answers  # noqa: PLC0415

    skus = [{"name": "a", "supportedHaMode": ["SameZone", "ZoneRedundant"]}]
    able = {"supportedServerEditions": [{"name": "T", "supportedServerSkus": skus}]}

    assert answers.servers([{**able, "zoneRedundantHaSupported": "Disabled"}]).tiers == {"T": {"a": ("SameZone",)}}
    assert answers.servers([]).closed == "Azure lists no capabilities here"


# ---------------------------------------------------------------- costs against the budget


def _budget(amount: int) -> Stack:
    budget = {"amount": amount, "start": "2026-01-01", "emails": ["team@example.com"]}
    return stack(budget=budget, computeClusters={"cpu": cluster(nodes=4)})


def test_machines_within_the_budget_pass_and_beyond_it_do_not(world: World) -> None:
    world.price("Standard_DS3_v2", 0.5)

    assert _not_passed(costs.CHECK, world, _budget(1460)) == []
    assert _not_passed(costs.CHECK, world, _budget(1459)) == [
        bad(
            "budget.amount 1459",
            "machines alone can come to 1460 USD a month at the most (computeClusters.cpu 4 x 0.5, 730 hours)",
            "raise budget.amount, lower computeClusters.cpu.maxNodes, or bypass this check with why they will not all "
            "run all month",
        )
    ]


def test_without_a_price_nothing_is_guessed(world: World) -> None:
    world.price("Standard_DS3_v2", None)

    assert _not_passed(costs.CHECK, world, _budget(10**9)) == [
        unknown(
            "budget.amount 1000000000",
            "Azure tells no price of computeClusters.cpu (Standard_DS3_v2, Standard)",
            "look the prices up in Azure's calculator, then bypass this check with what you found",
        )
    ]


def test_the_price_of_low_priority_is_its_own(world: World) -> None:
    world.price("Standard_DS3_v2", 0.5)
    low = {"cpu": cluster(priority="LowPriority")}
    budget = {"amount": 10**6, "start": "2026-01-01", "emails": ["team@example.com"]}

    (found,) = _not_passed(costs.CHECK, world, stack(budget=budget, computeClusters=low))

    assert found.seen == "Azure tells no price of computeClusters.cpu (Standard_DS3_v2, LowPriority)"


def test_what_is_known_to_be_too_much_is_refused_though_another_price_is_not_known(world: World) -> None:
    world.price("Standard_DS3_v2", 0.5)
    both = {"cpu": cluster(nodes=4), "gpu": cluster("Standard_NC4as_T4_v3", 1)}
    budget = {"amount": 1000, "start": "2026-01-01", "emails": ["team@example.com"]}

    (found,) = _not_passed(costs.CHECK, world, stack(budget=budget, computeClusters=both))

    assert (found.outcome, found.about) == (Outcome.FAIL, "budget.amount 1000")


def test_machines_that_stand_there_for_upgrades_only_are_no_monthly_cost(world: World) -> None:
    world.price("Standard_DS3_v2", 1.0)
    budget = {"amount": 730, "start": "2026-01-01", "emails": ["team@example.com"]}
    model = {"model": "m:1", "instanceType": "Standard_DS3_v2", "instances": 1}
    fixed = {"rain": {"deployments": {"blue": model}}}

    assert _not_passed(costs.CHECK, world, stack(budget=budget, onlineEndpoints={"rain": {}}, fixedModels=fixed)) == []


def test_without_a_budget_there_is_nothing_to_hold_costs_against(world: World) -> None:
    assert _not_passed(costs.CHECK, world, stack(computeClusters={"cpu": cluster()})) == []


# ---------------------------------------------------------------- a key of one's own


def _keyed(version: str, **over: bool) -> Stack:
    key, _, number = version.rpartition("/versions/")
    return stack(encryption={"key": key, "keyVersion": number, **over})


def test_a_key_that_is_made_or_none_is_not_looked_at(world: World) -> None:
    assert _not_passed(encryption.CHECK, world, stack()) == []
    assert _not_passed(encryption.CHECK, world, stack(encryption={})) == []


def test_a_good_key_passes(world: World) -> None:
    version = world.key("kv-pf-good", GOOD_VAULT, {"keySize": 4096, "keyOps": ["wrapKey", "unwrapKey"]})

    assert _not_passed(encryption.CHECK, world, _keyed(version)) == []


def test_a_vault_that_is_not_there_is_refused(world: World) -> None:
    where = f"{world.scope}/resourceGroups/none/providers/Microsoft.KeyVault/vaults/kv-none/keys/k/versions/{'a' * 32}"

    assert _not_passed(encryption.CHECK, world, _keyed(where)) == [
        bad("vault kv-none", "there is no such vault, or you may not see it", "mend encryption.key")
    ]


def test_a_version_that_is_not_there_is_refused(world: World) -> None:
    version = world.key("kv-pf-version", GOOD_VAULT, {})

    assert _not_passed(encryption.CHECK, world, _keyed(f"{version.rpartition('/')[0]}/{'b' * 32}")) == [
        bad(
            "key k",
            f"has no version {'b' * 32}, or you may not see it",
            "mend encryption.key and encryption.keyVersion",
        )
    ]


_OTHER = "99999999-0000-0000-0000-000000000000"
_SHUT = {"publicNetworkAccess": "Disabled", "networkAcls": {"bypass": "None"}}
_DENIED = {"networkAcls": {"bypass": "None", "defaultAction": "Deny"}}


@pytest.mark.parametrize(
    ("vault", "changed", "seen", "change"),
    [
        ("kv-pf-soft", {"enableSoftDelete": False}, "has no soft delete", "--enable-soft-delete true"),
        ("kv-pf-purge", {"enablePurgeProtection": None}, "has no purge protection", "--enable-purge-protection true"),
        ("kv-pf-roles", {"enableRbacAuthorization": False}, "goes by access policies", "--enable-rbac-authorization"),
        ("kv-pf-tenant", {"tenantId": _OTHER}, f"is of tenant {_OTHER}", "bring a key of your own tenant"),
        ("kv-pf-closed", _SHUT, "lets none of Azure's services in", "--bypass AzureServices"),
        ("kv-pf-denied", _DENIED, "lets none of Azure's services in", "--bypass AzureServices"),
    ],
)
def test_a_vault_that_azure_would_not_encrypt_from_is_refused(
    world: World, vault: str, changed: dict[str, object], seen: str, change: str
) -> None:
    told = {name: value for name, value in {**GOOD_VAULT, **changed}.items() if value is not None}

    (found,) = _not_passed(encryption.CHECK, world, _keyed(world.key(vault, told, {})))

    assert (found.outcome, found.about) == (Outcome.FAIL, f"vault {vault}")
    assert found.seen.startswith(seen)
    assert change in found.change


def test_a_vault_that_services_may_enter_may_be_closed_to_all_else(world: World) -> None:
    shut = {"publicNetworkAccess": "Disabled", "networkAcls": {"bypass": "AzureServices", "defaultAction": "Deny"}}

    version = world.key("kv-pf-shut", GOOD_VAULT | shut, {})
    assert _not_passed(encryption.CHECK, world, _keyed(version, storage=True)) == []
    assert _not_passed(encryption.CHECK, world, _keyed(version, images=True)) == [
        bad(
            "vault kv-pf-shut",
            "has a firewall, which a container registry does not pass while it is made, not even as one of Azure's",
            "bring a key of a vault without one, or set encryption.images to false",
        )
    ]


def test_a_vault_without_a_firewall_may_wrap_images(world: World) -> None:
    version = world.key("kv-pf-open", GOOD_VAULT, {})

    assert _not_passed(encryption.CHECK, world, _keyed(version, images=True)) == []


def test_a_vault_of_another_region_is_refused(world: World) -> None:
    version = world.key("kv-pf-far", GOOD_VAULT, {}, region="westus2")

    assert _not_passed(encryption.CHECK, world, _keyed(version)) == [
        bad("vault kv-pf-far", "is in westus2, the workspace in eastus", "bring a key of a vault in its region")
    ]


@pytest.mark.parametrize(
    ("vault", "told", "seen"),
    [
        ("kv-pf-type", {"kty": "EC", "curveName": "P-256"}, "is of type EC"),
        ("kv-pf-size", {"keySize": 1024}, "has 1024 bits"),
        ("kv-pf-ops", {"keyOps": ["sign", "wrapKey"]}, "is not for unwrapkey"),
        ("kv-pf-off", {"attributes": {"enabled": False}}, "is disabled"),
        ("kv-pf-past", {"attributes": {"enabled": True, "exp": 1_577_836_800}}, "expired on 2020-01-01"),
        ("kv-pf-early", {"attributes": {"enabled": True, "nbf": 4_102_444_800}}, "does not count before 2100-01-01"),
    ],
)
def test_a_key_that_azure_would_not_wrap_with_is_refused(
    world: World, vault: str, told: dict[str, object], seen: str
) -> None:
    (found,) = _not_passed(encryption.CHECK, world, _keyed(world.key(vault, GOOD_VAULT, told)))

    assert (found.outcome, found.about, found.seen) == (Outcome.FAIL, "key k", seen)
    assert found.change


def test_who_may_not_grant_on_the_vault_is_refused(world: World) -> None:
    version = world.key("kv-pf-rights", GOOD_VAULT, {})
    world.allow("*", but=("Microsoft.Authorization/*/Write",))

    (found,) = _not_passed(encryption.CHECK, world, _keyed(version))

    assert (found.outcome, found.about) == (Outcome.FAIL, "vault kv-pf-rights")
    assert found.seen.startswith(f"{RIGHT} is not allowed on it")


# ---------------------------------------------------------------- what only Azure itself could answer so


def test_a_tenant_that_azure_does_not_tell_and_a_condition_on_the_right_cannot_be_told() -> None:
    world = Faked()
    version = world.key("kv-pf-odd", GOOD_VAULT, {})
    port = replace(world.port, tenant="", grants=(Permission(actions=("*",), condition="@Request[…]"),))

    found = encryption.CHECK.run(port, _keyed(version))

    assert [(each.outcome, each.seen) for each in found] == [
        (Outcome.CANNOT_TELL, "Azure does not say which tenant the subscription is of"),
        (Outcome.CANNOT_TELL, f"{RIGHT} is allowed on it under a condition, which only Azure evaluates"),
    ]


def test_prices_in_two_currencies_are_not_added_up() -> None:
    sizes = {
        name: replace(SIZES[name], prices={"Standard": 1.0}, currency=currency)
        for name, currency in (("standard_ds3_v2", "USD"), ("standard_f8s_v2", "EUR"))
    }
    both = {"cpu": cluster(), "big": cluster("Standard_F8s_v2")}
    of = stack(budget={"amount": 1, "start": "2026-01-01", "emails": ["team@example.com"]}, computeClusters=both)

    (found,) = costs.CHECK.run(FakeAzure(known_sizes=sizes), of)

    assert (found.outcome, found.seen) == (Outcome.CANNOT_TELL, "Azure tells prices in EUR, USD")
