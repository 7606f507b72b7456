"""Rows of the log as values."""

import json
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from mlops.domain.records.decision import Decision, Recorded, Subject


def recorded(row: sa.Row[Any], inputs: str = "") -> Recorded:
    """A row of the log as a value, with the digest of what it was decided on."""
    decision = Decision(
        at=datetime.fromisoformat(row.at),
        subject=Subject(row.subject),
        what=row.what,
        why=row.why,
        numbers=json.loads(row.numbers),
        actor=row.actor,
        attempt=row.attempt,
        inputs=inputs,
    )
    return Recorded(sequence=row.sequence, decision=decision, previous=row.previous, hash=row.hash)
