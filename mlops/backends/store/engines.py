"""Connections to the databases that can hold the loop's memory, set up so that what is committed stays."""

from collections.abc import Callable, Mapping
from typing import Any

import sqlalchemy as sa

Password = Callable[[], str]


def sqlite(url: str) -> tuple[sa.Engine, sa.Engine]:
    """A file of this machine, or memory: one writer at a time, written through before a commit returns.

    The second engine is for claims, which may be forgotten when the machine loses power: who held them has died, too.
    """
    engine = sa.create_engine(url, poolclass=sa.StaticPool if url.endswith("//") else None)

    def configure(connection: Any, _: object) -> None:  # noqa: ANN401 - the driver's own
        connection.isolation_level = None  # transactions are begun by us, see below
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=10000"):
            connection.execute(f"PRAGMA {pragma}")

    def begin(connection: sa.Connection) -> None:
        options = connection.get_execution_options()
        connection.exec_driver_sql(f"PRAGMA synchronous={'NORMAL' if options.get('hasty') else 'FULL'}")
        # One writer, who says so at once: a reader's upgrade could deadlock.  Readers wait for nobody.
        connection.exec_driver_sql("BEGIN" if options.get("reading") else "BEGIN IMMEDIATE")

    sa.event.listen(engine, "connect", configure)
    sa.event.listen(engine, "begin", begin)
    return engine, engine.execution_options(hasty=True)


def postgresql(url: sa.URL, settings: Mapping[str, str], password: Password | None) -> tuple[sa.Engine, sa.Engine]:
    """A server; `password` is asked for each new connection.  The second engine is for claims.

    A claim that a dying server forgets is claimed again by somebody of another name: no two ever pass for one.
    """
    durable = sa.create_engine(url, connect_args=dict(settings), pool_size=10, max_overflow=20)
    claims = sa.create_engine(
        url,
        connect_args={**settings, "options": "-c synchronous_commit=off"},
        isolation_level="AUTOCOMMIT",
    )

    def identify(_: object, __: object, ___: object, arguments: dict[str, Any]) -> None:
        if password is not None:
            arguments["password"] = password()

    for engine in (durable, claims):
        sa.event.listen(engine, "do_connect", identify)
    return durable, claims
