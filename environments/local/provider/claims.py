"""What the provider began to create and does not know to be in a program's state yet.

The engine, the provider or the resource manager may be killed between a PUT and the state's being saved.  The resource
then exists, and a plain second try would be refused as a duplicate.  A claim says which program began it, on disk, so
that the same program, and no other, takes it up.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Claims:
    """Claims kept as files in a folder."""

    folder: Path

    def make(self, resource_id: str, urn: str) -> None:
        """Say, before the first request, that this program's resource is about to be created."""
        self.folder.mkdir(parents=True, exist_ok=True)
        aside = self._file(resource_id).with_suffix(".new")
        aside.write_text(json.dumps({"id": resource_id, "urn": urn}))
        aside.replace(self._file(resource_id))

    def holds(self, resource_id: str, urn: str) -> bool:
        """Whether this program began to create it."""
        try:
            kept = json.loads(self._file(resource_id).read_text())
        except (OSError, ValueError):
            return False
        return bool(kept == {"id": resource_id, "urn": urn})

    def drop(self, resource_id: str) -> None:
        """Forget: the engine has shown that it knows the resource, or nothing was made."""
        self._file(resource_id).unlink(missing_ok=True)

    def _file(self, resource_id: str) -> Path:
        return self.folder / f"{hashlib.sha256(resource_id.lower().encode()).hexdigest()[:32]}.json"
