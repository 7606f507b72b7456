"""The processes of a local environment: started detached, known by pid and start time, ended by pid."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import threading
import time
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

import psutil

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from environments.local.home import Home

_STARTED: dict[int, subprocess.Popen[bytes]] = {}
"""This process's own children: kept, so that the dead among them can be reaped."""
_START_SECONDS = 120.0
_STOP_SECONDS = 10.0


class StartError(Exception):
    """A process of the local environment did not come up; the text says which, why and where its log is."""


@dataclass(frozen=True, kw_only=True)
class Process:
    """One started process."""

    name: str
    pid: int
    started: float
    """When it was made (seconds since the epoch): tells it from a later process of the same pid."""
    ports: Mapping[str, int] = field(default_factory=dict)

    @property
    def alive(self) -> bool:
        """Whether it still runs."""
        try:
            found = psutil.Process(self.pid)
            return abs(found.create_time() - self.started) < 1 and found.status() != psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return False


def known(home: Home) -> dict[str, Process]:
    """All that were started and not ended, dead ones included."""
    folder = home.path / "processes"
    names = sorted(file.stem for file in folder.glob("*.json")) if folder.exists() else []
    return {name: Process(**home.read(f"processes/{name}.json")) for name in names}


def find(home: Home, name: str) -> Process | None:
    """A process by its name, dead or alive."""
    kept = home.read(f"processes/{name}.json")
    return Process(**kept) if kept else None


def start(
    home: Home,
    name: str,
    command: Sequence[str],
    *,
    environment: Mapping[str, str],
    ports: Mapping[str, int],
    ready: Callable[[], bool] | None = None,
    cwd: Path | None = None,
) -> Process:
    """Start a process that outlives this one, and wait until it listens on its ports.

    Raises StartError, with the end of its log, when it ends before that or takes more than two minutes.
    """
    for child in _STARTED.values():
        child.poll()  # reaps the dead
    log = home.log(name)
    with log.open("ab") as out:
        made = subprocess.Popen(
            list(command),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            # Without compiled modules each start of MLflow would take twenty seconds.
            env={key: value for key, value in environment.items() if key != "PYTHONDONTWRITEBYTECODE"},
            cwd=cwd or home.path,
            start_new_session=True,
        )
    _STARTED[made.pid] = made
    process = Process(name=name, pid=made.pid, started=psutil.Process(made.pid).create_time(), ports=dict(ports))
    # Whoever starts a process must collect it when it ends, or it stays as a zombie.
    threading.Thread(target=made.wait, daemon=True, name=f"reap-{name}").start()
    home.write(f"processes/{name}.json", asdict(process))
    deadline = time.monotonic() + _START_SECONDS
    while not all(listens(port) for port in ports.values()) or (ready is not None and not ready()):
        if made.poll() is not None or time.monotonic() > deadline:
            ended = "ended" if made.poll() is not None else f"did not listen within {_START_SECONDS:.0f} s"
            stop(home, name, forget=False)
            said = "\n  ".join(log.read_text(errors="replace").strip().splitlines()[-8:])
            raise StartError(f"{name} {ended}; the end of {log}:\n  {said}")
        time.sleep(0.05)
    return process


def stop(home: Home, name: str, *, forget: bool = True) -> None:
    """End a process and its children, politely, then not; unless forgotten, its ports are used again."""
    process = find(home, name)
    if process is not None and process.alive:
        with contextlib.suppress(psutil.NoSuchProcess):
            top = psutil.Process(process.pid)
            family = [*top.children(recursive=True), top]  # jobs and deployments are children too
            for each in family:
                with contextlib.suppress(psutil.NoSuchProcess):
                    each.terminate()
            for each in psutil.wait_procs(family, timeout=_STOP_SECONDS)[1]:
                with contextlib.suppress(psutil.NoSuchProcess):
                    each.kill()
    if process is not None and (child := _STARTED.pop(process.pid, None)) is not None:
        child.wait()
    if forget:
        (home.path / "processes" / f"{name}.json").unlink(missing_ok=True)


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def listens(port: int) -> bool:
    """Whether somebody listens there."""
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0
