from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from environments.local.arm.errors import ArmError
from environments.local.arm.faults import Fault
from environments.local.arm.resource_types import Action, Context, Reply, Request, Resource, ResourceType
from tests.environments.local.arm.manager import BOX, GROUP, Manager, manager

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

RELEASED: list[str] = []


def _release(_context: Context, resource: Resource) -> None:
    RELEASED.append(resource.id.name)


def _keys(_context: Context, _request: Request) -> Reply:
    return Reply(body={"key": "k"})


TYPES = (
    ResourceType(type=BOX, removing=_release, actions={"listkeys": Action(run=_keys)}, defaults={"size": 1}),
    ResourceType(type=f"{BOX}/items", removing=_release),
    ResourceType(type=f"{BOX.split('/', 1)[0]}/notes"),
    ResourceType(type=f"{BOX}/models"),
    ResourceType(
        type=f"{BOX}/models/versions",
        versions_of=f"{BOX}/models",
        immutable=lambda properties: properties.get("uri"),
    ),
)


@pytest.fixture
def arm(tmp_path: Path) -> Iterator[Manager]:
    RELEASED.clear()
    with manager(tmp_path, *TYPES) as found:
        yield found


def refused(arm: Manager, method: str, path: str, body: dict[str, Any] | None = None) -> tuple[int, str]:
    with pytest.raises(ArmError) as caught:
        arm.ask(method, path, body)
    return caught.value.status, caught.value.code


def test_a_new_resource_answers_201_and_a_known_one_200_with_the_whole_body(arm: Manager) -> None:
    first = arm.ask("PUT", f"{BOX}/B", {"location": "eastus", "properties": {"a": 1}, "id": "ignored"})
    assert first.status == 201
    again = arm.ask("PUT", f"{BOX.lower()}/b", {"location": "eastus", "properties": {"b": 2}})
    assert again.status == 200
    body = dict(again.body)
    assert set(body.pop("systemData")) == {"createdAt", "createdBy", "createdByType", "lastModifiedAt"}
    assert body == {
        "id": f"{GROUP}/providers/{BOX}/B",
        "name": "B",
        "type": BOX,
        "location": "eastus",
        "properties": {"b": 2, "size": 1},
    }


def test_an_unknown_type_action_and_method_are_refused(arm: Manager) -> None:
    arm.ask("PUT", f"{BOX}/B", {})
    assert refused(arm, "PUT", "Microsoft.Test/crates/C", {}) == (404, "InvalidResourceType")
    assert refused(arm, "GET", "Microsoft.Test/crates") == (404, "InvalidResourceType")
    assert refused(arm, "POST", f"{BOX}/B/explode") == (404, "InvalidResourceAction")
    assert refused(arm, "PUT", BOX, {}) == (405, "MethodNotAllowed")


def test_a_parent_must_exist_to_put_and_to_list(arm: Manager) -> None:
    assert refused(arm, "PUT", f"{BOX}/none/items/I", {}) == (404, "ParentResourceNotFound")
    assert refused(arm, "GET", f"{BOX}/none/items") == (404, "ResourceNotFound")
    gone = GROUP.replace("/G", "/none")
    assert refused(arm, "PUT", f"{gone}/providers/{BOX}/B", {}) == (404, "ResourceGroupNotFound")


def test_what_azure_has_of_itself_needs_not_be_made_before_what_lies_in_it(arm: Manager) -> None:
    item = "queueServices/default/providers/Test.Boxes/notes/N".replace("Test.Boxes", BOX.split("/", 1)[0])
    assert refused(arm, "PUT", f"{BOX}/none/{item}", {}) == (404, "ParentResourceNotFound")
    arm.ask("PUT", f"{BOX}/B", {"location": "eastus"})
    assert arm.ask("PUT", f"{BOX}/B/{item}", {}).status == 201


def test_an_action_needs_its_resource(arm: Manager) -> None:
    assert refused(arm, "POST", f"{BOX}/B/listKeys") == (404, "ResourceNotFound")
    arm.ask("PUT", f"{BOX}/B", {})
    assert arm.ask("POST", f"{BOX}/B/listKeys").body == {"key": "k"}


def test_a_patch_merges_deeply_and_null_removes(arm: Manager) -> None:
    arm.ask("PUT", f"{BOX}/B", {"tags": {"a": "1", "b": "2"}, "properties": {"x": {"y": 1, "z": 2}, "size": 3}})
    reply = arm.ask("PATCH", f"{BOX}/B", {"tags": {"a": None, "c": "3"}, "properties": {"x": {"z": 5}}})
    assert (reply.status, reply.body["tags"], reply.body["properties"]) == (
        200,
        {"b": "2", "c": "3"},
        {"x": {"y": 1, "z": 5}, "size": 3},
    )
    assert refused(arm, "PATCH", f"{BOX}/none", {}) == (404, "ResourceNotFound")


def test_a_deletion_releases_what_lies_below_first_and_answers_204_the_second_time(arm: Manager) -> None:
    for path in (f"{BOX}/B", f"{BOX}/B/items/I", f"{BOX}/B/items/J"):
        arm.ask("PUT", path, {})
    assert (arm.ask("DELETE", f"{BOX}/B").status, RELEASED) == (200, ["J", "I", "B"])
    assert (arm.ask("DELETE", f"{BOX}/B").status, refused(arm, "GET", f"{BOX}/B/items/I")[0]) == (204, 404)


def test_deleting_the_group_releases_all_that_is_in_it(arm: Manager) -> None:
    arm.ask("PUT", f"{BOX}/B", {})
    arm.ask("PUT", f"{BOX}/B/items/I", {})
    reply = arm.ask("DELETE", GROUP)
    assert (reply.status, arm.ended(reply)["status"], RELEASED) == (202, "Succeeded", ["I", "B"])
    assert refused(arm, "GET", GROUP)[0] == 404


def test_a_lock_above_or_below_keeps_a_resource_until_the_lock_is_gone(arm: Manager) -> None:
    arm.ask("PUT", f"{BOX}/B", {})
    lock = f"{BOX}/B/providers/Microsoft.Authorization/locks/L"
    arm.ask("PUT", lock, {"properties": {"level": "CanNotDelete"}})
    assert refused(arm, "DELETE", f"{BOX}/B") == (409, "ScopeLocked")
    assert refused(arm, "DELETE", GROUP) == (409, "ScopeLocked")
    assert arm.ask("DELETE", lock).status == 200
    assert arm.ask("DELETE", f"{BOX}/B").status == 200


def test_a_subscription_lists_what_lies_in_all_its_groups(arm: Manager) -> None:
    other = GROUP.replace("/G", "/H")
    arm.ask("PUT", other, {"location": "eastus"})
    for path in (f"{BOX}/B", f"{other}/providers/{BOX}/C"):
        arm.ask("PUT", path, {})
    subscription = GROUP.partition("/resourceGroups")[0]

    def names(where: str) -> list[str]:
        return [each["name"] for each in arm.ask("GET", f"{where}/providers/{BOX}").body["value"]]

    assert (names(subscription), names(GROUP), names(other)) == (["B", "C"], ["B"], ["C"])


def test_a_container_counts_its_versions(arm: Manager) -> None:
    arm.ask("PUT", f"{BOX}/B", {})
    for version in ("1", "7", "dev"):
        arm.ask("PUT", f"{BOX}/B/models/M/versions/{version}", {"properties": {"uri": "u"}})
    container = arm.ask("GET", f"{BOX}/B/models/M").body["properties"]
    assert (container["latestVersion"], container["nextVersion"]) == ("dev", "8")
    arm.ask("DELETE", f"{BOX}/B/models/M/versions/dev")
    assert arm.ask("GET", f"{BOX}/B/models/M").body["properties"]["latestVersion"] == "7"
    newest = arm.ask("GET", f"{BOX}/B/models/M/versions", _top="1", _orderBy="createdtime desc").body["value"]
    assert [each["name"] for each in newest] == ["7"]


def test_an_unknown_container_has_no_versions_which_is_no_error(arm: Manager) -> None:
    arm.ask("PUT", f"{BOX}/B", {})
    assert arm.ask("GET", f"{BOX}/B/models/none/versions").body["value"] == []
    assert refused(arm, "GET", f"{BOX}/none/models/M/versions")[0] == 404


def test_a_versions_content_never_changes_but_its_tags_may(arm: Manager) -> None:
    arm.ask("PUT", f"{BOX}/B", {})
    path = f"{BOX}/B/models/M/versions/1"
    arm.ask("PUT", path, {"properties": {"uri": "u", "tags": {}}})
    assert refused(arm, "PUT", path, {"properties": {"uri": "other"}}) == (409, "AssetVersionImmutable")
    assert arm.ask("PUT", path, {"properties": {"uri": "u", "tags": {"a": "b"}}}).status == 200
    assert arm.ask("GET", path).body["properties"] == {"uri": "u", "tags": {"a": "b"}}


@pytest.mark.parametrize("prefix", ["", "azureml:"])
def test_an_id_in_a_body_must_be_that_of_something(arm: Manager, prefix: str) -> None:
    wanted = f"{prefix}{GROUP}/providers/{BOX}/other"
    body = {"properties": {"deep": [{"ref": wanted}]}}
    assert refused(arm, "PUT", f"{BOX}/B", body) == (400, "InvalidResourceReference")
    arm.ask("PUT", f"{BOX}/other", {})
    assert arm.ask("PUT", f"{BOX}/B", body).status == 201


def test_ordered_faults_happen_once_each_to_the_request_they_name(arm: Manager) -> None:
    arm.context.faults.order(Fault(kind="throttle", pattern="PUT .*/boxes/B", times=2, seconds=0))
    for _ in range(2):
        assert refused(arm, "PUT", f"{BOX}/B", {}) == (429, "TooManyRequests")
    assert arm.ask("PUT", f"{BOX}/A", {}).status == 201
    assert arm.ask("PUT", f"{BOX}/B", {}).status == 201
    arm.context.faults.order(Fault(kind="error", pattern="GET"))
    assert refused(arm, "GET", f"{BOX}/B") == (503, "ServiceUnavailable")


def test_a_full_disk_answers_507_in_azures_shape(arm: Manager) -> None:
    database = arm.context.store._db
    database.execute(f"PRAGMA max_page_count = {database.execute('PRAGMA page_count').fetchone()[0]}")
    with pytest.raises(ArmError, match="disk is full") as caught:
        arm.ask("PUT", f"{BOX}/B", {"properties": {"big": "x" * 1_000_000}})
    assert (caught.value.status, caught.value.code) == (507, "InsufficientStorage")
    assert refused(arm, "GET", f"{BOX}/B")[0] == 404
