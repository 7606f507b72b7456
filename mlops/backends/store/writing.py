"""What a save writes, in the order that the constraints want."""

import json
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from mlops.backends.store import claims, schema
from mlops.backends.store.codec import dump
from mlops.backends.store.inbox import write_gone, write_settled
from mlops.backends.store.inputs import Packed, packed, write_inputs
from mlops.backends.store.outbox import write_notices
from mlops.domain.claim import Claim
from mlops.domain.loop import Attempt, Change, Loop, Measured
from mlops.domain.records.decision import Decision, Recorded, chain
from mlops.ports import ConflictError

# Made once: a save should cost little more than its commit.
_SWAPPED = ("version", "endpoint", "champion_model", "champion_deployment", "state")
_SWAP = (
    sa.update(schema.loop)
    .where(schema.loop.c.project == sa.bindparam("its_project"), schema.loop.c.version == sa.bindparam("expected"))
    .values({name: sa.bindparam(name) for name in _SWAPPED})
)
_NO_ROLLOUT = (
    sa.update(schema.rollout)
    .where(schema.rollout.c.project == sa.bindparam("its_project"), schema.rollout.c.active)
    .values(active=False)
)
_LAST = (
    sa.select(schema.decision.c.sequence, schema.decision.c.hash)
    .where(schema.decision.c.project == sa.bindparam("its_project"))
    .order_by(schema.decision.c.sequence.desc())
    .limit(1)
)
_DECIDED = sa.insert(schema.decision)


def write(connection: sa.Connection, change: Change, claim: Claim | None = None) -> Loop:
    """All of a change, inside the caller's transaction.  Raises ConflictError."""
    if claim is not None:
        claims.check(connection, claim)
    elif change.loop.removed is not None:
        claims.end(connection, change.loop.project)
    elif change.loop.version and not claims.nudge(connection, change.loop.project):
        claims.begin(connection, change.loop.project)
    saved = replace(change.loop, version=change.loop.version + 1)
    _swap(connection, change.loop.version, saved)
    _write_attempts(connection, change, saved)
    for measured in change.measured:
        connection.execute(sa.insert(schema.measurement).values(_measurement_row(saved.project, measured)))
    kept = packed(change.inputs) if change.inputs is not None and change.decisions else None
    appended = _append(connection, saved.project, _on(kept, change.decisions))
    if kept is not None:
        write_inputs(connection, saved, appended, kept)
    write_notices(connection, saved.project, appended)
    write_settled(connection, saved.project, change.settled)
    if saved.removed is not None:
        write_gone(connection, saved.project, saved.removed.at)
    return saved


def _on(kept: Packed | None, decisions: tuple[Decision, ...]) -> tuple[Decision, ...]:
    return tuple(replace(each, inputs=kept.digest) for each in decisions) if kept else decisions


def _swap(connection: sa.Connection, expected: int, saved: Loop) -> None:
    row = {
        "version": saved.version,
        # A project that was removed leaves its endpoint to whoever wants it; no real one has a name like this.
        "endpoint": saved.endpoint if saved.removed is None else f"{saved.endpoint} (left by {saved.project})",
        "champion_model": saved.champion.model.reference if saved.champion else None,
        "champion_deployment": saved.champion.deployment if saved.champion else None,
        "state": dump(saved),
    }
    table = schema.loop
    if expected == 0:
        try:
            connection.execute(sa.insert(table).values(project=saved.project, **row))
            claims.begin(connection, saved.project)
        except sa.exc.IntegrityError as error:
            raise ConflictError(f"{saved.project} is there already, or {saved.endpoint} has a project") from error
        return
    swapped = connection.execute(_SWAP, {"its_project": saved.project, "expected": expected, **row})
    if swapped.rowcount != 1:
        raise ConflictError(f"{saved.project} is no longer at version {expected}")


def _write_attempts(connection: sa.Connection, change: Change, saved: Loop) -> None:
    """What ended first, so that what begins finds the one active place free."""
    if change.ended is not None:
        _upsert(connection, schema.attempt, _attempt_row(saved.project, change.ended))
    if saved.rollout is None:
        connection.execute(_NO_ROLLOUT, {"its_project": saved.project})
    if saved.attempt is not None:
        _upsert(connection, schema.attempt, _attempt_row(saved.project, saved.attempt))
        if saved.rollout is not None:
            row = {
                "project": saved.project,
                "attempt": saved.attempt.number,
                "deployment": saved.rollout.deployment,
                "active": True,
                "state": dump(saved.rollout),
            }
            _upsert(connection, schema.rollout, row)


def _attempt_row(project: str, attempt: Attempt) -> dict[str, Any]:
    return {
        "project": project,
        "number": attempt.number,
        "request_key": attempt.request.key,
        "job": attempt.job,
        "active": attempt.ended is None,
        "state": dump(attempt),
    }


def _upsert(connection: sa.Connection, table: sa.Table, row: dict[str, Any]) -> None:
    """Update by primary key, else insert; works on every database."""
    keys = list(table.primary_key.columns)
    found = connection.execute(
        sa.update(table)
        .where(*(column == row[column.name] for column in keys))
        .values({name: value for name, value in row.items() if name not in {column.name for column in keys}})
    )
    if found.rowcount == 0:
        connection.execute(sa.insert(table).values(**row))


def _measurement_row(project: str, measured: Measured) -> dict[str, Any]:
    return {
        "project": project,
        "monitor": measured.monitor,
        "deployment": measured.deployment,
        "window_end": measured.window.end.isoformat(),
        "at": measured.at.isoformat(),
        "value": measured.measurement.value,
        "samples": measured.measurement.samples,
        "verdict": measured.verdict.word if measured.verdict is not None else None,
        "state": dump(measured),
    }


def _append(connection: sa.Connection, project: str, decisions: tuple[Decision, ...]) -> tuple[Recorded, ...]:
    if not decisions:
        return ()
    last = connection.execute(_LAST, {"its_project": project}).one_or_none()
    sequence, previous = (last.sequence, last.hash) if last else (0, "")
    records, rows = [], []
    for decision in decisions:
        record = chain(decision, sequence + 1, previous)
        sequence, previous = record.sequence, record.hash
        records.append(record)
        rows.append(_decision_row(project, record))
    connection.execute(_DECIDED, rows)
    return tuple(records)


def _decision_row(project: str, record: Recorded) -> dict[str, Any]:
    decision = record.decision
    return {
        "project": project,
        "sequence": record.sequence,
        "at": decision.at.isoformat(),
        "subject": decision.subject.value,
        "what": decision.what,
        "why": decision.why,
        "numbers": json.dumps(dict(decision.numbers), sort_keys=True),
        "actor": decision.actor,
        "attempt": decision.attempt,
        "previous": record.previous,
        "hash": record.hash,
    }
