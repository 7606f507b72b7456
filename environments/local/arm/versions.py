"""Containers of versions: what `latestVersion` and `nextVersion` of an asset say."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from environments.local.arm.ids import ResourceId
    from environments.local.arm.store import Body, Resource, Store


def holder(version: ResourceId) -> ResourceId:
    """The workspace or registry that `…/models/M/versions/V` lies in."""
    container = version.parent
    found = container.parent if container else None
    if found is None:
        raise ValueError(f"'{version}' is no version")
    return found


def holder_of_list(container: ResourceId) -> ResourceId:
    """What must exist for `…/models/M/versions` to be listed: an unknown M has no versions, which is no error."""
    return container.parent or container


def keep_container(store: Store, version: ResourceId, by: str) -> None:
    """Make the container of a version if it is not there, and count its versions anew; without any, it goes."""
    container = version.parent
    assert container is not None  # noqa: S101 - every version has one
    found = store.children(container, version.type)
    if not found:
        store.delete(container)
        return
    before = store.get(container)
    body: Body = dict(before.body) if before else {}
    properties = {"isArchived": False, "provisioningState": "Succeeded", **(body.get("properties") or {})}
    if "dataType" in found[-1].properties:  # a container of data says what its versions are
        properties.setdefault("dataType", found[-1].properties["dataType"])
    body["properties"] = {**properties, "latestVersion": _latest(found), "nextVersion": _next(found)}
    store.put(container, body, by)


def _latest(found: list[Resource]) -> str:
    """The youngest that is not archived, as Azure has it; the youngest of all if all are."""
    alive = [each for each in found if not each.properties.get("isArchived")] or found
    return max(alive, key=lambda each: each.created).id.name


def _next(found: list[Resource]) -> str:
    numbers = [int(each.id.name) for each in found if each.id.name.isdecimal()]
    return str(max(numbers, default=0) + 1)
