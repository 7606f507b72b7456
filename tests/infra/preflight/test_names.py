"""Names: what Azure would not take, what somebody else has, and what a deleted twin holds."""

import pytest

from infra import names
from infra.preflight.checks import deleted
from infra.preflight.checks import names as naming
from infra.preflight.findings import bad
from infra.preflight.port import Deleted
from tests.fakes.preflight import FakeAzure
from tests.infra.preflight.stacks import SCOPE, STACK, not_passed, stack

VAULT = STACK.names.of(names.VAULT)
STORAGE = STACK.names.of(names.STORAGE)
LOGS = STACK.names.of(names.LOGS)


def test_a_name_that_somebody_has_is_refused_with_azures_own_words() -> None:
    azure = FakeAzure(names={STORAGE: "The storage account named x is already taken."})

    assert not_passed(naming.CHECK, azure) == [
        bad(
            f"storageAccounts {STORAGE}",
            "taken: The storage account named x is already taken.",
            "raise `generation` in the stack file (it is part of every unique name), or change `workload`",
        )
    ]


def test_a_database_server_whose_name_somebody_has_is_refused() -> None:
    of = stack(
        network={
            "addressSpace": "10.40.0.0/20",
            "egress": "nat",
            "subnets": {"endpoints": "10.40.0.0/24", "controller": "10.40.1.0/24", "database": "10.40.2.0/24"},
        },
        controlPlane={"image": "mlops:1.0.0", "database": {}},
    )
    server = of.names.of(names.DATABASE)

    (found,) = not_passed(naming.CHECK, FakeAzure(names={server: "somebody's"}), of)

    assert (found.about, found.seen) == (f"flexibleServers {server}", "taken: somebody's")


def test_a_name_that_an_earlier_up_took_is_ours() -> None:
    ours = f"{STACK.group}/providers/Microsoft.Storage/storageAccounts/{STORAGE}".lower()
    azure = FakeAzure(names={STORAGE: "taken"}, resources={ours: {"id": ours}})

    assert not_passed(naming.CHECK, azure) == []


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
        ("Microsoft.App/managedEnvironments", "cae-rain", True),
        ("Microsoft.App/managedEnvironments", "cae--rain", False),
        ("Microsoft.App/containerApps", "a" * 32, True),
        ("Microsoft.App/containerApps", "a" * 33, False),
        ("Microsoft.App/jobs", "ca-rain-", False),
        ("Microsoft.DBforPostgreSQL/flexibleServers", "psql-rain", True),
        ("Microsoft.DBforPostgreSQL/flexibleServers", "-psql", False),
        ("Microsoft.DBforPostgreSQL/flexibleServers", "p" * 64, False),
    ],
)
def test_names_are_held_to_azures_own_rules(kind: str, name: str, fits: bool) -> None:  # noqa: FBT001
    assert naming.fits(kind, name) is fits


def test_a_deleted_vault_in_the_way_can_be_purged_or_gone_around() -> None:
    azure = FakeAzure(twins=(Deleted(kind="Microsoft.KeyVault/vaults", name=VAULT.upper(), purge="2030-01-01"),))

    assert not_passed(deleted.CHECK, azure) == [
        bad(
            f"vaults {VAULT}",
            "deleted, but its name is held until 2030-01-01",
            "raise `generation` in the stack file, or "
            f"purge it (`az keyvault purge --name {VAULT}`; its secrets are lost)",
        )
    ]


def test_a_deleted_vault_with_purge_protection_cannot_be_purged() -> None:
    (found,) = not_passed(
        deleted.CHECK, FakeAzure(twins=(Deleted(kind="Microsoft.KeyVault/vaults", name=VAULT, purgeable=False),))
    )

    assert "nobody can shorten that" in found.seen
    assert "purge it" not in found.change
    assert f"az keyvault recover --name {VAULT}" in found.change


def test_deleted_logs_are_in_the_way_in_their_own_group_only() -> None:
    def twin(group: str) -> Deleted:
        where = f"{SCOPE}/resourceGroups/{group}/providers/Microsoft.OperationalInsights/workspaces/{LOGS}"
        return Deleted(kind="Microsoft.OperationalInsights/workspaces", name=LOGS, id=where)

    assert not_passed(deleted.CHECK, FakeAzure(twins=(twin("rg-other"),))) == []
    (found,) = not_passed(deleted.CHECK, FakeAzure(twins=(twin("RG-amlkit-dev"),)))
    assert found.about == f"workspaces {LOGS}"
