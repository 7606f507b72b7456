"""The server process: Azure's hosts over TLS, told apart by the Host header."""

from __future__ import annotations

import json
import logging
import sqlite3
import time
import uuid
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response
from starlette.routing import Host, Route, Router

from environments.local import subscription
from environments.local.accounts import Accounts
from environments.local.arm import lifecycle, login, routing
from environments.local.arm.errors import ArmError, invalid
from environments.local.arm.faults import Faults
from environments.local.arm.identity import Identities, secrets_of
from environments.local.arm.ids import parse
from environments.local.arm.operations import Operations
from environments.local.arm.resource_types import Context, Reply, Request
from environments.local.arm.store import Store
from environments.local.clock import Clock
from environments.local.machine_learning import surface
from environments.local.services import data_plane, policy, registry, resources, subscription_names

if TYPE_CHECKING:
    from starlette.requests import Request as HttpRequest
    from starlette.types import Receive, Scope, Send

    from environments.local.home import Home
    from environments.local.settings import Ports, Settings

_Route = Callable[[Context, str, Request], Reply]
_LOST = 0
_LOG = logging.getLogger(__name__)
_AUDIENCES = ("https://management.azure.com", "https://management.core.windows.net")
_PLANE_AUDIENCES = (*_AUDIENCES, "https://ml.azure.com", "https://ai.azure.com")
_METHODS = ["GET", "HEAD", "PUT", "PATCH", "POST", "DELETE"]


def build(home: Home, settings: Settings, ports: Ports) -> Context:
    """Open the state of a local environment.  Nothing runs yet: see `start`."""
    store = Store(home.database)
    resources.seed(store, settings)
    policy.seed(store, subscription.table(home, "policies"))
    context = Context(
        store=store,
        operations=Operations(store),
        home=home,
        settings=settings,
        ports=ports,
        clock=Clock(store),
        accounts=Accounts(store, home),
        identities=Identities(store, settings, secrets_of(home)),
        faults=Faults(),
        types=registry.resource_types(),
    )
    return replace(context, runner=surface.Runner(context))


def start(context: Context) -> None:
    """Take up what was under way when the last server ended."""
    context.accounts.ensure_all()
    context.operations.start(lambda operation: lifecycle.do(context, operation))
    context.runner.start()


def stop(context: Context) -> None:
    """Let go of everything."""
    context.runner.stop()
    context.operations.stop()
    context.store.close()


def application(context: Context) -> Starlette:
    """The application behind the TLS port."""

    async def arm(request: HttpRequest) -> Response:
        return await _arm(context, request, _with_version, _AUDIENCES)

    async def plane(request: HttpRequest) -> Response:
        region = request.path_params["region"]

        def answered(context: Context, method: str, asked: Request) -> Reply:
            return data_plane.answer(context, method, asked, region)

        return await _arm(context, request, answered, _PLANE_AUDIENCES)

    plane_routes = [
        Route(f"/{prefix}{{path:path}}", plane, methods=_METHODS)
        for prefix in ("discovery", "registrymanagement/", "mferp/managementfrontend/")
    ]
    manager = Router([Route("/{path:path}", arm, methods=_METHODS)])
    hosts = [
        Host("management.azure.com", manager),
        Host("login.microsoftonline.com", Router(login.routes(context))),
        Host("{region}.api.azureml.ms", Router([*plane_routes, *surface.data_plane(context)])),
        Host("{endpoint}.{region}.inference.ml.azure.com", surface.scoring(context)),
    ]
    return Starlette(routes=hosts)


async def _arm(context: Context, request: HttpRequest, route: _Route, audiences: tuple[str, ...]) -> Response:
    began = time.monotonic()
    try:
        principal = context.identities.read(_bearer(request), audiences) if _needs_token(request) else None
        asked = Request(
            id=parse(request.scope["path"]),  # decoded: names may hold spaces
            api_version=request.query_params.get("api-version", ""),
            body=_json(await request.body()),
            query=dict(request.query_params),
            principal=principal or context.identities.deployer,
        )
        response = respond(await run_in_threadpool(answer, context, request.method, asked, route))
    except ArmError as error:
        response = refuse(error)
    response.headers["x-ms-request-id"] = str(uuid.uuid4())
    spent = (time.monotonic() - began) * 1000
    _LOG.info("%s %s -> %s in %.0f ms", request.method, request.url.path, response.status_code, spent)
    return response


def answer(context: Context, method: str, request: Request, route: _Route = routing.answer) -> Reply:
    """Answer one request, ordered faults included.  Raises ArmError."""
    line = f"{method} {request.id}"
    context.faults.on_arrival(line)
    try:
        reply = route(context, method, request)
    except sqlite3.OperationalError as error:
        raise ArmError(507, "InsufficientStorage", f"The state in {context.home.database}: {error}.") from error
    except subscription.TableError as error:
        raise ArmError(500, "InvalidTable", str(error)) from error
    if context.faults.take(("lose-reply",), line) is not None:
        return Reply(status=_LOST)
    return reply


def respond(reply: Reply) -> Response:
    """Send an answer."""
    if reply.status == _LOST:
        return _LostResponse()
    if reply.body is None or reply.status == 204:  # noqa: PLR2004 - no content
        return Response(status_code=reply.status, headers=dict(reply.headers))
    return JSONResponse(reply.body, status_code=reply.status, headers=dict(reply.headers))


class _LostResponse(Response):
    """The request was done; the connection breaks before the reply is through."""

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"64")]})
        await send({"type": "http.response.body", "body": b"", "more_body": False})


def refuse(error: ArmError) -> Response:
    """Send an error in Azure's shape."""
    headers = {"x-ms-error-code": error.code}
    if error.retry_after is not None:
        headers["Retry-After"] = str(error.retry_after)
    if error.status >= 500:  # noqa: PLR2004 - the SDK retries these silently, so they must be seen in the log
        _LOG.error("answers %s %s: %s", error.status, error.code, error.message)
    return JSONResponse(error.body(), status_code=error.status, headers=headers)


def _with_version(context: Context, method: str, request: Request) -> Reply:
    if not request.api_version and request.id.segments[:1] != ("metadata",):
        raise ArmError(400, "MissingApiVersionParameter", "The query parameter api-version is required.")
    if method in {"PUT", "PATCH"}:
        subscription_names.admit(context, request)
    return routing.answer(context, method, request)


def _needs_token(request: HttpRequest) -> bool:
    return not request.url.path.lower().startswith(("/metadata/", "/discovery"))  # asked before anybody logs in


def _bearer(request: HttpRequest) -> str:
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    if kind.lower() != "bearer" or not token:
        raise ArmError(401, "AuthenticationFailed", "Authentication failed. The 'Authorization' header is missing.")
    return token


def _json(raw: bytes) -> dict[str, Any]:
    if not raw.strip():
        return {}
    try:
        found = json.loads(raw)
    except ValueError as error:
        raise invalid(f"The request content was invalid and could not be deserialized: {error}.") from error
    if not isinstance(found, dict):
        raise invalid("The request content must be a JSON object.")
    return found
