"""The plain-http port: tokens of managed identities, the clock, ordered faults, what the proxy refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse
from starlette.routing import Route

from environments.local import subscription, validation
from environments.local.arm import login
from environments.local.arm.faults import Fault
from environments.local.machine_learning import surface
from environments.local.supervisor import StartError

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request
    from starlette.responses import Response

    from environments.local.arm.resource_types import Context
    from environments.local.proxy import Proxy


def application(context: Context, proxy: Callable[[], Proxy | None]) -> Starlette:
    """The application behind the plain-http port; it listens on this machine only."""
    routes = [
        Route("/msi/token", partial(_token, context)),
        Route("/clock", partial(_clock, context), methods=["GET", "PUT", "POST", "DELETE"]),
        Route("/faults", partial(_faults, context), methods=["GET", "POST", "DELETE"]),
        Route("/deleted", partial(_deleted, context), methods=["DELETE"]),
        Route("/subscription/{table}", partial(_table, context), methods=["GET", "PATCH"]),
        Route("/subscription", partial(_tables_reset, context), methods=["DELETE"]),
        Route("/status", partial(_status, context, proxy)),
        Route("/accounts/ensure", partial(_ensure_accounts, context), methods=["POST"]),
        *surface.plain_routes(context),
    ]
    return Starlette(routes=routes)


async def _token(context: Context, request: Request) -> Response:
    header = request.headers.get("x-identity-header", "")
    query = dict(request.query_params)
    try:
        principal = await run_in_threadpool(login.managed_identity, context, header, query)
    except login.LoginError as error:
        return JSONResponse({"error": error.code, "error_description": str(error)}, status_code=400)
    if not query.get("resource"):
        return JSONResponse({"error": "invalid_request", "error_description": "resource is missing"}, 400)
    audience = login.audience_of(query["resource"])
    return JSONResponse({**login.reply(context, principal, audience), "client_id": principal.client_id})


async def _clock(context: Context, request: Request) -> Response:
    try:
        now = await run_in_threadpool(_turn, context, request.method, await _body(request))
    except (ValueError, TypeError, OverflowError) as error:
        return JSONResponse({"error": str(error)}, status_code=400)
    return JSONResponse({"now": _written(now)})


async def _faults(context: Context, request: Request) -> Response:
    if request.method == "GET":
        return JSONResponse({"happened": [{"kind": kind, "request": line} for kind, line in context.faults.happened()]})
    if request.method == "DELETE":
        context.faults.clear()
        return JSONResponse({})
    try:
        context.faults.order(Fault(**await _body(request)))
    except (TypeError, ValueError) as error:
        return JSONResponse({"error": str(error)}, status_code=400)
    return JSONResponse({}, status_code=201)


async def _deleted(context: Context, _request: Request) -> Response:
    """As though the retention of all that was deleted had passed: its names can be taken again."""
    await run_in_threadpool(context.store.delete_documents, "deleted ")
    return JSONResponse({})


async def _table(context: Context, request: Request) -> Response:
    """GET a table of the subscription (quota, sizes …), or PATCH it: a merge patch that stays until the reset."""
    name = request.path_params["table"]
    try:
        if request.method == "PATCH":
            await run_in_threadpool(subscription.change, context.home, name, await _body(request))
        return JSONResponse(await run_in_threadpool(subscription.table, context.home, name))
    except (subscription.TableError, ValueError) as error:
        return JSONResponse({"error": str(error)}, status_code=400)


async def _tables_reset(context: Context, _request: Request) -> Response:
    await run_in_threadpool(subscription.reset, context.home)
    return JSONResponse({})


async def _status(context: Context, proxy: Callable[[], Proxy | None], _request: Request) -> Response:
    found = proxy()
    return JSONResponse(
        {
            "refused": dict(found.refused) if found else {},
            "clock": _written(context.clock.now()),
            "validation": validation.described(context.settings),
        }
    )


async def _ensure_accounts(context: Context, _request: Request) -> Response:
    try:
        await run_in_threadpool(context.accounts.ensure_all)
    except StartError as error:
        return JSONResponse({"error": str(error)}, status_code=500)
    return JSONResponse({})


def _turn(context: Context, method: str, body: dict[str, Any]) -> datetime:
    """PUT sets `now`, POST advances by `seconds`, DELETE returns to real time, GET looks."""
    match method:
        case "PUT":
            return context.clock.set(datetime.fromisoformat(body.get("now", "")).astimezone(UTC))
        case "POST":
            return context.clock.advance(timedelta(seconds=float(body.get("seconds", 0))))
        case "DELETE":
            return context.clock.reset()
    return context.clock.now()


def _written(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


async def _body(request: Request) -> dict[str, Any]:
    raw = await request.body()
    found = await request.json() if raw else {}
    return found if isinstance(found, dict) else {}
