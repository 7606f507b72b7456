"""What a rehearsal tells: a table for people, a document for programs, and one verdict."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from environments.rehearsal import table
from environments.rehearsal.journal import Journal
from environments.rehearsal.table import Row

if TYPE_CHECKING:
    from pathlib import Path

ROWS = (
    Row(act="up", what="first up", result="passed", told="3 created", seconds=7.4),
    Row(act="again", what="second up", result="failed", told="changes what stands: update x\nand more", seconds=4),
    Row(act="setting", what="owner", result="shown", told="update: [x]"),
)


def test_the_table_tells_each_row_once_and_each_failure_in_full() -> None:
    assert table.as_text("mine", ROWS, ["left out: a key"]).splitlines() == [
        "rehearsal of mine",
        "  left out: a key",
        "",
        "act      what       result  s  told",
        "up       first up   passed  7  3 created",
        "again    second up  failed  4  changes what stands: update x",
        "setting  owner      shown   0  update: [x]",
        "",
        "1 passed, 1 failed, 1 shown",
        "",
        "FAILED again: second up",
        "  changes what stands: update x",
        "  and more",
    ]


def test_the_document_tells_the_same() -> None:
    told = json.loads(table.as_json("mine", ROWS))

    assert (told["stack"], told["result"], told["rows"][0]) == (
        "mine",
        "failed",
        {"act": "up", "what": "first up", "result": "passed", "told": "3 created", "seconds": 7.4},
    )


def test_what_nobody_has_judged_fails_nothing() -> None:
    assert not table.failed((ROWS[0], ROWS[2]))
    assert table.failed(ROWS)


def test_a_rehearsal_goes_on_after_the_last_act_that_ended(tmp_path: Path) -> None:
    first = Journal(tmp_path)
    first.note(ROWS[0])
    first.ended("up")
    first.note(ROWS[1])  # and is interrupted

    second = Journal(tmp_path)

    assert (second.rows, second.has("up"), second.has("again")) == (ROWS[:1], True, False)
