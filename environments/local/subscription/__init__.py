"""What a subscription has and may do, as tables that anybody may edit: quota, sizes, providers, names, permissions.

The defaults lie beside this file; what a home folder has under `subscription/` is merged over them (RFC 7396: null
takes away).  Files are read at each request, so an edit counts at once.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from environments.local.home import Home

TABLES = ("quota", "sizes", "providers", "names", "permissions", "policies", "postgresql")
_DEFAULTS = Path(__file__).parent
_FOLDER = "subscription"

Table = dict[str, Any]


class TableError(Exception):
    """There is no such table, or a file of the home folder is none."""


def table(home: Home, name: str) -> Table:
    """One table as it is in force.  Raises TableError."""
    _known(name)
    try:
        changed = home.read(f"{_FOLDER}/{name}.json")
    except ValueError as error:
        raise TableError(f"{home.path / _FOLDER / name}.json is no JSON: {error}") from error
    return merged(_default(name), changed)


def change(home: Home, name: str, changed: Table) -> None:
    """Merge a change over a table, until `reset`.  Raises TableError."""
    _known(name)
    home.write(f"{_FOLDER}/{name}.json", _kept(home.read(f"{_FOLDER}/{name}.json"), changed))


def reset(home: Home) -> None:
    """Return to the defaults."""
    for name in TABLES:
        (home.path / _FOLDER / f"{name}.json").unlink(missing_ok=True)


def merged(old: Table, new: Table) -> Table:
    """A JSON merge patch: null takes away."""
    kept = _kept(old, new)
    return {
        key: merged({}, value) if isinstance(value, dict) else value for key, value in kept.items() if value is not None
    }


def _kept(old: Table, new: Table) -> Table:
    """As merged, but nulls stay: they take away from the default, which is not here."""
    kept = dict(old)
    for key, value in new.items():
        inner = kept.get(key)
        kept[key] = _kept(inner if isinstance(inner, dict) else {}, value) if isinstance(value, dict) else value
    return kept


@cache
def _default(name: str) -> Table:
    found: Table = json.loads((_DEFAULTS / f"{name}.json").read_text())
    return found


def _known(name: str) -> None:
    if name not in TABLES:
        raise TableError(f"there is no table '{name}': there are {', '.join(TABLES)}")
