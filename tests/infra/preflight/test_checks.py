"""What each check makes of Azure's answers: whole findings, each with what to change."""

import math
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infra import names
from infra.preflight.check import Check
from infra.preflight.checks import deleted, policies, providers, quota, regions, rights, sizes
from infra.preflight.checks import names as naming
from infra.preflight.demand import by_pool, by_tier, machines, with_surge
from infra.preflight.findings import Finding, Outcome, bad, unknown, worst
from infra.preflight.plan import Stack
from infra.preflight.port import Deleted, Permission, Policy, Usage
from tests.fakes.preflight import SIZES, USAGES, FakeAzure
from tests.infra.preflight.stacks import cluster, stack

SUBSCRIPTION = FakeAzure().subscription_id
SCOPE = f"/subscriptions/{SUBSCRIPTION}"
STACK = stack()
VAULT = STACK.names.of(names.VAULT)
STORAGE = STACK.names.of(names.STORAGE)
LOGS = STACK.names.of(names.LOGS)


def _not_passed(check: Check[Any], azure: FakeAzure, of: Stack = STACK) -> list[Finding]:
    found = check.run(azure, of)
    assert found, "a check that says nothing has not looked"
    return [finding for finding in found if finding.outcome is not Outcome.PASS]


@pytest.mark.parametrize(
    "check", [naming.CHECK, deleted.CHECK, providers.CHECK, regions.CHECK, sizes.CHECK, quota.CHECK, rights.CHECK]
)
def test_a_subscription_with_nothing_in_the_way_passes(check: Check[Any]) -> None:
    full = stack(computeClusters={"cpu": cluster(), "gpu": cluster("Standard_NC4as_T4_v3", 1, priority="LowPriority")})

    assert _not_passed(check, FakeAzure(), full) == []


# ---------------------------------------------------------------- names


def test_a_name_that_somebody_has_is_refused_with_azures_own_words() -> None:
    azure = FakeAzure(names={STORAGE: "The storage account named x is already taken."})

    assert _not_passed(naming.CHECK, azure) == [
        bad(
            f"storageAccounts {STORAGE}",
            "taken: The storage account named x is already taken.",
            "raise `generation` in the stack file (it is part of every unique name), or change `workload`",
        )
    ]


def test_a_name_that_an_earlier_up_took_is_ours() -> None:
    ours = f"{STACK.group}/providers/Microsoft.Storage/storageAccounts/{STORAGE}".lower()
    azure = FakeAzure(names={STORAGE: "taken"}, resources={ours: {"id": ours}})

    assert _not_passed(naming.CHECK, azure) == []


@pytest.mark.parametrize(
    ("kind", "name", "fits"),
    [
        ("Microsoft.Storage/storageAccounts", "ab", False),
        ("Microsoft.Storage/storageAccounts", "abc", True),
        ("Microsoft.Storage/storageAccounts", "a" * 24, True),
        ("Microsoft.Storage/storageAccounts", "a" * 25, False),
        ("Microsoft.Storage/storageAccounts", "with-dash", False),
        ("Microsoft.KeyVault/vaults", "kv--a", False),
        ("Microsoft.KeyVault/vaults", "1kv", False),
        ("Microsoft.KeyVault/vaults", "k" * 24, True),
        ("Microsoft.KeyVault/vaults", "k" * 25, False),
        ("Microsoft.ContainerRegistry/registries", "cr-x1", False),
        ("Microsoft.ContainerRegistry/registries", "cr123", True),
        ("Microsoft.MachineLearningServices/workspaces", "w" * 34, False),
        ("Microsoft.MachineLearningServices/workspaces/computes", "cpu-1", False),
        ("Microsoft.MachineLearningServices/workspaces/computes", "cpu-a1", True),
        ("Microsoft.MachineLearningServices/workspaces/onlineEndpoints", "e" * 33, False),
        ("Microsoft.OperationalInsights/workspaces", "log", False),
    ],
)
def test_names_are_held_to_azures_own_rules(kind: str, name: str, fits: bool) -> None:  # noqa: FBT001
    assert naming.fits(kind, name) is fits


# ---------------------------------------------------------------- deleted


def test_a_deleted_vault_in_the_way_can_be_purged_or_gone_around() -> None:
    azure = FakeAzure(twins=(Deleted(kind="Microsoft.KeyVault/vaults", name=VAULT.upper(), purge="2030-01-01"),))

    assert _not_passed(deleted.CHECK, azure) == [
        bad(
            f"vaults {VAULT}",
            "deleted, but its name is held until 2030-01-01",
            "raise `generation` in the stack file, or "
            f"purge it (`az keyvault purge --name {VAULT}`; its secrets are lost)",
        )
    ]


def test_a_deleted_vault_with_purge_protection_cannot_be_purged() -> None:
    (found,) = _not_passed(
        deleted.CHECK, FakeAzure(twins=(Deleted(kind="Microsoft.KeyVault/vaults", name=VAULT, purgeable=False),))
    )

    assert "nobody can shorten that" in found.seen
    assert "purge it" not in found.change
    assert f"az keyvault recover --name {VAULT}" in found.change


def test_deleted_logs_are_in_the_way_in_their_own_group_only() -> None:
    def twin(group: str) -> Deleted:
        where = f"{SCOPE}/resourceGroups/{group}/providers/Microsoft.OperationalInsights/workspaces/{LOGS}"
        return Deleted(kind="Microsoft.OperationalInsights/workspaces", name=LOGS, id=where)

    assert _not_passed(deleted.CHECK, FakeAzure(twins=(twin("rg-other"),))) == []
    (found,) = _not_passed(deleted.CHECK, FakeAzure(twins=(twin("RG-amlkit-dev"),)))
    assert found.about == f"workspaces {LOGS}"


# ---------------------------------------------------------------- providers, regions


def test_a_provider_that_is_not_registered_comes_with_the_command_that_registers_it() -> None:
    azure = FakeAzure(states={"microsoft.keyvault": "NotRegistered", "microsoft.storage": "Registering"})

    assert _not_passed(providers.CHECK, azure) == [
        bad(
            "Microsoft.KeyVault",
            "is NotRegistered",
            f"az provider register --namespace Microsoft.KeyVault --subscription {SUBSCRIPTION} --wait",
        ),
        bad(
            "Microsoft.Storage",
            "is Registering",
            f"az provider register --namespace Microsoft.Storage --subscription {SUBSCRIPTION} --wait",
        ),
    ]


def test_a_region_without_azure_ml_is_named_with_its_key() -> None:
    of = stack(registryLocations=["westus2", "northeurope"])

    assert _not_passed(regions.CHECK, FakeAzure(), of) == [
        bad(
            "registryLocations.1 northeurope",
            "has no Azure ML registries",
            "choose one of eastus, westeurope, westus2",
        )
    ]


# ---------------------------------------------------------------- sizes


def _gpu(**more: object) -> Stack:
    return stack(computeClusters={"gpu": cluster("Standard_NC4as_T4_v3", 1, **more)})


def test_a_size_that_the_region_does_not_have_comes_with_others_that_it_has() -> None:
    azure = FakeAzure(known_sizes={name: size for name, size in SIZES.items() if name != "standard_nc4as_t4_v3"})

    assert _not_passed(sizes.CHECK, azure, _gpu()) == [
        bad(
            "computeClusters.gpu.vmSize Standard_NC4as_T4_v3",
            "Azure ML does not have it in eastus (it is retired, or never came)",
            "choose another size, such as Standard_NC40ads_H100_v5, or another region",
        )
    ]


def test_a_size_that_is_closed_to_the_subscription_is_refused() -> None:
    azure = FakeAzure(restricted={"standard_nc4as_t4_v3": "NotAvailableForSubscription"})

    (found,) = _not_passed(sizes.CHECK, azure, _gpu())

    assert found.seen == "is closed to this subscription in eastus (NotAvailableForSubscription)"
    assert found.change.startswith("ask Azure's support for it, or choose another size")


def test_a_size_without_low_priority_is_refused_for_a_low_priority_cluster_only() -> None:
    azure = FakeAzure(known_sizes={name: replace(size, low_priority=False) for name, size in SIZES.items()})

    assert _not_passed(sizes.CHECK, azure, _gpu()) == []
    (found,) = _not_passed(sizes.CHECK, azure, _gpu(priority="LowPriority"))
    assert found.change.startswith("set computeClusters.gpu.priority to Dedicated")


def test_our_own_table_of_sizes_is_held_against_azures() -> None:
    wrong = replace(SIZES["standard_nc4as_t4_v3"], family="Another Family")

    (found,) = _not_passed(sizes.CHECK, FakeAzure(known_sizes={"standard_nc4as_t4_v3": wrong}), _gpu())

    assert found.change == "mend its line in infra/vm_sizes.py"


# ---------------------------------------------------------------- quota


def _limited(name: str, limit: int, used: int | None = 0, *, low: bool = False) -> FakeAzure:
    other = tuple(each for each in USAGES if (each.name, each.low_priority) != (name, low))
    return FakeAzure(usages=(*other, Usage(name=name, used=used, limit=limit, low_priority=low)))


CPU = stack(computeClusters={"cpu": cluster(nodes=4), "more": cluster("Standard_DS4_v2", 1)})


def test_clusters_of_one_family_share_its_quota() -> None:
    assert _not_passed(quota.CHECK, _limited("standardDSv2Family", 20), CPU) == [
        bad(
            "standardDSv2Family (dedicated)",
            "24 vCPUs are needed (computeClusters.cpu 4 x 4 + computeClusters.more 1 x 8); 20 of 20 are free in eastus",
            "ask Azure for a limit of 24 on standardDSv2Family (dedicated) (Azure Machine Learning, eastus), "
            "or lower computeClusters.cpu.maxNodes, computeClusters.more.maxNodes",
        )
    ]


def test_what_others_use_is_not_free() -> None:
    assert _not_passed(quota.CHECK, _limited("standardDSv2Family", 30, used=6), CPU) == []
    (found,) = _not_passed(quota.CHECK, _limited("standardDSv2Family", 30, used=7), CPU)
    assert "23 of 30 are free" in found.seen
    assert "a limit of 31 on" in found.change


def test_what_the_stack_itself_uses_already_is_its_own() -> None:
    inner = {"properties": {"properties": {"currentNodeCount": 4}}}
    azure = replace(
        _limited("standardDSv2Family", 24, used=16), resources={f"{CPU.workspace}/computes/cpu".lower(): inner}
    )

    assert _not_passed(quota.CHECK, azure, CPU) == []


def test_all_families_together_have_a_quota_too() -> None:
    (found,) = _not_passed(quota.CHECK, _limited("TotalDedicatedCores", 23), CPU)

    assert found.about == "TotalDedicatedCores"


def test_low_priority_is_counted_apart() -> None:
    low = stack(computeClusters={"cpu": cluster(nodes=4, priority="LowPriority")})

    assert _not_passed(quota.CHECK, _limited("standardDSv2Family", 0), low) == []
    (found,) = _not_passed(quota.CHECK, _limited("TotalLowPriorityCores", 15, low=True), low)
    assert found.about == "TotalLowPriorityCores"


def test_a_family_that_the_subscription_has_no_quota_of_does_not_pass() -> None:
    azure = FakeAzure(usages=tuple(each for each in USAGES if each.name != "standardDSv2Family"))

    (found,) = _not_passed(quota.CHECK, azure, CPU)

    assert found.outcome is Outcome.FAIL
    assert "no such quota in eastus" in found.seen


def test_a_limit_whose_use_is_not_counted_is_not_believed() -> None:
    (found,) = _not_passed(quota.CHECK, _limited("standardDSv2Family", 500, used=None), CPU)

    assert found.outcome is Outcome.CANNOT_TELL
    assert found.change == "upgrade the subscription to pay-as-you-go"


@given(st.integers(0, 10_000))
def test_surge_is_a_fifth_more_rounded_up(instances: int) -> None:
    found = with_surge(instances)

    assert found * 5 >= instances * 6
    assert (found - 1) * 5 < instances * 6
    assert found == math.ceil(instances + instances / 5) or instances >= 10_000


SIZE = st.sampled_from(["Standard_DS3_v2", "Standard_DS4_v2", "Standard_F8s_v2", "Standard_NC4as_T4_v3"])
CLUSTER = st.builds(cluster, SIZE, st.integers(1, 100), priority=st.sampled_from(["Dedicated", "LowPriority"]))
CLUSTERS = st.dictionaries(st.from_regex(r"[a-z][a-z0-9]{1,8}", fullmatch=True), CLUSTER, max_size=6)


@settings(deadline=None, max_examples=50)
@given(CLUSTERS)
def test_each_machine_is_counted_once_by_family_and_once_in_all(found: dict[str, object]) -> None:
    asked = machines(stack(computeClusters=found))

    assert sum(by_pool(asked).values()) == sum(by_tier(asked).values()) == sum(one.vcpus for one in asked)
    assert all(needed > 0 for needed in by_pool(asked).values())


@settings(deadline=None, max_examples=50)
@given(CLUSTERS.filter(bool), st.integers(0, 500), st.integers(0, 500))
def test_quota_passes_if_and_only_if_the_sum_fits_what_is_free(found: dict[str, object], limit: int, used: int) -> None:
    of = stack(computeClusters=found)
    azure = _limited("standardDSv2Family", limit, used)
    needed = sum(
        one.vcpus for one in machines(of) if one.pool.family == "standardDSv2Family" and not one.pool.low_priority
    )

    told = [each.outcome for each in quota.CHECK.run(azure, of) if each.about == "standardDSv2Family (dedicated)"]

    assert told == ([] if not needed else [Outcome.PASS if used + needed <= limit else Outcome.FAIL])


def test_an_instance_takes_its_share_of_the_same_quota() -> None:
    person = {"vmSize": "Standard_DS3_v2", "user": "11111111-2222-3333-4444-555555555555", "anywhere": True}
    of = stack(computeClusters={"cpu": cluster(nodes=4)}, computeInstances={"alice": person})

    (found,) = _not_passed(quota.CHECK, _limited("standardDSv2Family", 19), of)

    assert found.seen.startswith("20 vCPUs are needed (computeClusters.cpu 4 x 4 + computeInstances.alice 1 x 4)")
    assert found.change.endswith("or lower computeClusters.cpu.maxNodes, computeInstances.alice")


def test_a_cluster_in_another_region_draws_on_that_regions_quota() -> None:
    here, there = cluster(nodes=4), cluster(nodes=4, location="westus2")
    of = stack(computeClusters={"cpu": here, "far": there}, isolationMode="Disabled")

    assert _not_passed(quota.CHECK, _limited("standardDSv2Family", 16), of) == []
    assert _not_passed(sizes.CHECK, FakeAzure(), of) == []


def test_a_fixed_model_takes_what_autoscale_may_give_it_and_a_fifth_more() -> None:
    blue = {"model": "m:1", "instanceType": "Standard_DS3_v2", "instances": 3}
    of = stack(
        onlineEndpoints={"rain": {}},
        fixedModels={"rain": {"deployments": {"blue": blue}}},
        autoscale={"rain": {"endpoint": "rain", "deployment": "blue", "maximum": 6}},
    )

    assert _not_passed(quota.CHECK, _limited("standardDSv2Family", 32), of) == []
    (found,) = _not_passed(quota.CHECK, _limited("standardDSv2Family", 31), of)
    assert found.seen == ("32 vCPUs are needed (fixedModels.rain.deployments.blue 8 x 4); 31 of 31 are free in eastus")
    assert found.change.endswith("or lower fixedModels.rain.deployments.blue.instances")


KUBERNETES = {
    "instanceTypes": {"small": {"cpu": "1", "memory": "2Gi"}},
    "computes": {"k8s": {"cpu": "4", "memory": "8Gi", "defaultInstanceType": "small"}},
    "systemPool": {"vmSize": "Standard_F8s_v2", "maxNodes": 3},
    "pools": {"gpu": {"vmSize": "Standard_NC4as_T4_v3", "maxNodes": 2}},
}


def test_kubernetes_draws_on_the_quota_of_virtual_machines_with_one_more_a_pool_for_upgrades() -> None:
    of = stack(kubernetes=KUBERNETES)
    roomy = (Usage(name="cores", used=0, limit=44), Usage(name="standardFSv2Family", used=0, limit=32))
    family = Usage(name="Standard NCASv3_T4 Family", used=0, limit=12)

    assert _not_passed(quota.CHECK, FakeAzure(machines=(*roomy, family)), of) == []
    (found,) = _not_passed(quota.CHECK, FakeAzure(machines=(*roomy, replace(family, used=1))), of)
    assert found == bad(
        "Standard NCASv3_T4 Family (dedicated)",
        "12 vCPUs are needed (kubernetes.pools.gpu 3 x 4); 11 of 12 are free in eastus",
        "ask Azure for a limit of 13 on Standard NCASv3_T4 Family (dedicated) (virtual machines, eastus), "
        "or lower kubernetes.pools.gpu.maxNodes",
    )
    (found,) = _not_passed(quota.CHECK, FakeAzure(machines=(replace(roomy[0], limit=43), roomy[1], family)), of)
    assert found.about == "cores"


# ---------------------------------------------------------------- rights


def test_a_contributor_may_build_all_but_grants() -> None:
    grants = (Permission(actions=("*",), not_actions=("Microsoft.Authorization/*/Write",)),)

    assert _not_passed(rights.CHECK, FakeAzure(grants=grants)) == [
        bad(
            "Microsoft.Authorization/roleAssignments/write",
            f"is not allowed at {SCOPE}",
            "have the role Role Based Access Control Administrator granted there to whoever runs `up`",
        )
    ]


def test_what_one_grant_leaves_out_another_may_give() -> None:
    grants = (
        Permission(actions=("*",), not_actions=("Microsoft.Authorization/*/Write",)),
        Permission(actions=("Microsoft.Authorization/roleAssignments/*",)),
    )

    assert _not_passed(rights.CHECK, FakeAzure(grants=grants)) == []


def test_a_right_under_a_condition_cannot_be_told() -> None:
    grants = (
        Permission(actions=("*",), not_actions=("Microsoft.Authorization/*",)),
        Permission(actions=("Microsoft.Authorization/roleAssignments/write",), condition="@Request…"),
    )

    (found,) = _not_passed(rights.CHECK, FakeAzure(grants=grants))

    assert found.outcome is Outcome.CANNOT_TELL


def test_a_reader_is_told_every_right_that_is_missing() -> None:
    found = _not_passed(rights.CHECK, FakeAzure(grants=(Permission(actions=("*/read",)),)))

    assert {finding.outcome for finding in found} == {Outcome.FAIL}
    assert "Microsoft.KeyVault/vaults/write" in {finding.about for finding in found}


def test_rights_are_asked_at_the_group_once_there_is_one() -> None:
    azure = FakeAzure(resources={STACK.group.lower(): {}}, grants=(Permission(actions=()),))

    assert {finding.seen for finding in _not_passed(rights.CHECK, azure)} == {f"is not allowed at {STACK.group}"}


# ---------------------------------------------------------------- policies


def _policy(definition: str, **parameters: object) -> Policy:
    return Policy(assignment="corp", definition=definition, title="Title", effect="deny", parameters=parameters)


REGIONS_ALLOWED = "e56962a6-4747-49cd-b67b-bf8b01975c4c"


@pytest.mark.parametrize(
    ("policy", "told"),
    [
        (_policy(REGIONS_ALLOWED, listOfAllowedLocations=["East US"]), []),
        (
            _policy(REGIONS_ALLOWED, listOfAllowedLocations=["westeurope"]),
            [
                bad(
                    "corp: Title",
                    "would deny: eastus is not among westeurope",
                    "change location or registryLocations, or have the region allowed",
                )
            ],
        ),
        (_policy("871b6d14-10aa-478d-b590-94f262ecfa99", tagName="owner"), []),
        (
            _policy("871b6d14-10aa-478d-b590-94f262ecfa99", tagName="department"),
            [
                bad(
                    "corp: Title",
                    "would deny: resources have no tag 'department'; they have owner, cost-center, environment, "
                    "data-classification",
                    "have the assignment exempt this resource group, or ask for one of these tags",
                )
            ],
        ),
        (
            _policy("11111111-aaaa-bbbb-cccc-222222222222"),
            [
                unknown(
                    "corp: Title",
                    "it denies, and preflight does not know what it refuses",
                    "read it, then bypass this check with what you found, or have it exempt this resource group",
                )
            ],
        ),
        (replace(_policy("11111111-aaaa-bbbb-cccc-222222222222"), effect="audit"), []),
    ],
)
def test_what_a_policy_would_deny_is_told_by_name(policy: Policy, told: list[Finding]) -> None:
    assert _not_passed(policies.CHECK, FakeAzure(in_force=(policy,))) == told


def test_a_closed_workspace_is_not_denied_by_the_policy_that_wants_it_closed() -> None:
    azure = FakeAzure(in_force=(_policy("438c38d2-3772-465a-a9cc-7a6666a275ce"),))

    assert _not_passed(policies.CHECK, azure) == []
    (found,) = _not_passed(policies.CHECK, azure, stack(publicNetworkAccess=True, containerRegistrySku="Basic"))
    assert found.change == "set publicNetworkAccess to false"


# ---------------------------------------------------------------- outcomes


def test_what_nobody_looked_at_is_no_pass() -> None:
    assert worst([]) is Outcome.CANNOT_TELL
    assert worst([Outcome.PASS, Outcome.CANNOT_TELL]) is Outcome.CANNOT_TELL
    assert worst([Outcome.PASS, Outcome.CANNOT_TELL, Outcome.FAIL]) is Outcome.FAIL
    assert worst([Outcome.PASS]) is Outcome.PASS
