"""Computes: clusters that scale from and to nothing, and instances that are started and stopped."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from environments.local.arm.errors import ArmError, invalid
from environments.local.arm.resource_types import Action, Reply, ResourceType
from environments.local.services import limits
from environments.local.services.identities import with_identity
from environments.local.services.uris import WORKSPACE

if TYPE_CHECKING:
    from environments.local.arm.resource_types import Body, Context, Request

COMPUTE = f"{WORKSPACE}/computes"
_LEAST, _MOST = 2, 32


def _check(context: Context, request: Request) -> None:
    name = request.id.name
    if not _LEAST <= len(name) <= _MOST or not all(c.isalnum() or c == "-" for c in name) or not name[0].isalpha():
        raise ArmError(
            400,
            "InvalidComputeName",
            f"The compute name '{name}' is invalid: {_LEAST} to {_MOST} letters, digits and dashes, a letter first.",
        )
    properties = request.body.get("properties") or {}
    inner = properties.get("properties") or {}
    scale = inner.get("scaleSettings") or {}
    if properties.get("computeType") == "AmlCompute":
        low, high = int(scale.get("minNodeCount") or 0), scale.get("maxNodeCount")
        if high is None or low > int(high):
            raise invalid(f"minNodeCount ({low}) must not be above maxNodeCount ({high}).")
    before = context.store.get(request.id)
    old = ((before.properties if before else {}).get("properties") or {}).get("vmSize")
    if old and str(inner.get("vmSize")).lower() != str(old).lower():
        raise ArmError(400, "BadRequest", f"The VM size of '{name}' cannot be changed ({old}).")
    region = properties.get("computeLocation") or request.body.get("location") or context.settings.region
    limits.check_compute(context, request, limits.plain(str(region)))


def _fill(context: Context, request: Request, existing: Body | None) -> Body:
    body = with_identity(context, request, existing)
    properties = dict(body.get("properties") or {})
    before = ((existing or {}).get("properties") or {}).get("properties") or {}
    inner = dict(properties.get("properties") or {})
    now = datetime.now(UTC).isoformat()
    if properties.get("computeType") == "AmlCompute":
        inner = {
            "osType": "Linux",
            "vmPriority": "Dedicated",
            "remoteLoginPortPublicAccess": "NotSpecified",
            "isolatedNetwork": False,
            "enableNodePublicIp": True,
            **inner,
            "allocationState": "Steady",
            "allocationStateTransitionTime": now,
            "currentNodeCount": before.get("currentNodeCount", 0),
            "targetNodeCount": before.get("targetNodeCount", 0),
            "nodeStateCounts": {"idleNodeCount": 0, "runningNodeCount": 0, "preparingNodeCount": 0},
            "errors": [],
        }
        inner["scaleSettings"] = {"minNodeCount": 0, "nodeIdleTimeBeforeScaleDown": "PT120S", **inner["scaleSettings"]}
    elif properties.get("computeType") == "ComputeInstance":
        inner = {**inner, "state": before.get("state", "Running"), "applications": [], "errors": []}
    filled = {
        "computeLocation": body.get("location") or context.settings.region,
        "createdOn": now,
        "modifiedOn": now,
        "disableLocalAuth": True,
        "isAttachedCompute": False,
        "provisioningErrors": None,
        **properties,
        "properties": inner,
    }
    return {"location": context.settings.region, **body, "properties": filled}


def _turn(state: str) -> Action:
    def check(context: Context, request: Request) -> Reply:
        found = context.store.get(request.id)
        if found is None:
            raise ArmError(404, "ResourceNotFound", f"The compute '{request.id.name}' does not exist.")
        if found.properties.get("computeType") != "ComputeInstance":
            raise ArmError(
                400, "BadRequest", f"'{request.id.name}' is no compute instance: it starts and stops itself."
            )
        return Reply(status=202)

    def later(context: Context, request: Request) -> None:
        def turned(body: Body) -> Body:
            properties = body["properties"]
            return {**body, "properties": {**properties, "properties": {**properties["properties"], "state": state}}}

        context.store.update(request.id, turned)

    return Action(run=check, later=later)


def _nodes(_context: Context, _request: Request) -> Reply:
    return Reply(body={"nodes": [], "nextLink": None})


RESOURCE_TYPES = (
    ResourceType(
        type=COMPUTE,
        check=_check,
        fill=_fill,
        long_running=True,
        actions={
            "start": _turn("Running"),
            "stop": _turn("Stopped"),
            "restart": _turn("Running"),
            "listnodes": Action(run=_nodes),
        },
    ),
)
