"""The run-history plane: what the SDK asks to stream, download, list children and describe a job anew."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from environments.local.arm.errors import ArmError
from environments.local.arm.ids import ResourceId, parse
from environments.local.machine_learning import assets, job_outputs
from environments.local.machine_learning.job_folder import log_addresses
from environments.local.machine_learning.job_state import PARENT, TYPE

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request
    from starlette.routing import BaseRoute

    from environments.local.arm.resource_types import Body, Context, Resource

AUDIENCES = ("https://management.azure.com", "https://management.core.windows.net", "https://ml.azure.com")
_WORKSPACE = (
    "/subscriptions/{subscription}/{groups}/{group}/providers/Microsoft.MachineLearningServices/workspaces/{workspace}"
)
_RUNS = ("/runs/{run}", "/experiments/{experiment}/runs/{run}", "/experimentids/{experiment}/runs/{run}")
_FILES = "uri_file"
_FOLDERS = "uri_folder"
"""What outputs are said to be, models too: the SDK cannot resolve a model's address (1.35.2)."""


def routes(context: Context) -> list[BaseRoute]:
    """Routes of the data plane's host."""

    def route(path: str, answer: Callable[[Context, ResourceId, Request, Body], object], *methods: str) -> Route:
        async def respond(request: Request) -> Response:
            raw = await request.body()
            try:
                check_token(context, request)
                body = json.loads(raw) if raw.strip() else {}
                return JSONResponse(await run_in_threadpool(answer, context, workspace_of(request), request, body))
            except ArmError as error:
                return JSONResponse(error.body(), error.status, headers={"x-ms-error-code": error.code})
            except ValueError as error:
                return JSONResponse({"error": {"code": "BadRequest", "message": str(error)}}, 400)

        return Route(path, respond, methods=list(methods))

    history = "/history/v1.0" + _WORKSPACE
    found: list[BaseRoute] = [
        route(f"{history}/rundata", _run_data, "POST"),
        route(f"/data/v1.0{_WORKSPACE}/dataversion/batchGetResolvedUris", _resolve, "POST"),
    ]
    for run in _RUNS:
        found += [
            route(f"{history}{run}", _get, "GET"),
            route(f"{history}{run}", _modify, "PATCH", "POST", "PUT"),
            route(f"{history}{run}/details", _details, "GET"),
            route(f"{history}{run}/children", _children, "GET"),
            route(f"{history}{run}/serviceinstances/{{node}}", _no_services, "GET"),
        ]
    return found


def check_token(context: Context, request: Request) -> None:
    """Raise ArmError 401 for whoever shows no token of the tenant."""
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    if kind.lower() != "bearer" or not token:
        raise ArmError(401, "AuthenticationFailed", "Authentication failed. The 'Authorization' header is missing.")
    context.identities.read(token, AUDIENCES)


def workspace_of(request: Request) -> ResourceId:
    """The workspace that a data-plane path names."""
    part = request.path_params
    return parse(
        f"/subscriptions/{part['subscription']}/resourceGroups/{part['group']}/providers/{assets.ML}"
        f"/workspaces/{part['workspace']}"
    )


def _job(context: Context, workspace: ResourceId, name: str) -> Resource:
    found = context.store.get(workspace.child("jobs", name))
    if found is None:
        raise ArmError(404, "UserError", f"RunId {name} not found.")
    return found


def _get(context: Context, workspace: ResourceId, request: Request, _body: Body) -> Body:
    return as_run(context, _job(context, workspace, request.path_params["run"]))


def as_run(context: Context, job: Resource) -> Body:
    """A job in the history's own form."""
    properties = job.properties
    parent = job.body.get(PARENT)
    compute = str(properties.get("computeId") or "").rsplit("/", 1)[-1]
    return {
        "runId": job.id.name,
        "runUuid": job.id.name,
        "parentRunId": parent,
        "rootRunId": parent or job.id.name,
        "experimentId": properties.get("experimentName") or "Default",
        "displayName": properties.get("displayName"),
        "name": properties.get("displayName"),
        "description": properties.get("description"),
        "status": properties.get("status"),
        "startTimeUtc": properties.get("startTimeUtc"),
        "endTimeUtc": properties.get("endTimeUtc"),
        "createdUtc": job.created.isoformat(),
        "lastModifiedUtc": job.updated.isoformat(),
        "createdBy": {"userObjectId": job.created_by, "userName": job.created_by},
        "runType": {"pipeline": "azureml.PipelineRun", "sweep": "azureml.HyperDriveRun"}.get(
            str(properties.get("jobType", "")).lower(), "azureml.StepRun" if parent else "azureml.commandjob"
        ),
        "tags": properties.get("tags") or {},
        "properties": properties.get("properties") or {},
        "hidden": bool(properties.get("isArchived")),
        "compute": {"target": compute} if compute else None,
        "error": _error(properties),
        "outputs": _outputs(context, job),
        "services": {},
    }


def _error(properties: Body) -> Body | None:
    error = properties.get("error")
    return {"error": {**error, "details": []}} if error else None


def _details(context: Context, workspace: ResourceId, request: Request, _body: Body) -> Body:
    job = _job(context, workspace, request.path_params["run"])
    properties = job.properties
    return {
        "runId": job.id.name,
        "target": str(properties.get("computeId") or "").rsplit("/", 1)[-1] or None,
        "status": properties.get("status"),
        "startTimeUtc": properties.get("startTimeUtc"),
        "endTimeUtc": properties.get("endTimeUtc"),
        "error": _error(properties),
        "warnings": [],
        "properties": properties.get("properties") or {},
        "logFiles": log_addresses(context, job.id),
    }


def _run_data(context: Context, workspace: ResourceId, _request: Request, body: Body) -> Body:
    run = as_run(context, _job(context, workspace, str(body.get("runId") or "")))
    return {"runMetadata": run, "runDefinition": None, "jobSpecification": None}


def _outputs(context: Context, job: Resource) -> Body:
    """Named outputs that lie elsewhere than where the SDK looks by itself."""
    workspace = job.id.parent
    assert workspace is not None  # noqa: S101 - a job lies in a workspace
    found: Body = {}
    for name, given in (job.properties.get("outputs") or {}).items():
        if name == "default" or not given:
            continue
        kind = _FILES if str(given.get("jobOutputType", "")).lower() == _FILES else _FOLDERS
        uri = job_outputs.address(workspace, job.id.name, name, given)
        try:
            assets.locate(context, workspace, uri)
        except ArmError:
            continue
        found[name] = {"assetId": uri, "type": kind}
    return found


def _resolve(context: Context, workspace: ResourceId, _request: Request, body: Body) -> Body:
    """Asset ids -> where their content lies, in the long form that the SDK can download."""
    values: Body = {}
    for asset in body.get("values") or []:
        location = assets.locate(context, workspace, str(asset))
        store = _store_of(context, workspace, location.account, location.container)
        base = f"azureml://subscriptions/{workspace.subscription}/resourcegroups/{workspace.resource_group}"
        uri = f"{base}/workspaces/{workspace.name}/datastores/{store}/paths/{location.path}"
        values[str(asset)] = {"uri": uri, "path": uri, "type": _FOLDERS}
    return {"values": values}


def _store_of(context: Context, workspace: ResourceId, account: str, container: str) -> str:
    for store in context.store.children(workspace, f"{assets.ML}/workspaces/datastores"):
        if (store.properties.get("accountName"), store.properties.get("containerName")) == (account, container):
            return store.id.name
    raise ArmError(400, "UserError", f"no datastore holds container {container} of {account}.")


def _children(context: Context, workspace: ResourceId, request: Request, _body: Body) -> Body:
    name = request.path_params["run"]
    _job(context, workspace, name)
    children = [job for job in context.store.children(workspace, TYPE) if job.body.get(PARENT) == name]
    top = int(request.query_params.get("$top") or 1000)
    return {"value": [as_run(context, job) for job in children[:top]], "nextLink": None}


def _modify(context: Context, workspace: ResourceId, request: Request, body: Body) -> Body:
    job = _job(context, workspace, request.path_params["run"])

    def change(stored: Body) -> Body:
        properties = dict(stored.get("properties") or {})
        for source, target in (("displayName", "displayName"), ("description", "description")):
            if body.get(source) is not None:
                properties[target] = body[source]
        for name in ("tags", "properties"):
            properties[name] = {**(properties.get(name) or {}), **(body.get(name) or {})}
        if body.get("hidden") is not None:
            properties["isArchived"] = bool(body["hidden"])
        return {**stored, "properties": properties}

    changed = context.store.update(job.id, change)
    return as_run(context, changed or job)


def _no_services(_context: Context, _workspace: ResourceId, _request: Request, _body: Body) -> Any:  # noqa: ANN401
    return {"instances": {}}
