"""Who may do what: the table is as small as it is meant to be."""

import pytest

from infra.grants import PEOPLE, TABLE, Grant, On, When, Who, grants
from infra.roles import DEFINITIONS, TITLES, OwnRole, Role

_GRANTS_ROLES = {
    "8e3af657-a8ff-443c-a75c-2fe8c4bcb635",  # Owner
    "b24988ac-6180-42a0-ab88-20f7382dd24c",  # Contributor
    "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9",  # User Access Administrator
    "f58310d9-a9f6-439a-9e8d-f62e7b41a168",  # Role Based Access Control Administrator
}


def _table(who: Who, *conditions: When) -> set[tuple[Role | OwnRole, On]]:
    found = grants({When.MANAGED_NETWORK, *conditions})
    return {(grant.role, grant.on) for grant in found if grant.who is who}


def test_no_role_of_the_table_can_grant_roles_or_change_everything() -> None:
    assert {role.value for role in Role} & _GRANTS_ROLES == set()


def test_no_role_of_our_own_can_grant_roles_or_change_everything() -> None:
    allowed = [action for each in DEFINITIONS.values() for action in each.actions]

    assert [each for each in allowed if each.split("/")[0] in {"*", "Microsoft.Authorization"}] == []
    assert set(DEFINITIONS) == set(OwnRole)


def test_every_role_is_written_down_by_the_name_people_know() -> None:
    assert set(TITLES) == set(Role)


def test_an_experimenter_serves_nothing_and_reads_no_secret() -> None:
    workspaces = "Microsoft.MachineLearningServices/workspaces"

    kept_from = set(DEFINITIONS[OwnRole.EXPERIMENTER].not_actions)

    assert kept_from >= {
        f"{workspaces}/{kind}/{what}"
        for kind in ("onlineEndpoints", "onlineEndpoints/deployments", "batchEndpoints", "serverlessEndpoints")
        for what in ("write", "delete")
    }
    assert kept_from >= {f"{workspaces}/{kind}/listsecrets/action" for kind in ("connections", "datastores")}
    assert kept_from >= {f"{workspaces}/write", f"{workspaces}/delete", f"{workspaces}/listKeys/action"}


def test_a_scoring_process_writes_only_what_it_collects_and_measures() -> None:
    assert _table(Who.ENDPOINT) == {
        (Role.ACR_PULL, On.IMAGES),
        (Role.BLOB_DATA_READER, On.STORAGE),
        (Role.BLOB_DATA_CONTRIBUTOR, On.ARTIFACTS),
        (Role.METRICS_WRITER, On.WORKSPACE),
        (Role.READER, On.REGISTRY),
    }


def test_a_job_cannot_touch_the_workspace_but_for_its_metrics() -> None:
    assert _table(Who.COMPUTE) == {
        (Role.BLOB_DATA_CONTRIBUTOR, On.STORAGE),
        (Role.ACR_PULL, On.IMAGES),
        (Role.METRICS_WRITER, On.WORKSPACE),
    }


def test_the_controller_has_what_it_needs_and_no_more() -> None:
    assert _table(Who.CONTROLLER) == {
        (Role.DATA_SCIENTIST, On.WORKSPACE),
        (Role.BLOB_DATA_CONTRIBUTOR, On.ARTIFACTS),
        (Role.QUEUE_DATA_CONTRIBUTOR, On.STORAGE),
        (Role.REGISTRY_USER, On.REGISTRY),
        (Role.MANAGED_IDENTITY_OPERATOR, On.ENDPOINT_IDENTITY),
    }


_ALWAYS = (When.ALWAYS,)
# What is granted to whoever the tests above do not hold, by condition: who works as it has these rights and no others.
PINNED: dict[Who, dict[tuple[When, ...], set[tuple[Role | OwnRole, On]]]] = {
    Who.WORKSPACE: {
        _ALWAYS: {
            (Role.BLOB_DATA_CONTRIBUTOR, On.STORAGE),
            (Role.KEY_VAULT_SECRETS_OFFICER, On.VAULT),
            (Role.ACR_PULL, On.IMAGES),
        },
        (When.MANAGED_NETWORK,): {
            (Role.NETWORK_CONNECTION_APPROVER, On.STORAGE),
            (Role.NETWORK_CONNECTION_APPROVER, On.VAULT),
            (Role.NETWORK_CONNECTION_APPROVER, On.IMAGES),
        },
        (When.OUTBOUND_PRIVATE,): {(Role.NETWORK_CONNECTION_APPROVER, On.OUTBOUND)},
        (When.KEY_OF_ONES_OWN,): {(Role.KEY_VAULT_CRYPTO_USER, On.KEY)},
        (When.KUBERNETES_MADE,): {(Role.READER, On.CLUSTER), (Role.KUBERNETES_EXTENSION_CONTRIBUTOR, On.CLUSTER)},
        (When.KUBERNETES_TRUSTED,): {(OwnRole.CLUSTER_USER, On.CLUSTER)},
        (When.KUBERNETES_LOCAL,): {(Role.AKS_CLUSTER_ADMIN, On.CLUSTER)},
    },
    Who.CONTROLLER: {
        _ALWAYS: {
            (Role.DATA_SCIENTIST, On.WORKSPACE),
            (Role.BLOB_DATA_CONTRIBUTOR, On.ARTIFACTS),
            (Role.QUEUE_DATA_CONTRIBUTOR, On.STORAGE),
            (Role.REGISTRY_USER, On.REGISTRY),
            (Role.MANAGED_IDENTITY_OPERATOR, On.ENDPOINT_IDENTITY),
        },
        (When.CONTROL_PLANE,): {(Role.ACR_PULL, On.IMAGES)},
    },
    Who.ENCRYPTION: {(When.KEY_OVER_DATA,): {(Role.KEY_VAULT_CRYPTO_USER, On.KEY)}},
    Who.EVENTS: {
        _ALWAYS: {(Role.QUEUE_DATA_SENDER, On.EVENT_QUEUE), (Role.BLOB_DATA_CONTRIBUTOR, On.UNDELIVERED)},
    },
    Who.CI_MODELS: {
        _ALWAYS: {
            (Role.DATA_SCIENTIST, On.WORKSPACE),
            (Role.BLOB_DATA_CONTRIBUTOR, On.STORAGE),
            (Role.REGISTRY_USER, On.REGISTRY),
        },
    },
    Who.DATA_SCIENTISTS: {
        (When.PEOPLE_READ,): {(Role.READER, On.WORKSPACE)},
        (When.PEOPLE_WORK,): {(OwnRole.EXPERIMENTER, On.WORKSPACE)},
        (When.PEOPLE_EXPERIMENT,): {
            (Role.DATA_SCIENTIST, On.WORKSPACE),
            (Role.COMPUTE_OPERATOR, On.WORKSPACE),
            (Role.BLOB_DATA_CONTRIBUTOR, On.STORAGE),
        },
    },
    Who.ML_ENGINEERS: {
        (When.PEOPLE_READ,): {(Role.READER, On.WORKSPACE)},
        (When.PEOPLE_WORK, When.PEOPLE_EXPERIMENT): {
            (Role.DATA_SCIENTIST, On.WORKSPACE),
            (Role.COMPUTE_OPERATOR, On.WORKSPACE),
        },
    },
    Who.CLUSTER: {
        (When.SUBNET_OURS,): {(OwnRole.SUBNET_JOINER, On.SUBNET)},
        (When.SUBNET_MINE,): {(Role.NETWORK_CONTRIBUTOR, On.SUBNET)},
    },
}


@pytest.mark.parametrize("who", PINNED, ids=lambda who: who.value)
def test_each_has_what_it_needs_where_it_needs_it_and_no_more(who: Who) -> None:
    found: dict[tuple[When, ...], set[tuple[Role | OwnRole, On]]] = {}
    for grant in TABLE:
        if grant.who is who:
            found.setdefault(grant.when, set()).add((grant.role, grant.on))

    assert found == PINNED[who]


def test_the_workspace_approves_connections_only_where_it_makes_them() -> None:
    def approvals(*conditions: When) -> list[Grant]:
        return [grant for grant in grants(conditions) if grant.role is Role.NETWORK_CONNECTION_APPROVER]

    assert {grant.on for grant in approvals(When.MANAGED_NETWORK)} == {On.STORAGE, On.VAULT, On.IMAGES}
    assert approvals() == []


def test_people_may_only_look_where_others_rely_on_it() -> None:
    reading = {who: _table(who, When.PEOPLE_READ) for who in PEOPLE}

    assert reading == {
        Who.DATA_SCIENTISTS: {(Role.READER, On.WORKSPACE)},
        Who.ML_ENGINEERS: {(Role.READER, On.WORKSPACE)},
        Who.AUDITORS: {(Role.READER, On.GROUP), (Role.LOG_ANALYTICS_READER, On.LOGS)},
        Who.REGISTRY_READERS: {(Role.READER, On.REGISTRY)},
    }


def test_people_write_to_storage_only_where_they_experiment() -> None:
    """Code that is put there runs as the workspace."""
    writing = [grant for grant in TABLE if grant.who in PEOPLE and grant.role is Role.BLOB_DATA_CONTRIBUTOR]

    assert [(grant.on, grant.when) for grant in writing] == [(On.STORAGE, (When.PEOPLE_EXPERIMENT,))]


def test_where_people_work_engineers_deploy_and_data_scientists_do_not() -> None:
    assert _table(Who.DATA_SCIENTISTS, When.PEOPLE_WORK) == {(OwnRole.EXPERIMENTER, On.WORKSPACE)}
    assert _table(Who.ML_ENGINEERS, When.PEOPLE_WORK) == {
        (Role.DATA_SCIENTIST, On.WORKSPACE),
        (Role.COMPUTE_OPERATOR, On.WORKSPACE),
    }


def test_what_previews_the_platform_cannot_change_it() -> None:
    assert _table(Who.CI_PLATFORM) == {(Role.READER, On.GROUP)}


def test_a_cluster_without_local_accounts_is_never_opened_by_one() -> None:
    def on_cluster(*conditions: When) -> set[Role | OwnRole]:
        return {grant.role for grant in grants(conditions) if grant.on is On.CLUSTER}

    looks = {Role.READER, Role.KUBERNETES_EXTENSION_CONTRIBUTOR}
    assert on_cluster(When.KUBERNETES_MADE, When.KUBERNETES_TRUSTED) == {*looks, OwnRole.CLUSTER_USER}
    assert on_cluster(When.KUBERNETES_MADE, When.KUBERNETES_LOCAL) == {*looks, Role.AKS_CLUSTER_ADMIN}
    assert on_cluster() == set()


def test_only_looking_is_granted_on_a_whole_group() -> None:
    assert {grant.role for grant in TABLE if grant.on is On.GROUP} == {Role.READER}


def test_no_grant_is_made_twice() -> None:
    names = [grant.name for grant in TABLE]

    assert len(set(names)) == len(names)
