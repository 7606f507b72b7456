"""The rule about the log of decisions: a row holds the hash of the one before, so none is changed or taken out."""

import hashlib
import json

from pulumi_policy import Severity

from rules.finding import PASS, CannotTell, Fail, Finding
from rules.lists import same
from rules.props import Absent, Props, Unknown
from rules.records import DECISION_LOG, NOT_LOCAL
from rules.rule import Rule, Settings

_HEAD = "head.hash"


def _is_intact(record: Props, settings: Settings) -> Finding:
    rows = record.texts("rows")
    if isinstance(rows, Unknown) or (not isinstance(rows, Absent) and any(isinstance(row, Unknown) for row in rows)):
        return CannotTell("rows")
    written = () if isinstance(rows, Absent) else tuple(row for row in rows if isinstance(row, str))
    if not written:
        return Fail("Export the log with its rows: there is nothing to verify.")
    broken = _broken_at(written)
    if broken is not None:
        return Fail(
            f"Row {broken} does not follow from the one before: the log was changed there, or rows are missing."
        )
    return _reaches_its_head(record, written, settings)


def _broken_at(rows: tuple[str, ...]) -> int | None:
    """Give the place of the first row that does not fit; None when all do."""
    before = ""
    for place, row in enumerate(rows, start=1):
        try:
            said = json.loads(row)
        except ValueError:
            return place
        if not isinstance(said, dict) or said.get("sequence") != place or said.get("previous") != before:
            return place
        before = hashlib.sha256(row.encode()).hexdigest()
    return None


def _reaches_its_head(record: Props, rows: tuple[str, ...], settings: Settings) -> Finding:
    """A tail that was cut off leaves a sound chain: only a head that is kept elsewhere shows it."""
    place = record.number("head.sequence")
    if isinstance(place, Unknown):
        return CannotTell("head.sequence")
    there = rows[: int(place)] if isinstance(place, float) else rows  # the log may have grown since
    complete = not isinstance(place, float) or len(there) == place
    match record.text(_HEAD):
        case Unknown():
            return CannotTell(_HEAD)
        case Absent():
            missing = "Say the head of the log, as it is kept elsewhere: without it a cut tail goes unseen."
            return Fail(missing) if settings["head"] else PASS
        case head:
            same = complete and bool(there) and head == hashlib.sha256(there[-1].encode()).hexdigest()
            return PASS if same else Fail("The log does not reach its head as it is kept elsewhere: rows are missing.")


RULES = (
    Rule(
        id="M15",
        name="decision-log-intact",
        applies_to=(DECISION_LOG,),
        levels=NOT_LOCAL,
        severity=Severity.HIGH,
        why="A log that somebody could have changed proves nothing.",
        check=_is_intact,
        settings={
            "head": same(
                "whether the last row's hash must be known from elsewhere", {"type": "boolean"}, value=True, local=False
            )
        },
        maps={"eu-ai-act": ("Art. 12", "Art. 19")},
    ),
)
