"""What the provider makes of a program's inputs: complete, right, changed."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pulumi.runtime.proto import provider_pb2

from environments.local.provider import markers
from environments.local.provider.changes import changes
from environments.local.provider.resources import served
from environments.local.provider.values import UNKNOWN
from tests.environments.local.provider.calls import CPU, ENDPOINT, GROUP, WS, Calls, Values, changed

_DIFF = provider_pb2.PropertyDiff


def test_all_failures_are_told_at_once(calls: Calls) -> None:
    wrong = {
        "workspaceName": "ws",
        "colour": "blue",
        "properties": {"computeType": "AmlComputer"},
        "identity": {"type": 3},
        "tags": "none",
    }
    _, failures = calls.check("machinelearningservices:Compute", wrong)
    assert sorted(name for name, _ in failures) == [
        "colour", "identity.type", "properties.computeType", "resourceGroupName", "tags",
    ]  # fmt: skip
    said = dict(failures)
    assert "known are" in said["colour"]
    assert "AmlCompute" in said["properties.computeType"]
    assert said["resourceGroupName"] == "resourceGroupName is required"


def test_what_is_not_known_yet_is_not_judged(calls: Calls) -> None:
    inputs = {**CPU, "properties": UNKNOWN, "workspaceName": UNKNOWN}
    assert calls.check("machinelearningservices:Compute", inputs) == (markers.Marked(values=inputs), [])


def test_an_open_enum_takes_what_azure_may_add_and_a_closed_one_does_not(calls: Calls) -> None:
    assert calls.check("machinelearningservices:Workspace", {**WS, "publicNetworkAccess": "Sometimes"})[1] == []
    rules = {"kind": "StorageV2", "sku": {"name": "Standard_LRS"}, "resourceGroupName": "rg", "accountName": "a"}
    _, failures = calls.check("storage:StorageAccount", {**rules, "networkRuleSet": {"defaultAction": "Perhaps"}})
    assert [name for name, _ in failures] == ["networkRuleSet.defaultAction"]


def test_a_name_is_kept_or_proposed_or_found(calls: Calls) -> None:
    def named(olds: Values | None = None, mode: str | None = None) -> tuple[str, list[tuple[str, str]]]:
        options = provider_pb2.CheckRequest.AutonamingOptions
        autonaming = options(proposed_name="proposed", mode=options.Mode.Value(mode)) if mode else None
        checked, failures = calls.check("resources:ResourceGroup", {}, olds, autonaming=autonaming)
        return str(checked.values.get("resourceGroupName")), failures

    assert named({"resourceGroupName": "old"}, "PROPOSE")[0] == "old"
    assert named(mode="PROPOSE")[0] == "proposed"
    assert named(mode="ENFORCE")[0] == "proposed"
    assert re.fullmatch("it[0-9a-f]{8}", named()[0])
    assert named() == named()
    assert [name for name, _ in named(mode="DISABLE")[1]] == ["resourceGroupName"]


def test_names_that_azure_fixes_or_wants_as_guids_are_so(calls: Calls) -> None:
    role = {"scope": GROUP, "principalId": "p", "roleDefinitionId": "r"}
    assigned = calls.check("authorization:RoleAssignment", role)[0].values["roleAssignmentName"]
    assert re.fullmatch("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", assigned)
    blobs = {"resourceGroupName": "rg", "accountName": "a"}
    assert calls.check("storage:BlobServiceProperties", blobs)[0].values["blobServicesName"] == "default"


def test_the_stacks_region_is_the_default(calls: Calls) -> None:
    assert calls.check("resources:ResourceGroup", {})[0].values["location"] == "eastus"
    assert calls.check("resources:ResourceGroup", {"location": "westus"})[0].values["location"] == "westus"
    role = {"scope": GROUP, "principalId": "p", "roleDefinitionId": "r", "roleAssignmentName": "n"}
    assert "location" not in calls.check("authorization:RoleAssignment", role)[0].values


# -------------------------------------------------------------------- Diff


@pytest.mark.parametrize(
    ("token", "inputs", "path", "value", "kind"),
    [
        ("Compute", CPU, "properties.properties.scaleSettings.maxNodeCount", 4, _DIFF.UPDATE),
        ("Compute", CPU, "properties.properties.vmSize", "Standard_DS4_v2", _DIFF.UPDATE_REPLACE),
        ("Compute", CPU, "computeName", "gpu", _DIFF.UPDATE_REPLACE),
        ("Compute", CPU, "workspaceName", "other", _DIFF.UPDATE_REPLACE),
        ("Compute", CPU, "location", "westus", _DIFF.UPDATE_REPLACE),
        ("Compute", CPU, "properties.disableLocalAuth", True, _DIFF.ADD_REPLACE),
        ("Compute", CPU, "identity", {"type": "SystemAssigned"}, _DIFF.ADD),
        ("Workspace", WS, "tags.owner", "you", _DIFF.UPDATE),
        ("Workspace", WS, "keyVault", "/v", _DIFF.ADD_REPLACE),
        ("Workspace", WS, "storageAccount", "/s", _DIFF.ADD_REPLACE),
        ("Workspace", WS, "hbiWorkspace", True, _DIFF.ADD_REPLACE),
        ("Workspace", WS, "tags", None, _DIFF.DELETE),
        ("Workspace", WS, "description", UNKNOWN, _DIFF.ADD),
        ("OnlineEndpoint", ENDPOINT, "properties.description", "rain", _DIFF.ADD),
        ("OnlineEndpoint", ENDPOINT, "identity", {"type": "SystemAssigned"}, _DIFF.ADD_REPLACE),
    ],
)
def test_a_change_updates_or_replaces(  # noqa: PLR0917  # a table's columns
    calls: Calls, token: str, inputs: Values, path: str, value: object, kind: int
) -> None:
    found = calls.diff(f"machinelearningservices:{token}", inputs, changed(inputs, path, value))
    replaced = kind in {_DIFF.UPDATE_REPLACE, _DIFF.ADD_REPLACE, _DIFF.DELETE_REPLACE}
    assert {name: each.kind for name, each in found.detailedDiff.items()} == {path: kind}
    assert found.changes == provider_pb2.DiffResponse.DIFF_SOME
    assert (found.deleteBeforeReplace, list(found.replaces)) == (replaced, [path] if replaced else [])


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (CPU, CPU),
        ({**CPU, "location": "East US"}, {**CPU, "location": "eastus"}),
        ({**WS, "keyVault": "/subscriptions/S/providers/V"}, {**WS, "keyVault": "/subscriptions/s/Providers/v"}),
        ({**CPU, "tags": None}, CPU),
    ],
    ids=["the same", "a region's two names", "an id in another case", "null for absent"],
)  # fmt: skip
def test_what_azure_takes_for_one_is_no_change(calls: Calls, old: Values, new: Values) -> None:
    found = calls.diff("machinelearningservices:Workspace", old, new)
    assert (found.changes, list(found.diffs)) == (provider_pb2.DiffResponse.DIFF_NONE, [])


def test_what_a_program_ignores_is_no_change(calls: Calls) -> None:
    new = changed(changed(ENDPOINT, "properties.traffic", {"blue": 100}), "properties.description", "rain")
    found = calls.diff("machinelearningservices:OnlineEndpoint", ENDPOINT, new, ["properties.traffic"])
    assert list(found.diffs) == ["properties.description"]
    assert found.changes == provider_pb2.DiffResponse.DIFF_SOME


@given(st.dictionaries(st.sampled_from(["a", "b.c", "d[e"]), st.text(max_size=3), max_size=3))
def test_equal_inputs_never_differ_and_unequal_tags_always_do(tags: dict[str, str]) -> None:
    kind = served("azure-native:resources:ResourceGroup")
    assert changes(kind, {"tags": tags}, {"tags": dict(tags)}) == ()
    assert len(changes(kind, {"tags": {}}, {"tags": tags})) == len(tags)
