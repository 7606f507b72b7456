"""What Azure ML's running parts show to the server: resource types, routes and the runner."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.routing import Router

from environments.local.machine_learning import job_types, run_history
from environments.local.machine_learning.runner import Runner

if TYPE_CHECKING:
    from starlette.routing import BaseRoute
    from starlette.types import ASGIApp

    from environments.local.arm.resource_types import Context, ResourceType

__all__ = ["RESOURCE_TYPES", "Runner", "data_plane", "plain_routes", "scoring"]

RESOURCE_TYPES: tuple[ResourceType, ...] = (*job_types.RESOURCE_TYPES,)


def data_plane(context: Context) -> list[BaseRoute]:
    """Routes of `<region>.api.azureml.ms`, such as `/history/v1.0/…`."""
    return [*run_history.routes(context)]


def scoring(_context: Context) -> ASGIApp:
    """The application behind `*.<region>.inference.ml.azure.com`."""
    return Router([])


def plain_routes(_context: Context) -> list[BaseRoute]:
    """Routes of the plain-http port, such as the collector's `/modeldata/log`."""
    return []
