"""Run a command as a whole process and say what it took: wall time, CPU time and peak memory, as the kernel counts."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Container, Mapping, Sequence

_SAID = 300


@dataclass(frozen=True, kw_only=True)
class Took:
    """What one run took; CPU and memory include the children it waited for."""

    wall: float
    cpu: float
    megabytes: float
    failed: str = ""
    """Why there is no result: empty when the command came to its end with an answer."""


def run(
    command: Sequence[str],
    *,
    limit: float = 600,
    more: Mapping[str, str] | None = None,
    answers: Container[int] = (0,),
) -> Took:
    """Run a command to its end, or to the limit in seconds; then it and all it started are killed.

    Any other exit code than those that are answers is a failure.

    A child's peak counts what the parent holds when it starts the child, so nothing large is imported here.
    """
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    with tempfile.TemporaryFile() as said:
        began = time.monotonic()
        process = subprocess.Popen(
            command,
            stdout=subprocess.DEVNULL,
            stderr=said,
            env={**environment, **(more or {})},
            start_new_session=True,
        )
        late = threading.Event()
        timer = threading.Timer(limit, _kill, [process.pid, late])
        timer.start()
        _, status, used = os.wait4(process.pid, 0)
        wall = time.monotonic() - began
        timer.cancel()
        process.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        last = said.read().decode(errors="replace").strip()[-_SAID:]
    failed = f"not done after {limit:g} s" if late.is_set() else _why(process.returncode, last, answers)
    return Took(wall=wall, cpu=used.ru_utime + used.ru_stime, megabytes=used.ru_maxrss / 1024, failed=failed)


def _kill(group: int, late: threading.Event) -> None:
    late.set()
    os.killpg(group, signal.SIGKILL)


def _why(code: int, said: str, answers: Container[int]) -> str:
    return "" if code in answers else f"exit code {code}: {' '.join(said.split())}"
