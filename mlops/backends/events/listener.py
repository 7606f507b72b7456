"""Web hooks: signed requests on this machine's loopback, stored before they are answered."""

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from mlops.domain.declared.source import Secret, WebhookSource
from mlops.domain.messages.signing import NotSignedError, check
from mlops.ports import OutsideError, StateError
from mlops.post import Message

LARGEST = 256 * 1024
"""Bytes of a body.  An event is a hint: what is larger is none."""
_AT_ONCE = 16
_DRAINED = 8 * LARGEST
_SECONDS = 10


@dataclass(frozen=True, kw_only=True)
class Hooks:
    """What the listener needs to know and to do."""

    find: Callable[[str, str], WebhookSource | None]  # by project and source
    reveal: Callable[[Secret], str]
    now: Callable[[], datetime]  # of the machine: senders do not know the loop's clock
    store: Callable[[str, str, Message], tuple[int, int]]  # new events, and copies
    say: Callable[[str], None]


class RefusedRequest(Exception):  # noqa: N818 - an answer, not an error
    """The request is answered with this status and text, and nothing is stored."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


class Listener(ThreadingHTTPServer):
    """Listens on loopback; whoever opens it to others puts a server with TLS in front."""

    daemon_threads = True

    def __init__(self, port: int, hooks: Hooks) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.hooks = hooks
        self.places = threading.Semaphore(_AT_ONCE)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - as its base has it
        """A sender that goes away is no news."""


class _Handler(BaseHTTPRequestHandler):
    server: Listener
    timeout = _SECONDS  # of each read: who sends nothing holds no thread
    server_version, sys_version = "mlops", ""

    def do_POST(self) -> None:
        if not self.server.places.acquire(blocking=False):
            self._answer(503, {"error": "too many requests at once: send it again"}, {"Retry-After": "1"})
            return
        try:
            status, said, more = self._taken()
        finally:
            self.server.places.release()
        self._answer(status, said, more)

    def do_GET(self) -> None:
        self._answer(405, {"error": "events are sent with POST"}, {"Allow": "POST"})

    do_PUT = do_DELETE = do_PATCH = do_HEAD = do_GET  # noqa: N815 - the names that http.server looks for

    def _taken(self) -> tuple[int, dict[str, Any], dict[str, str]]:
        try:
            return 202, self._stored(), {}
        except RefusedRequest as refused:
            return refused.status, {"error": str(refused)}, {}
        except NotSignedError as error:
            return 401, {"error": str(error)}, {}
        except (StateError, OutsideError) as error:
            self.server.hooks.say(f"a web hook could not be taken in: {error}")
            return 503, {"error": "it cannot be stored now: send it again"}, {"Retry-After": "30"}

    def _stored(self) -> dict[str, Any]:
        hooks = self.server.hooks
        project, _, source = self.path.strip("/").partition("/")
        body = self._body()
        place = hooks.find(project, source)
        if place is None:
            raise RefusedRequest(404, "there is no such web hook: the path is /PROJECT/SOURCE")
        headers = {name.lower(): value for name, value in self.headers.items()}
        number = check(hooks.reveal(place.secret), headers, body, hooks.now(), place.tolerance)
        new, copies = hooks.store(project, source, Message(id=number, body=body))
        return {"new": new, "copies": copies}

    def _body(self) -> bytes:
        length = self.headers.get("Content-Length", "")
        if not length.isascii() or not length.isdigit() or self.headers.get("Transfer-Encoding"):
            raise RefusedRequest(411, "needs a Content-Length")
        size = int(length[:10])
        body = self._read(min(size, _DRAINED), keep=size <= LARGEST)  # a sender that still writes hears no answer
        if size > LARGEST:
            raise RefusedRequest(413, f"larger than {LARGEST} bytes: an event only says where to look")
        if len(body) != size:
            raise RefusedRequest(400, "the body ended before its Content-Length, or came too slowly")
        return body

    def _read(self, size: int, *, keep: bool) -> bytes:
        found, left, until = b"", size, time.monotonic() + _SECONDS
        while left and time.monotonic() < until:
            part = self.rfile.read1(min(left, 65_536))
            if not part:
                break
            left -= len(part)
            found = found + part if keep else b""
        return found

    def _answer(self, status: int, said: dict[str, Any], more: dict[str, str]) -> None:
        text = json.dumps(said).encode()
        self.send_response(status)
        headers = {"Content-Type": "application/json", "Content-Length": str(len(text)), "Connection": "close", **more}
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(text)
        self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
        """Requests are in the inbox, not on the screen."""
