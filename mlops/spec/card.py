"""A model card: a text whose front matter says its status, its version and when it was last changed."""

import hashlib
import re
from datetime import UTC, date, datetime
from pathlib import Path

from mlops.domain.declared.facts import Card
from mlops.spec.errors import Finding, ProjectFileError
from mlops.spec.tree import line_of, parse_tree, read_text

STATUSES = ("draft", "pending", "approved", "archived")
_FRONT = re.compile(r"---\s*\n(.*?\n)---\s*(?:\n|\Z)", re.DOTALL)
_WHAT = "a model card begins with front matter: ---, then status, version and updated, then ---"


def read_card(path: Path) -> Card:
    """Read a card; other keys are the reader's business.  Raises ProjectFileError."""
    text = read_text(path)
    front = _FRONT.match(text)
    if front is None:
        raise ProjectFileError(Finding(file=path, line=1, key="", what=_WHAT))
    tree = parse_tree("\n" + front[1], path, _WHAT)  # a line for the first ---, so that lines are the file's
    status, version, updated = (tree.get(key) for key in ("status", "version", "updated"))
    found = []
    if status is not None and status not in STATUSES:
        found.append(("status", f"is {status!r}; it may be {', '.join(STATUSES)}"))
    if updated is not None and not isinstance(updated, date):
        found.append(("updated", f"is {updated!r}; it is a day or a moment: 2026-05-21T08:00:00Z"))
    if found:
        raise ProjectFileError(*(Finding(file=path, line=line_of(tree, (key,)), key=key, what=what)
                                 for key, what in found))  # fmt: skip
    return Card(
        digest="sha256:" + hashlib.sha256(path.read_bytes()).hexdigest(),
        status=status,
        version=None if version is None else str(version),
        updated=None if updated is None else _moment(updated),
    )


def _moment(said: date) -> str:
    """A day begins at midnight; a moment without a zone is UTC, as YAML has it."""
    if not isinstance(said, datetime):
        return f"{said.isoformat()}T00:00:00Z"
    aware = said.replace(tzinfo=UTC) if said.tzinfo is None else said.astimezone(UTC)
    return aware.isoformat(timespec="seconds").replace("+00:00", "Z")
