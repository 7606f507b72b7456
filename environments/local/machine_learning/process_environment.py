"""The variables of job and scoring processes: their runtime, their way out, and their own identity only."""

from __future__ import annotations

import os
import uuid
from typing import TYPE_CHECKING

from environments.local import environment
from environments.local.arm.identity import Principal
from environments.local.services.identities import principal_of
from environments.local.settings import api

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from environments.local.arm.ids import ResourceId
    from environments.local.arm.resource_types import Context, Resource

_UNWANTED = ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "PYTHONSTARTUP")
_NAMESPACE = uuid.UUID("6f1f4c5e-52f5-4f0c-8f53-0f7f6f0a7c11")


def identity_of(context: Context, holder: Resource | None, workspace: ResourceId) -> Principal:
    """Whose tokens a process of a compute or endpoint gets.

    The first user-assigned identity, else the resource's own (system-assigned), else the workspace's: the process
    never gets those of whoever submitted it.
    """
    found = principal_of(context, holder) if holder else None
    owner = context.store.get(workspace)
    found = found or (principal_of(context, owner) if owner else None)
    made = str(uuid.uuid5(_NAMESPACE, workspace.key))
    return found or Principal(object_id=made, client_id=made, name=workspace.name)


def variables(context: Context, principal: Principal, process: str, programs: Path) -> dict[str, str]:
    """What every process gets; `programs` is its runtime's folder of programs."""
    kept = {name: value for name, value in environment.inherited().items() if name not in _UNWANTED}
    return {
        **kept,
        **environment.for_process(context, principal, process),
        "PATH": f"{programs}{os.pathsep}{kept.get('PATH', os.defpath)}",
        "VIRTUAL_ENV": str(programs.parent),
        "PYTHONUNBUFFERED": "1",
    }


def workspace_variables(context: Context, workspace: Resource) -> dict[str, str]:
    """How Azure's libraries find the workspace from within it."""
    region = str(workspace.body.get("location") or context.settings.region)
    return {
        "AZUREML_ARM_SUBSCRIPTION": workspace.id.subscription or "",
        "AZUREML_ARM_RESOURCEGROUP": workspace.id.resource_group or "",
        "AZUREML_ARM_WORKSPACE_NAME": workspace.id.name,
        "AZUREML_WORKSPACE_ID": str(workspace.properties.get("workspaceId") or ""),
        "AZUREML_SERVICE_ENDPOINT": api(region),
        "AZUREML_DISCOVERY_SERVICE_ENDPOINT": f"{api(region)}/discovery",
    }


def tracking_uri(context: Context, workspace: Resource) -> str:
    """The workspace's MLflow address, in the form that Azure's plug-in reads."""
    region = str(workspace.body.get("location") or context.settings.region)
    return f"{api(region).replace('https://', 'azureml://')}/mlflow/v1.0{workspace.id}"


def job_variables(
    context: Context, workspace: Resource, job: str, experiment: Mapping[str, str], token: str
) -> dict[str, str]:
    """What Azure sets for a job; `experiment` holds its `name` and `id`."""
    return {
        **workspace_variables(context, workspace),
        "AZUREML_RUN_ID": job,
        "AZUREML_RUN_TOKEN": token,
        "AZUREML_ARM_PROJECT_NAME": experiment["name"],
        "AZUREML_EXPERIMENT_ID": experiment["id"],
        "MLFLOW_TRACKING_URI": tracking_uri(context, workspace),
        "MLFLOW_TRACKING_TOKEN": token,
        "MLFLOW_RUN_ID": job,
        "MLFLOW_EXPERIMENT_ID": experiment["id"],
        "MLFLOW_EXPERIMENT_NAME": experiment["name"],
    }
