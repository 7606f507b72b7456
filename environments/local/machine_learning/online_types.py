"""Online endpoints and deployments: what is checked, filled in and answered."""

from __future__ import annotations

import contextlib
import re
import secrets
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from environments.local.arm.errors import ArmError
from environments.local.arm.resource_types import Action, Body, Context, Reply, Request, Resource, ResourceType
from environments.local.machine_learning import assets, runtimes, serving
from environments.local.machine_learning.deployments import DEPLOYMENTS, ENDPOINTS, SECRETS
from environments.local.machine_learning.durations import read_duration
from environments.local.machine_learning.runtime_spec import RuntimeRefusedError
from environments.local.services import limits
from environments.local.services.identities import with_identity

if TYPE_CHECKING:
    from collections.abc import Mapping

_NAME = re.compile(r"^[a-zA-Z][a-zA-Z0-9-]{1,30}[a-zA-Z0-9]$")
_HOST = "{name}.{region}.inference.ml.azure.com"
_ALL = 100
_MOST_MIRRORED = 50
_TOKEN_SECONDS = 3600 * 24


def check_endpoint(context: Context, request: Request) -> None:
    """Refuse a bad name, traffic that does not fit, and a name taken in the region.  Raises ArmError."""
    check_name("endpoint", request.id.name)
    for other in context.store.of_type(ENDPOINTS):
        if other.id.name.lower() == request.id.name.lower() and other.id.key != request.id.key:
            raise ArmError(400, "BadArgument", f"endpoint name {request.id.name} is taken in this region.")
    properties = request.body.get("properties") or {}
    mode = str(properties.get("authMode") or "").lower()
    if mode not in {"key", "amltoken", "aadtoken"}:
        raise ArmError(
            400, "BadArgument", f"authMode {properties.get('authMode')}: allowed are Key, AMLToken, AADToken."
        )
    existing = {d.id.name.lower() for d in context.store.children(request.id, DEPLOYMENTS)}
    traffic = properties.get("traffic") or {}
    mirror = properties.get("mirrorTraffic") or {}
    _check_shares("traffic", traffic, existing)
    _check_shares("mirror traffic", mirror, existing)
    if sum(traffic.values()) not in {0, _ALL}:
        raise ArmError(400, "BadArgument", f"the traffic adds up to {sum(traffic.values())}; it must be 0 or 100.")
    if len([share for share in mirror.values() if share]) > 1 or sum(mirror.values()) > _MOST_MIRRORED:
        raise ArmError(400, "BadArgument", "at most 50 percent can be mirrored, to one deployment.")
    live = {name.lower() for name, share in traffic.items() if share}
    if both := sorted(live & {name.lower() for name, share in mirror.items() if share}):
        raise ArmError(400, "BadArgument", f"deployment {both[0]} cannot get live and mirrored traffic at once.")


def check_name(what: str, name: str) -> None:
    """Raise ArmError for a name that Azure does not take."""
    if not _NAME.match(name):
        raise ArmError(
            400, "BadArgument", f"{what} name {name}: 3 to 32 letters, digits and dashes, beginning with a letter."
        )


def _check_shares(what: str, shares: Mapping[str, int], existing: set[str]) -> None:
    for name, share in shares.items():
        if name.lower() not in existing:
            raise ArmError(400, "BadArgument", f"{what} names deployment {name}, which the endpoint does not have.")
        if not 0 <= int(share) <= _ALL:
            raise ArmError(400, "BadArgument", f"{what} of {name} is {share}; allowed are 0 to 100.")


def fill_endpoint(context: Context, request: Request, existing: Body | None) -> Body:
    """Write addresses and identity; traffic that is not mentioned stays as it is; keys are kept apart."""
    given = dict(request.body.get("properties") or {})
    before = (existing or {}).get("properties") or {}
    keys = given.pop("keys", None) or {}
    if context.store.document(SECRETS, request.id.key) is None or existing is None:
        made = {"primaryKey": _new_key(), "secondaryKey": _new_key(), **{k: v for k, v in keys.items() if v}}
        context.store.put_document(SECRETS, request.id.key, made)
    region = str(request.body.get("location") or context.settings.region).replace(" ", "").lower()
    host = _HOST.format(name=request.id.name.lower(), region=region)
    properties = {
        **given,
        "authMode": given.get("authMode"),
        "properties": given.get("properties") or {},
        "traffic": given["traffic"] if given.get("traffic") is not None else before.get("traffic") or {},
        "mirrorTraffic": (
            given["mirrorTraffic"] if given.get("mirrorTraffic") is not None else before.get("mirrorTraffic") or {}
        ),
        "publicNetworkAccess": given.get("publicNetworkAccess") or "Enabled",
        "scoringUri": f"https://{host}/score",
        "swaggerUri": f"https://{host}/swagger.json",
    }
    identity = request.body.get("identity") or (existing or {}).get("identity") or {"type": "SystemAssigned"}
    body = {"kind": "Managed", **request.body, "location": region, "identity": identity, "properties": properties}
    return with_identity(context, replace(request, body=body), existing)


def _made_endpoint(context: Context, endpoint: Resource) -> None:
    if context.runner is not None:
        context.runner.deployments.refresh(endpoint.id)


def _removing_endpoint(context: Context, endpoint: Resource) -> None:
    context.store.delete_document(SECRETS, endpoint.id.key)
    if context.runner is not None:
        context.runner.deployments.table.pop(endpoint.id.name.lower(), None)


def _existing(context: Context, request: Request) -> Resource:
    found = context.store.get(request.id)
    if found is None:
        raise ArmError(404, "ResourceNotFound", f"there is no {request.id.type.rsplit('/', 1)[-1]} {request.id.name}.")
    return found


def list_keys(context: Context, request: Request) -> Reply:
    """Answer the keys; an endpoint with Entra tokens has none."""
    endpoint = _existing(context, request)
    if str(endpoint.properties.get("authMode", "")).lower() == "aadtoken":
        raise ArmError(400, "BadArgument", f"endpoint {request.id.name} takes Entra tokens: it has no keys.")
    return Reply(body=context.store.document(SECRETS, request.id.key) or {})


def _regenerate(context: Context, request: Request) -> None:
    _existing(context, request)
    which = f"{str(request.body.get('keyType') or 'Primary').lower()}Key"
    kept = context.store.document(SECRETS, request.id.key) or {}
    context.store.put_document(SECRETS, request.id.key, {**kept, which: _new_key()})
    if context.runner is not None:
        context.runner.deployments.refresh(request.id)


def _token(context: Context, request: Request) -> Reply:
    endpoint = _existing(context, request)
    if str(endpoint.properties.get("authMode", "")).lower() != "amltoken":
        raise ArmError(400, "BadArgument", f"endpoint {request.id.name} does not take tokens of its own.")
    token = context.identities.issue(request.principal, f"endpoint:{endpoint.id.key}", _TOKEN_SECONDS)
    now = int(time.time())
    return Reply(
        body={
            "accessToken": token,
            "tokenType": "Bearer",
            "expiryTimeUtc": now + _TOKEN_SECONDS,
            "refreshAfterTimeUtc": now + _TOKEN_SECONDS // 2,
        }
    )


def check_deployment(context: Context, request: Request) -> None:
    """Refuse a deployment whose references point at nothing.  Raises ArmError."""
    check_name("deployment", request.id.name)
    endpoint = request.id.parent
    workspace = endpoint.parent if endpoint else None
    assert endpoint is not None and workspace is not None  # noqa: S101, PT018 - a deployment lies in both
    properties = request.body.get("properties") or {}
    kind = str(properties.get("endpointComputeType") or "Managed").lower()
    if kind not in {"managed", "kubernetes"}:
        raise ArmError(400, "BadArgument", f"endpointComputeType {properties.get('endpointComputeType')} is not known.")
    if model := properties.get("model"):
        assets.exists(context, workspace, str(model), ("models",))
    if code := (properties.get("codeConfiguration") or {}).get("codeId"):
        assets.exists(context, workspace, str(code), ("codes",))
    if environment := properties.get("environmentId"):
        with contextlib.suppress(RuntimeRefusedError):  # found when it is built, as in Azure
            runtimes.spec_of(context, workspace, str(environment))
    for given in ((properties.get("dataCollector") or {}).get("collections") or {}).values():
        if given.get("dataId"):
            assets.exists(context, workspace, str(given["dataId"]), ("data",))
    holder = context.store.get(endpoint)
    region = (holder.body.get("location") if holder else None) or context.settings.region
    limits.check_deployment(context, request, limits.plain(str(region)))
    try:
        read_duration((properties.get("requestSettings") or {}).get("requestTimeout"), 5)
    except ValueError as error:
        raise ArmError(400, "BadArgument", str(error)) from error


def fill_deployment(context: Context, request: Request, existing: Body | None) -> Body:
    """Write what Azure fills in."""
    given = request.body.get("properties") or {}
    endpoint = context.store.get(request.id.parent) if request.id.parent else None
    kind = given.get("endpointComputeType") or "Managed"
    sku = request.body.get("sku") or (existing or {}).get("sku") or {"name": "Default", "capacity": 1}
    return {
        "kind": kind,
        **request.body,
        "location": request.body.get("location") or (endpoint.body.get("location") if endpoint else None),
        "sku": {"name": "Default", "capacity": 1, **sku},
        "properties": {
            "appInsightsEnabled": False,
            "egressPublicNetworkAccess": "Enabled",
            "environmentVariables": {},
            "properties": {},
            **given,
            "endpointComputeType": kind,
            "instanceType": given.get("instanceType") or "Standard_DS3_v2",
            "scaleSettings": given.get("scaleSettings") or {"scaleType": "Default"},
            "requestSettings": {
                "requestTimeout": "PT5S",
                "maxConcurrentRequestsPerInstance": 1,
                "maxQueueWait": "PT0.5S",
                **(given.get("requestSettings") or {}),
            },
        },
    }


def _made_deployment(context: Context, deployment: Resource) -> None:
    context.runner.deployments.deploy(deployment)


def _removing_deployment(context: Context, deployment: Resource) -> None:
    if context.runner is not None:
        context.runner.deployments.remove(deployment)


def _removable_deployment(context: Context, deployment: Resource) -> None:
    endpoint = context.store.get(deployment.id.parent) if deployment.id.parent else None
    traffic = (endpoint.properties.get("traffic") or {}) if endpoint else {}
    share = {name.lower(): value for name, value in traffic.items()}.get(deployment.id.name.lower(), 0)
    if share:
        raise ArmError(
            400,
            "BadArgument",
            f"deployment {deployment.id.name} gets {share} percent of the traffic and cannot be deleted; "
            "set its traffic to 0 first.",
        )


def _logs(context: Context, request: Request) -> Reply:
    _existing(context, request)
    kind = str(request.body.get("containerType") or "InferenceServer").lower()
    if kind == "storageinitializer":
        return Reply(body={"content": "Model and code were copied to the deployment's own folder.\n"})
    file = serving.folder_of(context, request.id) / "log.txt"
    lines = file.read_text(errors="replace").splitlines() if file.exists() else []
    tail = int(request.body.get("tail") or 100)
    return Reply(body={"content": "\n".join(lines[-tail:]) + "\n"})


def _accepted(context: Context, request: Request) -> Reply:
    _existing(context, request)
    return Reply(status=202)


def _new_key() -> str:
    return secrets.token_urlsafe(32)


RESOURCE_TYPES = (
    ResourceType(
        type=ENDPOINTS,
        check=check_endpoint,
        fill=fill_endpoint,
        made=_made_endpoint,
        removing=_removing_endpoint,
        long_running=True,
        actions={
            "listkeys": Action(run=list_keys),
            "regeneratekeys": Action(run=_accepted, later=_regenerate),
            "token": Action(run=_token),
        },
    ),
    ResourceType(
        type=DEPLOYMENTS,
        check=check_deployment,
        fill=fill_deployment,
        made=_made_deployment,
        removing=_removing_deployment,
        removable=_removable_deployment,
        long_running=True,
        actions={"getlogs": Action(run=_logs)},
    ),
)
