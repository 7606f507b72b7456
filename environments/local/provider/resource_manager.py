"""Azure Resource Manager over HTTPS: get, put and delete of a resource, each waited for to its end."""

from __future__ import annotations

import base64
import json
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from azure.core import PipelineClient
from azure.core.exceptions import AzureError, HttpResponseError
from azure.core.pipeline.policies import BearerTokenCredentialPolicy, RetryPolicy
from azure.core.rest import HttpRequest, HttpResponse

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from azure.core.credentials import TokenCredential

DEFAULT_TIMEOUT = 1800.0
"""Seconds that an operation may take when the program sets no `custom_timeouts`."""

_POLL = 1.0  # seconds between two looks at an operation, where Azure does not say
_RETRIES = 4
_NOT_FOUND = 404
_ACCEPTED = frozenset({200, 201, 202, 204})
_ENDED = frozenset({"succeeded", "failed", "canceled"})


class RefusedError(Exception):
    """Azure said no, or nothing at all; the text is Azure's code and message."""

    def __init__(self, text: str, *, answered: bool = True) -> None:
        super().__init__(text)
        self.answered = answered
        """Whether Azure's answer proves that nothing was made."""


class OperationFailedError(RefusedError):
    """The request was taken, and what it began has failed: the resource may exist."""


class InterruptError(Exception):
    """The engine asked to stop, or went away; what Azure was asked to do goes on."""


@dataclass(frozen=True, kw_only=True)
class ResourceManager:
    """A client of one resource manager, as one principal."""

    endpoint: str
    """Such as `https://management.azure.com`."""
    credential: TokenCredential
    _clients: dict[str, PipelineClient[HttpRequest, HttpResponse]] = field(default_factory=dict)

    def get(self, resource_id: str, api_version: str) -> dict[str, Any] | None:
        """Look at a resource; None when there is none.  Raises RefusedError."""
        reply = self._send("GET", resource_id, {"api-version": api_version})
        if reply.status_code == _NOT_FOUND:
            return None
        return _body(_checked(reply))

    def put(
        self,
        resource_id: str,
        query: Mapping[str, str],
        body: Mapping[str, Any],
        *,
        timeout: float = 0,
        interrupted: Callable[[], bool] = bool,
    ) -> dict[str, Any]:
        """Write a resource and wait for it.

        Raises RefusedError, OperationFailedError (what was begun has failed) and InterruptError.
        """
        reply = _checked(self._send("PUT", resource_id, query, body))
        if not self._waited(reply, timeout, interrupted):
            return _body(reply)  # made at once: the reply is the resource
        return self.get(resource_id, query["api-version"]) or _body(reply)

    def delete(
        self, resource_id: str, api_version: str, *, timeout: float = 0, interrupted: Callable[[], bool] = bool
    ) -> None:
        """Delete a resource and wait for its end; one that is gone already is fine.  Raises as `put`."""
        reply = self._send("DELETE", resource_id, {"api-version": api_version})
        if reply.status_code != _NOT_FOUND:
            self._waited(_checked(reply), timeout, interrupted)

    def claims(self) -> dict[str, Any]:
        """What the deployer's token says of it.  Raises RefusedError."""
        try:
            token = self.credential.get_token(f"{self.endpoint}/.default").token
        except AzureError as error:
            raise RefusedError(str(error)) from error
        part = token.split(".")[1]
        found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
        return found

    def _waited(self, reply: HttpResponse, timeout: float, interrupted: Callable[[], bool]) -> bool:
        """Follow an operation to its end; False when there was none to wait for."""
        address = reply.headers.get("Azure-AsyncOperation") or reply.headers.get("Operation-Location")
        follow = reply.headers.get("Location") if address is None and reply.status_code == 202 else None  # noqa: PLR2004
        deadline = time.monotonic() + (timeout or DEFAULT_TIMEOUT)
        while address or follow:
            _pause(reply, deadline, interrupted)
            reply = _checked(self._send("GET", address or follow or "", {}))
            if follow and reply.status_code != 202:  # noqa: PLR2004
                return True
            status = str(_body(reply).get("status", "")) if address else ""
            if status.lower() in _ENDED:
                _judge(status, reply)
                return True
        return False

    def _send(
        self, method: str, path: str, query: Mapping[str, str], body: Mapping[str, Any] | None = None
    ) -> HttpResponse:
        url = path if path.startswith("http") else self.endpoint + path
        request = HttpRequest(method, url, params=dict(query), json=body, headers={"Accept": "application/json"})
        try:
            # A loopback resource manager of a test speaks plain http.
            return self._client().send_request(request, enforce_https=not self.endpoint.startswith("http://127.0.0.1:"))
        except AzureError as error:
            raise RefusedError(f"{method} {url}: {error}", answered=False) from error

    def _client(self) -> PipelineClient[HttpRequest, HttpResponse]:
        """One pipeline, made when first used."""
        if "arm" not in self._clients:
            bearer = BearerTokenCredentialPolicy(self.credential, f"{self.endpoint}/.default")
            self._clients["arm"] = PipelineClient(
                self.endpoint, policies=[RetryPolicy(retry_total=_RETRIES, retry_backoff_factor=0.3), bearer]
            )
        return self._clients["arm"]


def _pause(reply: HttpResponse, deadline: float, interrupted: Callable[[], bool]) -> None:
    milliseconds = reply.headers.get("retry-after-ms")
    seconds = float(milliseconds) / 1000 if milliseconds else float(reply.headers.get("Retry-After") or _POLL)
    until = time.monotonic() + seconds
    while True:
        if interrupted():
            raise InterruptError("interrupted while Azure was at work; the next `pulumi up` goes on from there")
        now = time.monotonic()
        if now >= deadline:
            raise OperationFailedError("Azure has not ended the operation within the time that the program allows")
        if now >= until:
            return
        time.sleep(min(0.2, until - now))


def _judge(status: str, reply: HttpResponse) -> None:
    if status.lower() != "succeeded":
        raise OperationFailedError(_said(_body(reply)) or f"the operation ended as {status}")


def _checked(reply: HttpResponse) -> HttpResponse:
    if reply.status_code in _ACCEPTED:
        return reply
    said = _said(_body(reply)) or HttpResponseError(response=reply).message
    refused = reply.status_code < 500  # noqa: PLR2004
    raise RefusedError(f"{reply.request.method} {reply.request.url}: {said}", answered=refused)


def _body(reply: HttpResponse) -> dict[str, Any]:
    try:
        found = reply.json()
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _said(body: Mapping[str, Any]) -> str:
    error = body.get("error")
    if not isinstance(error, dict):
        return ""
    details = [f"\n  {each.get('code')}: {each.get('message')}" for each in error.get("details") or ()]
    return f"{error.get('code')}: {error.get('message')}{''.join(details)}"
