from __future__ import annotations

import pytest

from environments.local.arm.ids import ResourceId, parse, workspace_of

WORKSPACE = "/subscriptions/S/resourceGroups/RG/providers/Microsoft.MachineLearningServices/workspaces/WS"
ASSIGNMENT = f"{WORKSPACE}/providers/Microsoft.Authorization/roleAssignments/A"


@pytest.mark.parametrize(
    ("text", "kind", "name", "parent"),
    [
        ("/subscriptions/S", "Microsoft.Resources/subscriptions", "S", ""),
        ("/tenants/T", "Microsoft.Resources/tenants", "T", ""),
        ("/subscriptions/S/resourceGroups/RG", "Microsoft.Resources/resourceGroups", "RG", "/subscriptions/S"),
        (WORKSPACE, "Microsoft.MachineLearningServices/workspaces", "WS", "/subscriptions/S/resourceGroups/RG"),
        (
            f"{WORKSPACE}/models/M/versions/1",
            "Microsoft.MachineLearningServices/workspaces/models/versions",
            "1",
            f"{WORKSPACE}/models/M",
        ),
        (ASSIGNMENT, "Microsoft.Authorization/roleAssignments", "A", WORKSPACE),
    ],
    ids=["subscription", "tenant", "group", "workspace", "version", "extension"],
)
def test_an_id_knows_its_type_name_and_parent(text: str, kind: str, name: str, parent: str) -> None:
    found = ResourceId(text)
    assert (found.type, found.name, found.parent) == (kind, name, ResourceId(parent))


def test_ids_that_differ_in_case_share_a_key_and_keep_their_text() -> None:
    assert parse(WORKSPACE.upper()).key == parse(WORKSPACE + "/").key
    assert parse(WORKSPACE.upper()).text == WORKSPACE.upper()


def test_the_workspace_of_anything_in_it_is_found() -> None:
    assert workspace_of(ResourceId(f"{WORKSPACE}/models/M/versions/1")) == ResourceId(WORKSPACE)


def test_a_neighbour_with_a_longer_name_is_not_within() -> None:
    assert not ResourceId(f"{WORKSPACE}2").within(ResourceId(WORKSPACE))
    assert ResourceId(f"{WORKSPACE}/jobs/J").within(ResourceId(WORKSPACE))
