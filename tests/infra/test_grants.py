"""Who may do what: the table is as small as it is meant to be."""

from infra.grants import Grant, On, Role, Who, grants

_GRANTS_ROLES = {
    "8e3af657-a8ff-443c-a75c-2fe8c4bcb635",  # Owner
    "b24988ac-6180-42a0-ab88-20f7382dd24c",  # Contributor
    "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9",  # User Access Administrator
    "f58310d9-a9f6-439a-9e8d-f62e7b41a168",  # Role Based Access Control Administrator
}


def _table(who: Who) -> set[tuple[Role, On]]:
    return {(grant.role, grant.on) for grant in grants(managed_network=True) if grant.who is who}


def test_no_role_of_the_table_can_grant_roles_or_change_everything() -> None:
    assert {role.value for role in Role} & _GRANTS_ROLES == set()


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


def test_the_workspace_approves_connections_only_where_it_makes_them() -> None:
    def approvals(*, managed_network: bool) -> list[Grant]:
        found = grants(managed_network=managed_network)
        return [grant for grant in found if grant.role is Role.NETWORK_CONNECTION_APPROVER]

    assert {grant.on for grant in approvals(managed_network=True)} == {On.STORAGE, On.VAULT, On.IMAGES}
    assert approvals(managed_network=False) == []


def test_no_grant_is_made_twice() -> None:
    names = [grant.name for grant in grants(managed_network=True)]

    assert len(set(names)) == len(names)
