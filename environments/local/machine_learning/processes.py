"""Processes that outlive the server: started in a session of their own, found again by a folder on disk."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import threading
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import psutil

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from environments.local.home import Home

# Runs the command and leaves its exit code in a file, whole or not at all: whoever waits may have died meanwhile.
_WRAPPER = '"$@"; code=$?; echo "$code" > "$AML_KIT_EXIT.part"; mv "$AML_KIT_EXIT.part" "$AML_KIT_EXIT"'
_GRACE_SECONDS = 5.0


@dataclass(frozen=True, kw_only=True)
class Started:
    """A process by number and birth: the number alone may be another's by now."""

    pid: int
    born: float


def start(
    folder: Path, command: Sequence[str], *, environment: Mapping[str, str], directory: Path, log: Path
) -> Started:
    """Start `command` in `directory`, with both outputs appended to `log`; what is needed to find it lies in `folder`.

    Raises OSError.
    """
    folder.mkdir(parents=True, exist_ok=True)
    log.parent.mkdir(parents=True, exist_ok=True)
    code_file = folder / "exit"
    code_file.unlink(missing_ok=True)
    with log.open("ab") as output:
        process = subprocess.Popen(
            ["/bin/sh", "-c", _WRAPPER, "sh", *command],
            cwd=directory,
            env={**environment, "AML_KIT_EXIT": str(code_file)},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    # Somebody must collect the process when it ends, or it stays as a zombie for as long as the server runs.
    threading.Thread(target=process.wait, daemon=True, name=f"reap-{process.pid}").start()
    started = Started(pid=process.pid, born=_born(process.pid))
    aside = folder / "process.part"
    aside.write_text(json.dumps(asdict(started)))
    aside.replace(folder / "process.json")
    return started


def list_for_down(home: Home, name: str, started: Started | None, **ports: int) -> None:
    """Have `status` list a process, and `down` end it even after a kill of the server; None takes it off the list."""
    if started is None:
        (home.path / "processes" / f"{name}.json").unlink(missing_ok=True)
    else:
        home.write(
            f"processes/{name}.json", {"name": name, "pid": started.pid, "started": started.born, "ports": ports}
        )


def find(folder: Path) -> Started | None:
    """Find what was started with `folder`, whether it still runs or not; None when nothing was."""
    try:
        return Started(**json.loads((folder / "process.json").read_text()))
    except (FileNotFoundError, ValueError, TypeError):
        return None


def alive(started: Started | None) -> bool:
    """Whether it runs."""
    if started is None:
        return False
    try:
        process = psutil.Process(started.pid)
        return _same(process, started) and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def wait(started: Started, seconds: float | None = None) -> bool:
    """Wait for its end; False when it still runs after `seconds`."""
    with contextlib.suppress(psutil.NoSuchProcess):
        process = psutil.Process(started.pid)
        if not _same(process, started):
            return True
        try:
            process.wait(seconds)
        except psutil.TimeoutExpired:
            return not alive(started)
    return True


def exit_code(folder: Path) -> int | None:
    """The exit code; None while it runs, or when it was killed together with its wrapper."""
    try:
        return int((folder / "exit").read_text())
    except (FileNotFoundError, ValueError):
        return None


def stop(started: Started | None, *, grace: float = _GRACE_SECONDS) -> None:
    """End the whole process group: politely, and after `grace` seconds for good."""
    if started is None or not alive(started):
        return
    for number, seconds in ((signal.SIGTERM, grace), (signal.SIGKILL, 10.0)):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(started.pid, number)
        if wait(started, seconds) and not _group(started.pid):
            return


def _group(number: int) -> bool:
    try:
        os.killpg(number, 0)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def _born(pid: int) -> float:
    try:
        return psutil.Process(pid).create_time()
    except psutil.NoSuchProcess:  # already over
        return 0.0


def _same(process: psutil.Process, started: Started) -> bool:
    return abs(process.create_time() - started.born) < 0.05  # noqa: PLR2004 - seconds; the clock's grain is 0.01
