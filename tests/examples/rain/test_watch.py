"""A part of the local environment that dies is named at once, whatever waits for it."""

import contextlib
import os
import signal
import time
from pathlib import Path

import pytest

from environments.local import supervisor
from environments.local.home import Home
from examples.rain.watch import PartEndedError, ended, watching


def _started(home: Home, name: str) -> int:
    return supervisor.start(home, name, ["sleep", "600"], environment=dict(os.environ), ports={}).pid


def _kill_and_try_again(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)
    for _ in range(3):
        with contextlib.suppress(Exception):
            time.sleep(20)


def test_a_dead_part_ends_whatever_waits_for_it_and_no_retry_swallows_that(tmp_path: Path) -> None:
    home = Home(tmp_path)
    pid = _started(home, "azurite-demo")
    before = time.monotonic()

    with pytest.raises(PartEndedError, match=r"^azurite-demo$"), watching(home):
        _kill_and_try_again(pid)

    assert time.monotonic() - before < 15


def test_a_deployment_that_dies_is_the_loops_business(tmp_path: Path) -> None:
    home = Home(tmp_path)
    for name in ("server", "deployment-rain-m-1"):
        _started(home, name)

    supervisor.stop(home, "deployment-rain-m-1", forget=False)
    assert ended(home) == []
    supervisor.stop(home, "server", forget=False)
    assert ended(home) == ["server"]
