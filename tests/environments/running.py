"""Starts a local environment for tests, and speaks to it."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx

from environments.local import certificates, environment, serve, server, supervisor
from environments.local.home import Home
from environments.local.settings import Ports, Settings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from environments.local.arm.resource_types import Context

ARM = "https://management.azure.com"


@dataclass(frozen=True)
class LocalAzure:
    """A running local environment."""

    context: Context

    @property
    def home(self) -> Home:
        return self.context.home

    @property
    def subscription(self) -> str:
        return f"/subscriptions/{self.context.settings.subscription}"

    def environment(self) -> dict[str, str]:
        """What `local-azure run` sets for network and identity."""
        own = environment.deployer(self.context.settings, self.context.identities.client_secret)
        return {**environment.network(self.home, self.context.ports.proxy), **own}

    def http(self, audience: str = ARM) -> httpx.Client:
        """A client that goes through the proxy, as the deployer."""
        token = self.context.identities.issue(self.context.identities.deployer, audience)
        return httpx.Client(
            proxy=f"http://127.0.0.1:{self.context.ports.proxy}",
            verify=ssl.create_default_context(cafile=str(self.home.bundle)),
            headers={"Authorization": f"Bearer {token}"},
            timeout=60,
        )

    def arm(self, method: str, path: str, version: str, body: Mapping[str, Any] | None = None) -> httpx.Response:
        """One request to the resource manager; the version is the api-version."""
        with self.http() as client:
            address = f"{ARM}{path}{'&' if '?' in path else '?'}api-version={version}"
            return client.request(method, address, json=body)

    def put(self, path: str, version: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """PUT, wait for the operation if there is one, and return the resource."""
        reply = self.arm("PUT", path, version, body)
        assert reply.status_code in {200, 201}, reply.text
        self.wait(reply)
        found: dict[str, Any] = self.arm("GET", path, version).json()
        return found

    def wait(self, reply: httpx.Response, seconds: float = 60) -> dict[str, Any]:
        """Wait for a long-running operation; returns its end, empty when there was none."""
        address = reply.headers.get("azure-asyncoperation")
        deadline = time.monotonic() + seconds
        with self.http() as client:
            while address and time.monotonic() < deadline:
                ended: dict[str, Any] = client.get(address).json()
                if ended["status"] != "InProgress":
                    return ended
                time.sleep(0.02)
        assert not address, f"{address} did not end within {seconds} s"
        return {}


@contextlib.contextmanager
def running(folder: Path, schemas: str | None = None) -> Iterator[LocalAzure]:
    """Run a local environment in a thread; a folder with state is taken up again."""
    home = Home(folder)
    certificates.ensure(home)
    sockets = [_listening() for _ in range(3)]
    ports = Ports(*(), **dict(zip(("tls", "plain", "proxy"), (s.getsockname()[1] for s in sockets), strict=True)))
    context = server.build(home, Settings(schemas=Path(schemas) if schemas else None), ports)
    loop = asyncio.new_event_loop()
    task = loop.create_task(serve.run(context, *sockets))
    thread = threading.Thread(target=_until_cancelled, args=(loop, task), daemon=True)
    thread.start()
    try:
        _await_ready(ports, task)
        yield LocalAzure(context)
    finally:
        loop.call_soon_threadsafe(task.cancel)
        thread.join(timeout=30)
        for name in supervisor.known(home):
            supervisor.stop(home, name)


def _until_cancelled(loop: asyncio.AbstractEventLoop, task: asyncio.Task[None]) -> None:
    with contextlib.suppress(asyncio.CancelledError):
        loop.run_until_complete(task)
    # A transport that is closed lets go of its socket one turn of the loop later.
    loop.run_until_complete(asyncio.sleep(0.05))
    loop.close()


def _await_ready(ports: Ports, task: asyncio.Task[None]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if task.done():
            task.result()
        with contextlib.suppress(httpx.HTTPError):
            httpx.get(f"http://127.0.0.1:{ports.plain}/clock", trust_env=False)
            return
        time.sleep(0.02)
    raise TimeoutError("the local environment did not start")


def _listening() -> socket.socket:
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(128)
    return listener
