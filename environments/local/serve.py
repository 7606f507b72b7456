"""`python -m environments.local.serve`: the server process, with its proxy and its plain-http port."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import logging
import os
import signal
import socket
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import uvicorn
import uvloop

from environments.local import certificates, control, server
from environments.local.home import Home
from environments.local.machine_learning import surface
from environments.local.proxy import Proxy
from environments.local.settings import Ports, Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.types import ASGIApp

    from environments.local.arm.resource_types import Context

_SWITCH_SECONDS = 0.0005
"""How long a thread that files collected data may keep the others waiting; Python's own 5 ms would be felt."""


class _Server(uvicorn.Server):
    """Leaves signals to `run`: three servers share one loop."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def main() -> int:
    """Run until a signal says to stop.  Returns the exit code."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--schemas", type=Path)
    for name in ("tls", "plain", "proxy"):
        parser.add_argument(f"--{name}-port", type=int, required=True)
    given = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    for quiet in ("azure", "urllib3"):
        logging.getLogger(quiet).setLevel(logging.WARNING)
    # What the server itself starts or asks must not come back through its own proxy.
    for name in ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"):
        os.environ.pop(name, None)
    home = Home(given.home)
    try:
        listeners = [_listen(port) for port in (given.tls_port, given.plain_port, given.proxy_port)]
    except OSError as error:
        print(f"the server: {error}", file=sys.stderr)
        return 3
    certificates.ensure(home)
    ports = Ports(tls=given.tls_port, plain=given.plain_port, proxy=given.proxy_port)
    context = server.build(home, Settings(schemas=given.schemas), ports)
    sys.setswitchinterval(_SWITCH_SECONDS)
    uvloop.run(run(context, *listeners))
    return 0


async def run(context: Context, tls: socket.socket, plain: socket.socket, outlet: socket.socket) -> None:
    """Serve on three listening sockets until cancelled or told to stop by a signal."""
    proxy = Proxy(tls.getsockname()[1], context.accounts.port)
    folder = context.home.folder("tls")
    front = surface.ScoringFirst(context, server.application(context))
    secure = _uvicorn(front, folder / "leaf.pem", folder / "leaf.key")
    open_ = _uvicorn(surface.collecting_first(context, control.application(context, lambda: proxy)))
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        with contextlib.suppress(ValueError, RuntimeError):  # not in a test's thread
            loop.add_signal_handler(number, stop.set)
    await asyncio.to_thread(server.start, context)
    tunnel = await asyncio.start_server(proxy.connection, sock=outlet)
    told = asyncio.create_task(stop.wait())
    serving = [asyncio.create_task(secure.serve([tls])), asyncio.create_task(open_.serve([plain]))]
    try:
        await asyncio.wait([*serving, told], return_when=asyncio.FIRST_COMPLETED)
    finally:
        told.cancel()
        tunnel.close()
        await proxy.close()
        secure.should_exit = open_.should_exit = True
        await asyncio.gather(*serving, return_exceptions=True)
        await front.close()
        await asyncio.to_thread(server.stop, context)


def _uvicorn(app: ASGIApp, certificate: Path | None = None, key: Path | None = None) -> _Server:
    config = uvicorn.Config(
        app,
        ssl_certfile=str(certificate) if certificate else None,
        ssl_keyfile=str(key) if key else None,
        log_config=None,
        access_log=False,
        proxy_headers=False,
        lifespan="off",
        timeout_keep_alive=60,
        timeout_graceful_shutdown=1,
    )
    return _Server(config)


def _listen(port: int) -> socket.socket:
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    # Connections inherit it: head and body of a small reply must not wait for each other's acknowledgement.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    try:
        listener.bind(("127.0.0.1", port))
    except OSError as error:
        raise OSError(f"port {port} is taken by another program ({error.strerror})") from error
    listener.listen(128)
    return listener


if __name__ == "__main__":
    sys.exit(main())
