"""A store that is locked, full, newer or gone: one clear error, nothing is done outside, and on it goes after."""

import os
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from mlops.backends.store.database import Database, open_sqlite
from mlops.backends.store.postgres import open_postgres, upgrade_postgres
from mlops.backends.store.revisions import NEWEST
from mlops.domain.loop import Change
from mlops.domain.records.decision import broken_at
from mlops.flows.reconcile import reconcile
from mlops.ports import StateError
from tests import postgres
from tests.mlops.backends.store.conftest import opened
from tests.mlops.backends.store.kept import LOOP, NOW, SAID, applied
from tests.mlops.rig import Rig
from tests.postgres import Server

MEGABYTE = 1 << 20


@contextmanager
def small_disk(size: int) -> Iterator[Path]:
    """A file system that is soon full, where all may go; permission bits would not stop root."""
    folder = Path(tempfile.mkdtemp(prefix="aml-kit-full-"))
    folder.chmod(0o755)
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, check=False, capture_output=True).returncode:
        folder.rmdir()
        pytest.skip("only root may mount a small disk")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)
        folder.rmdir()


def fill(store: Database) -> StateError:
    """Decide until the disk is full; the answer is how that is said."""
    loop = store.load("rain")
    assert loop is not None
    long = replace(SAID, why=os.urandom(50_000).hex())  # nothing that a database could store smaller
    try:
        for _ in range(500):
            loop = store.save(Change(loop=loop, decisions=(long,)))
    except StateError as error:
        return error
    raise AssertionError("it is not full")


def test_a_disk_that_is_full_is_said_reads_serve_and_work_goes_on_when_there_is_space() -> None:
    with (
        small_disk(MEGABYTE) as disk,
        closing(open_sqlite(disk / "state.sqlite3")) as store,
    ):
        store.apply(applied(), Change(loop=LOOP, decisions=(SAID,)))
        ballast = disk / "ballast"
        ballast.write_bytes(b"x" * (MEGABYTE // 3))
        said = str(fill(store))
        assert "full" in said
        assert "free some space" in said
        assert "\n" not in said
        loop = store.load("rain")  # what was saved is there, whole
        assert loop is not None
        assert len(store.decisions("rain")) == loop.version
        assert broken_at(store.decisions("rain")) is None
        ballast.unlink()

        assert store.save(Change(loop=loop, decisions=(SAID,))).version == loop.version + 1


def test_a_server_whose_disk_is_full_is_said_and_goes_on_when_there_is_space() -> None:
    with small_disk(120 * MEGABYTE) as disk:
        settings = ("fsync=off", "max_connections=20", "shared_buffers=4MB", "max_wal_size=32MB", "min_wal_size=32MB")
        with postgres.server(settings) as server:
            space = disk / "space"
            server.sql(f"create tablespace small location '{server.place(space)}'")
            name = "filled"
            server.sql(f"create database {name} tablespace small template template0")
            with closing(open_postgres(server.url(name), own_time=True)) as store:
                store.apply(applied(), Change(loop=LOOP, decisions=(SAID,)))
                ballast = disk / "ballast"
                ballast.write_bytes(b"x" * (109 * MEGABYTE))
                said = str(fill(store))
                assert "the server's disk is full: free some space there" in said
                ballast.unlink()  # a server may have to write before it can read

                loop = store.load("rain")
                assert loop is not None
                assert broken_at(store.decisions("rain")) is None
                assert store.save(Change(loop=loop, decisions=(SAID,))).version == loop.version + 1


def test_a_file_that_another_holds_is_said_reads_serve_and_work_goes_on_after(tmp_path: Path) -> None:
    with closing(open_sqlite(tmp_path / "state.sqlite3")) as store:
        loop = store.apply(applied(), Change(loop=LOOP, decisions=(SAID,)))
        with store._engine.connect() as connection:  # the pool gives the same one again: no test waits ten seconds
            connection.exec_driver_sql("PRAGMA busy_timeout=50")
        with closing(sqlite3.connect(tmp_path / "state.sqlite3", isolation_level=None)) as other:
            other.execute("begin immediate")
            with pytest.raises(StateError, match="locked; another process holds it: wait, or end that process"):
                store.save(Change(loop=loop, decisions=(SAID,)))
            with pytest.raises(StateError, match="locked"):
                store.claim("one", NOW)
            assert store.load("rain") == loop
            assert store.due(NOW)
            other.execute("rollback")

        assert store.save(Change(loop=loop, decisions=(SAID,))).version == 2


@pytest.mark.parametrize("call", ["load", "inbox"])
def test_without_a_store_nothing_is_done_outside(tmp_path: Path, call: str) -> None:
    rig = Rig(folder=tmp_path)
    before = (list(rig.world.submitted), dict(rig.world.datasets), dict(rig.world.deployments))

    class Gone(Database):
        """Answers nothing."""

        def __getattribute__(self, name: str) -> object:
            if name == call:
                raise StateError("the store does not answer")
            found: object = super().__getattribute__(name)
            return found

    context = replace(rig.context, store=Gone(rig.store._engine, rig.store._turns, "memory"))
    with pytest.raises(StateError, match="does not answer"):
        reconcile(context)

    assert (list(rig.world.submitted), dict(rig.world.datasets), dict(rig.world.deployments)) == before
    rig.settle()
    assert rig.loop.champion is not None


@pytest.mark.parametrize(
    ("statements", "said"),
    [
        (["update alembic_version set version_num = '9999'"], "revision 9999, which this program does not know"),
        (["delete from alembic_version"], "revision without a revision, which this program does not know"),
        (["drop table alembic_version"], "revision without a revision, which this program does not know"),
    ],
    ids=["newer", "emptied", "another's"],
)
def test_a_database_of_another_program_is_refused_and_not_touched(
    postgresql: Server, statements: list[str], said: str
) -> None:
    url = postgresql.database()
    opened(url).close()
    name = url.split("/")[3].split("?")[0]
    for statement in statements:
        postgresql.sql(statement, name)
    tables = "select count(*) from information_schema.tables where table_schema = 'public'"
    before = postgresql.sql(tables, name)

    assert upgrade_postgres(url) == ""
    with pytest.raises(StateError, match=f"{said} .it knows 0001, .*{NEWEST}.: use the mlops that wrote it"):
        opened(url)
    assert postgresql.sql(tables, name) == before


def test_what_others_keep_in_the_same_database_is_left_alone(postgresql: Server) -> None:
    url = postgresql.database()
    name = url.split("/")[3].split("?")[0]
    postgresql.sql("create table theirs (id integer)", name)
    with closing(opened(url)) as store:
        store.apply(applied(), Change(loop=LOOP, decisions=(SAID,)))
    assert postgresql.sql("select count(*) from theirs", name) == "0"
