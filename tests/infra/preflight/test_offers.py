"""What a subscription is offered: providers, regions and sizes of machines."""

from dataclasses import replace

from infra.preflight.checks import providers, regions, sizes
from infra.preflight.findings import bad
from infra.preflight.plan import Stack
from tests.fakes.preflight import SIZES, FakeAzure
from tests.infra.preflight.stacks import SUBSCRIPTION, cluster, not_passed, stack


def test_a_provider_that_is_not_registered_comes_with_the_command_that_registers_it() -> None:
    azure = FakeAzure(states={"microsoft.keyvault": "NotRegistered", "microsoft.storage": "Registering"})

    assert not_passed(providers.CHECK, azure) == [
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

    assert not_passed(regions.CHECK, FakeAzure(), of) == [
        bad(
            "registryLocations.1 northeurope",
            "has no Azure ML registries",
            "choose one of eastus, westeurope, westus2",
        )
    ]


def _gpu(**more: object) -> Stack:
    return stack(computeClusters={"gpu": cluster("Standard_NC4as_T4_v3", 1, **more)})


def test_a_size_that_the_region_does_not_have_comes_with_others_that_it_has() -> None:
    azure = FakeAzure(known_sizes={name: size for name, size in SIZES.items() if name != "standard_nc4as_t4_v3"})

    assert not_passed(sizes.CHECK, azure, _gpu()) == [
        bad(
            "computeClusters.gpu.vmSize Standard_NC4as_T4_v3",
            "Azure ML does not have it in eastus (it is retired, or never came)",
            "choose another size, such as Standard_NC40ads_H100_v5, or another region",
        )
    ]


def test_a_size_that_is_closed_to_the_subscription_is_refused() -> None:
    azure = FakeAzure(restricted={"standard_nc4as_t4_v3": "NotAvailableForSubscription"})

    (found,) = not_passed(sizes.CHECK, azure, _gpu())

    assert found.seen == "is closed to this subscription in eastus (NotAvailableForSubscription)"
    assert found.change.startswith("ask Azure's support for it, or choose another size")


def test_a_size_without_low_priority_is_refused_for_a_low_priority_cluster_only() -> None:
    azure = FakeAzure(known_sizes={name: replace(size, low_priority=False) for name, size in SIZES.items()})

    assert not_passed(sizes.CHECK, azure, _gpu()) == []
    (found,) = not_passed(sizes.CHECK, azure, _gpu(priority="LowPriority"))
    assert found.change.startswith("set computeClusters.gpu.priority to Dedicated")


def test_our_own_table_of_sizes_is_held_against_azures() -> None:
    wrong = replace(SIZES["standard_nc4as_t4_v3"], family="Another Family")

    (found,) = not_passed(sizes.CHECK, FakeAzure(known_sizes={"standard_nc4as_t4_v3": wrong}), _gpu())

    assert found.change == "mend its line in infra/vm_sizes.py"
