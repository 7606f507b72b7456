"""Names: what Azure would not take, what somebody else has, and what a deleted twin holds."""

import re
from collections.abc import Iterator

import pytest

from infra import names
from infra.preflight import plan
from infra.preflight.checks import deleted
from infra.preflight.checks import names as naming
from infra.preflight.findings import bad
from infra.preflight.plan import Stack, planned
from infra.preflight.port import Deleted
from infra.preflight.stack import find, load, read
from tests.fakes.preflight import FakeAzure
from tests.infra.preflight.stacks import SCOPE, STACK, cluster, not_passed, stack
from tests.infra.stacks import SCENARIOS, STACKS

VAULT = STACK.names.of(names.VAULT)
STORAGE = STACK.names.of(names.STORAGE)
LOGS = STACK.names.of(names.LOGS)
_WHOLE = stack(
    network={
        "addressSpace": "10.40.0.0/20",
        "egress": "nat",
        "subnets": {"endpoints": "10.40.0.0/24", "controller": "10.40.1.0/24", "database": "10.40.2.0/24"},
    },
    controlPlane={"image": "mlops:1.0.0", "database": {}},
    computeClusters={"cpu": cluster()},
    onlineEndpoints={"rain": {}},
    batchEndpoints={"rain": {}},
)


def test_a_name_that_somebody_has_is_refused_with_azures_own_words() -> None:
    azure = FakeAzure(names={STORAGE: "The storage account named x is already taken."})

    assert not_passed(naming.CHECK, azure) == [
        bad(
            f"storageAccounts {STORAGE}",
            "taken: The storage account named x is already taken.",
            "raise `generation` in the stack file (it is part of every unique name), or change `workload`",
        )
    ]


def test_a_name_that_an_earlier_up_took_is_ours() -> None:
    ours = f"{STACK.group}/providers/Microsoft.Storage/storageAccounts/{STORAGE}".lower()
    azure = FakeAzure(names={STORAGE: "taken"}, resources={ours: {"id": ours}})

    assert not_passed(naming.CHECK, azure) == []


_ML = (("abc", "a" * 33, "1a_", "a-1"), ("ab", "a" * 34, "-ab", "a.b"))
_ENDPOINTS = (("abc", "a" * 32, "a-1"), ("ab", "a" * 33, "1ab", "ab-", "a_b"))
_APPS = (("ab", "a" * 32, "a-1"), ("a", "a" * 33, "1a", "a--b", "ab-", "aB", "a_b", "Ab", "aB-1"))
# By type: names that Azure takes, then names that it does not.
NAMES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    plan.RESOURCE_GROUP: (("a", "a" * 90, "rg.(a)_b-c", "é"), ("", "a" * 91, "a.", "a/b", "ab/")),
    plan.STORAGE: (("abc", "a" * 24, "a1b"), ("ab", "a" * 25, "a-b", "aBc")),
    plan.VAULT: (("abc", "a" * 24, "A-1"), ("ab", "a" * 25, "1ab", "a--b", "ab-", "a_b", "ab_")),
    plan.CONTAINER_REGISTRY: (("abcde", "a" * 50, "A1b2c"), ("abcd", "a" * 51, "ab-cd")),
    plan.LOGS: (("abcd", "a" * 63, "1-A2"), ("abc", "a" * 64, "-abc", "abc-", "ab_c")),
    plan.INSIGHTS: (("a", "a" * 260, "a.b c"), ("", "a" * 261, "ab.", "ab ", "a/b", "a%b")),
    plan.IDENTITY: (("abc", "a" * 128, "1_-"), ("ab", "a" * 129, "-ab", "_ab", "a.b")),
    plan.WORKSPACE: _ML,
    plan.REGISTRY: _ML,
    plan.COMPUTE: (
        ("abc", "a" * 24, "cpu-a1", "cpu1"),
        ("ab", "a" * 25, "1ab", "ab-", "a_b", "cpu-1", "cpu-12"),
    ),
    plan.ENDPOINT: _ENDPOINTS,
    plan.BATCH_ENDPOINT: _ENDPOINTS,
    plan.VIRTUAL_NETWORK: (("ab", "a" * 64, "1-._a", "a_"), ("a", "a" * 65, "-ab", "_ab", "ab-", "ab.", "a b")),
    plan.KUBERNETES: (("a", "a" * 63, "1-_a"), ("", "a" * 64, "-ab", "_a", "ab-", "a.b")),
    plan.APPS: (("ab", "a" * 60, "a-1"), ("a", "a" * 61, "1a", "a--b", "ab-", "a_b", "Ab")),
    plan.APP: _APPS,
    plan.JOB: _APPS,
    plan.POSTGRES: (("abc", "a" * 63, "1-a"), ("ab", "a" * 64, "-ab", "ab-", "a_b", "aBc")),
}


def _wrong(pattern: str, kind: str) -> list[str]:
    """Names of the table that a pattern judges otherwise."""
    takes, refuses = NAMES[kind]
    return [name for name in takes if not re.fullmatch(pattern, name)] + [
        name for name in refuses if re.fullmatch(pattern, name)
    ]


def _weakened(pattern: str) -> Iterator[str]:
    """The pattern with one of its parts taken out, each in turn: a bound, a set of characters, what may not follow."""
    for found in re.finditer(r"\{(\d+),(\d+)\}", pattern):
        least, most = int(found[1]), int(found[2])
        yield f"{pattern[: found.start()]}{{{least},{most + 1}}}{pattern[found.end() :]}"
        if least:
            yield f"{pattern[: found.start()]}{{{least - 1},{most}}}{pattern[found.end() :]}"
    for found in re.finditer(r"\[(?:\\.|[^\]])+\]", pattern):
        yield f"{pattern[: found.start()]}.{pattern[found.end() :]}"
    for found in re.finditer(r"\(\?!.*?\$?\)", pattern):
        yield f"{pattern[: found.start()]}{pattern[found.end() :]}"


@pytest.mark.parametrize("kind", naming.RULES)
def test_names_are_held_to_azures_own_rules(kind: str) -> None:
    assert _wrong(naming.RULES[kind].pattern, kind) == []


@pytest.mark.parametrize("kind", naming.RULES)
def test_no_part_of_a_rule_can_be_left_out_without_being_missed(kind: str) -> None:
    weaker = list(_weakened(naming.RULES[kind].pattern))

    assert [each for each in weaker if not _wrong(each, kind)] == []
    assert weaker


def test_a_name_that_azure_would_not_take_is_refused_before_azure_is_asked() -> None:
    of = stack(computeClusters={"ab": cluster()})

    assert not_passed(naming.CHECK, FakeAzure(), of) == [
        bad(
            "computes ab",
            "Azure takes 3 to 24 letters, digits and dashes, first a letter, not ending in a dash and digits",
            "shorten the stack's name, `workload` or the key in the stack file that the name is made of",
        )
    ]


@pytest.mark.parametrize("kind", [plan.STORAGE, plan.VAULT, plan.CONTAINER_REGISTRY, plan.POSTGRES])
def test_every_name_that_is_unique_in_the_world_is_asked_for(kind: str) -> None:
    (one,) = [each for each in planned(_WHOLE) if each.type == kind]

    found = not_passed(naming.CHECK, FakeAzure(names={one.name: "somebody's"}), _WHOLE)

    assert [each.about for each in found] == [f"{kind.rsplit('/', 1)[1]} {one.name}"]


@pytest.mark.parametrize("name", [*STACKS, *SCENARIOS])
def test_every_type_that_has_a_name_of_ours_has_a_rule(name: str) -> None:
    found = load(find(name))
    of = Stack(document=found, settings=read(found), subscription=SCOPE.rsplit("/", 1)[1])

    assert {each.type for each in planned(of)} - set(naming.RULES) == set()
    assert not_passed(naming.CHECK, FakeAzure(), of) == []


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
