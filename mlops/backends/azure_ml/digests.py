"""Digests of folders: equal content, equal digest, wherever and whenever it was written."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_IGNORED = frozenset({"__pycache__", ".amlignore", ".DS_Store"})


def digest(roots: Iterable[tuple[str, Path]]) -> str:
    """Give the sha256 over names and contents of files and of all files in folders, each root under its own name."""
    total = hashlib.sha256()
    for name, root in sorted(roots):
        for path in sorted(_files(root)):
            inside = path.relative_to(root).as_posix() if path != root else ""
            content = hashlib.sha256(path.read_bytes()).hexdigest()
            total.update(f"{name}\0{inside}\0{content}\n".encode())
    return total.hexdigest()


def _files(root: Path) -> Iterable[Path]:
    if root.is_file():
        return [root]
    return [path for path in root.rglob("*") if path.is_file() and not _IGNORED & set(path.parts)]
