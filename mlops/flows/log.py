"""The log of decisions as a record for others: its form stands in `policies/records`, this is our own writing of it."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mlops.domain.records.decision import Recorded, canonical
from mlops.flows.commands import NotPossibleError

_FORM = "aml-kit.records.log/1"


def log_record(project: str, rows: Sequence[Recorded], head: dict[str, Any] | None) -> dict[str, Any]:
    """Each row as the text that was hashed; `head` is what was kept elsewhere, and is left out where nothing was."""
    texts = [canonical(row.decision, row.sequence, row.previous) for row in rows]
    record: dict[str, Any] = {"form": _FORM, "subject": project, "rows": texts}
    return record if head is None else {**record, "head": head}


def head_of(rows: Sequence[Recorded]) -> dict[str, Any]:
    """The newest row's place and hash.  Raises NotPossibleError where nothing was decided yet."""
    if not rows:
        raise NotPossibleError("nothing was decided yet, so there is no head to keep")
    newest = rows[-1]
    return {"hash": newest.hash, "sequence": newest.sequence, "at": newest.decision.at.isoformat()}


def read_head(path: Path) -> dict[str, Any]:
    """Read what `mlops decisions head` printed.  Raises NotPossibleError where the file is something else."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise NotPossibleError(f"{path} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise NotPossibleError(f"{path} is no JSON: it should hold what `mlops decisions head` printed") from error
    if not isinstance(found, dict) or found.keys() != {"hash", "sequence", "at"}:
        raise NotPossibleError(f"{path} should hold what `mlops decisions head` printed: hash, sequence, at")
    return found
