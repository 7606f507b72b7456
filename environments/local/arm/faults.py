"""Faults to order: throttling, refusals, lost replies and failing operations, for tests of whoever calls."""

from __future__ import annotations

import math
import re
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, get_args

from environments.local.arm.errors import ArmError
from environments.local.arm.ids import parse

if TYPE_CHECKING:
    from environments.local.arm.ids import ResourceId

Kind = Literal[
    "throttle", "lose-reply", "fail-operation", "endless-operation", "error", "internal", "conflict", "quota"
]
Each = Literal["", "path", "type"]
_SOON = 0.1
_ON_ARRIVAL: tuple[Kind, ...] = ("throttle", "error", "internal", "conflict", "quota")


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One fault, for the next `times` requests whose `METHOD path` the pattern finds."""

    kind: Kind
    pattern: str = ""
    """A regular expression; case does not matter."""
    times: int = 1
    after: int = 0
    """So many requests that the pattern finds go unharmed before."""
    each: Each = ""
    """Whether `times` counts for each path, or for each type of resource, apart."""
    seconds: float = 1.0
    """`Retry-After` of a throttled request; a client that comes back earlier is refused again."""

    def counted_by(self, line: str) -> str:
        """What `times` is counted for."""
        path = line.partition(" ")[2]
        return {"": "", "path": path.lower(), "type": parse(path).type.lower()}[self.each]


@dataclass
class _Ordered:
    fault: Fault
    taken: dict[str, int] = field(default_factory=dict)


class Faults:
    """The faults that wait for their request, and those that have happened."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[_Ordered] = []
        self._throttled: dict[str, float] = {}
        self._happened: list[tuple[str, str]] = []
        self._let_end = threading.Event()  # operations that were ordered to be endless

    def order(self, fault: Fault) -> None:
        """Have it happen; raises ValueError for what there is not."""
        for name, value, known in (("kind", fault.kind, get_args(Kind)), ("each", fault.each, get_args(Each))):
            if value not in known:
                raise ValueError(f"there is no {name} '{value}'; there are {', '.join(filter(None, known))}")
        try:
            re.compile(fault.pattern)
        except re.error as error:
            raise ValueError(f"'{fault.pattern}' is no regular expression: {error}") from error
        with self._lock:
            self._waiting.append(_Ordered(fault))

    def clear(self) -> None:
        """Forget what has not happened, and what has; operations without end go on to theirs."""
        with self._lock:
            self._let_end.set()
            self._let_end = threading.Event()
            self._waiting.clear()
            self._throttled.clear()
            self._happened.clear()

    def happened(self) -> list[tuple[str, str]]:
        """Kind and `METHOD path` of each fault so far, oldest first."""
        with self._lock:
            return list(self._happened)

    def take(self, kinds: tuple[Kind, ...], line: str) -> Fault | None:
        """The fault for this request, which is then used up by one."""
        with self._lock:
            for ordered in self._waiting:
                fault = ordered.fault
                if fault.kind in kinds and re.search(fault.pattern, line, re.IGNORECASE):
                    by = fault.counted_by(line)
                    ordered.taken[by] = ordered.taken.get(by, 0) + 1
                    if fault.after < ordered.taken[by] <= fault.after + fault.times:
                        self._happened.append((fault.kind, line))
                        return fault
        return None

    def on_arrival(self, line: str) -> None:
        """Raise ArmError when the request is to be refused."""
        self._refuse_impatience(line)
        fault = self.take(_ON_ARRIVAL, line)
        match fault.kind if fault else None:
            case "throttle" if fault is not None:
                with self._lock:
                    self._throttled[line.lower()] = time.monotonic() + fault.seconds
                raise _throttled(fault.seconds)
            case "error":
                raise ArmError(503, "ServiceUnavailable", "The service was ordered to be unavailable.")
            case "internal":
                raise ArmError(500, "InternalServerError", "An internal error was ordered.")
            case "conflict":
                raise ArmError(409, "Conflict", "Another operation on it is in progress (ordered).")
            case "quota":
                raise ArmError(
                    409,
                    "QuotaExceeded",
                    "Operation could not be completed as it results in exceeding approved quota (ordered).",
                )

    def before_operation(self, method: str, target: ResourceId, stopping: threading.Event) -> None:
        """Raise ArmError when the operation is to fail; stay while it is to be endless, until cleared or stopped."""
        let_end = self._let_end
        if self.take(("endless-operation",), f"{method.upper()} {target.text}"):
            while not let_end.wait(_SOON) and not stopping.is_set():
                pass
        if self.take(("fail-operation",), f"{method.upper()} {target.text}"):
            raise ArmError(500, "InjectedFailure", f"The operation on '{target.name}' was ordered to fail.")

    def _refuse_impatience(self, line: str) -> None:
        """Azure counts what comes before `Retry-After` is over; a client that does not wait gets nowhere."""
        with self._lock:
            left = self._throttled.get(line.lower(), 0.0) - time.monotonic()
            if left <= 0:
                self._throttled.pop(line.lower(), None)
                return
            self._happened.append(("impatience", line))
        raise _throttled(left)


def _throttled(seconds: float) -> ArmError:
    return ArmError(429, "TooManyRequests", "The request is being throttled.", retry_after=math.ceil(seconds))
