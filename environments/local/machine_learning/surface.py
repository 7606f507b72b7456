"""What Azure ML's running parts show to the server: resource types, routes and the runner."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import JSONResponse
from starlette.routing import Route

from environments.local.machine_learning import batch, job_types, mlflow_route, online_types, run_history, schedules
from environments.local.machine_learning.router import Router
from environments.local.machine_learning.runner import Runner

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.routing import BaseRoute
    from starlette.types import ASGIApp, Receive, Scope, Send

    from environments.local.arm.resource_types import Context, ResourceType

__all__ = ["RESOURCE_TYPES", "Runner", "ScoringFirst", "collecting_first", "data_plane", "plain_routes", "scoring"]

_SCORING = b".inference.ml.azure.com"

RESOURCE_TYPES: tuple[ResourceType, ...] = (
    *job_types.RESOURCE_TYPES,
    *online_types.RESOURCE_TYPES,
    *batch.RESOURCE_TYPES,
    *schedules.RESOURCE_TYPES,
)


def data_plane(context: Context) -> list[BaseRoute]:
    """Routes of `<region>.api.azureml.ms`, such as `/history/v1.0/…`."""
    return [*run_history.routes(context), *mlflow_route.routes(context)]


def scoring(context: Context) -> Router:
    """The application behind `*.<region>.inference.ml.azure.com`."""
    runner: Runner = context.runner
    return Router(
        runner.deployments.table,
        context.identities,
        scored=runner.collector.scored,
        broken=runner.deployments.look,
        batch=runner.batch.respond,
    )


def plain_routes(context: Context) -> list[BaseRoute]:
    """Routes of the plain-http port: the collector's `/modeldata/log`, and how much of it is not filed yet."""
    runner: Runner = context.runner

    async def pending(_request: Request) -> JSONResponse:
        return JSONResponse({"pending": runner.collector.pending})

    return [
        Route("/modeldata/log", runner.collector, methods=["POST"]),
        Route("/modeldata/pending", pending),
    ]


class ScoringFirst:
    """Sends scoring requests, which are many and small, straight to the router, and all else to `other`."""

    def __init__(self, context: Context, other: ASGIApp) -> None:
        self._router = scoring(context)
        self._other = other

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        host = next((value for name, value in scope.get("headers", ()) if name == b"host"), b"")
        chosen = self._router if host.partition(b":")[0].endswith(_SCORING) else self._other
        await chosen(scope, receive, send)

    async def close(self) -> None:
        """Let go of the router's connections."""
        await self._router.close()


def collecting_first(context: Context, other: ASGIApp) -> ASGIApp:
    """The same for what the collector's library posts."""
    collector: ASGIApp = context.runner.collector

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        chosen = collector if scope.get("path") == "/modeldata/log" else other
        await chosen(scope, receive, send)

    return app
