"""A resource manager small enough to see through: records by id, long-running writes, faults on order."""

from __future__ import annotations

import base64
import contextlib
import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from azure.core.credentials import AccessToken

if TYPE_CHECKING:
    from collections.abc import Iterator

Json = Any
SUBSCRIPTION = "11111111-0000-4000-8000-000000000001"
CLAIMS = {"appid": "the-client", "oid": "the-object", "tid": "the-tenant"}


@dataclass(frozen=True)
class Deployer:
    """A credential whose token any stand-in takes."""

    def get_token(self, *_scopes: str, **_options: object) -> AccessToken:
        part = base64.urlsafe_b64encode(json.dumps(CLAIMS).encode()).decode().rstrip("=")
        return AccessToken(f"e30.{part}.c2ln", 4102444800)


@dataclass
class Manager:
    """What the stand-in holds and has been asked."""

    resources: dict[str, dict[str, Any]] = field(default_factory=dict)
    requests: list[tuple[str, str, Any]] = field(default_factory=list)
    polls: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    endpoint: str = ""
    failing: dict[str, tuple[int, str]] = field(default_factory=dict)
    """`METHOD fragment` -> status and code to refuse with."""
    taken_and_failing: dict[str, tuple[int, str]] = field(default_factory=dict)
    """As `failing`, after the request was done: as a second try meets what the first made, whose answer was lost."""
    at_once: bool = False
    """Whether writes end before they are answered."""
    throttled: int = 0
    """How many requests are refused with 429 from now on."""
    failing_operations: set[str] = field(default_factory=set)
    """Fragments of ids whose long-running writes end as Failed."""
    held: dict[str, threading.Event] = field(default_factory=dict)
    """Fragments of ids whose long-running writes go on until the event is set."""

    def answer(self, method: str, path: str, query: dict[str, Any], body: Json) -> tuple[int, Any, dict[str, str]]:
        if path.startswith("/operations/"):
            return self._poll(path)
        self.requests.append((method, path, body))
        if self.throttled:
            self.throttled -= 1
            return 429, {"error": {"code": "TooManyRequests", "message": "slower"}}, {"Retry-After": "0.01"}
        for pattern, (status, code) in self.failing.items():
            verb, fragment = pattern.split(" ")
            if verb == method and fragment in path:
                return status, {"error": {"code": code, "message": f"{code} on order"}}, {}
        if "api-version" not in query:
            return 400, {"error": {"code": "MissingApiVersionParameter", "message": "api-version is missing"}}, {}
        done = self._do(method, path, body)
        for pattern, (status, code) in self.taken_and_failing.items():
            verb, fragment = pattern.split(" ")
            if verb == method and fragment in path:
                return status, {"error": {"code": code, "message": f"{code} on order"}}, {}
        return done

    def _do(self, method: str, path: str, body: Json) -> tuple[int, Any, dict[str, str]]:
        key = path.lower()
        if method == "GET":
            found = self.resources.get(key)
            return (200, found, {}) if found else (404, {"error": {"code": "ResourceNotFound", "message": path}}, {})
        if method == "DELETE":
            gone = [each for each in self.resources if each == key or each.startswith(f"{key}/")]
            for each in gone:
                del self.resources[each]
            return (202, None, self._operation(path)) if gone else (204, None, {})
        status = 200 if key in self.resources else 201
        self.resources[key] = {
            **body,
            "id": path,
            "name": path.rsplit("/", 1)[1],
            "type": "recorded",
            "properties": {**body.get("properties", {}), "provisioningState": "Creating"},
        }
        return status, self.resources[key], self._operation(path)

    def _operation(self, path: str) -> dict[str, str]:
        if self.at_once:
            return {}
        name = f"/operations/{len(self.polls)}"
        failed = any(each in path for each in self.failing_operations)
        error = {"code": "MadeToFail", "message": "on order"}
        last = {"status": "Failed", "error": error} if failed else {"status": "Succeeded"}
        self.polls[name] = [{"status": "InProgress"}, {**last, "of": path}]
        return {"Azure-AsyncOperation": f"{self.endpoint}{name}", "retry-after-ms": "5"}

    def _poll(self, path: str) -> tuple[int, Any, dict[str, str]]:
        left = self.polls[path]
        target = left[-1]["of"]
        if any(each in target and not event.is_set() for each, event in self.held.items()):
            return 200, {"status": "InProgress"}, {"retry-after-ms": "5"}
        now = left.pop(0) if len(left) > 1 else left[0]
        key = target.lower()
        if now["status"] != "InProgress" and key in self.resources:
            self.resources[key]["properties"]["provisioningState"] = now["status"]
        return 200, now, {"retry-after-ms": "5"}

    def writes(self) -> list[tuple[str, str]]:
        """The requests that change something, in order."""
        return [(method, path) for method, path, _ in self.requests if method != "GET"]

    def body_of(self, path: str) -> dict[str, Any]:
        """The last body that was put there."""
        bodies: list[dict[str, Any]] = [body for method, at, body in self.requests if method == "PUT" and at == path]
        return bodies[-1]


@contextlib.contextmanager
def serving() -> Iterator[Manager]:
    """Serve on 127.0.0.1 until left."""
    manager = Manager()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def log_message(self, *_: object) -> None:
            """Keep the test's output clean."""

        def _answer(self) -> None:
            address = urlsplit(self.path)
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length)) if length else None
            assert self.command is not None
            status, found, headers = manager.answer(self.command, address.path, parse_qs(address.query), body)
            data = json.dumps(found).encode() if found is not None else b""
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_PUT = do_DELETE = _answer  # noqa: N815  # the library's names

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    manager.endpoint = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield manager
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=5)
