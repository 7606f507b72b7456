"""Quota: machines at their maximum, against what is free."""

import math
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from infra.preflight.checks import quota, sizes
from infra.preflight.demand import by_pool, by_tier, machines, with_surge
from infra.preflight.findings import Outcome, bad
from infra.preflight.port import Usage
from tests.fakes.preflight import USAGES, FakeAzure
from tests.infra.preflight.stacks import cluster, not_passed, stack


def _limited(name: str, limit: int, used: int | None = 0, *, low: bool = False) -> FakeAzure:
    other = tuple(each for each in USAGES if (each.name, each.low_priority) != (name, low))
    return FakeAzure(usages=(*other, Usage(name=name, used=used, limit=limit, low_priority=low)))


CPU = stack(computeClusters={"cpu": cluster(nodes=4), "more": cluster("Standard_DS4_v2", 1)})


def test_clusters_of_one_family_share_its_quota() -> None:
    assert not_passed(quota.CHECK, _limited("standardDSv2Family", 20), CPU) == [
        bad(
            "standardDSv2Family (dedicated)",
            "24 vCPUs are needed (computeClusters.cpu 4 x 4 + computeClusters.more 1 x 8); 20 of 20 are free in eastus",
            "ask Azure for a limit of 24 on standardDSv2Family (dedicated) (Azure Machine Learning, eastus), "
            "or lower computeClusters.cpu.maxNodes, computeClusters.more.maxNodes",
        )
    ]


def test_what_others_use_is_not_free() -> None:
    assert not_passed(quota.CHECK, _limited("standardDSv2Family", 30, used=6), CPU) == []
    (found,) = not_passed(quota.CHECK, _limited("standardDSv2Family", 30, used=7), CPU)
    assert "23 of 30 are free" in found.seen
    assert "a limit of 31 on" in found.change


def test_what_the_stack_itself_uses_already_is_its_own() -> None:
    inner = {"properties": {"properties": {"currentNodeCount": 4}}}
    azure = replace(
        _limited("standardDSv2Family", 24, used=16), resources={f"{CPU.workspace}/computes/cpu".lower(): inner}
    )

    assert not_passed(quota.CHECK, azure, CPU) == []


def test_all_families_together_have_a_quota_too() -> None:
    (found,) = not_passed(quota.CHECK, _limited("TotalDedicatedCores", 23), CPU)

    assert found.about == "TotalDedicatedCores"


def test_low_priority_is_counted_apart() -> None:
    low = stack(computeClusters={"cpu": cluster(nodes=4, priority="LowPriority")})

    assert not_passed(quota.CHECK, _limited("standardDSv2Family", 0), low) == []
    (found,) = not_passed(quota.CHECK, _limited("TotalLowPriorityCores", 15, low=True), low)
    assert found.about == "TotalLowPriorityCores"


def test_a_family_that_the_subscription_has_no_quota_of_does_not_pass() -> None:
    azure = FakeAzure(usages=tuple(each for each in USAGES if each.name != "standardDSv2Family"))

    (found,) = not_passed(quota.CHECK, azure, CPU)

    assert found.outcome is Outcome.FAIL
    assert "no such quota in eastus" in found.seen


def test_a_limit_whose_use_is_not_counted_is_not_believed() -> None:
    (found,) = not_passed(quota.CHECK, _limited("standardDSv2Family", 500, used=None), CPU)

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

    (found,) = not_passed(quota.CHECK, _limited("standardDSv2Family", 19), of)

    assert found.seen.startswith("20 vCPUs are needed (computeClusters.cpu 4 x 4 + computeInstances.alice 1 x 4)")
    assert found.change.endswith("or lower computeClusters.cpu.maxNodes, computeInstances.alice")


def test_a_cluster_in_another_region_draws_on_that_regions_quota() -> None:
    here, there = cluster(nodes=4), cluster(nodes=4, location="westus2")
    of = stack(computeClusters={"cpu": here, "far": there}, isolationMode="Disabled")

    assert not_passed(quota.CHECK, _limited("standardDSv2Family", 16), of) == []
    assert not_passed(sizes.CHECK, FakeAzure(), of) == []


def test_a_fixed_model_takes_what_autoscale_may_give_it_and_a_fifth_more() -> None:
    blue = {"model": "m:1", "instanceType": "Standard_DS3_v2", "instances": 3}
    of = stack(
        onlineEndpoints={"rain": {}},
        fixedModels={"rain": {"deployments": {"blue": blue}}},
        autoscale={"rain": {"endpoint": "rain", "deployment": "blue", "maximum": 6}},
    )

    assert not_passed(quota.CHECK, _limited("standardDSv2Family", 32), of) == []
    (found,) = not_passed(quota.CHECK, _limited("standardDSv2Family", 31), of)
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

    assert not_passed(quota.CHECK, FakeAzure(machines=(*roomy, family)), of) == []
    (found,) = not_passed(quota.CHECK, FakeAzure(machines=(*roomy, replace(family, used=1))), of)
    assert found == bad(
        "Standard NCASv3_T4 Family (dedicated)",
        "12 vCPUs are needed (kubernetes.pools.gpu 3 x 4); 11 of 12 are free in eastus",
        "ask Azure for a limit of 13 on Standard NCASv3_T4 Family (dedicated) (virtual machines, eastus), "
        "or lower kubernetes.pools.gpu.maxNodes",
    )
    (found,) = not_passed(quota.CHECK, FakeAzure(machines=(replace(roomy[0], limit=43), roomy[1], family)), of)
    assert found.about == "cores"
