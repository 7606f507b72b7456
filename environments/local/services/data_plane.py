"""The region's data plane as far as it is about resources: discovery, and a registry's own plane."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from environments.local.arm import routing
from environments.local.arm.errors import ArmError
from environments.local.arm.ids import ResourceId, parse
from environments.local.arm.resource_types import Reply
from environments.local.services import ml_assets, ml_registries
from environments.local.settings import api

if TYPE_CHECKING:
    from environments.local.arm.resource_types import Context, Request

_PLANE = "mferp/managementfrontend"
_TAIL = 4


def answer(context: Context, method: str, request: Request, region: str) -> Reply:
    """Answer one request.  Raises ArmError."""
    path = request.id.text.strip("/")
    lowered = path.lower()
    if lowered.startswith("discovery"):
        return Reply(body={"api": api(region), "history": api(region)})
    if lowered.startswith("registrymanagement/"):
        parts = path.split("/")
        if parts[-1].lower() != "discovery" or len(parts) != _TAIL + 1:
            raise ArmError(404, "NotFound", f"'{path}' is not served by the local environment.")
        return Reply(body=ml_registries.discovery(context, parts[3]))
    inner = replace(request, id=parse(path[len(_PLANE) :]))
    segments = inner.id.segments
    special = segments[-_TAIL].lower() if len(segments) > _TAIL else ""
    registry = ResourceId("/" + "/".join(segments[:-_TAIL]))
    if special == "tempdatarefs" and method == "PUT":
        return ml_assets.upload_place(context, ml_registries.at(registry, inner))
    if special == "datarefs" and method == "POST":
        return ml_registries.reference(context, ml_registries.at(registry, inner))
    return routing.answer(context, method, inner)
