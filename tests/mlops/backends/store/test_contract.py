"""What every store promises: one version at a time, all or nothing, every invariant a constraint of the database."""

from dataclasses import replace

import pytest
import sqlalchemy as sa

from mlops.backends.store import schema
from mlops.backends.store.database import Database
from mlops.domain.loop import Change
from mlops.domain.records.decision import broken_at
from mlops.ports import ConflictError, StateError
from tests.mlops.backends.store.kept import FULL, LOOP, MEASURED, SAID, applied

_ABORT = {
    "sqlite": ("create trigger cut before insert on {} begin select raise(abort, 'cut off'); end",),
    "postgresql": (
        "create function cut() returns trigger language plpgsql as $$ begin raise exception 'cut off'; end $$",
        "create trigger cut before insert on {} for each row execute function cut()",
    ),
}


def cut_off(kept: Database, table: str) -> None:
    """No row comes into that table any more."""
    with kept._engine.begin() as connection:
        for statement in _ABORT[connection.dialect.name]:
            connection.exec_driver_sql(statement.format(table))


def test_what_is_saved_is_loaded_again(kept: Database) -> None:
    saved = kept.save(Change(loop=replace(FULL, version=1), decisions=(SAID,), measured=(MEASURED,)))

    assert saved == replace(FULL, version=2)
    assert kept.load("rain") == saved
    assert kept.measured("rain") == (MEASURED,)
    assert kept.attempts("rain") == (FULL.attempt,)
    assert kept.rollouts("rain") == ((1, FULL.rollout),)
    assert kept.applied("rain", 1) == applied()
    assert kept.projects() == ("rain",)


def test_a_save_on_an_older_version_is_refused_and_changes_nothing(kept: Database) -> None:
    kept.save(Change(loop=replace(LOOP, version=1, attempts=7)))
    with pytest.raises(ConflictError, match="no longer at version 1"):
        kept.save(Change(loop=replace(LOOP, version=1), decisions=(SAID,), measured=(MEASURED,)))

    found = kept.load("rain")
    assert found is not None
    assert found.attempts == 7
    assert len(kept.decisions("rain")) == 1
    assert kept.measured("rain") == ()


def test_a_save_is_all_or_nothing(kept: Database) -> None:
    kept.save(Change(loop=replace(LOOP, version=1), measured=(MEASURED,)))
    with pytest.raises(StateError, match="invariant"):
        kept.save(Change(loop=replace(LOOP, version=2, attempts=9), decisions=(SAID,), measured=(MEASURED,)))

    found = kept.load("rain")
    assert found is not None
    assert (found.version, found.attempts) == (2, 0)
    assert len(kept.decisions("rain")) == 1


@pytest.mark.parametrize("table", ["attempt", "rollout", "measurement", "decision"])
def test_a_save_that_breaks_off_between_two_writes_changes_nothing(kept: Database, table: str) -> None:
    """The state is written first: it must not stand alone, whichever of the later writes does not come about."""
    kept.save(Change(loop=replace(LOOP, version=1)))
    cut_off(kept, table)
    before = (kept.load("rain"), kept.decisions("rain"), kept.measured("rain"), kept.attempts("rain"))
    with pytest.raises(StateError, match="cut off"):
        kept.save(Change(loop=replace(FULL, version=2), decisions=(SAID,), measured=(MEASURED,)))

    assert (kept.load("rain"), kept.decisions("rain"), kept.measured("rain"), kept.attempts("rain")) == before
    assert kept.rollouts("rain") == ()


def test_a_generation_is_not_remembered_without_its_state(kept: Database) -> None:
    cut_off(kept, "decision")
    with pytest.raises(StateError, match="cut off"):
        kept.apply(replace(applied(), generation=2), Change(loop=replace(LOOP, version=1), decisions=(SAID,)))

    with pytest.raises(StateError, match="no generation 2"):
        kept.applied("rain", 2)


def test_two_projects_cannot_own_one_endpoint(kept: Database) -> None:
    other = replace(LOOP, project="snow")
    with pytest.raises(ConflictError, match="rain-local has a project"):
        kept.apply(applied(other), Change(loop=other))
    assert kept.projects() == ("rain",)


@pytest.mark.parametrize(
    "statement",
    [
        "insert into attempt select project, 2, 'k2', 'job-2', true, state from attempt",
        "insert into attempt select project, 2, request_key, 'job-2', false, state from attempt",
        "insert into attempt select project, 2, 'k2', job, false, state from attempt",
        "insert into rollout select project, 2, 'm-2', true, state from rollout",
        "insert into decision values ('rain', 1, '', 'x', 'x', 'x', '{}', 'x', null, '', 'h')",
        "update loop set champion_model = 'azureml:rain:1'",
        "update turn set owner = 'somebody'",
    ],
    ids=[
        "single flight",
        "one attempt a request",
        "one attempt a job",
        "one rollout",
        "one decision a place",
        "a whole champion",
        "a lease that ends",
    ],
)
def test_what_must_never_be_is_refused_by_the_schema_itself(kept: Database, statement: str) -> None:
    kept.save(Change(loop=replace(FULL, version=1)))
    with pytest.raises(sa.exc.IntegrityError), kept._engine.begin() as connection:
        connection.exec_driver_sql(statement)


def test_decisions_are_a_chain_in_which_a_change_shows(kept: Database) -> None:
    for version in (1, 2, 3):
        kept.save(Change(loop=replace(LOOP, version=version), decisions=(SAID, SAID)))
    assert [row.sequence for row in kept.decisions("rain")] == list(range(1, 8))
    assert broken_at(kept.decisions("rain")) is None

    with kept._engine.begin() as connection:
        connection.execute(sa.update(schema.decision).where(schema.decision.c.sequence == 4).values(why="better"))
    assert broken_at(kept.decisions("rain")) == 4
    with kept._engine.begin() as connection:
        connection.execute(sa.delete(schema.decision).where(schema.decision.c.sequence == 2))
    assert broken_at(kept.decisions("rain")) == 2
