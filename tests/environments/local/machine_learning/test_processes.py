"""Processes that outlive the server."""

from __future__ import annotations

import os
import signal
import time
from typing import TYPE_CHECKING

import psutil

from environments.local.machine_learning import processes

if TYPE_CHECKING:
    from pathlib import Path

_PATH = {"PATH": os.environ["PATH"]}


def _start(folder: Path, script: str) -> processes.Started:
    log = folder / "log.txt"
    return processes.start(folder, ["bash", "-c", script], environment=_PATH, directory=folder, log=log)


def test_the_exit_code_and_the_output_are_on_disk(tmp_path: Path) -> None:
    started = _start(tmp_path, "echo hello; echo trouble >&2; exit 7")
    assert processes.wait(started, 10)
    assert (processes.exit_code(tmp_path), (tmp_path / "log.txt").read_text()) == (7, "hello\ntrouble\n")


def test_a_process_is_found_again_by_its_folder(tmp_path: Path) -> None:
    started = _start(tmp_path, "sleep 60")
    found = processes.find(tmp_path)
    assert found == started
    assert processes.alive(found)
    assert not processes.wait(started, 0.05)
    processes.stop(found)
    assert not processes.alive(found)
    assert processes.exit_code(tmp_path) != 0


def test_stopping_ends_the_whole_group_even_children_that_do_not_listen(tmp_path: Path) -> None:
    started = _start(tmp_path, "trap '' TERM; (trap '' TERM; sleep 60) & echo $! > child; sleep 60")
    while not (tmp_path / "child").exists() or not (tmp_path / "child").read_text():
        time.sleep(0.01)
    child = int((tmp_path / "child").read_text())
    processes.stop(started, grace=0.2)
    assert not processes.alive(started)
    deadline = time.monotonic() + 5
    while psutil.pid_exists(child) and psutil.Process(child).status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_killed_process_has_no_exit_code(tmp_path: Path) -> None:
    started = _start(tmp_path, "sleep 60")
    os.killpg(started.pid, signal.SIGKILL)
    assert processes.wait(started, 10)
    assert processes.exit_code(tmp_path) is None


def test_another_process_with_the_same_number_is_not_taken_for_it(tmp_path: Path) -> None:
    started = _start(tmp_path, "sleep 60")
    stranger = processes.Started(pid=started.pid, born=started.born - 100)
    assert not processes.alive(stranger)
    processes.stop(stranger)
    assert processes.alive(started)
    processes.stop(started)
