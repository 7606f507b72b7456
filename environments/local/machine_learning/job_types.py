"""Microsoft.MachineLearningServices/workspaces/jobs: what is checked, filled in and answered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from environments.local.arm.errors import ArmError, missing_reference
from environments.local.arm.ids import ResourceId
from environments.local.arm.resource_types import Action, Body, Context, Reply, Request, Resource, ResourceType
from environments.local.machine_learning import assets, graph, search_space, step_job
from environments.local.machine_learning.bindings import BindingError
from environments.local.machine_learning.durations import read_duration
from environments.local.machine_learning.job_state import PARENT, TYPE
from environments.local.machine_learning.search_space import SearchSpaceError

if TYPE_CHECKING:
    from collections.abc import Mapping

_KINDS = ("automl", "command", "finetuning", "labeling", "pipeline", "spark", "sweep", "distillation")
_EDITABLE = ("displayName", "description", "tags", "isArchived", "properties")
_DATA_TYPES = ("uri_file", "uri_folder", "mltable", "custom_model", "mlflow_model", "triton_model")


def check(context: Context, request: Request) -> None:
    """Refuse a job whose references point at nothing, or whose steps cannot follow each other.  Raises ArmError."""
    if context.store.get(request.id) is not None:
        return  # only its description can change
    properties = request.body.get("properties") or {}
    kind = str(properties.get("jobType", "")).lower()
    if kind not in _KINDS:
        raise ArmError(400, "UserError", f"there is no job type {properties.get('jobType') or '(none)'}.")
    workspace = request.id.parent
    assert workspace is not None  # noqa: S101 - a job lies in a workspace
    try:
        _check_compute(context, request.id, workspace, properties.get("computeId"))
        _check_inputs(context, workspace, properties.get("inputs") or {})
        read_duration((properties.get("limits") or {}).get("timeout"), 0)
        match kind:
            case "command":
                _check_command(context, request.id, workspace, properties)
            case "sweep":
                _check_command(context, request.id, workspace, properties.get("trial") or {})
                algorithm = (properties.get("samplingAlgorithm") or {}).get("samplingAlgorithmType", "Random")
                search_space.check(properties.get("searchSpace") or {}, str(algorithm))
            case "pipeline":
                check_pipeline(context, request.id, workspace, properties)
    except (BindingError, SearchSpaceError, ValueError) as error:
        raise ArmError(400, "UserError", str(error)) from error


def check_pipeline(context: Context, job: ResourceId, workspace: ResourceId, properties: Mapping[str, Any]) -> None:
    """Refuse a pipeline whose steps, components or computes do not fit.  Raises BindingError or ArmError."""
    steps: Mapping[str, Any] = properties.get("jobs") or {}
    if not steps:
        raise BindingError("a pipeline needs at least one step; `jobs` is empty.")
    graph.needs(steps)
    graph.check_inputs(steps, properties.get("inputs") or {})
    settings = properties.get("settings") or {}
    _check_compute(context, job, workspace, settings.get("default_compute"))
    for name, step in steps.items():
        spec = step_job.component_of(context, workspace, step)
        space = step.get("search_space") or {}
        given = {**(step.get("inputs") or {}), **space}
        step_job.check_inputs(name, spec, given)
        _check_compute(context, job, workspace, step.get("computeId"))
        if environment := step.get("environment") or spec.get("environment"):
            _check_environment(context, workspace, str(environment))


def _check_command(context: Context, job: ResourceId, workspace: ResourceId, properties: Mapping[str, Any]) -> None:
    if not properties.get("command"):
        raise ArmError(400, "UserError", "a command job needs a `command`.")
    code = str(properties.get("codeId") or "").removeprefix("azureml:")
    if code and context.store.get(ResourceId(code)) is None:
        raise missing_reference(job, "code", code)
    if not properties.get("environmentId"):
        raise ArmError(400, "UserError", "a command job needs an `environmentId`.")
    _check_environment(context, workspace, str(properties["environmentId"]))


def _check_environment(context: Context, workspace: ResourceId, environment: str) -> None:
    if "registries/azureml/environments/" in environment:
        return  # a curated one: whether it can be had here is found when the job prepares
    assets.exists(context, workspace, environment, ("environments",))


def _check_compute(context: Context, job: ResourceId, workspace: ResourceId, compute: object) -> None:
    name = str(compute or "").rsplit("/", 1)[-1]
    if not name or name.lower() in {"serverless", "local"}:
        return
    if context.store.get(workspace.child("computes", name)) is None:
        raise missing_reference(job, "compute", name)


def _check_inputs(context: Context, workspace: ResourceId, inputs: Mapping[str, Any]) -> None:
    for given in inputs.values():
        kind = str(given.get("jobInputType", "")).lower()
        if kind in _DATA_TYPES and str(given.get("mode", "")).lower() != "direct":
            assets.locate(context, workspace, str(given.get("uri") or ""))


def fill(context: Context, request: Request, existing: Body | None) -> Body:
    """Store a new job as not started; of an existing one change only what describes it."""
    given = request.body.get("properties") or {}
    if existing is not None:
        kept = existing["properties"]
        changed = {key: given[key] for key in _EDITABLE if given.get(key) is not None}
        merged = {**(kept.get("properties") or {}), **(changed.get("properties") or {})}
        return {**existing, "properties": {**kept, **changed, "properties": merged}}
    workspace = request.id.parent
    assert workspace is not None  # noqa: S101 - a job lies in a workspace
    return {
        **request.body,
        "properties": {
            **given,
            "displayName": given.get("displayName") or request.id.name,
            "experimentName": given.get("experimentName") or "Default",
            "status": "NotStarted",
            "isArchived": bool(given.get("isArchived")),
            "tags": given.get("tags") or {},
            "properties": given.get("properties") or {},
            "services": {**(given.get("services") or {}), **_services(context, workspace, request.id.name)},
        },
    }


def show(_context: Context, job: Resource) -> Body:
    """Answer a job; of a pipeline's child, as Azure does, nothing but that it exists."""
    if job.body.get(PARENT):
        return {"properties": None}
    return job.body


def _services(context: Context, workspace: ResourceId, job: str) -> Body:
    found = context.store.get(workspace)
    region = str((found.body.get("location") if found else None) or context.settings.region)
    studio = f"https://ml.azure.com/runs/{job}?wsid={workspace}&tid={context.settings.tenant}"
    tracking = f"azureml://{region}.api.azureml.ms/mlflow/v1.0{workspace}?"
    return {
        "Studio": {"jobServiceType": "Studio", "endpoint": studio},
        "Tracking": {"jobServiceType": "Tracking", "endpoint": tracking},
    }


def _made(context: Context, job: Resource) -> None:
    if job.properties.get("status") == "NotStarted" and context.runner is not None:
        context.runner.jobs.submit(job.id)


def _removing(context: Context, job: Resource) -> None:
    if context.runner is not None:
        context.runner.jobs.forget(job.id)


def _cancel(context: Context, request: Request) -> Reply:
    if context.store.get(request.id) is None:
        raise ArmError(404, "NotFound", f"there is no job {request.id.name}.")
    context.runner.jobs.cancel(request.id)
    return Reply(status=200)


def _listed(context: Context, request: Request) -> list[Resource]:
    """Leave children out, and archived jobs unless they are asked for."""
    view = request.query.get("listViewType", "ActiveOnly").lower()
    wanted = {"activeonly": (False,), "archivedonly": (True,)}.get(view, (False, True))
    tag, kind = request.query.get("tag"), request.query.get("jobType")
    schedule = request.query.get("scheduleId")
    return [
        job
        for job in context.store.children(request.id, TYPE)
        if not job.body.get(PARENT)
        and bool(job.properties.get("isArchived")) in wanted
        and (tag is None or tag.split("=")[0] in (job.properties.get("tags") or {}))
        and (kind is None or str(job.properties.get("jobType", "")).lower() == kind.lower())
        and (schedule is None or (job.properties.get("properties") or {}).get("azureml.scheduleId") == schedule)
    ]


RESOURCE_TYPES = (
    ResourceType(
        type=TYPE,
        check=check,
        fill=fill,
        show=show,
        made=_made,
        removing=_removing,
        listed=_listed,
        actions={"cancel": Action(run=_cancel)},
    ),
)
