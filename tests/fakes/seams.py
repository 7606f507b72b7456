"""Where a process can die: before and after each call to the outside or to the store."""

from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


class Killed(BaseException):
    """The process ended here."""


class Seams:
    """Counts the moments at which a process can die, and dies at the chosen one."""

    def __init__(self, kill_at: int | None = None, *, hang_at: int | None = None) -> None:
        self.passed = 0
        self.kill_at = kill_at
        self.hang_at = hang_at
        self.trail: list[str] = []
        self.late: Callable[[], object] | None = None  # what a process that hangs will do when it wakes

    def around(self, name: str, call: Callable[[], T]) -> T:
        """Make a call that can die before it happens, or after it happened but before anybody heard."""
        self._moment(f"before {name}")
        if self.hang_at is not None and self.passed >= self.hang_at:
            self.hang_at, self.late = None, call
            raise Killed(f"hangs before {name}")
        answer = call()
        self._moment(f"after {name}")
        return answer

    def _moment(self, name: str) -> None:
        self.passed += 1
        if self.passed == self.kill_at:
            self.trail.append(name)
            raise Killed(name)
