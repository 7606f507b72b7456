"""The store: one version at a time, all or nothing, every invariant a constraint, and a clear word when it cannot."""

import math
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from mlops.backends.store import schema
from mlops.backends.store.codec import UnreadableError, dump, load
from mlops.backends.store.database import Database, open_sqlite
from mlops.backends.store.reading import read_loops
from mlops.domain.decision import Decision, Subject, broken_at
from mlops.domain.loop import (
    Attempt,
    AttemptPhase,
    Change,
    GateResult,
    Loop,
    Measured,
    MetricResult,
    Quarantine,
    Reading,
    Request,
    Rollout,
    RolloutPhase,
    Tally,
    Word,
)
from mlops.domain.measurement import Measurement, Verdict
from mlops.domain.world import DatasetVersion, ModelVersion, Window
from mlops.ports import Applied, ConflictError, StateError
from tests.mlops.rig import PLATFORM

NOW = datetime(1975, 1, 6, tzinfo=UTC)
WINDOW = Window(start=NOW, end=NOW + timedelta(days=1))
LOOP = Loop(project="rain", endpoint="rain-local", started=NOW, generation=1, applied=NOW, author="ada")
SAID = Decision(at=NOW, subject=Subject.PROJECT, what="applied", why="x", numbers={"value": 0.1, "n": 3, "none": None})
MEASURED = Measured(
    at=NOW,
    monitor="drift",
    signal="data_drift",
    metric="psi",
    window=WINDOW,
    measurement=Measurement(monitor="drift", value=0.1, samples=3, parts=(("a", 0.1), ("b", 0.2))),
    verdict=Verdict.PASS,
)


def applied(loop: Loop = LOOP) -> Applied:
    return Applied(project=loop.project, generation=1, text="x: 1", path="/p", platform=PLATFORM, actor="ada", at=NOW)


def attempt(number: int = 1, key: str = "k1") -> Attempt:
    return Attempt(
        number=number,
        request=Request(key=key, trigger="t", why="w", asked=NOW, first=NOW),
        generation=1,
        author="ada",
        started=NOW,
        entered=NOW,
        phase=AttemptPhase.ROLLING_OUT,
        train=WINDOW,
        holdout=WINDOW,
        without=(WINDOW,),
        job=f"job-{number}",
        dataset=DatasetVersion(name="d", version="1", digest="x", train_rows=1, holdout_rows=2),
        candidate=ModelVersion(name="m", version="1", digest="y"),
        gates=(
            GateResult(
                gate="g",
                verdict=Verdict.PASS,
                metrics=(MetricResult(name="accuracy", verdict=Verdict.PASS, samples=3, candidate=0.5),),
            ),
        ),
    )


FULL = replace(
    LOOP,
    attempt=attempt(),
    attempts=1,
    rollout=Rollout(
        deployment="m-1",
        champion=None,
        phase=RolloutPhase.CANARY,
        position=1,
        entered=NOW,
        elapsed=timedelta(hours=1.5),
        traffic={"m-1": 100},
        tallies=(Tally(metric="error_rate", failures=1),),
    ),
    paused=Word(actor="ada", at=NOW, reason="r"),
    readings={"drift": Reading(end=NOW, value=None, samples=0, verdict=None)},
    quarantines=(Quarantine(window=WINDOW, monitor="sensor", value=1.0),),
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Database]:
    opened = open_sqlite(tmp_path / "state.sqlite3")
    opened.apply(applied(), Change(loop=LOOP, decisions=(SAID,)))
    yield opened
    opened.close()


def test_what_is_saved_is_loaded_again(store: Database, tmp_path: Path) -> None:
    saved = store.save(Change(loop=replace(FULL, version=1), decisions=(SAID,), measured=(MEASURED,)))

    assert saved == replace(FULL, version=2)
    assert store.load("rain") == saved
    assert store.measured("rain") == (MEASURED,)
    assert store.attempts("rain") == (FULL.attempt,)
    assert store.rollouts("rain") == ((1, FULL.rollout),)
    assert store.applied("rain", 1) == applied()
    assert store.projects() == ("rain",)
    assert read_loops(tmp_path / "state.sqlite3") == (saved,)


def test_a_save_on_an_older_version_is_refused_and_changes_nothing(store: Database) -> None:
    store.save(Change(loop=replace(LOOP, version=1, attempts=7)))
    with pytest.raises(ConflictError, match="no longer at version 1"):
        store.save(Change(loop=replace(LOOP, version=1), decisions=(SAID,), measured=(MEASURED,)))

    found = store.load("rain")
    assert found is not None
    assert found.attempts == 7
    assert len(store.decisions("rain")) == 1
    assert store.measured("rain") == ()


def test_a_save_is_all_or_nothing(store: Database) -> None:
    store.save(Change(loop=replace(LOOP, version=1), measured=(MEASURED,)))
    with pytest.raises(StateError, match="invariant"):
        store.save(Change(loop=replace(LOOP, version=2, attempts=9), decisions=(SAID,), measured=(MEASURED,)))

    found = store.load("rain")
    assert found is not None
    assert (found.version, found.attempts) == (2, 0)
    assert len(store.decisions("rain")) == 1


@pytest.mark.parametrize("table", ["attempt", "rollout", "measurement", "decision"])
def test_a_save_that_breaks_off_between_two_writes_changes_nothing(store: Database, table: str) -> None:
    """The state is written first: it must not stand alone, whichever of the later writes does not come about."""
    store.save(Change(loop=replace(LOOP, version=1)))
    with closing(sqlite3.connect(store._name)) as connection:
        connection.execute(f"create trigger cut before insert on {table} begin select raise(abort, 'cut off'); end")
    before = (store.load("rain"), store.decisions("rain"), store.measured("rain"), store.attempts("rain"))
    with pytest.raises(StateError, match="cut off"):
        store.save(Change(loop=replace(FULL, version=2), decisions=(SAID,), measured=(MEASURED,)))

    assert (store.load("rain"), store.decisions("rain"), store.measured("rain"), store.attempts("rain")) == before
    assert store.rollouts("rain") == ()


def test_a_generation_is_not_remembered_without_its_state(store: Database) -> None:
    with closing(sqlite3.connect(store._name)) as connection:
        connection.execute("create trigger cut before insert on decision begin select raise(abort, 'cut off'); end")
    with pytest.raises(StateError, match="cut off"):
        store.apply(replace(applied(), generation=2), Change(loop=replace(LOOP, version=1), decisions=(SAID,)))

    with pytest.raises(StateError, match="no generation 2"):
        store.applied("rain", 2)


def test_two_projects_cannot_own_one_endpoint(store: Database) -> None:
    other = replace(LOOP, project="snow")
    with pytest.raises(ConflictError, match="rain-local has a project"):
        store.apply(applied(other), Change(loop=other))
    assert store.projects() == ("rain",)


@pytest.mark.parametrize(
    "statement",
    [
        "insert into attempt select project, 2, 'k2', 'job-2', 1, state from attempt",
        "insert into attempt select project, 2, request_key, 'job-2', 0, state from attempt",
        "insert into attempt select project, 2, 'k2', job, 0, state from attempt",
        "insert into rollout select project, 2, 'm-2', 1, state from rollout",
        "insert into decision values ('rain', 1, '', 'x', 'x', 'x', '{}', 'x', null, '', 'h')",
        "update loop set champion_model = 'azureml:rain:1'",
    ],
    ids=[
        "single flight",
        "one attempt a request",
        "one attempt a job",
        "one rollout",
        "one decision a place",
        "a whole champion",
    ],
)
def test_what_must_never_be_is_refused_by_the_schema_itself(store: Database, statement: str) -> None:
    store.save(Change(loop=replace(FULL, version=1)))
    with pytest.raises(sa.exc.IntegrityError), store._engine.begin() as connection:
        connection.exec_driver_sql(statement)


def test_decisions_are_a_chain_in_which_a_change_shows(store: Database) -> None:
    for version in (1, 2, 3):
        store.save(Change(loop=replace(LOOP, version=version), decisions=(SAID, SAID)))
    assert [row.sequence for row in store.decisions("rain")] == list(range(1, 8))
    assert broken_at(store.decisions("rain")) is None

    with store._engine.begin() as connection:
        connection.execute(sa.update(schema.decision).where(schema.decision.c.sequence == 4).values(why="better"))
    assert broken_at(store.decisions("rain")) == 4
    with store._engine.begin() as connection:
        connection.execute(sa.delete(schema.decision).where(schema.decision.c.sequence == 2))
    assert broken_at(store.decisions("rain")) == 2


def test_the_file_is_written_through_before_a_save_returns(store: Database) -> None:
    with store._engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2  # FULL


def test_what_is_no_state_file_is_said_so(tmp_path: Path) -> None:
    path = tmp_path / "state.sqlite3"
    path.write_text("something else, long enough to be looked at " * 50, encoding="utf-8")
    with pytest.raises(StateError, match="no state file of ours"):
        open_sqlite(path)


def test_a_folder_that_cannot_be_made_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(StateError, match="choose another folder with --home"):
        open_sqlite(tmp_path / "file" / "state.sqlite3")


def test_a_full_disk_is_one_clear_error_and_the_last_save_stands(store: Database) -> None:
    """SQLite's own limit on pages stands in for the disk: the same code path, without needing to mount anything."""
    with store._engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")
        long = replace(SAID, why="x" * 100_000)
    # The limit holds for a connection; the pool gives the same one again.
    with pytest.raises(StateError, match="database or disk is full; free some space there, or choose another"):
        store.save(Change(loop=replace(LOOP, version=1, attempts=5), decisions=(long,)))

    found = store.load("rain")
    assert found is not None
    assert (found.version, found.attempts) == (1, 0)
    assert broken_at(store.decisions("rain")) is None


KILLED_WHILE_SAVING = """
import sys
from dataclasses import replace
from pathlib import Path
from mlops.backends.store.database import open_sqlite
from mlops.domain.loop import Change
from tests.mlops.backends.store.test_database import SAID
store = open_sqlite(Path(sys.argv[1]))
loop = store.load("rain")
while True:
    loop = store.save(Change(loop=replace(loop, attempts=loop.attempts + 1), decisions=(SAID,)))
    print(loop.version, flush=True)
"""


def test_kill_minus_9_while_saving_leaves_state_and_decisions_together(store: Database, tmp_path: Path) -> None:
    path = tmp_path / "state.sqlite3"
    root = Path(__file__).parents[4]
    for _ in range(3):
        process = subprocess.Popen(
            [sys.executable, "-c", KILLED_WHILE_SAVING, str(path)],
            stdout=subprocess.PIPE,
            cwd=root,
            env={**os.environ, "PYTHONPATH": str(root)},
        )
        assert process.stdout is not None
        with process.stdout as lines:
            acknowledged = [int(lines.readline()) for _ in range(20)][-1]
            process.send_signal(signal.SIGKILL)
            process.wait()
        found = store.load("rain")
        assert found is not None
        assert found.version >= acknowledged  # what was said to be saved is saved
        assert found.attempts == found.version - 1
        assert len(store.decisions("rain")) == found.version
        assert broken_at(store.decisions("rain")) is None
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_values_keep_their_types_through_json() -> None:
    assert load(Loop, dump(FULL)) == FULL
    assert load(Measured, dump(MEASURED)) == MEASURED
    lost = replace(MEASURED, measurement=Measurement(monitor="drift", value=math.nan, samples=0), verdict=None)
    assert math.isnan(load(Measured, dump(lost)).measurement.value or 0)


def test_a_field_of_a_newer_program_is_passed_over_and_a_missing_one_is_an_error() -> None:
    assert load(ModelVersion, '{"name":"m","version":"1","digest":"d","later":1}').name == "m"
    with pytest.raises(UnreadableError, match="ModelVersion"):
        load(ModelVersion, '{"name":"m"}')


def test_a_file_in_which_nothing_was_ever_saved_has_no_loops(tmp_path: Path) -> None:
    path = tmp_path / "state.sqlite3"
    path.touch()

    assert read_loops(path) == ()
