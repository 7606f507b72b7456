"""Faults to order: throttling, lost replies and failing operations, for tests of whoever calls."""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from environments.local.arm.errors import ArmError

if TYPE_CHECKING:
    from environments.local.arm.ids import ResourceId

Kind = Literal["throttle", "lose-reply", "fail-operation", "error"]


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One fault, for the next `times` requests whose `METHOD path` the pattern finds."""

    kind: Kind
    pattern: str = ""
    """A regular expression; case does not matter."""
    times: int = 1


class Faults:
    """The faults that wait for their request."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[Fault] = []

    def order(self, fault: Fault) -> None:
        """Have it happen; raises ValueError for a pattern that is no regular expression."""
        try:
            re.compile(fault.pattern)
        except re.error as error:
            raise ValueError(f"'{fault.pattern}' is no regular expression: {error}") from error
        with self._lock:
            self._waiting.append(fault)

    def clear(self) -> None:
        """Forget what has not happened."""
        with self._lock:
            self._waiting.clear()

    def take(self, kinds: tuple[Kind, ...], text: str) -> Fault | None:
        """The fault for this request, which is then used up by one."""
        with self._lock:
            for i, fault in enumerate(self._waiting):
                if fault.kind in kinds and re.search(fault.pattern, text, re.IGNORECASE):
                    self._waiting[i : i + 1] = [replace(fault, times=fault.times - 1)] if fault.times > 1 else []
                    return fault
        return None

    def before_operation(self, target: ResourceId) -> None:
        """Raise ArmError when the operation is to fail."""
        if self.take(("fail-operation",), target.text):
            raise ArmError(500, "InjectedFailure", f"The operation on '{target.name}' was ordered to fail.")
