"""What was seen so far, kept on disk where a rehearsal may be gone on with."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from environments.rehearsal.table import Row

if TYPE_CHECKING:
    from pathlib import Path


class Journal:
    """Rows in order, and which acts have been played to their end."""

    def __init__(self, folder: Path | None) -> None:
        self._file = folder / "rehearsal.json" if folder else None
        kept = json.loads(self._file.read_text()) if self._file and self._file.is_file() else {"ended": [], "rows": []}
        self._ended: list[str] = kept["ended"]
        self._rows = [Row(**each) for each in kept["rows"]]

    @property
    def rows(self) -> tuple[Row, ...]:
        """All rows so far."""
        return tuple(self._rows)

    def has(self, act: str) -> bool:
        """Whether an act has been played to its end."""
        return act in self._ended

    def note(self, row: Row) -> None:
        """Keep one row; it counts only once its act has ended."""
        self._rows.append(row)

    def ended(self, act: str) -> None:
        """Say that an act is over."""
        self._ended.append(act)
        if self._file:
            kept = {"ended": self._ended, "rows": [asdict(row) for row in self._rows]}
            aside = self._file.with_suffix(".tmp")
            aside.write_text(json.dumps(kept, indent=1))
            aside.replace(self._file)
