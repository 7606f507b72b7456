"""Batch endpoints and deployments: a request becomes a pipeline job of one step, as in Azure."""

from __future__ import annotations

import json
import shlex
import uuid
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response

from environments.local.arm import lifecycle
from environments.local.arm.errors import ArmError
from environments.local.arm.ids import workspace_of
from environments.local.arm.resource_types import Action, Body, Context, Reply, Request, Resource, ResourceType
from environments.local.machine_learning import assets, batch_driver
from environments.local.machine_learning.command_job import MODEL_FOLDER
from environments.local.machine_learning.job_state import TYPE as JOBS
from environments.local.machine_learning.online_types import check_name
from environments.local.services.identities import with_identity

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request as HttpRequest

    from environments.local.arm.ids import ResourceId
    from environments.local.machine_learning.jobs import Jobs

ENDPOINTS = "Microsoft.MachineLearningServices/workspaces/batchEndpoints"
DEPLOYMENTS = f"{ENDPOINTS}/deployments"
_STEP = "batchscoring"
_REPEATED = "batch requests"
_ENTRA = ("https://ml.azure.com",)


def find(context: Context, name: str) -> Resource | None:
    """Find a batch endpoint by the first label of its host."""
    return next((e for e in context.store.of_type(ENDPOINTS) if e.id.name.lower() == name.lower()), None)


class Batch:
    """Turns requests into jobs."""

    def __init__(self, context: Context, jobs: Jobs) -> None:
        self._context = context
        self._jobs = jobs

    def invoke(self, endpoint: Resource, deployment: str | None, given: Mapping[str, Any], name: str) -> Resource:
        """Start the job of one request.  Raises ArmError."""
        workspace = endpoint.id.parent
        assert workspace is not None  # noqa: S101 - an endpoint lies in a workspace
        wanted = deployment or (endpoint.properties.get("defaults") or {}).get("deploymentName")
        if not wanted:
            raise ArmError(400, "BadArgument", f"batch endpoint {endpoint.id.name} has no default deployment.")
        found = self._context.store.get(endpoint.id.child("deployments", str(wanted)))
        if found is None:
            raise ArmError(404, "ResourceNotFound", f"batch endpoint {endpoint.id.name} has no deployment {wanted}.")
        job = workspace.child("jobs", name)
        request = Request(
            id=job,
            api_version="2024-01-01-preview",
            body={"properties": _job(self._context, workspace, endpoint, found, given)},
            query={},
            principal=self._context.identities.deployer,
        )
        lifecycle.put(self._context, request)
        self._jobs.submit(job)
        made = self._context.store.get(job)
        assert made is not None  # noqa: S101 - just written
        return made

    def invoke_scheduled(self, schedule: Resource, name: str, definition: Body) -> str:
        """Start the job that a schedule's batch action asks for.  Raises ArmError."""
        wanted = str(definition.get("endpointName") or definition.get("endpoint") or "")
        endpoint = find(self._context, wanted.rsplit("/", 1)[-1])
        if endpoint is None:
            raise ArmError(
                404, "ResourceNotFound", f"schedule {schedule.id.name}: there is no batch endpoint {wanted}."
            )
        return self.invoke(endpoint, definition.get("deploymentName"), definition.get("properties") or {}, name).id.name

    async def respond(self, request: HttpRequest, name: str) -> Response:
        """Answer a request to a batch endpoint's own host."""
        raw = await request.body()
        try:
            return await run_in_threadpool(self._answer, request, name, raw)
        except ArmError as error:
            return JSONResponse(error.body(), error.status, headers={"x-ms-error-code": error.code})
        except ValueError as error:
            return JSONResponse({"error": {"code": "BadArgument", "message": str(error)}}, 400)

    def _answer(self, request: HttpRequest, name: str, raw: bytes) -> Response:
        kind, _, token = request.headers.get("authorization", "").partition(" ")
        if kind.lower() != "bearer" or not token:
            raise ArmError(401, "Unauthorized", "the request shows no token.")
        self._context.identities.read(token, _ENTRA)
        endpoint = find(self._context, name)
        if endpoint is None:
            raise ArmError(404, "EndpointNotFound", f"there is no endpoint {name}.")
        workspace = endpoint.id.parent
        assert workspace is not None  # noqa: S101 - an endpoint lies in a workspace
        if request.method == "GET":
            asked = request.url.path.rstrip("/").rsplit("/", 1)[-1]
            job = self._context.store.get(workspace.child("jobs", asked))
            if job is None:
                raise ArmError(404, "ResourceNotFound", f"there is no job {asked}.")
            return JSONResponse(_shown(endpoint, job))
        repeated = request.headers.get("repeatability_request-id", "")
        kept = self._context.store.document(_REPEATED, repeated) if repeated else None
        properties = (json.loads(raw) if raw.strip() else {}).get("properties") or {}
        wanted = str(kept["job"]) if kept else str(properties.get("name") or uuid.uuid4())
        if kept is None and self._context.store.get(workspace.child("jobs", wanted)) is not None:
            raise ArmError(409, "JobAlreadyExists", f"there is a job {wanted} already: ask without a name, or another.")
        if repeated and kept is None:
            self._context.store.put_document(_REPEATED, repeated, {"job": wanted})
        job = self._context.store.get(workspace.child("jobs", wanted))
        if job is None:
            deployment = request.headers.get("azureml-model-deployment")
            job = self.invoke(endpoint, deployment, properties, wanted)
        return JSONResponse(_shown(endpoint, job), 201 if kept is None else 200)


def _shown(endpoint: Resource, job: Resource) -> Body:
    return {
        "id": job.id.text,
        "name": job.id.name,
        "type": f"{ENDPOINTS}/jobs",
        "properties": {
            "status": job.properties.get("status"),
            "name": job.properties.get("displayName"),
            "compute": {},
            "properties": {},
            "interactionEndpoints": job.properties.get("services") or {},
            "endpoint": endpoint.id.name,
        },
    }


def _job(
    context: Context, workspace: ResourceId, endpoint: Resource, deployment: Resource, given: Mapping[str, Any]
) -> Body:
    properties = deployment.properties
    common = {
        "jobType": "Pipeline",
        "displayName": f"{endpoint.id.name}-{deployment.id.name}",
        "experimentName": (given.get("properties") or {}).get("experimentName") or endpoint.id.name,
        "properties": {"azureml.endpointname": endpoint.id.name, "azureml.deploymentname": deployment.id.name},
    }
    configuration = properties.get("deploymentConfiguration") or {}
    if str(configuration.get("deploymentConfigurationType", "")).lower() == "pipelinecomponent":
        return {**common, **_component_job(context, workspace, configuration, given)}
    step, inputs = _scoring_step(properties, given)
    step["componentId"] = _component(context, workspace, step["componentId"])
    return {
        **common,
        "tags": {"azureml.batchrun": "true", "azureml.jobtype": "azureml.batchrun"},
        "inputs": inputs,
        "outputs": {},
        "settings": {},
        "jobs": {_STEP: step},
    }


def _component(context: Context, workspace: ResourceId, spec: Body) -> str:
    """Register the step's component as the SDK registers inline ones, and return its id."""
    version = str(uuid.uuid5(uuid.NAMESPACE_OID, json.dumps(spec, sort_keys=True)))
    wanted = workspace.child("components", "azureml_anonymous").child("versions", version)
    if context.store.get(wanted) is None:
        whole = {"$schema": "", "type": "command", "name": "azureml_anonymous", "version": version, **spec}
        request = Request(
            id=wanted,
            api_version="2024-01-01-preview",
            body={"properties": {"componentSpec": whole, "isAnonymous": True, "isArchived": False}},
            query={},
            principal=context.identities.deployer,
        )
        lifecycle.put(context, request)
    return wanted.text


def _component_job(
    context: Context, workspace: ResourceId, configuration: Mapping[str, Any], given: Mapping[str, Any]
) -> Body:
    component = str((configuration.get("componentId") or {}).get("assetId") or "")
    spec = assets.find(context, workspace, component, ("components",)).properties.get("componentSpec") or {}
    settings = configuration.get("settings") or {}
    bound = {name: {"value": f"${{{{parent.inputs.{name}}}}}"} for name in (spec.get("inputs") or {})}
    inputs = {name: _input(one) for name, one in (given.get("inputData") or {}).items()}
    return {
        "inputs": inputs,
        "outputs": {},
        "settings": {"default_compute": settings.get("default_compute") or settings.get("defaultCompute")},
        "jobs": {
            "pipeline": {
                "type": "pipeline",
                "componentId": component,
                "inputs": {name: one for name, one in bound.items() if name in inputs},
            }
        },
    }


def _scoring_step(properties: Mapping[str, Any], given: Mapping[str, Any]) -> tuple[Body, Body]:
    data = given.get("inputData") or {}
    if not data:
        raise ArmError(400, "BadArgument", "the request names no input data.")
    inputs = {"data": _input(next(iter(data.values())))}
    code = properties.get("codeConfiguration") or {}
    name = str(given.get("outputFileName") or properties.get("outputFileName") or "predictions.csv")
    appends = str(properties.get("outputAction") or "AppendRow").lower() == "appendrow"
    threshold = properties.get("errorThreshold")
    retry = (properties.get("retrySettings") or {}).get("maxRetries")
    arguments = {
        "script": str(code.get("scoringScript") or ""),
        "size": str(given.get("miniBatchSize") or properties.get("miniBatchSize") or 10),
        "threshold": str(-1 if threshold is None else threshold),
        "retries": str(3 if retry is None else retry),
        "append": name if appends else "",
    }
    options = " ".join(f"--{key}={shlex.quote(value)}" for key, value in arguments.items())
    driver = shlex.quote(str(Path(batch_driver.__file__)))
    step: Body = {
        "type": "command",
        "componentId": {
            "command": f"python {driver} {options} --data ${{{{inputs.data}}}} --score ${{{{outputs.score}}}}",
            "code": code.get("codeId"),
            "environment": properties.get("environmentId"),
            "inputs": {"data": {"type": inputs["data"]["jobInputType"]}},
            "outputs": {"score": {"type": "uri_folder"}},
        },
        "computeId": properties.get("compute"),
        "resources": {"instance_count": 1},
        "environment_variables": properties.get("environmentVariables") or {},
        "inputs": {"data": {"value": "${{parent.inputs.data}}"}},
    }
    model = (properties.get("model") or {}).get("assetId")
    if model:
        inputs["model"] = {"jobInputType": "custom_model", "uri": str(model)}
        step["componentId"]["inputs"]["model"] = {"type": "custom_model"}
        step["inputs"]["model"] = {"value": "${{parent.inputs.model}}"}
        step["environment_variables"] = {
            **step["environment_variables"],
            MODEL_FOLDER: "${{inputs.model}}",
        }
    for output in (given.get("outputData") or {}).values():
        step["outputs"] = {"score": {"uri": output.get("uri")}}
    return step, inputs


def _input(given: Mapping[str, Any]) -> Body:
    kind = str(given.get("jobInputType") or "uri_folder")
    kinds = {"urifile": "uri_file", "urifolder": "uri_folder", "mltable": "mltable", "literal": "literal"}
    kind = kinds.get(kind.lower().replace("_", ""), kind.lower())
    if kind == "literal":
        return {"jobInputType": "literal", "value": given.get("value")}
    return {"jobInputType": kind, "uri": given.get("uri")}


def _check_endpoint(context: Context, request: Request) -> None:
    check_name("endpoint", request.id.name)
    wanted = ((request.body.get("properties") or {}).get("defaults") or {}).get("deploymentName")
    if wanted and context.store.get(request.id.child("deployments", str(wanted))) is None:
        raise ArmError(400, "BadArgument", f"the default deployment {wanted} does not exist.")


def _fill_endpoint(context: Context, request: Request, existing: Body | None) -> Body:
    given = request.body.get("properties") or {}
    region = str(request.body.get("location") or context.settings.region).replace(" ", "").lower()
    host = f"https://{request.id.name.lower()}.{region}.inference.ml.azure.com"
    before = ((existing or {}).get("properties") or {}).get("defaults") or {}
    identity = request.body.get("identity") or (existing or {}).get("identity") or {"type": "SystemAssigned"}
    body = {
        **request.body,
        "location": region,
        "identity": identity,
        "properties": {
            **given,
            "defaults": before if given.get("defaults") is None else given["defaults"],
            "properties": given.get("properties") or {},
            "scoringUri": f"{host}/jobs",
            "swaggerUri": f"{host}/swagger.json",
        },
    }
    return with_identity(context, replace(request, body=body), existing)


def _check_deployment(context: Context, request: Request) -> None:
    check_name("deployment", request.id.name)
    workspace = request.id.parent.parent if request.id.parent else None
    assert workspace is not None  # noqa: S101 - a deployment lies in an endpoint of a workspace
    properties = request.body.get("properties") or {}
    references = (
        ((properties.get("model") or {}).get("assetId"), "models"),
        ((properties.get("codeConfiguration") or {}).get("codeId"), "codes"),
    )
    for reference, kind in references:
        if reference:
            assets.exists(context, workspace, str(reference), (kind,))
    compute = str(properties.get("compute") or "").rsplit("/", 1)[-1]
    if compute and context.store.get(workspace.child("computes", compute)) is None:
        raise ArmError(400, "BadArgument", f"compute {compute} does not exist.")


def _fill_deployment(_context: Context, request: Request, _existing: Body | None) -> Body:
    given = request.body.get("properties") or {}
    return {
        **request.body,
        "properties": {
            "errorThreshold": -1,
            "loggingLevel": "Info",
            "maxConcurrencyPerInstance": 1,
            "miniBatchSize": 10,
            "outputAction": "AppendRow",
            "outputFileName": "predictions.csv",
            "retrySettings": {"maxRetries": 3, "timeout": "PT30S"},
            "environmentVariables": {},
            "properties": {},
            **{key: value for key, value in given.items() if value is not None},
        },
    }


def _keys(_context: Context, _request: Request) -> Reply:
    raise ArmError(400, "BadArgument", "batch endpoints take Entra tokens: they have no keys.")


def _jobs_of(context: Context, request: Request) -> list[Resource]:
    """The jobs that requests to an endpoint, or to one of its deployments, became."""
    wanted = {"azureml.endpointname": request.id.names[1], "azureml.deploymentname": request.id.name}
    if request.id.type.lower() == ENDPOINTS.lower():
        wanted.pop("azureml.deploymentname")
    workspace = workspace_of(request.id)
    return [
        job
        for job in context.store.children(workspace, JOBS)
        if wanted.items() <= (job.properties.get("properties") or {}).items()
    ]


def _as_batch_job(context: Context, job: Resource) -> Body:
    workspace = job.id.parent
    assert workspace is not None  # noqa: S101 - a job lies in a workspace
    name = str((job.properties.get("properties") or {}).get("azureml.endpointname"))
    endpoint = context.store.get(workspace.child("batchEndpoints", name))
    return _shown(endpoint, job) if endpoint is not None else job.body


def _only_by_request(_context: Context, request: Request) -> None:
    raise ArmError(405, "MethodNotAllowed", f"{request.id.name}: batch jobs are made by requests to their endpoint.")


RESOURCE_TYPES = (
    *(
        ResourceType(type=f"{above}/jobs", check=_only_by_request, show=_as_batch_job, listed=_jobs_of)
        for above in (ENDPOINTS, DEPLOYMENTS)
    ),
    ResourceType(
        type=ENDPOINTS,
        check=_check_endpoint,
        fill=_fill_endpoint,
        long_running=True,
        actions={"listkeys": Action(run=_keys)},
    ),
    ResourceType(type=DEPLOYMENTS, check=_check_deployment, fill=_fill_deployment, long_running=True),
)
