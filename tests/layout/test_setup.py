"""Set-up says what is missing, in a line each, before it starts anything."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def bare_machine(tmp_path: Path) -> Path:
    """Return a PATH folder with nothing on it, and a checkout of nothing but set-up and its pins."""
    for name in ("environments/local/install.py", "requirements.txt", "pyproject.toml"):
        (tmp_path / "checkout" / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / "checkout" / name)
    for folder in ("environments/local/azurite", "environments/local/engine"):
        shutil.copytree(ROOT / folder, tmp_path / "checkout" / folder)
    (tmp_path / "bin").mkdir()
    return tmp_path


def _set_up(machine: Path) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": str(machine / "bin"), "XDG_CACHE_HOME": str(machine / "cache"), "HOME": str(machine)}
    script = machine / "checkout" / "environments" / "local" / "install.py"
    return subprocess.run([sys.executable, script], env=environment, capture_output=True, text=True, check=False)


def _provide(machine: Path, name: str, prints: str) -> None:
    program = machine / "bin" / name
    program.write_text(f"#!/bin/sh\necho {prints}\n")
    program.chmod(0o755)


def test_a_machine_without_node_go_or_pulumi_is_told_all_of_it_at_once_and_nothing_is_begun(bare_machine: Path) -> None:
    done = _set_up(bare_machine)

    assert done.returncode == 3
    assert done.stdout == ""
    assert done.stderr.splitlines() == [
        "setup: Azurite needs Node.js 18 or newer with npm; on Debian: apt-get install nodejs npm.",
        (
            "setup: there is no Pulumi engine: install pulumi v3.259.0 or newer "
            "(https://www.pulumi.com/docs/install/), or Go 1.25 or newer, with which set-up builds it."
        ),
    ]
    assert not (bare_machine / "cache").exists()
    assert not (bare_machine / "checkout" / ".venv").exists()


def test_an_old_node_is_named_and_an_old_pulumi_does_not_count(bare_machine: Path) -> None:
    _provide(bare_machine, "node", "v12.22.0")
    _provide(bare_machine, "npm", "6.0.0")
    _provide(bare_machine, "pulumi", "v3.100.0")

    done = _set_up(bare_machine)

    assert done.returncode == 3
    assert done.stderr.splitlines()[0] == (
        f"setup: Azurite needs Node.js 18 or newer; {bare_machine / 'bin' / 'node'} is older."
    )
    assert "there is no Pulumi engine" in done.stderr.splitlines()[1]


def test_a_second_set_up_says_nothing_and_changes_nothing() -> None:
    """Runs on this very checkout, which `make test` has just set up."""
    before = _snapshot()

    done = subprocess.run(
        [sys.executable, ROOT / "environments" / "local" / "install.py"],
        env=dict(os.environ),
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert _snapshot() == before


def _snapshot() -> dict[str, int]:
    return {str(path): path.lstat().st_mtime_ns for path in sorted((ROOT / ".venv" / "bin").iterdir())}
