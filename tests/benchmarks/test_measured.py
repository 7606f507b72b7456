"""A run is measured as a whole process; one that fails or takes too long says so."""

from __future__ import annotations

import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from benchmarks.monitors import peers
from benchmarks.monitors.__main__ import interleaved
from benchmarks.monitors.measured import run

if TYPE_CHECKING:
    from pathlib import Path

_PYTHON = [sys.executable, "-c"]


_TWO_RUNS = """
import sys
from benchmarks.monitors import __main__
from benchmarks.monitors.measured import run
small, large = (
    run([sys.executable, "-c", code]) for code in ("pass", "held = b'x' * 200_000_000; sum(range(10_000_000))")
)
print(large.megabytes - small.megabytes, large.cpu - small.cpu, small.failed, large.failed)
"""


def test_memory_and_cpu_of_the_child_are_counted() -> None:
    # In a process of its own: that of the tests is large, and what a parent holds counts as its child's peak.
    done = subprocess.run([*_PYTHON, _TWO_RUNS], capture_output=True, text=True, check=True)

    megabytes, cpu = (float(number) for number in done.stdout.split())
    assert 180 < megabytes < 220
    assert cpu > 0.02


def test_the_program_that_measures_imports_nothing_large() -> None:
    code = "import sys; import benchmarks.monitors.__main__; print(*sorted({'numpy', 'pyarrow'} & set(sys.modules)))"

    done = subprocess.run([*_PYTHON, code], capture_output=True, text=True, check=True)

    assert done.stdout.split() == []


def test_a_command_that_fails_says_with_what() -> None:
    took = run([*_PYTHON, "import sys; sys.exit('there is no such file')"])

    assert took.failed == "exit code 1: there is no such file"


def test_an_exit_code_that_is_an_answer_is_no_failure() -> None:
    assert run(["sh", "-c", "exit 1"], answers=(0, 1)).failed == ""
    assert run(["sh", "-c", "exit 2"], answers=(0, 1)).failed == "exit code 2: "


def test_a_command_that_takes_too_long_is_ended_with_all_it_started() -> None:
    began = time.monotonic()
    took = run(["sh", "-c", "sleep 60 & wait"], limit=0.5)

    assert took.failed == "not done after 0.5 s"
    assert time.monotonic() - began < 30


def test_both_sides_run_in_turn_and_the_first_pair_is_not_counted(tmp_path: Path) -> None:
    log = tmp_path / "log"

    ours, floor = interleaved(["sh", "-c", f"echo floor >> {log}"], ["sh", "-c", f"echo ours >> {log}"], 2)

    assert log.read_text().split() == ["floor", "ours"] * 3
    assert (len(ours), len(floor)) == (2, 2)


def test_a_side_that_fails_is_not_tried_again(tmp_path: Path) -> None:
    log = tmp_path / "log"

    ours, floor = interleaved(["sh", "-c", f"echo floor >> {log}"], ["sh", "-c", "exit 3"], 5)

    assert log.read_text().split() == ["floor"]
    assert ([one.failed for one in ours], [one.failed for one in floor]) == (["exit code 3: "], [""])


@pytest.mark.parametrize("peer", [*peers.PEERS, peers.READERS], ids=lambda peer: peer.name)
def test_what_a_peer_needs_is_pinned_by_hash_and_names_no_address(peer: peers.Peer) -> None:
    text = (peer.folder / "requirements.txt").read_text()
    blocks = text.strip().replace("\\\n", "").splitlines()

    assert [line[:40] for line in blocks if "==" not in line or "--hash=sha256:" not in line] == []
    assert "://" not in text
    assert (peer.folder / ("rows.py" if peer is peers.READERS else "drift.py")).is_file()


def test_a_peer_that_cannot_be_installed_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    peer = peers.Peer(name="none", settings=())
    nowhere = tmp_path / "peer"
    nowhere.mkdir()
    (nowhere / "requirements.txt").write_text("no-hash==1.0\n")

    with pytest.raises(peers.NotInstalledError, match=r"uv pip failed.*require-hashes"):
        peers.installed(peer, nowhere / "requirements.txt")

    assert not list(tmp_path.glob("**/whole"))
