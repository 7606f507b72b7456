"""A store on a relational database: one row a project, compared and swapped with its decisions in one transaction."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa

from mlops.backends.store import claims, engines, schema
from mlops.backends.store.advice import said, unreadable
from mlops.backends.store.codec import UnreadableError, dump, load
from mlops.backends.store.figures import read_figures
from mlops.backends.store.inbox import StoredInbox, write_listeners
from mlops.backends.store.inputs import digests_of, read_inputs
from mlops.backends.store.outbox import StoredOutbox, write_subscribers
from mlops.backends.store.peek import Peek
from mlops.backends.store.reading import read_revision
from mlops.backends.store.reading_rows import recorded
from mlops.backends.store.revisions import NEWEST, Shape, refusal, shape
from mlops.backends.store.seals import StoredSeals
from mlops.backends.store.shapes import found_revision, only_one_makes
from mlops.backends.store.writing import write
from mlops.domain.claim import Claim
from mlops.domain.loop import Attempt, Change, Loop, Measured, Rollout, Word
from mlops.domain.project import Platform
from mlops.domain.records.decision import Recorded
from mlops.domain.records.inputs import Recording
from mlops.ports import Applied, StateError
from mlops.post import Figures

T = TypeVar("T")


def open_sqlite(path: Path) -> "Database":
    """Open, and make if need be, a database file.  Raises StateError."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StateError(
            f"{path.parent} cannot be made: {error.strerror}; choose another folder with --home"
        ) from error
    return Database(*engines.sqlite(f"sqlite+pysqlite:///{path}"), str(path))


def upgrade_sqlite(path: Path) -> str:
    """Bring an older file up to date; says what was done, nothing when nothing was.  Raises StateError."""
    found = read_revision(path)
    if shape(found) is not Shape.OLDER:
        return ""
    from mlops.backends.store.upgrade import upgrade  # noqa: PLC0415 - Alembic takes seconds to import

    engine, _ = engines.sqlite(f"sqlite+pysqlite:///{path}")
    try:
        upgrade(engine, str(path))
    finally:
        engine.dispose()
    return f"{path} was brought up to date: revision {found} -> {NEWEST}"


def in_memory() -> "Database":
    """A store that is forgotten with the process, for simulations: the same schema."""
    return Database(*engines.sqlite("sqlite+pysqlite://"), "memory")


class Database:
    """Keeps the promises of `ports.Store`."""

    def __init__(self, engine: sa.Engine, turns: sa.Engine, name: str, *, own_time: bool = False) -> None:
        """`turns` is for claims; with `own_time` their leases go by the database's clock."""
        self._engine = engine
        self._turns = turns
        self._name = name
        self._own_time = own_time
        self._peek = Peek(turns, name)
        with self._transaction() as connection:
            only_one_makes(connection)
            found = found_revision(connection)
            if shape(found) is Shape.EMPTY:
                schema.metadata.create_all(connection)
                connection.execute(sa.insert(schema.alembic_version).values(version_num=NEWEST))
        refused = refusal(name, found)
        if refused:
            self.close()
            raise StateError(refused)

    @property
    def inbox(self) -> StoredInbox:
        """Its events."""
        return StoredInbox(self._transaction, self._reading)

    @property
    def seals(self) -> StoredSeals:
        """What was signed of its logs."""
        return StoredSeals(self._transaction, self._reading)

    @property
    def outbox(self) -> StoredOutbox:
        """What is to be told."""
        return StoredOutbox(self._transaction, self._reading)

    def figures(self, now: datetime) -> Figures:
        """How it stands, for those who watch it."""
        with self._reading() as connection:
            return read_figures(connection, now)

    def projects(self) -> tuple[str, ...]:
        """Names, sorted."""
        with self._reading() as connection:
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
            write_subscribers(connection, applied.project, applied.telling)
            return write(connection, change)

    def applied(self, project: str, generation: int) -> Applied:
        """A generation of the project file."""
        with self._reading() as connection:
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
        with self._reading() as connection:
            row = connection.execute(
                sa.select(schema.loop.c.state, schema.loop.c.version).where(schema.loop.c.project == project)
            ).one_or_none()
            return replace(load(Loop, row.state), version=row.version) if row else None

    def save(self, change: Change, claim: Claim | None = None) -> Loop:
        """Compare and swap, with decisions and measurements."""
        with self._transaction() as connection:
            return write(connection, change, claim)

    def due(self, now: datetime) -> bool:
        """One look at an index."""
        return self._peek(now)

    def claim(self, owner: str, now: datetime, *, most: int = 1, project: str = "") -> tuple[Claim, ...]:
        """Take what is due and free."""
        with self._turn() as connection:
            return claims.take(connection, owner, now, self._moment(now), most=most, project=project)

    def renew(self, held: Sequence[Claim], now: datetime) -> tuple[Claim, ...]:
        """Extend leases."""
        with self._turn() as connection:
            return claims.extend(connection, held, self._moment(now))

    def free(self) -> None:
        """Give back what dead owners hold."""
        with self._turn() as connection:
            claims.free(connection)

    def release(self, claim: Claim, due: datetime) -> None:
        """Give a claim back."""
        with self._turn() as connection:
            claims.give_back(connection, claim, due)

    def decisions(self, project: str, after: int = 0) -> tuple[Recorded, ...]:
        """The log, oldest first."""
        table = schema.decision
        with self._reading() as connection:
            rows = connection.execute(
                sa.select(table).where(table.c.project == project, table.c.sequence > after).order_by(table.c.sequence)
            ).all()
            digests = digests_of(connection, project, after)
        return tuple(recorded(row, digests.get(row.sequence, "")) for row in rows)

    def frozen(self) -> Word | None:
        """Who froze all projects."""
        with self._reading() as connection:
            row = connection.execute(sa.select(schema.standstill)).one_or_none()
        return Word(actor=row.actor, at=datetime.fromisoformat(row.at), reason=row.reason) if row else None

    def freeze(self, word: Word | None) -> None:
        """Freeze all projects, or no more."""
        with self._transaction() as connection:
            connection.execute(sa.delete(schema.standstill))
            if word is not None:
                row = {"actor": word.actor, "at": word.at.isoformat(), "reason": word.reason}
                connection.execute(sa.insert(schema.standstill).values(one=1, **row))

    def inputs(self, project: str, sequence: int) -> Recording | None:
        """What a decision was made on; None where nothing was recorded."""
        with self._reading() as connection:
            return read_inputs(connection, project, sequence)

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
        with self._reading() as connection:
            rows = connection.execute(
                sa.select(table.c.attempt, table.c.state).where(table.c.project == project).order_by(table.c.attempt)
            ).all()
            return tuple((row.attempt, load(Rollout, row.state)) for row in rows)

    def close(self) -> None:
        """Give the file, or the connections, back."""
        self._peek.close()
        self._turns.dispose()
        self._engine.dispose()

    def _states(self, kind: type[T], query: sa.Select[Any]) -> tuple[T, ...]:
        with self._reading() as connection:
            return tuple(load(kind, text) for text in connection.execute(query).scalars())

    def _moment(self, now: datetime) -> claims.Moment:
        return None if self._own_time else now.timestamp()  # machines' clocks differ; the server has one

    def _reading(self) -> AbstractContextManager[sa.Connection]:
        return self._transaction(self._engine.execution_options(reading=True))

    def _turn(self) -> AbstractContextManager[sa.Connection]:
        return self._transaction(self._turns)

    @contextmanager
    def _transaction(self, engine: sa.Engine | None = None) -> Iterator[sa.Connection]:
        try:
            with (engine or self._engine).begin() as connection:
                yield connection
        except sa.exc.IntegrityError as error:
            raise StateError(f"{self._name} refuses what would break an invariant: {error.orig}") from error
        except sa.exc.SQLAlchemyError as error:
            raise StateError(said(self._name, str(getattr(error, "orig", None) or error))) from error
        except UnreadableError as error:
            raise StateError(unreadable(self._name, str(error))) from error
