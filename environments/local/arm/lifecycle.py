"""What a request does to a resource: put, get, list, patch, delete and post, the same for every type."""

from __future__ import annotations

import copy
import time
from dataclasses import asdict, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from environments.local import validation
from environments.local.arm import fixed, holders, locks, references, versions
from environments.local.arm.errors import ArmError, conflict, not_found, parent_not_found
from environments.local.arm.identity import Principal
from environments.local.arm.ids import ResourceId
from environments.local.arm.resource_types import Reply, Request
from environments.local.policy import admission

if TYPE_CHECKING:
    from collections.abc import Mapping

    from environments.local.arm.operations import Operation
    from environments.local.arm.resource_types import Body, Context, Resource, ResourceType

_ENVELOPE = ("id", "name", "type", "systemData")
_TOP = 1000


def type_of(context: Context, wanted: str) -> ResourceType:
    """Find a type by its name.  Raises ArmError for one that is not served."""
    found = context.types.get(wanted.lower())
    if found is None:
        namespace, _, rest = wanted.partition("/")
        raise ArmError(
            404,
            "InvalidResourceType",
            f"The resource type '{rest}' could not be found in the namespace '{namespace}': the local environment does"
            " not serve it (environments/local/README.md says how to add one).",
        )
    return found


def get(context: Context, request: Request) -> Reply:
    """Answer one resource."""
    kind = type_of(context, request.id.type)
    return Reply(body=shown(context, kind, existing(context, request.id)))


def existing(context: Context, wanted: ResourceId) -> Resource:
    """Find a resource.  Raises ArmError 404."""
    found = context.store.get(wanted)
    if found is None:
        raise not_found(wanted)
    return found


def shown(context: Context, kind: ResourceType, resource: Resource) -> Body:
    """The resource as it is answered."""
    body = copy.deepcopy(kind.show(context, resource))
    envelope = {
        "id": resource.id.text,
        "name": resource.id.name,
        "type": kind.type,
        "systemData": {
            "createdAt": resource.created.isoformat(),
            "createdBy": resource.created_by,
            "createdByType": "Application",
            "lastModifiedAt": resource.updated.isoformat(),
        },
    }
    return {**envelope, **body}


def list_all(context: Context, request: Request, of_type: str) -> Reply:
    """Answer a collection, whole: `nextLink` is null."""
    kind = type_of(context, of_type)
    if kind.answered is not None:
        return kind.answered(context, request)
    above = versions.holder_of_list(request.id) if kind.versions_of else request.id
    if above.namespace is not None and kind.parents_checked:
        existing(context, above)
    found = kind.listing()(context, request)
    order = request.query.get("$orderBy", request.query.get("orderBy", "")).lower()
    if order.startswith(("createdtime", "createdat", "updatedat")):
        found = sorted(found, key=lambda r: r.created, reverse="desc" in order)
    top = int(request.query.get("$top") or _TOP)
    return Reply(body={"value": [shown(context, kind, resource) for resource in found[:top]], "nextLink": None})


def put(context: Context, request: Request) -> Reply:
    """Create or replace one resource."""
    kind = type_of(context, request.id.type)
    sent = admission.admitted(context, replace(request, body=_own(request.body)))
    answered = partial(_answered, context, kind, request.id)
    body = validation.accepted(context.settings, kind.type, request.api_version, sent, answered)
    return _write(context, kind, replace(request, body=body))


def _answered(context: Context, kind: ResourceType, wanted: ResourceId) -> Body | None:
    found = context.store.get(wanted)
    return shown(context, kind, found) if found else None


def _own(body: Body) -> Body:
    return {key: value for key, value in body.items() if key not in _ENVELOPE}


def put_and_wait(context: Context, request: Request) -> Resource:
    """Create a resource on somebody's behalf and wait for its operation.  Raises ArmError when that fails."""
    put(context, request)
    while (operation := context.operations.active_on(request.id.key)) is not None:
        context.operations.wait(operation.name)
        ended = context.operations.get(operation.name)
        if ended is not None and ended.error is not None:
            raise ArmError(400, ended.error["code"], ended.error["message"])
    return existing(context, request.id)


def patch(context: Context, request: Request) -> Reply:
    """Merge into an existing resource, deeply; null removes."""
    kind = type_of(context, request.id.type)
    before = existing(context, request.id)
    whole = replace(request, body=merged(before.body, _own(request.body)))
    return _write(context, kind, replace(whole, body=admission.admitted(context, whole)), status=200)


def merged(old: Body, new: Body) -> Body:
    """A JSON merge patch (RFC 7396)."""
    kept = dict(old)
    for key, value in new.items():
        if value is None:
            kept.pop(key, None)
        elif isinstance(value, dict):
            inner = kept.get(key)
            kept[key] = merged(inner if isinstance(inner, dict) else {}, value)
        else:
            kept[key] = value
    return kept


def _write(context: Context, kind: ResourceType, request: Request, status: int | None = None) -> Reply:
    operation = None
    with context.store.transaction():
        before = context.store.get(request.id)
        _may_write(context, kind, request, before)
        body = copy.deepcopy(kind.fill(context, _with_defaults(kind, request), before.body if before else None))
        if kind.long_running:
            body["properties"] = {
                **(body.get("properties") or {}),
                "provisioningState": "Updating" if before else "Creating",
            }
        stored = context.store.put(request.id, body, by=request.principal.object_id)
        if kind.versions_of:
            versions.keep_container(context.store, request.id, request.principal.object_id)
        if kind.long_running:
            operation = context.operations.begin(stored.id.text, "put", {"api_version": request.api_version})
        elif kind.made is not None:
            kind.made(context, stored)
            stored = existing(context, stored.id)
    if operation is not None:
        context.operations.submit(operation)
    answer = status or kind.put_status or (200 if before else 201)
    headers = polling(context, operation) if operation else {}
    return Reply(status=answer, body=shown(context, kind, stored), headers=headers)


def _may_write(context: Context, kind: ResourceType, request: Request, before: Resource | None) -> None:
    parent = references.made(request.id.parent) if request.id.parent else None
    if kind.parents_checked and parent is not None and not kind.versions_of and context.store.get(parent) is None:
        raise parent_not_found(request.id)
    if kind.versions_of and context.store.get(versions.holder(request.id)) is None:
        raise parent_not_found(request.id)
    if context.operations.active_on(request.id.key):
        raise conflict(f"Another operation on '{request.id.name}' is in progress; try again when it has ended.")
    if before is not None and kind.immutable is not None:
        _refuse_changes(kind, request, before)
    if kind.references_checked:
        references.check(context, request)
    kind.check(context, _with_defaults(kind, request))
    if before is not None:  # after the type's own rules, whose refusals say more
        fixed.refuse_changes(request, before)


def _refuse_changes(kind: ResourceType, request: Request, before: Resource) -> None:
    assert kind.immutable is not None  # noqa: S101 - asked by the caller
    with_defaults = _with_defaults(kind, request).body.get("properties") or {}
    if kind.immutable(with_defaults) != kind.immutable(before.properties):
        version = f"{request.id.names[-2]}:{request.id.name}"
        raise conflict(
            f"Version {version} already exists and its content cannot be changed; use another version.",
            "AssetVersionImmutable",
        )


def _with_defaults(kind: ResourceType, request: Request) -> Request:
    if not kind.defaults:
        return request
    properties = request.body.get("properties") or {}
    missing = {key: copy.deepcopy(value) for key, value in kind.defaults.items() if properties.get(key) is None}
    return replace(request, body={**request.body, "properties": {**properties, **missing}})


def delete(context: Context, request: Request) -> Reply:
    """Delete one resource and all below it; 204 when there is none."""
    kind = type_of(context, request.id.type)
    found = context.store.get(request.id)
    if found is None:
        return Reply(status=204)
    if context.operations.active_on(request.id.key):
        raise conflict(f"Another operation on '{request.id.name}' is in progress; try again when it has ended.")
    locks.refuse_locked(context, found.id)
    holders.refuse_held(context, found)
    if kind.removable is not None:
        kind.removable(context, found)
    if not (kind.long_running or kind.delete_long_running):
        remove(context, found)
        return Reply(status=200)
    with context.store.transaction():
        _set_state(context, found.id, "Deleting")
        operation = context.operations.begin(found.id.text, "delete", {"api_version": request.api_version})
    context.operations.submit(operation)
    return Reply(status=202, headers=polling(context, operation))


def remove(context: Context, resource: Resource) -> None:
    """Let go of what it and all below it hold, youngest first, then delete them."""
    for each in [*reversed(context.store.below(resource.id)), resource]:
        kind = context.types.get(each.id.type.lower())
        if kind is not None and kind.removing is not None:
            kind.removing(context, each)
    with context.store.transaction():
        context.store.delete(resource.id)
        kind = context.types.get(resource.id.type.lower())
        if kind is not None and kind.versions_of:
            versions.keep_container(context.store, resource.id, "")


def post(context: Context, request: Request, action: str) -> Reply:
    """Do an action of a resource's type."""
    kind = type_of(context, request.id.type)
    found = kind.actions.get(action.lower())
    if found is None:
        raise ArmError(
            404,
            "InvalidResourceAction",
            f"The action '{action}' of '{kind.type}' is not served by the local environment.",
        )
    if not found.on_missing:
        existing(context, request.id)
    reply = found.run(context, request)
    if found.later is None:
        return reply
    kept = {**asdict(request), "id": request.id.text, "query": dict(request.query)}
    with context.store.transaction():
        operation = context.operations.begin(request.id.text, action.lower(), kept)
    context.operations.submit(operation)
    return Reply(status=202, headers=polling(context, operation))


def do(context: Context, operation: Operation) -> None:
    """The long part of an operation, in a worker thread.  Raises ArmError when it fails."""
    target = ResourceId(operation.target)
    kind = type_of(context, target.type)
    found = context.store.get(target)
    if operation.method == "put" and found is not None:
        _finish_put(context, kind, found)
    elif operation.method == "delete" and found is not None:
        _finish_delete(context, found)
    elif operation.method not in {"put", "delete"}:
        later = kind.actions[operation.method].later
        assert later is not None  # noqa: S101 - only such actions become operations
        later(context, _again(target, operation.request))


def _finish_put(context: Context, kind: ResourceType, found: Resource) -> None:
    try:
        context.faults.before_operation("put", found.id, context.operations.stopping)
        if kind.made is not None:
            kind.made(context, found)
    except Exception:
        _set_state(context, found.id, "Failed")
        raise
    _set_state(context, found.id, "Succeeded")


def _finish_delete(context: Context, found: Resource) -> None:
    try:
        context.faults.before_operation("delete", found.id, context.operations.stopping)
        remove(context, found)
    except Exception:
        _set_state(context, found.id, "Failed")
        raise


def _again(target: ResourceId, kept: Mapping[str, Any]) -> Request:
    return Request(
        id=target,
        api_version=kept["api_version"],
        body=kept["body"],
        query=kept["query"],
        principal=Principal(**kept["principal"]),
    )


def _set_state(context: Context, target: ResourceId, state: str) -> None:
    context.store.update(
        target, lambda body: {**body, "properties": {**(body.get("properties") or {}), "provisioningState": state}}
    )


def polling(context: Context, operation: Operation) -> dict[str, str]:
    """The headers that send the caller to the operation."""
    target = ResourceId(operation.target)
    version = operation.request.get("api_version", "")
    where = f"/subscriptions/{target.subscription or context.settings.subscription}/providers/{target.namespace}"
    base = f"https://management.azure.com{where or ''}/locations/{context.settings.region}"
    return {
        "Azure-AsyncOperation": f"{base}/mfeOperationsStatus/{operation.name}?api-version={version}",
        "Location": f"{base}/mfeOperationResults/{operation.name}?api-version={version}",
        "retry-after-ms": str(_retry_after_ms(time.time() - operation.started)),
    }


def _retry_after_ms(passed: float) -> int:
    """A fifth of the time that the operation has taken so far: what is quick is seen at once."""
    return int(min(_LONGEST_WAIT_MS, max(_SHORTEST_WAIT_MS, passed * 200)))


_SHORTEST_WAIT_MS, _LONGEST_WAIT_MS = 20, 1000
