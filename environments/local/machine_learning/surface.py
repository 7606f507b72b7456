"""What Azure ML's running parts show to the server: resource types, routes and the runner."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.routing import Router

if TYPE_CHECKING:
    from starlette.routing import BaseRoute
    from starlette.types import ASGIApp

    from environments.local.arm.resource_types import Context, ResourceType

RESOURCE_TYPES: tuple[ResourceType, ...] = ()


def data_plane(_context: Context) -> list[BaseRoute]:
    """Routes of `<region>.api.azureml.ms`, such as `/history/v1.0/…`."""
    return []


def scoring(_context: Context) -> ASGIApp:
    """The application behind `*.<region>.inference.ml.azure.com`."""
    return Router([])


def plain_routes(_context: Context) -> list[BaseRoute]:
    """Routes of the plain-http port, such as the collector's `/modeldata/log`."""
    return []


class Runner:
    """Runs jobs, deployments and schedules."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def start(self) -> None:
        """Take up what was under way."""

    def stop(self) -> None:
        """Let go."""
