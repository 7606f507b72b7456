"""Bring a job's outputs to their datastores, and register those that were given a name as assets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from environments.local.arm import lifecycle
from environments.local.arm.errors import ArmError
from environments.local.arm.resource_types import Request
from environments.local.machine_learning import assets, transfer
from environments.local.machine_learning.job_state import Outcome, failed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from environments.local.arm.ids import ResourceId
    from environments.local.arm.resource_types import Context, Resource
    from environments.local.machine_learning.job_folder import JobFolder

_MODELS = ("custom_model", "mlflow_model", "triton_model")


def deliver(context: Context, job: Resource, folder: JobFolder, outcome: Outcome) -> Outcome:
    """Upload what was written, and register it when the job went well.  Doing it twice changes nothing.

    Raises ArmError where a blob cannot be written.
    """
    workspace = job.id.parent
    assert workspace is not None  # noqa: S101 - a job lies in a workspace
    for name, given in (job.properties.get("outputs") or {}).items():
        if name == "default":
            continue
        written = folder.output(name)
        location = assets.job_output(context, workspace, job.id.name, name)
        if str(given.get("jobOutputType", "")).lower() == "uri_file":
            files = list(written.iterdir()) if written.is_dir() else []
            if not files and outcome.status == "Completed":
                return failed(f"output {name} is a file, and the command wrote none at the path it was given.")
            for file in files:
                transfer.upload(context.accounts, file, location)
        elif written.is_dir():
            transfer.upload(context.accounts, written, location)
        if outcome.status == "Completed" and given.get("assetName"):
            register(context, workspace, job.id.name, name, given)
    return outcome


def address(workspace: ResourceId, job: str, output: str, given: Mapping[str, Any]) -> str:
    """The URI of a job's output."""
    if given.get("uri"):
        return str(given["uri"])
    base = f"azureml://subscriptions/{workspace.subscription}/resourcegroups/{workspace.resource_group}"
    store = f"workspaces/{workspace.name}/datastores/{assets.DEFAULT_STORE}"
    slash = "" if str(given.get("jobOutputType", "")).lower() == "uri_file" else "/"
    return f"{base}/{store}/paths/azureml/{job}/{output}{slash}"


def register(context: Context, workspace: ResourceId, job: str, output: str, given: Mapping[str, Any]) -> ResourceId:
    """Make a data asset or a model of an output; an existing version of the same content is left alone."""
    kind = str(given.get("jobOutputType", "uri_folder")).lower()
    folder = "models" if kind in _MODELS else "data"
    holder = context.store.get(workspace)
    container = (holder.id if holder else workspace).child(folder, str(given["assetName"]))
    uri = address(workspace, job, output, given)
    for there in context.store.below(container):
        if uri in there.properties.values():  # registered before the server died
            return there.id
    found = context.store.get(container)
    version = str(given.get("assetVersion") or (found.properties.get("nextVersion") if found else None) or "1")
    properties: dict[str, Any] = {"isArchived": False, "isAnonymous": False, "tags": {}, "properties": {}}
    if folder == "models":
        properties |= {"modelType": kind, "modelUri": uri, "jobName": job, "flavors": {}}
    else:
        properties |= {"dataType": kind, "dataUri": uri}
    target = container.child("versions", version)
    request = Request(
        id=target,
        api_version="2023-08-01-preview" if folder == "models" else "2023-04-01-preview",
        body={"properties": properties},
        query={},
        principal=context.identities.deployer,
    )
    try:
        lifecycle.put(context, request)
    except ArmError as error:
        raise ArmError(error.status, error.code, f"output {output} cannot be registered: {error.message}") from error
    return target
