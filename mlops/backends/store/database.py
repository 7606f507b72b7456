"""A store on a relational database: one row a project, compared and swapped with its decisions in one transaction."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa

from mlops.backends.store import schema
from mlops.backends.store.advice import said
from mlops.backends.store.codec import UnreadableError, dump, load
from mlops.backends.store.inbox import StoredInbox, write_listeners, write_settled
from mlops.backends.store.reading import read_revision
from mlops.backends.store.revisions import NEWEST, Shape, refusal, revision, shape
from mlops.domain.decision import Decision, Recorded, Subject, chain
from mlops.domain.loop import Attempt, Change, Loop, Measured, Rollout
from mlops.domain.project import Platform
from mlops.ports import Applied, ConflictError, StateError

T = TypeVar("T")


def open_sqlite(path: Path) -> "Database":
    """Open, and make if need be, a database file.  Raises StateError."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StateError(
            f"{path.parent} cannot be made: {error.strerror}; choose another folder with --home"
        ) from error
    return Database(_sqlite(f"sqlite+pysqlite:///{path}"), str(path))


def upgrade_sqlite(path: Path) -> str:
    """Bring an older file up to date; says what was done, nothing when nothing was.  Raises StateError."""
    found = read_revision(path)
    if shape(found) is not Shape.OLDER:
        return ""
    from mlops.backends.store.upgrade import upgrade  # noqa: PLC0415 - Alembic takes seconds to import

    engine = _sqlite(f"sqlite+pysqlite:///{path}")
    try:
        upgrade(engine, str(path))
    finally:
        engine.dispose()
    return f"{path} was brought up to date: revision {found} -> {NEWEST}"


def in_memory() -> "Database":
    """A store that is forgotten with the process, for simulations: the same schema."""
    return Database(_sqlite("sqlite+pysqlite://"), "memory")


def _sqlite(url: str) -> sa.Engine:
    engine = sa.create_engine(url, poolclass=sa.StaticPool if url.endswith("//") else None)

    def configure(connection: Any, _: object) -> None:  # noqa: ANN401 - the driver's own
        connection.isolation_level = None  # transactions are begun by us, see below
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=10000"):
            connection.execute(f"PRAGMA {pragma}")

    def begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")  # one writer; a reader's upgrade could deadlock

    sa.event.listen(engine, "connect", configure)
    sa.event.listen(engine, "begin", begin)
    return engine


class Database:
    """Keeps the promises of `ports.Store`."""

    def __init__(self, engine: sa.Engine, name: str) -> None:
        self._engine = engine
        self._name = name
        with self._transaction() as connection:
            driver: Any = connection.connection.driver_connection  # SQLite's own, which `status` uses too
            found = revision(driver)
            if shape(found) is Shape.EMPTY:
                schema.metadata.create_all(connection)
                connection.execute(sa.insert(schema.alembic_version).values(version_num=NEWEST))
        refused = refusal(name, found)
        if refused:
            raise StateError(refused)

    @property
    def inbox(self) -> StoredInbox:
        """Its events."""
        return StoredInbox(self._transaction)

    def projects(self) -> tuple[str, ...]:
        """Names, sorted."""
        with self._transaction() as connection:
            rows = connection.execute(sa.select(schema.loop.c.project).order_by(schema.loop.c.project))
            return tuple(rows.scalars())

    def apply(self, applied: Applied, change: Change) -> Loop:
        """Save a new generation together with the state that has it."""
        with self._transaction() as connection:
            connection.execute(
                sa.insert(schema.project).values(
                    name=applied.project,
                    generation=applied.generation,
                    text=applied.text,
                    path=applied.path,
                    platform=dump(applied.platform),
                    actor=applied.actor,
                    at=applied.at.isoformat(),
                )
            )
            write_listeners(connection, applied.project, applied.listening)
            return self._save(connection, change)

    def applied(self, project: str, generation: int) -> Applied:
        """A generation of the project file."""
        with self._transaction() as connection:
            row = connection.execute(
                sa.select(schema.project).where(
                    schema.project.c.name == project, schema.project.c.generation == generation
                )
            ).one_or_none()
        if row is None:
            raise StateError(f"{self._name} has no generation {generation} of project {project!r}: run mlops apply")
        return Applied(
            project=row.name,
            generation=row.generation,
            text=row.text,
            path=row.path,
            platform=load(Platform, row.platform),
            actor=row.actor,
            at=datetime.fromisoformat(row.at),
        )

    def load(self, project: str) -> Loop | None:
        """The state; None before the first apply."""
        with self._transaction() as connection:
            row = connection.execute(
                sa.select(schema.loop.c.state, schema.loop.c.version).where(schema.loop.c.project == project)
            ).one_or_none()
        return replace(load(Loop, row.state), version=row.version) if row else None

    def save(self, change: Change) -> Loop:
        """Compare and swap, with decisions and measurements."""
        with self._transaction() as connection:
            return self._save(connection, change)

    def decisions(self, project: str, after: int = 0) -> tuple[Recorded, ...]:
        """The log, oldest first."""
        table = schema.decision
        with self._transaction() as connection:
            rows = connection.execute(
                sa.select(table).where(table.c.project == project, table.c.sequence > after).order_by(table.c.sequence)
            ).all()
        return tuple(_recorded(row) for row in rows)

    def measured(self, project: str) -> tuple[Measured, ...]:
        """All measurements, oldest first."""
        table = schema.measurement
        return self._states(Measured, sa.select(table.c.state).where(table.c.project == project).order_by(table.c.id))

    def attempts(self, project: str) -> tuple[Attempt, ...]:
        """All attempts, oldest first."""
        table = schema.attempt
        query = sa.select(table.c.state).where(table.c.project == project).order_by(table.c.number)
        return self._states(Attempt, query)

    def rollouts(self, project: str) -> tuple[tuple[int, Rollout], ...]:
        """All rollouts by attempt."""
        table = schema.rollout
        with self._transaction() as connection:
            rows = connection.execute(
                sa.select(table.c.attempt, table.c.state).where(table.c.project == project).order_by(table.c.attempt)
            ).all()
            return tuple((row.attempt, load(Rollout, row.state)) for row in rows)

    def close(self) -> None:
        """Give the file back."""
        self._engine.dispose()

    def _states(self, kind: type[T], query: sa.Select[Any]) -> tuple[T, ...]:
        with self._transaction() as connection:
            return tuple(load(kind, text) for text in connection.execute(query).scalars())

    @contextmanager
    def _transaction(self) -> Iterator[sa.Connection]:
        try:
            with self._engine.begin() as connection:
                yield connection
        except sa.exc.IntegrityError as error:
            raise StateError(f"{self._name} refuses what would break an invariant: {error.orig}") from error
        except sa.exc.SQLAlchemyError as error:
            raise StateError(said(self._name, str(getattr(error, "orig", None) or error))) from error
        except UnreadableError as error:
            raise StateError(f"{self._name} holds a row that cannot be read: {error}") from error

    def _save(self, connection: sa.Connection, change: Change) -> Loop:
        saved = replace(change.loop, version=change.loop.version + 1)
        self._swap(connection, change.loop.version, saved)
        _write_attempts(connection, change, saved)
        for measured in change.measured:
            connection.execute(sa.insert(schema.measurement).values(_measurement_row(saved.project, measured)))
        _append(connection, saved.project, change.decisions)
        write_settled(connection, saved.project, change.settled)
        return saved

    def _swap(self, connection: sa.Connection, expected: int, saved: Loop) -> None:
        row = {
            "version": saved.version,
            "champion_model": saved.champion.model.reference if saved.champion else None,
            "champion_deployment": saved.champion.deployment if saved.champion else None,
            "state": dump(saved),
        }
        table = schema.loop
        if expected == 0:
            try:
                connection.execute(sa.insert(table).values(project=saved.project, endpoint=saved.endpoint, **row))
            except sa.exc.IntegrityError as error:
                raise ConflictError(f"{saved.project} is there already, or {saved.endpoint} has a project") from error
            return
        swapped = connection.execute(
            sa.update(table).where(table.c.project == saved.project, table.c.version == expected).values(**row)
        )
        if swapped.rowcount != 1:
            raise ConflictError(f"{saved.project} is no longer at version {expected}")


def _write_attempts(connection: sa.Connection, change: Change, saved: Loop) -> None:
    """What ended first, so that what begins finds the one active place free."""
    if change.ended is not None:
        _upsert(connection, schema.attempt, _attempt_row(saved.project, change.ended))
    if saved.rollout is None:
        table = schema.rollout
        connection.execute(
            sa.update(table).where(table.c.project == saved.project, table.c.active).values(active=False)
        )
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


def _append(connection: sa.Connection, project: str, decisions: tuple[Decision, ...]) -> None:
    table = schema.decision
    last = connection.execute(
        sa.select(table.c.sequence, table.c.hash)
        .where(table.c.project == project)
        .order_by(table.c.sequence.desc())
        .limit(1)
    ).one_or_none()
    sequence, previous = (last.sequence, last.hash) if last else (0, "")
    for decision in decisions:
        record = chain(decision, sequence + 1, previous)
        sequence, previous = record.sequence, record.hash
        connection.execute(
            sa.insert(table).values(
                project=project,
                sequence=record.sequence,
                at=decision.at.isoformat(),
                subject=decision.subject.value,
                what=decision.what,
                why=decision.why,
                numbers=json.dumps(dict(decision.numbers), sort_keys=True),
                actor=decision.actor,
                attempt=decision.attempt,
                previous=record.previous,
                hash=record.hash,
            )
        )


def _recorded(row: sa.Row[Any]) -> Recorded:
    decision = Decision(
        at=datetime.fromisoformat(row.at),
        subject=Subject(row.subject),
        what=row.what,
        why=row.why,
        numbers=json.loads(row.numbers),
        actor=row.actor,
        attempt=row.attempt,
    )
    return Recorded(sequence=row.sequence, decision=decision, previous=row.previous, hash=row.hash)
