"""A decision: what was decided, why, and the numbers that led to it."""

import enum
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

Number = float | int | str | bool | None
Numbers = dict[str, Number]


class Subject(enum.StrEnum):
    """What a decision is about."""

    PROJECT = "project"
    MONITOR = "monitor"
    QUARANTINE = "quarantine"
    TRIGGER = "trigger"
    ATTEMPT = "attempt"
    GATE = "gate"
    APPROVAL = "approval"
    ROLLOUT = "rollout"
    CHAMPION = "champion"
    ENDPOINT = "endpoint"
    PROMOTION = "promotion"


@dataclass(frozen=True, kw_only=True)
class Decision:
    """One row of the log, before it has its place in it."""

    at: datetime
    subject: Subject
    what: str  # a word or two: fired, held, rejected, …
    why: str  # a sentence a person understands
    numbers: Mapping[str, Number] = field(default_factory=dict)
    actor: str = "controller"
    attempt: int | None = None
    inputs: str = ""  # the digest of what it was decided on, where that was recorded


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """A decision in its place: a changed or missing row breaks the chain of hashes."""

    sequence: int  # 1, 2, 3 … without gaps
    decision: Decision
    previous: str  # the hash of the row before; empty for the first
    hash: str


def chain(decision: Decision, sequence: int, previous: str) -> Recorded:
    """Give a decision its place after the row whose hash is `previous`."""
    return Recorded(sequence=sequence, decision=decision, previous=previous, hash=_digest(decision, sequence, previous))


def broken_at(records: tuple[Recorded, ...]) -> int | None:
    """The sequence number of the first row that does not fit the one before it; None when all fit."""
    previous = ""
    for expected, record in enumerate(records, start=1):
        sound = record.sequence == expected and record.previous == previous
        if not sound or record.hash != _digest(record.decision, record.sequence, record.previous):
            return expected
        previous = record.hash
    return None


def canonical(decision: Decision, sequence: int, previous: str) -> str:
    """The row as it is hashed: JSON with sorted keys and no white space, everything of the decision in it."""
    content = {
        "sequence": sequence,
        "previous": previous,
        "at": decision.at.isoformat(),
        "subject": decision.subject.value,
        "what": decision.what,
        "why": decision.why,
        "numbers": dict(decision.numbers),
        "actor": decision.actor,
        "attempt": decision.attempt,
    }
    if decision.inputs:  # rows from before inputs were recorded are hashed as they were
        content["inputs"] = decision.inputs
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _digest(decision: Decision, sequence: int, previous: str) -> str:
    return hashlib.sha256(canonical(decision, sequence, previous).encode()).hexdigest()
