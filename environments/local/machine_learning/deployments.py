"""The online deployments that should run: started, watched, started again when they end, and known to the router."""

from __future__ import annotations

import logging
import shutil
import threading
import time
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from environments.local import supervisor
from environments.local.arm.errors import ArmError
from environments.local.arm.ids import ResourceId
from environments.local.machine_learning import processes, serving
from environments.local.machine_learning.durations import read_duration
from environments.local.machine_learning.routing_table import DeploymentRoute, EndpointRoute

if TYPE_CHECKING:
    from environments.local.arm.resource_types import Context, Resource
    from environments.local.machine_learning.collector import Collector
    from environments.local.machine_learning.serving import Serving

_log = logging.getLogger(__name__)
ENDPOINTS = "Microsoft.MachineLearningServices/workspaces/onlineEndpoints"
DEPLOYMENTS = f"{ENDPOINTS}/deployments"
SECRETS = "endpoint keys"
_LOOK_SECONDS = 0.5
_BACK_OFF = (1.0, 2.0, 5.0, 10.0, 30.0)
"""Seconds before each new attempt to start a process that ended; the last is for all further ones."""
_STEADY_SECONDS = 60.0
_DEFAULT_TIMEOUT = 5.0
"""Seconds for one request: Azure's `request_timeout_ms` of 5000."""


@dataclass
class _Live:
    """What is known of a deployment's process."""

    serving: Serving
    up: bool
    attempts: int = 0
    next_attempt: float = 0.0
    up_since: float = 0.0


class Deployments:
    """Keeps scoring processes running and the routing table true."""

    def __init__(self, context: Context, collector: Collector) -> None:
        self._context = context
        self._collector = collector
        self._live: dict[str, _Live] = {}
        self._locks: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
        self._look = threading.Event()
        self._stopping = threading.Event()
        self.table: dict[str, EndpointRoute] = {}
        """By endpoint name in lower case: read by the router, replaced here, entry by entry."""

    def start(self) -> None:
        """Take up processes that outlived the last server, start those that did not."""
        for deployment in self._context.store.of_type(DEPLOYMENTS):
            kept = serving.load(serving.folder_of(self._context, deployment.id))
            try:
                if kept is not None:
                    self._take_up(deployment, kept)
            except (ArmError, OSError) as error:  # one broken deployment must not keep the others down
                _log.error("deployment %s is not taken up: %s", deployment.id.name, error)
        for endpoint in self._context.store.of_type(ENDPOINTS):
            self.refresh(endpoint.id)
        threading.Thread(target=self._watch, daemon=True, name="deployments").start()

    def stop(self) -> None:
        """End every process; the next start brings them up again."""
        self._stopping.set()
        self._look.set()
        for live in self._live.values():
            live.up = False
        folders = [Path(live.serving.folder) / "process" for live in self._live.values()]
        with ThreadPoolExecutor() as pool:
            list(pool.map(lambda folder: processes.stop(processes.find(folder)), folders))

    def look(self) -> None:
        """Somebody found a process not answering: look at once."""
        self._look.set()

    def deploy(self, deployment: Resource) -> None:
        """Make the running process what the deployment says.  Raises ArmError when it does not come up.

        An unchanged deployment keeps its process; a changed one gets a new process, and the old one serves until that
        is ready.
        """
        home = serving.folder_of(self._context, deployment.id)
        with self._locks[deployment.id.key]:
            before = self._live.get(deployment.id.key)
            if before is not None and before.up and before.serving.spec == serving.spec_of(deployment):
                self._refresh_of(deployment)
                return
            _clear(home, before.serving if before is not None else None)
            made = serving.prepare(self._context, deployment)
            try:
                self._bring_up(deployment, made)
            except (ArmError, OSError):
                processes.stop(processes.find(Path(made.folder) / "process"))
                processes.list_for_down(self._context.home, serving.listed_as(deployment.id), None)
                shutil.rmtree(made.folder, ignore_errors=True)
                self._refresh_of(deployment)
                raise
            serving.save(home, made)
            self._live[deployment.id.key] = _Live(serving=made, up=True, up_since=time.monotonic())
            self._refresh_of(deployment)
            if before is not None:
                processes.stop(processes.find(Path(before.serving.folder) / "process"))
                shutil.rmtree(before.serving.folder, ignore_errors=True)

    def remove(self, deployment: Resource) -> None:
        """End a deployment's process and forget its files."""
        with self._locks[deployment.id.key]:
            live = self._live.pop(deployment.id.key, None)
            self._drop_route(deployment.id)
            if live is not None:
                processes.stop(processes.find(Path(live.serving.folder) / "process"))
            processes.list_for_down(self._context.home, serving.listed_as(deployment.id), None)
            shutil.rmtree(serving.folder_of(self._context, deployment.id), ignore_errors=True)
            self._context.store.delete_document("instances", deployment.id.key)

    def state(self, deployment: ResourceId) -> str:
        """`up`, `down` (it ended, and is started again), or `` for one that never came up."""
        live = self._live.get(deployment.key)
        return "" if live is None else "up" if live.up else "down"

    def refresh(self, endpoint: ResourceId) -> None:
        """Read an endpoint anew into the routing table."""
        found = self._context.store.get(endpoint)
        if found is None:
            self.table.pop(endpoint.name.lower(), None)
            return
        self.table[endpoint.name.lower()] = self._route(found)

    def _route(self, endpoint: Resource) -> EndpointRoute:
        secrets = self._context.store.document(SECRETS, endpoint.id.key) or {}
        properties = endpoint.properties
        routes = {
            deployment.id.name.lower(): self._deployment_route(deployment)
            for deployment in self._context.store.children(endpoint.id, DEPLOYMENTS)
        }
        return EndpointRoute(
            name=endpoint.id.name,
            auth=str(properties.get("authMode") or "key").lower(),
            keys=tuple(str(secrets[name]) for name in ("primaryKey", "secondaryKey") if secrets.get(name)),
            audience=f"endpoint:{endpoint.id.key}",
            traffic={name.lower(): int(share) for name, share in (properties.get("traffic") or {}).items()},
            mirror={name.lower(): int(share) for name, share in (properties.get("mirrorTraffic") or {}).items()},
            deployments=routes,
        )

    def _deployment_route(self, deployment: Resource) -> DeploymentRoute:
        live = self._live.get(deployment.id.key)
        settings = deployment.properties.get("requestSettings") or {}
        instances = int((deployment.body.get("sku") or {}).get("capacity") or 1)
        return DeploymentRoute(
            name=deployment.id.name,
            port=live.serving.port if live is not None and live.up else None,
            timeout=read_duration(settings.get("requestTimeout"), _DEFAULT_TIMEOUT),
            at_once=2 * int(settings.get("maxConcurrentRequestsPerInstance") or 1) * max(instances, 1),
        )

    def _refresh_of(self, deployment: Resource) -> None:
        assert deployment.id.parent is not None  # noqa: S101 - a deployment lies in an endpoint
        self.refresh(deployment.id.parent)

    def _drop_route(self, deployment: ResourceId) -> None:
        assert deployment.parent is not None  # noqa: S101 - a deployment lies in an endpoint
        self.refresh(deployment.parent)

    def _bring_up(self, deployment: Resource, made: Serving) -> None:
        """Start a process and wait until it answers.  Raises ArmError or OSError."""
        target = serving.target_of(self._context, deployment, made)
        if target is not None:
            self._collector.expect(made.credential, target)
        serving.start(self._context, deployment, made)
        serving.wait_ready(deployment, made, processes.find(Path(made.folder) / "process"))

    def _take_up(self, deployment: Resource, kept: Serving) -> None:
        target = serving.target_of(self._context, deployment, kept)
        if target is not None:
            self._collector.expect(kept.credential, target)
        found = processes.find(Path(kept.folder) / "process")
        same_ways = kept.ways == (self._context.ports.proxy, self._context.ports.plain)
        up = same_ways and processes.alive(found) and serving.healthy(kept.port)
        if not up:
            processes.stop(found)
        _log.info("deployment %s: %s", deployment.id.name, "still runs" if up else "is started again")
        self._live[deployment.id.key] = _Live(serving=kept, up=up, up_since=time.monotonic())

    def _watch(self) -> None:
        while not self._stopping.is_set():
            self._look.wait(_LOOK_SECONDS)
            self._look.clear()
            for key, live in list(self._live.items()):
                if self._stopping.is_set():
                    return
                try:
                    self._watch_one(key, live)
                except Exception:  # noqa: BLE001 - whatever broke, the others are still to be watched
                    _log.exception("watching deployment %s", key.rsplit("/", 1)[-1])

    def _watch_one(self, key: str, live: _Live) -> None:
        if live.up and not processes.alive(processes.find(Path(live.serving.folder) / "process")):
            self._ended(key, live)
        if not live.up and time.monotonic() >= live.next_attempt:
            self._again(key, live)

    def _ended(self, key: str, live: _Live) -> None:
        found = self._resource(key)
        _log.warning("the scoring process of %s ended", key.rsplit("/", 1)[-1])
        if time.monotonic() - live.up_since > _STEADY_SECONDS:
            live.attempts = 0
        live.up = False
        live.next_attempt = time.monotonic() + _BACK_OFF[min(live.attempts, len(_BACK_OFF) - 1)]
        live.attempts += 1
        if found is not None:
            self._refresh_of(found)

    def _again(self, key: str, live: _Live) -> None:
        """Start an ended process again, in a thread: others are watched meanwhile."""
        found = self._resource(key)
        lock = self._locks[key]
        if found is None or not lock.acquire(blocking=False):
            return

        def attempt() -> None:
            try:
                if self._live.get(key) is live and not live.up and not self._stopping.is_set():
                    self._restart(found, live)
            finally:
                lock.release()

        live.next_attempt = float("inf")
        threading.Thread(target=attempt, daemon=True, name=f"restart-{found.id.name}").start()

    def _restart(self, deployment: Resource, live: _Live) -> None:
        ways = (self._context.ports.proxy, self._context.ports.plain)
        made = replace(live.serving, port=supervisor.free_port(), ways=ways)
        try:
            self._bring_up(deployment, made)
        except (ArmError, OSError) as error:
            _log.warning("deployment %s does not come up again: %s", deployment.id.name, error)
            processes.stop(processes.find(Path(made.folder) / "process"))
            live.next_attempt = time.monotonic() + _BACK_OFF[min(live.attempts, len(_BACK_OFF) - 1)]
            live.attempts += 1
            return
        serving.save(serving.folder_of(self._context, deployment.id), made)
        live.serving, live.up, live.up_since = made, True, time.monotonic()
        self._refresh_of(deployment)

    def _resource(self, key: str) -> Resource | None:
        return self._context.store.get(ResourceId(key))


def _clear(home: Path, current: Serving | None) -> None:
    """End what an attempt left behind that the death of the server interrupted."""
    for folder in home.glob("*/process"):
        if current is None or folder.parent != Path(current.folder):
            processes.stop(processes.find(folder))
            shutil.rmtree(folder.parent, ignore_errors=True)
