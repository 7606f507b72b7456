"""The scoring hosts: check who asks, choose a deployment, forward, and answer failures as Azure does."""

from __future__ import annotations

import asyncio
import json
import logging
import random
import uuid
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import aiohttp
from starlette.requests import Request

from environments.local.arm.errors import ArmError
from environments.local.machine_learning.routing_table import (
    MODEL_DEPLOYMENT,
    DeploymentRoute,
    EndpointRoute,
    NoRouteError,
    choose,
    choose_mirrors,
    has_key,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, MutableMapping

    from starlette.responses import Response
    from starlette.types import Receive, Scope, Send

    from environments.local.arm.identity import Identities

_log = logging.getLogger(__name__)
_ENTRA = "https://ml.azure.com"
_NOT_FORWARDED = {b"host", b"authorization", b"connection", b"content-length", b"transfer-encoding", b"keep-alive"}
_NOT_RETURNED = {"connection", "content-length", "transfer-encoding", "keep-alive", "server", "date"}
_FAILED = "x-ms-run-function-failed"


class Answer(Exception):  # noqa: N818 - it ends the handling of a request, whatever it says
    """A reply decided before, or instead of, the model's."""

    def __init__(self, status: int, code: str, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.body = json.dumps({"error": {"code": code, "message": message}}).encode()
        self.headers = headers or {}


@dataclass(frozen=True, kw_only=True)
class _Forwarded:
    """What is sent on to a scoring process."""

    method: str
    path: str
    headers: list[tuple[str, str]]
    body: bytes


class Router:
    """The application behind `*.<region>.inference.ml.azure.com`."""

    def __init__(
        self,
        endpoints: Mapping[str, EndpointRoute],
        identities: Identities,
        *,
        scored: Callable[[str], None],
        broken: Callable[[], None],
        batch: Callable[[Request, str], Awaitable[Response]],
    ) -> None:
        """`scored` hears each request's id, `broken` that a process does not answer; `batch` answers other hosts."""
        self._endpoints = endpoints
        self._identities = identities
        self._scored = scored
        self._broken = broken
        self._batch = batch
        self._numbers = random.Random()  # noqa: S311 - traffic, not secrecy
        self._under_way: Counter[tuple[str, str]] = Counter()
        self._client: aiohttp.ClientSession | None = None
        self._mirrored: set[asyncio.Task[None]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        headers: dict[bytes, bytes] = dict(scope["headers"])
        name = headers.get(b"host", b"").decode("latin-1").split(".")[0].lower()
        endpoint = self._endpoints.get(name)
        if endpoint is None:
            answered_elsewhere = await self._batch(Request(scope, receive), name)
            await answered_elsewhere(scope, receive, send)
            return
        request = headers.get(b"x-request-id", b"").decode("latin-1") or str(uuid.uuid4())
        try:
            status, answered, body = await self._answer(endpoint, scope, headers, receive, request)
        except Answer as answer:
            status, answered, body = answer.status, {"content-type": "application/json", **answer.headers}, answer.body
        answered = {"x-request-id": request, **answered, "content-length": str(len(body))}
        raw = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in answered.items()]
        await send({"type": "http.response.start", "status": status, "headers": raw})
        await send({"type": "http.response.body", "body": body})

    async def _answer(
        self, endpoint: EndpointRoute, scope: Scope, headers: Mapping[bytes, bytes], receive: Receive, request: str
    ) -> tuple[int, MutableMapping[str, str], bytes]:
        body = await _read(receive)
        self._check(endpoint, headers.get(b"authorization", b"").decode("latin-1"))
        wanted = headers.get(MODEL_DEPLOYMENT.encode(), b"").decode("latin-1") or None
        try:
            chosen = choose(endpoint, wanted, self._numbers)
        except NoRouteError as error:
            raise Answer(404, "NotFound", f"{error}.") from error
        self._scored(request)
        sent = [(key, value) for key, value in headers.items() if key not in _NOT_FORWARDED]
        passed = [(k.decode("latin-1"), v.decode("latin-1")) for k, v in sent if k != b"x-request-id"]
        passed.append(("x-request-id", request))
        path = scope["path"] + (f"?{scope['query_string'].decode()}" if scope.get("query_string") else "")
        forwarded = _Forwarded(method=scope["method"], path=path, headers=passed, body=body)
        if not wanted and scope["method"] == "POST":
            for mirror in choose_mirrors(endpoint, self._numbers):
                self._mirror(endpoint, mirror, forwarded)
        return await self._forward(endpoint, chosen, forwarded)

    def _check(self, endpoint: EndpointRoute, authorization: str) -> None:
        kind, _, shown = authorization.partition(" ")
        if kind.lower() != "bearer" or not shown:
            raise Answer(401, "Unauthorized", "the request shows no key or token (Authorization: Bearer …).")
        if endpoint.auth == "key":
            if not has_key(endpoint, shown):
                raise Answer(401, "Unauthorized", "the key is none of the endpoint's.")
            return
        audience = _ENTRA if endpoint.auth == "aadtoken" else endpoint.audience
        try:
            self._identities.read(shown, (audience,))
        except (ArmError, ValueError, KeyError) as error:
            raise Answer(401, "Unauthorized", f"the token is refused: {error}") from error

    async def _forward(
        self, endpoint: EndpointRoute, chosen: DeploymentRoute, sent: _Forwarded
    ) -> tuple[int, MutableMapping[str, str], bytes]:
        told = {MODEL_DEPLOYMENT: chosen.name}
        if chosen.port is None:
            raise Answer(503, "ServiceUnavailable", f"deployment {chosen.name} has no live process.", told)
        key = (endpoint.name, chosen.name)
        if self._under_way[key] >= chosen.at_once:
            raise Answer(429, "TooManyRequests", "Too many pending requests.", told)
        self._under_way[key] += 1
        url = f"http://127.0.0.1:{chosen.port}{sent.path}"
        limit = aiohttp.ClientTimeout(total=chosen.timeout)
        try:
            asked = self._session().request(sent.method, url, data=sent.body, headers=sent.headers, timeout=limit)
            async with asked as reply:
                content = await reply.read()
                status, kept = reply.status, reply.headers
        except TimeoutError as error:
            message = f"the model took longer than {chosen.timeout * 1000:.0f} ms."
            raise Answer(408, "RequestTimeout", message, told) from error
        except aiohttp.ClientConnectorError as error:
            self._broken()
            raise Answer(503, "ServiceUnavailable", f"deployment {chosen.name} has no live process.", told) from error
        except aiohttp.ClientError as error:
            self._broken()
            blame = {"ms-azureml-model-error-statuscode": "502", "ms-azureml-model-error-reason": "model_crash"}
            raise Answer(424, "ModelError", "the scoring process ended during the request.", told | blame) from error
        finally:
            self._under_way[key] -= 1
        answered = {k.lower(): v for k, v in kept.items() if k.lower() not in _NOT_RETURNED} | told
        if status < 300:  # noqa: PLR2004 - whatever else the model says is a model error
            return status, answered, content
        answered.pop(_FAILED, None)
        answered["ms-azureml-model-error-statuscode"] = str(status)
        answered["ms-azureml-model-error-reason"] = "model_error"
        return 424, answered, content

    def _mirror(self, endpoint: EndpointRoute, mirror: DeploymentRoute, sent: _Forwarded) -> None:
        """Send a copy and drop the reply, whatever it is."""

        async def copy() -> None:
            try:
                await self._forward(endpoint, mirror, sent)
            except Answer as answer:
                _log.info("mirrored request to %s: %s", mirror.name, answer)

        task = asyncio.create_task(copy())
        self._mirrored.add(task)
        task.add_done_callback(self._mirrored.discard)

    async def close(self) -> None:
        """Let go of connections."""
        if self._client is not None:
            await self._client.close()

    def _session(self) -> aiohttp.ClientSession:
        if self._client is None or self._client.closed:
            connector = aiohttp.TCPConnector(limit=0, force_close=True)  # the scoring server closes after each reply
            self._client = aiohttp.ClientSession(connector=connector, auto_decompress=False)
        return self._client


async def _read(receive: Receive) -> bytes:
    body = b""
    while True:
        message = await receive()
        part: bytes = message.get("body", b"")
        body += part
        if not message.get("more_body"):
            return body
