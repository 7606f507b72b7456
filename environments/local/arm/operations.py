"""Long-running operations: durable, done in worker threads, taken up again after a restart."""

from __future__ import annotations

import logging
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

from environments.local.arm.errors import ArmError

if TYPE_CHECKING:
    from collections.abc import Callable

    from environments.local.arm.store import Store

_KIND = "operations"
_LOG = logging.getLogger(__name__)
_KEPT_SECONDS = 86400
IN_PROGRESS, SUCCEEDED, FAILED = "InProgress", "Succeeded", "Failed"


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One long-running operation, with all that is needed to do it again."""

    name: str
    target: str
    """The id of the resource."""
    method: str
    """`put`, `delete`, or the name of an action."""
    status: str = IN_PROGRESS
    started: float = 0.0
    """Seconds since the epoch."""
    error: dict[str, str] | None = None
    request: dict[str, Any] = field(default_factory=dict)
    """api_version, body, query and principal of the request, for actions."""


class Operations:
    """Starts operations and remembers how they ended.

    An operation takes at least `least_seconds`, so that callers have to wait as they do in Azure.
    """

    def __init__(self, store: Store, least_seconds: float = 0.04) -> None:
        self._store = store
        self._least = least_seconds
        self._threads = ThreadPoolExecutor(max_workers=16, thread_name_prefix="operation")
        self.stopping = threading.Event()  # set once: what waits for long looks at it
        self._do: Callable[[Operation], None] | None = None
        self._active: dict[str, Operation] = {}

    def start(self, do: Callable[[Operation], None]) -> None:
        """Say how an operation is done, and take up those that were under way."""
        self._do = do
        for name, value in self._store.documents(_KIND).items():
            if value["status"] != IN_PROGRESS:
                if value["started"] < time.time() - _KEPT_SECONDS:
                    self._store.delete_document(_KIND, name)
            else:
                _LOG.info("takes up operation %s again: %s %s", name, value["method"], value["target"])
                operation = Operation(**value)
                self._active[operation.target.lower()] = operation
                self.submit(operation)

    def stop(self) -> None:
        """Let go: what is unfinished stays in progress, for the next start."""
        self.stopping.set()
        self._threads.shutdown(wait=False, cancel_futures=True)

    def begin(self, target: str, method: str, request: dict[str, Any] | None = None) -> Operation:
        """Record an operation; call `submit` once the transaction that it belongs to is through."""
        operation = Operation(
            name=str(uuid.uuid4()), target=target, method=method, started=time.time(), request=request or {}
        )
        self._store.put_document(_KIND, operation.name, asdict(operation))
        self._active[target.lower()] = operation
        return operation

    def submit(self, operation: Operation) -> None:
        """Have a worker thread do it."""
        self._threads.submit(self._run, operation)

    def get(self, name: str) -> Operation | None:
        """Return one, or None."""
        found = self._store.document(_KIND, name)
        return Operation(**found) if found else None

    def active_on(self, key: str) -> Operation | None:
        """Return the operation in progress on a resource (lower-cased id), if any."""
        found = self._active.get(key)
        return found if found is not None and self.get(found.name) is not None else None  # it may be rolled back

    def wait(self, name: str) -> None:
        """Return when the operation has ended (or the server stops)."""
        while not self.stopping.is_set() and (found := self.get(name)) is not None and found.status == IN_PROGRESS:
            time.sleep(self._least / 4)

    def _run(self, operation: Operation) -> None:
        assert self._do is not None  # noqa: S101 - `start` comes first
        self.stopping.wait(self._least)
        if self.stopping.is_set():
            return
        ended = replace(operation, status=SUCCEEDED)
        try:
            self._do(operation)
        except ArmError as error:
            ended = replace(operation, status=FAILED, error={"code": error.code, "message": error.message})
        except Exception as error:  # noqa: BLE001 - the caller polls: whatever broke must reach it
            if self.stopping.is_set():
                return
            _LOG.exception("operation %s on %s broke", operation.method, operation.target)
            message = f"{type(error).__name__}: {error}"
            ended = replace(operation, status=FAILED, error={"code": "InternalServerError", "message": message})
        self._store.put_document(_KIND, operation.name, asdict(ended))
        if self._active.get(operation.target.lower()) == operation:
            del self._active[operation.target.lower()]
