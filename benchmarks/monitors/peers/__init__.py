"""What others offer for the same comparison, each in a virtual environment of its own outside the checkout."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from benchmarks.monitors.described import cache
from environments.local.install import VENV, index_settings

FOLDER = Path(__file__).parent
QUIET = {"NML_DISABLE_USAGE_LOGGING": "1", "WHYLOGS_NO_ANALYTICS": "True", "DO_NOT_TRACK": "1"}
"""Environment in which none of them reports its use to anyone."""
_UV = str(VENV / "bin" / "uv")


class NotInstalledError(Exception):
    """A peer that cannot be had on this machine; the text says why."""


@dataclass(frozen=True, kw_only=True)
class Peer:
    """One program and the settings it is run with: its default, and those nearest to what ours gives."""

    name: str
    settings: tuple[str, ...]

    @property
    def folder(self) -> Path:
        """Where its script and its requirements lie."""
        return FOLDER / self.name


PEERS = (
    Peer(name="frouros", settings=("JS", "PSI", "KS", "EMD")),
    Peer(name="alibi_detect", settings=("KSDrift",)),
    Peer(name="nannyml", settings=("kolmogorov_smirnov", "wasserstein", "jensen_shannon")),
    Peer(name="whylogs", settings=("default",)),
    Peer(name="evidently", settings=("default", "psi")),
)
READERS = Peer(name="readers", settings=("duckdb", "polars", "pyarrow"))
"""Not of drift: they read JSON lines."""


def installed(peer: Peer, requirements: Path | None = None) -> Path:
    """Give the Python of a peer's environment, made now if it is not there.  Raise NotInstalledError."""
    requirements = requirements or peer.folder / "requirements.txt"
    digest = hashlib.sha256(requirements.read_bytes()).hexdigest()[:12]
    target = cache() / "peers" / f"{peer.name}-{sys.version_info.major}.{sys.version_info.minor}-{digest}"
    python = target / "bin" / "python"
    whole = target / "whole"
    if not whole.exists():
        shutil.rmtree(target, ignore_errors=True)
        _uv("venv", "--quiet", "--python", sys.executable, str(target))
        # Compiled at once: whoever imports first would pay for it.
        options = ("--quiet", "--require-hashes", "--compile-bytecode", "--python", str(python))
        _uv("pip", "sync", *options, str(requirements))
        whole.touch()
    return python


def command(peer: Peer, python: Path, setting: str, reference: Path, current: Path) -> list[str]:
    """Give the command that compares two files."""
    return [str(python), str(peer.folder / "drift.py"), setting, str(reference), str(current)]


_SAID = 400
"""Letters of the end of what the installer said that are worth repeating."""


def _uv(*arguments: str) -> None:
    environment = {**os.environ, **index_settings()}
    try:
        subprocess.run([_UV, *arguments], env=environment, check=True, capture_output=True, text=True)
    except (OSError, subprocess.CalledProcessError) as error:
        said = " ".join((getattr(error, "stderr", "") or str(error)).split())  # it breaks lines by the terminal's width
        raise NotInstalledError(f"uv {arguments[0]} failed: {said[-_SAID:]}") from error
