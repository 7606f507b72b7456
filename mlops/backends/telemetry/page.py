"""The page that Prometheus reads, on this machine's loopback."""

from __future__ import annotations

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Page(ThreadingHTTPServer):
    """Serves `/metrics` until it is closed."""

    daemon_threads = True

    def __init__(self, port: int, text: Callable[[], bytes]) -> None:
        """Raises OSError where the port is taken."""
        super().__init__(("127.0.0.1", port), _Handler)
        self.text = text
        self._thread = Thread(target=self.serve_forever, name="metrics", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Serve no more."""
        self.shutdown()
        self._thread.join()
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    server: Page
    timeout = 10
    server_version, sys_version = "mlops", ""

    def do_GET(self) -> None:
        found = self.path.partition("?")[0] == "/metrics"
        text = self.server.text() if found else b"metrics are at /metrics\n"
        self.send_response(200 if found else 404)
        self.send_header("Content-Type", _TYPE if found else "text/plain")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
        """Whoever scrapes every few seconds is no news."""
