"""What a rehearsal found, as rows: for people a table, for programs JSON."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Sequence

Result = Literal["passed", "failed", "shown"]


@dataclass(frozen=True, kw_only=True)
class Row:
    """One thing that was tried."""

    act: str
    what: str
    result: Result
    """`shown` where nobody has said what is right."""
    told: str = ""
    seconds: float = 0.0


def failed(rows: Sequence[Row]) -> bool:
    """Whether anything went wrong."""
    return any(row.result == "failed" for row in rows)


def as_text(stack: str, rows: Sequence[Row], remarks: Sequence[str] = ()) -> str:
    """A table, with what failed said again in full below."""
    shown = [("act", "what", "result", "s", "told"), *((*_cells(row),) for row in rows)]
    widths = [max(len(line[i]) for line in shown) for i in range(4)]
    lines = [f"rehearsal of {stack}", *(f"  {remark}" for remark in remarks), ""]
    for act, what, result, seconds, told in shown:
        cells = (act.ljust(widths[0]), what.ljust(widths[1]), result.ljust(widths[2]), seconds.rjust(widths[3]))
        lines.append("  ".join((*cells, told)).rstrip())
    counts = {result: sum(row.result == result for row in rows) for result in ("passed", "failed", "shown")}
    lines += ["", ", ".join(f"{count} {result}" for result, count in counts.items() if count or result == "passed")]
    for row in rows:
        if row.result == "failed":
            lines += ["", f"FAILED {row.act}: {row.what}", *(f"  {line}" for line in row.told.splitlines())]
    return "\n".join(lines)


def as_json(stack: str, rows: Sequence[Row], remarks: Sequence[str] = ()) -> str:
    """One document."""
    verdict = "failed" if failed(rows) else "passed"
    return json.dumps(
        {"stack": stack, "result": verdict, "remarks": list(remarks), "rows": [asdict(row) for row in rows]}, indent=1
    )


def _cells(row: Row) -> tuple[str, str, str, str, str]:
    first = row.told.strip().splitlines()[0] if row.told.strip() else ""
    return row.act, row.what, row.result, f"{row.seconds:.0f}", first
