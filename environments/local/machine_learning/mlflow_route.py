"""The workspace's MLflow address: strip its prefix, forward to the stock server, answer as Azure where that differs.

Azure calls a job's run by the job's name; the stock server has ids of its own, and one is put for the other on the way.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import httpx
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from environments.local.arm.errors import ArmError
from environments.local.machine_learning import tracking
from environments.local.machine_learning.run_history import check_token

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.routing import BaseRoute

    from environments.local.arm.resource_types import Context

_PREFIX = re.compile(
    r"^/mlflow/v\d(?:\.\d)?/subscriptions/[^/]+/resource[gG]roups/[^/]+/providers/Microsoft\.MachineLearningServices/"
    r"(?:workspaces|registries)/[^/]+(?P<rest>/.*)$"
)
_STOCK_ID = re.compile(rb"\b[0-9a-f]{32}\b")
_RUN_KEYS = ("run_id", "run_uuid", "run_ids")
_TAGS = ("mlflow.parentRunId", "mlflow.rootRunId")
_SECONDS = 60.0
_KEPT = ("content-type",)
_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]


def routes(context: Context) -> list[BaseRoute]:
    """Routes of the data plane's host."""

    async def forward(request: Request) -> Response:
        body = await request.body()
        try:
            check_token(context, request)
            return await run_in_threadpool(_forward, context, request, body)
        except ArmError as error:
            return JSONResponse(error.body(), error.status)
        except tracking.TrackingError as error:
            return JSONResponse({"error_code": "TEMPORARILY_UNAVAILABLE", "message": str(error)}, 503)

    return [Route("/mlflow/{path:path}", forward, methods=_METHODS)]


def _forward(context: Context, request: Request, body: bytes) -> Response:
    found = _PREFIX.match(request.url.path)
    if found is None:
        return _error(404, "ENDPOINT_NOT_FOUND", f"{request.url.path} names no workspace.")
    path = found["rest"]
    if "/logged-models" in path:
        return _error(404, "ENDPOINT_NOT_FOUND", "Azure Machine Learning does not serve logged models.")
    if "/traces" in path:
        return _error(403, "PERMISSION_DENIED", "Azure Machine Learning does not serve traces.")
    query = httpx.QueryParams(
        [(key, _stock_id(context, value) if key in _RUN_KEYS else value) for key, value in _query(request)]
    )
    sent = body
    if body.strip():
        try:
            sent = json.dumps(_to_stock(context, json.loads(body))).encode()
        except ValueError:
            sent = body
    try:
        reply = httpx.request(
            request.method,
            tracking.address(context) + path,
            params=query,
            content=sent,
            headers={name: request.headers[name] for name in _KEPT if name in request.headers},
            timeout=_SECONDS,
        )
    except httpx.HTTPError as error:
        raise tracking.TrackingError(f"the MLflow server does not answer ({type(error).__name__})") from error
    content = _STOCK_ID.sub(lambda match: _job_of(context, match[0]), reply.content)
    kept = {name: reply.headers[name] for name in _KEPT if name in reply.headers}
    return Response(content, reply.status_code, headers=kept)


def _query(request: Request) -> list[tuple[str, str]]:
    return list(request.query_params.multi_items())


def _to_stock(context: Context, value: Any, key: str = "") -> Any:  # noqa: ANN401 - JSON
    if isinstance(value, dict):
        if value.get("key") in _TAGS and isinstance(value.get("value"), str):
            return {**value, "value": _stock_id(context, value["value"])}
        return {name: _to_stock(context, inner, name) for name, inner in value.items()}
    if isinstance(value, list):
        return [_to_stock(context, inner, key) for inner in value]
    return _stock_id(context, value) if key in _RUN_KEYS and isinstance(value, str) else value


def _stock_id(context: Context, run: str) -> str:
    kept = context.store.document(tracking.KIND, run)
    return str(kept["id"]) if kept else run


def _job_of(context: Context, stock: bytes) -> bytes:
    kept = context.store.document(tracking.BY_ID, stock.decode())
    return str(kept["job"]).encode() if kept else stock


def _error(status: int, code: str, message: str) -> Response:
    return JSONResponse({"error_code": code, "message": message}, status)
