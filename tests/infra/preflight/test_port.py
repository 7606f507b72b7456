"""What preflight may rely on, whoever answers: the fake, or Azure's own interface on the local environment."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from environments.local import subscription
from environments.local.arm.faults import Fault
from infra.preflight.arm import ResourceManager
from infra.preflight.findings import CannotTellError
from infra.preflight.port import Permission, Taken, Usage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.environments.running import LocalAzure
    from tests.infra.preflight.worlds import World

STORAGE = "Microsoft.Storage/storageAccounts"
VAULT = "Microsoft.KeyVault/vaults"
WORKSPACE = "Microsoft.MachineLearningServices/workspaces"
NOT_ALLOWED_TYPES = "6c112d4e-5bc7-47ae-a041-ea2d9dccd749"
PUBLIC_ACCESS = "438c38d2-3772-465a-a9cc-7a6666a275ce"


def test_the_subscription_is_the_one_that_all_is_about(world: World) -> None:
    assert world.scope == f"/subscriptions/{world.port.subscription()}"


def test_a_name_is_free_until_somebody_has_it(world: World) -> None:
    assert world.port.taken(STORAGE, "preflightfree1") == Taken(free=True)

    world.account("preflighttaken1")

    found = world.port.taken(STORAGE, "preflighttaken1")
    assert not found.free
    assert "preflighttaken1" in found.why


def test_what_exists_is_found_and_what_does_not_is_none(world: World) -> None:
    account = world.account("preflighthere1")

    found = world.port.find(account, "2024-01-01")

    assert found is not None
    assert found["name"] == "preflighthere1"
    assert world.port.find(f"{account}x", "2024-01-01") is None


def test_a_namespace_is_registered_until_it_is_not(world: World) -> None:
    assert world.port.providers().get("microsoft.keyvault") == "Registered"

    world.unregister("Microsoft.KeyVault")

    assert world.port.providers().get("microsoft.keyvault") == "NotRegistered"


def test_azure_ml_is_in_some_regions(world: World) -> None:
    assert {"eastus", "westus2"} < world.port.regions(WORKSPACE)


def test_a_size_has_a_family_and_vcpus_and_no_price_unless_azure_tells_one(world: World) -> None:
    world.price("Standard_DS3_v2", None)

    found = world.port.sizes("eastus")["standard_ds3_v2"]
    assert (found.name, found.family, found.vcpus, found.gpus) == ("Standard_DS3_v2", "standardDSv2Family", 4, 0)
    assert (found.low_priority, dict(found.prices)) == (True, {})

    world.price("Standard_DS3_v2", 0.5)

    found = world.port.sizes("eastus")["standard_ds3_v2"]
    assert (dict(found.prices), found.currency) == ({"Standard": 0.5}, "USD")


def test_a_retired_size_is_gone_and_a_restricted_one_says_why(world: World) -> None:
    world.restrict("Standard_DS4_v2", "NotAvailableForSubscription")
    assert world.port.skus("eastus")["standard_ds4_v2"].restricted == "NotAvailableForSubscription"
    assert world.port.skus("eastus")["standard_ds3_v2"].restricted == ""

    world.retire("Standard_F8s_v2")
    assert "standard_f8s_v2" not in world.port.sizes("eastus")


def test_h100s_have_no_low_priority(world: World) -> None:
    assert not world.port.sizes("eastus")["standard_nc40ads_h100_v5"].low_priority


def test_quota_is_told_by_family_and_in_all_and_low_priority_apart(world: World) -> None:
    world.limit("standardDSv2Family", 7)

    found = world.port.ml_usages("eastus")

    assert Usage(name="standardDSv2Family", used=0, limit=7) in [_unused(each) for each in found]
    assert Usage(name="standardDSv2Family", used=0, limit=-1, low_priority=True) in [_unused(each) for each in found]
    assert [(each.limit, each.low_priority) for each in found if each.name == "TotalDedicatedCores"] == [(1200, False)]
    assert [(each.limit, each.low_priority) for each in found if each.name == "TotalLowPriorityCores"] == [(300, True)]


def _unused(usage: Usage) -> Usage:
    """Other tests on the same environment may have machines."""
    return Usage(name=usage.name, used=0, limit=usage.limit, low_priority=usage.low_priority)


@pytest.mark.parametrize("protected", [True, False])
def test_a_deleted_vault_is_told_with_whether_it_can_be_purged(world: World, protected: bool) -> None:  # noqa: FBT001
    world.delete_vault("kv-preflight-gone", protected=protected)

    (found,) = [each for each in world.port.deleted() if each.name == "kv-preflight-gone"]

    assert (found.kind, found.purgeable) == (VAULT, not protected)


def test_deleted_logs_are_told_with_their_group(world: World) -> None:
    world.delete_logs("log-gone", "rg-old")

    (found,) = [each for each in world.port.deleted() if each.name == "log-gone"]

    assert (
        found.id == f"{world.scope}/resourceGroups/rg-old/providers/Microsoft.OperationalInsights/workspaces/log-gone"
    )


def test_rights_are_told_with_their_exceptions(world: World) -> None:
    world.allow("*", but=("Microsoft.Authorization/*/Write",))

    expected = (Permission(actions=("*",), not_actions=("Microsoft.Authorization/*/Write",)),)
    assert world.port.permissions(world.scope) == expected


def test_policies_in_force_are_told_with_effect_and_parameters(world: World) -> None:
    world.assign("no-vaults", NOT_ALLOWED_TYPES, effect="Deny", listOfResourceTypesNotAllowed=[VAULT])
    world.assign("closed", PUBLIC_ACCESS, effect="Audit")
    world.assign("only-looking", PUBLIC_ACCESS, mode="DoNotEnforce", effect="Deny")

    found = {each.assignment: each for each in world.port.policies(world.scope)}

    assert found.keys() == {"no-vaults", "closed"}
    assert (found["no-vaults"].effect, found["no-vaults"].definition) == ("deny", NOT_ALLOWED_TYPES)
    assert found["no-vaults"].parameters["listOfResourceTypesNotAllowed"] == [VAULT]
    assert found["closed"].effect == "audit"


# ---------------------------------------------------------------- Azure does not answer


@pytest.fixture
def manager(local_azure: LocalAzure, monkeypatch: pytest.MonkeyPatch) -> Iterator[ResourceManager]:
    for name, value in local_azure.environment().items():
        monkeypatch.setenv(name, value)
    made = ResourceManager()
    yield made
    made.close()
    local_azure.context.faults.clear()


def test_a_subscription_of_somebody_else_is_no_answer(local_azure: LocalAzure, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in local_azure.environment().items():
        monkeypatch.setenv(name, value)
    made = ResourceManager("99999999-0000-0000-0000-000000000000")

    with pytest.raises(CannotTellError, match=r"there is no such thing \(GET /subscriptions/99999999"):
        made.subscription()
    made.close()


def test_nobody_signed_in_is_no_answer(local_azure: LocalAzure, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (local_azure.environment() | {"AZURE_CLIENT_SECRET": "wrong"}).items():
        monkeypatch.setenv(name, value)
    made = ResourceManager()

    with pytest.raises(CannotTellError, match="nobody is signed in"):
        made.subscription()
    made.close()


def test_no_network_is_no_answer(manager: ResourceManager, monkeypatch: pytest.MonkeyPatch) -> None:
    manager.subscription()
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")

    with pytest.raises(CannotTellError, match="Azure cannot be reached"):
        manager.providers()


def test_throttling_that_lasts_is_no_answer(manager: ResourceManager, local_azure: LocalAzure) -> None:
    local_azure.context.faults.order(Fault(kind="throttle", pattern="/providers$", times=9))

    with pytest.raises(CannotTellError, match="Azure is throttling"):
        manager.providers()


def test_an_answer_in_a_shape_that_nobody_knows_is_no_answer(manager: ResourceManager, local_azure: LocalAzure) -> None:
    subscription.change(local_azure.home, "permissions", {"deployer": ["what is this"]})
    try:
        with pytest.raises(CannotTellError, match="cannot be read"):
            manager.permissions(local_azure.subscription)
    finally:
        subscription.reset(local_azure.home)
