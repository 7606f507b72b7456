"""State files of other programs: an older one is brought up to date, all or nothing; a newer one is left alone."""

import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from mlops import wiring
from mlops.__main__ import main
from mlops.backends.store import schema
from mlops.backends.store.codec import load
from mlops.backends.store.database import open_sqlite, upgrade_sqlite
from mlops.backends.store.postgres import open_postgres, upgrade_postgres
from mlops.backends.store.reading import read_loops, read_revision
from mlops.backends.store.revisions import KNOWN, NEWEST
from mlops.backends.store.upgrade import configured
from mlops.domain.loop import Loop, RolloutPhase
from mlops.domain.records.decision import broken_at
from mlops.ports import StateError
from tests.mlops.backends.store.kept import NOW
from tests.postgres import Server

RECORDED = Path(__file__).parent / "recorded"
NUMBERS = {"alembic_version", "schema_version", "sqlite_sequence"}
OLDER = sorted(path for path in RECORDED.glob("*.sql") if path.stem[:4] < NEWEST)


@pytest.fixture(params=OLDER, ids=lambda path: path.stem)
def older(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A state as an older program left it, in the middle of a rollout."""
    return restored(request.param, tmp_path)


def restored(recorded: Path, folder: Path) -> Path:
    path = folder / wiring.STATE_FILE
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(recorded.read_text(encoding="utf-8"))
    return path


@pytest.fixture
def first(tmp_path: Path) -> Path:
    """A state of the very first shape, from before revisions were numbered."""
    return restored(RECORDED / "0001.sql", tmp_path)


def rows(path: Path) -> dict[str, list[Any]]:
    """All that is kept, by table."""
    with closing(sqlite3.connect(path)) as connection:
        names = [name for (name,) in connection.execute("select name from sqlite_master where type = 'table'")]
        return {
            table: connection.execute(f"select * from {table}").fetchall()  # noqa: S608
            for table in names
            if table not in NUMBERS
        }


def tables(path: Path) -> dict[str, str]:
    """Each table and index as SQL, without regard to white space."""
    with closing(sqlite3.connect(path)) as connection:
        found = connection.execute("select name, sql from sqlite_master where sql is not null").fetchall()
    return {name: re.sub(r"\s+", "", sql) for name, sql in found}


def test_an_older_file_is_brought_up_to_date_and_loses_nothing(older: Path) -> None:
    before, found = rows(older), read_revision(older)
    said = upgrade_sqlite(older)

    assert said == f"{older} was brought up to date: revision {found} -> {NEWEST}"
    assert_read(older, before)
    assert upgrade_sqlite(older) == ""


def assert_read(path: Path, before: dict[str, list[Any]]) -> None:
    """All that was kept is there, and today's types read it."""
    after = rows(path)
    assert {table: after[table] for table in before} == before
    store = open_sqlite(path)
    loop = store.load("rain")
    assert loop is not None
    assert loop.rollout is not None
    assert (store.frozen() is not None) == bool(before.get("standstill"))
    read = [store.inputs("rain", row.sequence) for row in store.decisions("rain")]
    assert sum(each is not None for each in read) >= len(before.get("inputs", ()))
    assert loop.rollout.phase is RolloutPhase.SHADOWING
    assert broken_at(store.decisions("rain")) is None
    assert len(store.attempts("rain")) == 2
    assert len(store.claim("one", NOW)) == 1
    store.close()


def test_an_upgraded_file_a_migrated_one_and_a_new_one_are_the_same(older: Path, tmp_path: Path) -> None:
    upgrade_sqlite(older)
    open_sqlite(tmp_path / "new" / "state.sqlite3").close()
    engine = sa.create_engine(f"sqlite+pysqlite:///{tmp_path / 'migrated'}")
    with engine.begin() as connection:
        command.upgrade(configured(connection), "head")
        assert compare_metadata(MigrationContext.configure(connection), schema.metadata) == []
    engine.dispose()

    assert tables(older) == tables(tmp_path / "new" / "state.sqlite3") == tables(tmp_path / "migrated")


def test_the_revisions_are_those_that_the_program_knows() -> None:
    script = ScriptDirectory.from_config(configured())

    assert tuple(each.revision for each in reversed(list(script.walk_revisions()))) == KNOWN
    assert script.get_current_head() == NEWEST


def test_an_upgrade_that_breaks_off_leaves_the_file_as_it_was(first: Path) -> None:
    with closing(sqlite3.connect(first, isolation_level=None)) as connection:
        connection.execute("create table holds (version integer references schema_version(version))")
        connection.execute("insert into holds values (1)")
    before = tables(first)
    with pytest.raises(StateError, match="FOREIGN KEY constraint failed"):
        upgrade_sqlite(first)

    assert tables(first) == before


@pytest.mark.parametrize(
    "statement",
    [
        "update schema_version set version = 99",
        "create table alembic_version (version_num text); insert into alembic_version values ('9999')",
        "drop table schema_version",
    ],
    ids=["another schema", "a newer revision", "no revision"],
)
def test_a_newer_or_an_unknown_file_is_refused_by_name_and_not_touched(first: Path, statement: str) -> None:
    with closing(sqlite3.connect(first)) as connection:
        connection.executescript(statement)
    before = tables(first)
    for use in (open_sqlite, read_loops):
        with pytest.raises(StateError, match=r"does not know \(it knows 0001, .*\): use the mlops that wrote it, or"):
            use(first)
    with pytest.raises(StateError, match="does not know"):
        wiring.open_store(first.parent, print)

    assert tables(first) == before


@pytest.mark.parametrize("order", [["status"], ["decisions", "list"], ["pause", "--reason", "x"]])
def test_whoever_only_looks_or_orders_is_told_what_to_do(
    older: Path, order: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    before = tables(older)
    assert main(["--home", str(older.parent), *order]) == 1

    said = capsys.readouterr().err
    known = f"(revision {read_revision(older)}, this one works with {NEWEST})"
    assert f"was written by an older mlops {known}: run mlops apply or mlops reconcile, which bring it up" in said
    assert said.count("\n") == 1
    assert tables(older) == before


def test_reconcile_brings_it_up_to_date_and_says_so(older: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The recorded project's files are not here, so that the pass itself ends with what is missing."""
    found = read_revision(older)
    assert main(["--home", str(older.parent), "reconcile"]) == 2

    said = capsys.readouterr().err.splitlines()
    assert said[0] == f"mlops: {older} was brought up to date: revision {found} -> {NEWEST}"
    assert "rain/project.yaml" in said[1]
    assert read_loops(older)[0].project == "rain"


def test_it_is_not_brought_up_to_date_under_a_controller_at_work(older: Path) -> None:
    before = tables(older)
    with wiring.only_controller(older.parent), pytest.raises(StateError, match="another controller works in"):
        wiring.open_store(older.parent, print)

    assert tables(older) == before


def test_the_recorded_loop_is_read_by_todays_types(older: Path) -> None:
    assert load(Loop, rows(older)["loop"][0][-1]).rollout is not None


def test_what_an_earlier_program_wrote_in_todays_shape_is_read_as_it_is(tmp_path: Path) -> None:
    """A field that was taken away or changed its meaning since would show here, without any migration."""
    path = restored(max(RECORDED.glob("*.sql")), tmp_path)
    before = rows(path)
    upgrade_sqlite(path)

    assert_read(path, before)


def on_a_server(older: Path, server: Server) -> str:
    """The same recorded state in a database of a server, in the shape that the release had there."""
    url, found = server.database(), read_revision(older)
    engine = sa.create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
    with engine.begin() as connection:
        command.upgrade(configured(connection), str(found))
        shaped = sa.MetaData()
        shaped.reflect(connection)
        kept = rows(older)
        for table in shaped.sorted_tables:
            for row in kept.get(table.name, ()):
                values = {
                    column.name: bool(value) if isinstance(column.type, sa.Boolean) else value
                    for column, value in zip(table.columns, row, strict=True)
                }
                connection.execute(sa.insert(table).values(**values))
    engine.dispose()
    return url


def test_an_older_database_on_a_server_is_brought_up_to_date_and_loses_nothing(older: Path, postgresql: Server) -> None:
    url, found = on_a_server(older, postgresql), read_revision(older)
    with pytest.raises(StateError, match=f"written by an older mlops .revision {found}"):
        open_postgres(url, own_time=True)

    assert upgrade_postgres(url).endswith(f"was brought up to date: revision {found} -> {NEWEST}")
    assert upgrade_postgres(url) == ""
    store, file = open_postgres(url, own_time=True), older
    upgrade_sqlite(file)
    beside = open_sqlite(file)
    assert store.load("rain") == beside.load("rain")
    assert store.decisions("rain") == beside.decisions("rain")
    assert store.measured("rain") == beside.measured("rain")
    assert store.attempts("rain") == beside.attempts("rain")
    assert len(store.claim("one", NOW)) == 1
    store.close()
    beside.close()


def test_a_migrated_database_on_a_server_and_a_new_one_are_the_same(postgresql: Server) -> None:
    migrated, new = postgresql.database(), postgresql.database()
    engine = sa.create_engine(migrated.replace("postgresql:", "postgresql+psycopg:"))
    with engine.begin() as connection:
        command.upgrade(configured(connection), "head")
        assert compare_metadata(MigrationContext.configure(connection), schema.metadata) == []
    engine.dispose()
    open_postgres(new, own_time=True).close()

    assert shape_of(postgresql, migrated) == shape_of(postgresql, new)


def shape_of(server: Server, url: str) -> list[str]:
    """All columns and constraints, as the server itself describes them."""
    name = url.split("/")[3].split("?", maxsplit=1)[0]
    columns = "select table_name, column_name, data_type, is_nullable, column_default from information_schema.columns"
    rules = "select conrelid::regclass, conname, pg_get_constraintdef(oid) from pg_constraint where conrelid > 0"
    indexes = "select indexname, indexdef from pg_indexes"
    ours = "public"
    found = [
        server.sql(f"{columns} where table_schema = '{ours}' order by 1, 2", name),
        server.sql(f"{rules} and connamespace = '{ours}'::regnamespace order by 2", name),
        server.sql(f"{indexes} where schemaname = '{ours}' order by 1", name),
    ]
    return [line for text in found for line in text.splitlines()]
