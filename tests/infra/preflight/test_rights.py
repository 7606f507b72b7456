"""What the deployer may do, and what Azure Policy would deny."""

from dataclasses import replace

import pytest

from infra.preflight.checks import policies, rights
from infra.preflight.findings import Finding, Outcome, bad, unknown
from infra.preflight.port import Permission, Policy
from tests.fakes.preflight import FakeAzure
from tests.infra.preflight.stacks import SCOPE, STACK, not_passed, stack


def test_a_contributor_may_build_all_but_grants() -> None:
    grants = (Permission(actions=("*",), not_actions=("Microsoft.Authorization/*/Write",)),)

    assert not_passed(rights.CHECK, FakeAzure(grants=grants)) == [
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

    assert not_passed(rights.CHECK, FakeAzure(grants=grants)) == []


def test_a_right_under_a_condition_cannot_be_told() -> None:
    grants = (
        Permission(actions=("*",), not_actions=("Microsoft.Authorization/*",)),
        Permission(actions=("Microsoft.Authorization/roleAssignments/write",), condition="@Request…"),
    )

    (found,) = not_passed(rights.CHECK, FakeAzure(grants=grants))

    assert found.outcome is Outcome.CANNOT_TELL


def test_a_reader_is_told_every_right_that_is_missing() -> None:
    found = not_passed(rights.CHECK, FakeAzure(grants=(Permission(actions=("*/read",)),)))

    assert {finding.outcome for finding in found} == {Outcome.FAIL}
    assert "Microsoft.KeyVault/vaults/write" in {finding.about for finding in found}


def test_rights_are_asked_at_the_group_once_there_is_one() -> None:
    azure = FakeAzure(resources={STACK.group.lower(): {}}, grants=(Permission(actions=()),))

    assert {finding.seen for finding in not_passed(rights.CHECK, azure)} == {f"is not allowed at {STACK.group}"}


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
    assert not_passed(policies.CHECK, FakeAzure(in_force=(policy,))) == told


def test_a_closed_workspace_is_not_denied_by_the_policy_that_wants_it_closed() -> None:
    azure = FakeAzure(in_force=(_policy("438c38d2-3772-465a-a9cc-7a6666a275ce"),))

    assert not_passed(policies.CHECK, azure) == []
    (found,) = not_passed(policies.CHECK, azure, stack(publicNetworkAccess=True, containerRegistrySku="Basic"))
    assert found.change == "set publicNetworkAccess to false"
