"""The folder in which one local environment keeps all that it knows."""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Home:
    """A local environment's folder: state, certificates, blobs, logs."""

    path: Path

    def folder(self, *names: str) -> Path:
        """A folder below, made if it is not there."""
        found = self.path.joinpath(*names)
        found.mkdir(parents=True, exist_ok=True)
        return found

    @property
    def database(self) -> Path:
        """The resource manager's state."""
        return self.path / "arm.sqlite"

    @property
    def bundle(self) -> Path:
        """The certificates to trust: the system's and our own authority's."""
        return self.path / "tls" / "bundle.pem"

    def log(self, name: str) -> Path:
        """Where a process writes what it says."""
        return self.folder("logs") / f"{name}.log"

    def read(self, name: str) -> dict[str, Any]:
        """A JSON file of the folder, empty if it is not there."""
        try:
            found: dict[str, Any] = json.loads((self.path / name).read_text())
        except FileNotFoundError:
            return {}
        return found

    def write(self, name: str, value: dict[str, Any]) -> None:
        """Write a JSON file whole or not at all, readable by its owner only."""
        target = self.path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, aside = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}-")
        try:
            with os.fdopen(handle, "w") as file:
                json.dump(value, file, indent=1)
            Path(aside).replace(target)
        except BaseException:
            Path(aside).unlink(missing_ok=True)
            raise


def default_home() -> Path:
    """`.local-azure` in the folder of the checkout that holds `Pulumi.yaml` or this program."""
    return Path(__file__).resolve().parents[2] / ".local-azure"
