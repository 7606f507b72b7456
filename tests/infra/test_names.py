"""Names: valid by Azure's rules whatever goes in, stable, and different for different things."""

import re
import uuid

from hypothesis import given
from hypothesis import strategies as st

from infra import names
from infra.names import Kind, Names

# "Naming rules and restrictions for Azure resources"; Azure ML's own from its REST API's patterns.
AZURE = {
    names.RESOURCE_GROUP: r"[A-Za-z0-9_().-]{1,89}[A-Za-z0-9_()-]",
    names.LOGS: r"[A-Za-z0-9][A-Za-z0-9-]{2,61}[A-Za-z0-9]",
    names.INSIGHTS: r"[A-Za-z0-9_.()-]{1,259}",
    names.STORAGE: r"[a-z0-9]{3,24}",
    names.VAULT: r"(?!.*--)[A-Za-z][A-Za-z0-9-]{1,22}[A-Za-z0-9]",
    names.CONTAINER_REGISTRY: r"[A-Za-z0-9]{5,50}",
    names.IDENTITY: r"[A-Za-z0-9][A-Za-z0-9_-]{2,127}",
    names.WORKSPACE: r"[A-Za-z0-9][A-Za-z0-9_-]{2,32}",
    names.REGISTRY: r"[A-Za-z0-9][A-Za-z0-9_-]{2,32}",
    names.ENDPOINT: r"[A-Za-z][A-Za-z0-9-]{1,30}[A-Za-z0-9]",
    names.INSTANCE: r"(?!.*-[0-9]+$)[A-Za-z][A-Za-z0-9-]{2,23}",
    names.KUBERNETES: r"[A-Za-z0-9]([A-Za-z0-9-]{0,52}[A-Za-z0-9])?",
    names.KUBERNETES_NODES: r"[A-Za-z0-9_().-]{1,79}[A-Za-z0-9_()-]",
    names.ROLE: r"[A-Za-z0-9-]{1,128}",
    names.VIRTUAL_NETWORK: r"[A-Za-z0-9][A-Za-z0-9_.-]{0,62}[A-Za-z0-9_]",
    names.SECURITY_GROUP: r"[A-Za-z0-9][A-Za-z0-9_.-]{0,78}[A-Za-z0-9_]",
    names.NAT_GATEWAY: r"[A-Za-z0-9][A-Za-z0-9_.-]{0,75}[A-Za-z0-9_]",
    names.PRIVATE_ENDPOINT: r"[A-Za-z0-9][A-Za-z0-9_.-]{0,58}[A-Za-z0-9_]",
    names.MONITOR_SCOPE: r"[A-Za-z0-9_.()-]{1,254}[A-Za-z0-9_()-]",
    names.EVENT_TOPIC: r"[A-Za-z0-9-]{3,50}",
    names.ACTION_GROUP: r"[A-Za-z0-9-]{1,260}",
    names.ALERT: r"[A-Za-z0-9-]{1,260}",
    names.AUTOSCALE: r"[A-Za-z0-9-]{1,260}",
    names.BUDGET: r"[A-Za-z0-9_-]{1,63}",
    names.POLICY: r"[A-Za-z0-9-]{1,64}",
    names.APPS: r"[a-z](?!.*--)[a-z0-9-]{0,58}[a-z0-9]",
    names.APPS_NODES: r"[A-Za-z0-9_().-]{1,89}[A-Za-z0-9_()-]",
    names.APP: r"[a-z](?!.*--)[a-z0-9-]{0,30}[a-z0-9]",
    names.DATABASE: r"[a-z0-9](?!.*--)[a-z0-9-]{1,61}[a-z0-9]",
}

# Beside any word, a few that read alike when they are put together.
words = st.from_regex(r"[a-z][a-z0-9]{1,11}", fullmatch=True) | st.sampled_from(["aa", "aab", "ab"])
environments = st.from_regex(r"[a-z][a-z0-9]{0,6}(-[a-z0-9]{1,7})?", fullmatch=True) | st.sampled_from(
    ["a", "a-b", "ba"]
)
purposes = st.from_regex(r"[a-z][a-z0-9]{0,9}(-[a-z0-9]{1,9})?", fullmatch=True) | st.sampled_from(["a", "a-ab", "ab"])
whole = st.builds(
    Names, workload=words, environment=environments, subscription=st.uuids().map(str), generation=st.integers(1, 99)
)
kinds = st.sampled_from(names.KINDS)


def test_every_kind_is_held_to_azures_rule() -> None:
    assert set(AZURE) == set(names.KINDS)


@given(whole, kinds, purposes)
def test_a_name_is_valid_whatever_the_settings_are(named: Names, kind: Kind, purpose: str) -> None:
    needs = purpose if kind is names.ENDPOINT else ""

    assert re.fullmatch(AZURE[kind], named.of(kind, needs))
    assert len(named.of(kind, needs)) <= kind.longest


@given(whole, whole, kinds, purposes, purposes)
def test_two_things_have_two_names(one: Names, other: Names, kind: Kind, first: str, second: str) -> None:
    same = (one.workload, one.environment) == (other.workload, other.environment) and first == second
    # Outside what is unique in the world, subscriptions may repeat each other's names.
    if same and (one.subscription, one.generation) != (other.subscription, other.generation):
        return

    assert (one.of(kind, first) == other.of(kind, second)) == (same or _reads_alike(one, other, kind, first, second))


def _reads_alike(one: Names, other: Names, kind: Kind, first: str, second: str) -> bool:
    """Dashes join purpose, workload and environment, so that without a digest two splits of one text read alike."""
    plain = not kind.shared and one.generation == other.generation == 1
    return plain and f"{first}-{one.workload}-{one.environment}" == f"{second}-{other.workload}-{other.environment}"


@given(whole, kinds)
def test_a_name_stays_what_it_was(named: Names, kind: Kind) -> None:
    again = Names(
        workload=named.workload,
        environment=named.environment,
        subscription=named.subscription.upper(),
        generation=named.generation,
    )

    assert named.of(kind) == again.of(kind)


def test_names_that_people_know_do_not_change_from_release_to_release() -> None:
    named = Names(workload="amlkit", environment="prod", subscription="11111111-2222-3333-4444-555555555555")

    assert {kind.prefix: named.of(kind, "rain" if kind is names.ENDPOINT else "") for kind in names.KINDS} == {
        "rg": "rg-amlkit-prod",
        "log": "log-amlkit-prod",
        "appi": "appi-amlkit-prod",
        "st": "stamlkitprod270f75",
        "kv": "kv-amlkit-prod-3b41d9",
        "cr": "cramlkitprod3c9592",
        "id": "id-amlkit-prod",
        "mlw": "mlw-amlkit-prod",
        "mlr": "mlr-amlkit-prod-b43ca5",
        "": "rain-prod-be0824",
        "ci": "ciamlkitprodf47582",
        "aks": "aks-amlkit-prod",
        "rg-aks": "rg-aks-amlkit-prod",
        "role": "role-amlkit-prod-504ea3",
        "vnet": "vnet-amlkit-prod",
        "nsg": "nsg-amlkit-prod",
        "ng": "ng-amlkit-prod",
        "pe": "pe-amlkit-prod",
        "ampls": "ampls-amlkit-prod",
        "evgt": "evgt-amlkit-prod",
        "ag": "ag-amlkit-prod",
        "alert": "alert-amlkit-prod",
        "scale": "scale-amlkit-prod",
        "budget": "budget-amlkit-prod",
        "policy": "policy-amlkit-prod",
        "cae": "cae-amlkit-prod",
        "rg-apps": "rg-apps-amlkit-prod",
        "ca": "ca-amlkit-prod",
        "psql": "psql-amlkit-prod-a3a1d3",
    }


def test_a_long_name_is_hashed_not_cut() -> None:
    long = Names(workload="twelveletter", environment="a-sixteen-letter", subscription="s")
    longer = Names(workload="twelveletter", environment="a-sixteen-lettex", subscription="s")

    assert len(long.of(names.VAULT)) == len(longer.of(names.VAULT)) == 24
    assert long.of(names.VAULT)[:17] == longer.of(names.VAULT)[:17]
    assert long.of(names.VAULT) != longer.of(names.VAULT)


def test_a_name_that_is_unique_by_itself_is_hashed_when_it_gets_too_long() -> None:
    one, other = (
        Names(workload="twelveletter", environment=f"an-environment-of-many-letters-{end}", subscription="s")
        for end in ("a", "b")
    )

    assert len(one.of(names.WORKSPACE)) <= 33
    assert one.of(names.WORKSPACE) != other.of(names.WORKSPACE)


def test_a_new_generation_has_new_names() -> None:
    first = Names(workload="amlkit", environment="dev", subscription="s")
    second = Names(workload="amlkit", environment="dev", subscription="s", generation=2)

    assert [kind.prefix for kind in names.KINDS if first.of(kind) == second.of(kind)] == []


hosts = st.from_regex(r"(\*\.)?([a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?\.){1,3}[a-z]{2,6}", fullmatch=True)


@given(hosts, hosts)
def test_a_rule_for_a_host_has_a_valid_name_of_its_own(host: str, other: str) -> None:
    assert re.fullmatch(r"[a-zA-Z0-9][a-zA-Z0-9_-]{2,32}", names.outbound_rule(host))
    assert (names.outbound_rule(host) == names.outbound_rule(other)) == (host == other)


@given(st.text(min_size=1), st.text(min_size=1), st.text(min_size=1))
def test_a_grants_name_is_a_guid_that_follows_from_what_it_grants(scope: str, role: str, principal: str) -> None:
    name = names.role_assignment(scope, role, principal)

    assert str(uuid.UUID(name)) == name
    assert name == names.role_assignment(scope, role, principal)
    assert name != names.role_assignment(scope, role, f"{principal}x")
    assert name != names.role_assignment(f"{scope}x", role, principal)
    assert name != names.role_assignment(scope, f"{role}x", principal)
