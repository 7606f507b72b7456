"""How many nodes of a compute are in use, and who waits for one."""

from __future__ import annotations

import contextlib
import threading
from collections import Counter, deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from environments.local.arm.resource_types import Resource

_WITHOUT_CLUSTER = 4
"""Nodes of serverless and attached computes, whose size is not ours to know."""
_LOOK_SECONDS = 0.2


def size_of(compute: Resource | None) -> int:
    """How many nodes a compute can have."""
    if compute is None:
        return _WITHOUT_CLUSTER
    kind = str(compute.properties.get("computeType", "")).lower()
    inner = compute.properties.get("properties") or {}
    if kind == "amlcompute":
        return int((inner.get("scaleSettings") or {}).get("maxNodeCount") or 0)
    return 1 if kind == "computeinstance" else _WITHOUT_CLUSTER


class Slots:
    """Nodes by compute, given out in the order of asking."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._used: Counter[str] = Counter()
        self._line: dict[str, deque[object]] = {}

    def used(self, compute: str) -> int:
        """How many nodes run something now."""
        with self._changed:
            return self._used[compute]

    @contextlib.contextmanager
    def take(self, compute: str, nodes: int, size: int, cancel: threading.Event) -> Iterator[bool]:
        """Wait for nodes and hold them; False when cancelled first."""
        got = self._wait(compute, nodes, size, cancel)
        try:
            yield got
        finally:
            if got:
                with self._changed:
                    self._used[compute] -= nodes
                    self._changed.notify_all()

    @contextlib.contextmanager
    def hold(self, compute: str, nodes: int) -> Iterator[None]:
        """Count nodes that are already in use: of a process that outlived the server."""
        with self._changed:
            self._used[compute] += nodes
        try:
            yield
        finally:
            with self._changed:
                self._used[compute] -= nodes
                self._changed.notify_all()

    def _wait(self, compute: str, nodes: int, size: int, cancel: threading.Event) -> bool:
        ticket = object()
        with self._changed:
            line = self._line.setdefault(compute, deque())
            line.append(ticket)
            try:
                while line[0] is not ticket or self._used[compute] + nodes > size:
                    if cancel.is_set():
                        return False
                    self._changed.wait(_LOOK_SECONDS)
                self._used[compute] += nodes
            finally:
                line.remove(ticket)
                self._changed.notify_all()
        return True
