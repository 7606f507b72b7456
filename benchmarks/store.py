"""What the loop's memory costs beside the bare database: idle looks, durable decisions, several workers."""

import argparse
import os
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from threading import Barrier

import psycopg
import sqlalchemy as sa

from mlops.backends.clock import SystemClock
from mlops.backends.store.codec import dump
from mlops.backends.store.database import Database, open_sqlite
from mlops.backends.store.postgres import open_postgres
from mlops.backends.store.schema import turn
from mlops.domain.loop import Change, Loop
from mlops.flows.controller import Controller, Hands
from mlops.flows.reconcile import Pass
from tests import postgres
from tests.mlops.backends.store.kept import FULL, SAID, applied

IDLE_RATIO, DECISION_RATIO, WORKERS_RATIO = 3.0, 0.5, 1.0
_WAITING, _LOOKS, _DECISIONS, _WORKERS = 10_000, 2_000, 300, 4
_DURABLE = ("max_connections=60", "shared_buffers=128MB")


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and judge.  Returns 0: all bars are kept, 1: one is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    rounds: int = parser.parse_args(arguments).rounds
    print(f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores; medians of {rounds} rounds")
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, postgres.server(_DURABLE) as server:
        kept = [
            *_idle(Path(folder), server, rounds),
            _decisions(Path(folder), rounds),
            _workers(server, rounds),
        ]
    return int(not all(kept))


def _idle(folder: Path, server: postgres.Server, rounds: int) -> Iterator[bool]:
    """A controller's look when nothing is due, beside the query for what is due by the driver alone."""
    path, url = folder / "idle.sqlite3", server.database()
    for name, store, bare in (
        ("SQLite", open_sqlite(path), sqlite3.connect(path, isolation_level=None)),
        ("PostgreSQL", open_postgres(url, own_time=True), psycopg.connect(url, autocommit=True)),
    ):
        far = time.time() + 3000
        rows = [{"project": f"p{number}", "due": far, "fence": 0, "nudges": 0} for number in range(_WAITING)]
        with store._engine.begin() as connection:  # noqa: SLF001 - there is no quicker way to ten thousand projects
            connection.execute(sa.insert(turn), rows)
        mark = "?" if name == "SQLite" else "%s"
        query = f"select project from turn where due <= {mark} order by due limit 1"  # noqa: S608 - ours

        def floor(bare: "sqlite3.Connection | psycopg.Connection" = bare, query: str = query) -> None:
            bare.execute(query, (time.time(),)).fetchone()

        controller = _controller(store)
        with ThreadPoolExecutor(1) as pool:
            ours_us, floor_us = _in_turn(rounds, partial(controller._round, pool), floor)  # noqa: SLF001
        yield _judged(f"idle pass, {_WAITING:,} waiting, {name}", ours_us, floor_us, "µs", most=IDLE_RATIO)
        bare.close()
        store.close()


def _controller(store: Database) -> Controller:
    def nothing(*_: object) -> Pass:
        return Pass(acted=False)

    def silent(*_: object) -> None: ...

    return Controller(Hands(store=store, clock=SystemClock(), work=nothing, say=silent, owner="bench"), 1)


def _in_turn(rounds: int, ours: Callable[[], object], floor: Callable[[], object]) -> tuple[float, float]:
    """Microseconds a call of each, medians of rounds that alternate."""
    times: dict[Callable[[], object], list[float]] = {ours: [], floor: []}
    for _ in range(rounds + 1):
        for call, found in times.items():
            begun = time.perf_counter()
            for _ in range(_LOOKS):
                call()
            found.append((time.perf_counter() - begun) / _LOOKS * 1e6)
    return statistics.median(times[ours][1:]), statistics.median(times[floor][1:])


def _decisions(folder: Path, rounds: int) -> bool:
    """Saves of state and decision by who holds the project, beside one bare durable commit of the same bytes."""
    store = open_sqlite(folder / "state.sqlite3")
    loop = _project(store, "rain")
    rates: dict[str, list[float]] = {"turns": [], "saves": [], "bare": []}
    with closing(_bare(folder / "bare.sqlite3")) as bare:
        state, said = dump(loop), dump(SAID)
        for _ in range(rounds * 4):  # short ones: what else runs on this machine comes and goes
            with _rate(rates["turns"], _DECISIONS // 4):
                loop = _turns(store, "rain", loop, _DECISIONS // 4)
            (claim,) = store.claim("bench", datetime.now(UTC), project="rain")
            with _rate(rates["saves"], _DECISIONS // 4):
                for _ in range(_DECISIONS // 4):
                    loop = store.save(Change(loop=loop, decisions=(SAID,)), claim)
            store.release(claim, datetime.now(UTC))
            with _rate(rates["bare"], _DECISIONS // 4):
                for _ in range(_DECISIONS // 4):
                    bare.execute("begin immediate")
                    bare.execute("update loop set version = version + 1, state = ?", (state,))
                    bare.execute("insert into decision (what) values (?)", (said,))
                    bare.execute("commit")
    store.close()
    turns, saves, floor = (statistics.median(rates[name]) for name in ("turns", "saves", "bare"))
    print(_line("claim, one decision, give back, SQLite", turns, floor, "/s"))
    return _judged("durable decisions, SQLite", saves, floor, "/s", least=DECISION_RATIO)


def _bare(path: Path) -> sqlite3.Connection:
    bare = sqlite3.connect(path, isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=FULL"):
        bare.execute(f"pragma {pragma}")
    bare.execute("create table loop (project text primary key, version integer, state text)")
    bare.execute("insert into loop values ('rain', 0, '')")
    bare.execute("create table decision (sequence integer primary key, what text)")
    return bare


@contextmanager
def _rate(found: list[float], count: int) -> Iterator[None]:
    begun = time.perf_counter()
    yield
    found.append(count / (time.perf_counter() - begun))


def _workers(server: postgres.Server, rounds: int) -> bool:
    """Four workers on a server beside one: the same turns, each on projects of its own."""
    rates: dict[int, list[float]] = {1: [], _WORKERS: []}
    with closing(open_postgres(server.database(), own_time=True)) as store:
        loops = {f"p{number}": _project(store, f"p{number}") for number in range(_WORKERS)}
        for _ in range(rounds):
            for count, found in rates.items():
                with _together(count) as (pool, started):

                    def work(name: str, start: Callable[[], object] = started) -> None:
                        start()
                        loops[name] = _turns(store, name, loops[name], _DECISIONS)

                    with _rate(found, count * _DECISIONS):
                        list(pool.map(work, list(loops)[:count]))
    four, one = statistics.median(rates[_WORKERS]), statistics.median(rates[1])
    return _judged(f"{_WORKERS} workers, PostgreSQL, beside one", four, one, "/s", least=WORKERS_RATIO)


@contextmanager
def _together(count: int) -> Iterator[tuple[ThreadPoolExecutor, Callable[[], object]]]:
    barrier = Barrier(count)
    with ThreadPoolExecutor(count) as pool:
        yield pool, barrier.wait


def _project(store: Database, name: str) -> Loop:
    loop = replace(FULL, project=name, endpoint=f"{name}-endpoint", attempt=None, rollout=None)
    first = replace(SAID, why=f"generation 1 of {name}")  # so that no two projects' logs are the same
    return store.apply(applied(loop), Change(loop=loop, decisions=(first,)))


def _turns(store: Database, name: str, loop: Loop, count: int) -> Loop:
    for _ in range(count):
        now = datetime.now(UTC)
        (claim,) = store.claim("bench", now, project=name)
        loop = store.save(Change(loop=loop, decisions=(SAID,)), claim)
        store.release(claim, now + timedelta(minutes=1))
    return loop


def _judged(
    what: str, ours: float, floor: float, unit: str, *, most: float | None = None, least: float | None = None
) -> bool:
    kept = ours / floor <= most if most is not None else ours / floor > (least or 0)
    bar = f"at most {most:g}" if most is not None else f"more than {least:g}"
    print(f"{_line(what, ours, floor, unit)} ({bar}) {'ok' if kept else 'MISSED'}")
    return kept


def _line(what: str, ours: float, floor: float, unit: str) -> str:
    return f"{what:<42} {ours:>9,.0f} {unit:<3} floor {floor:>9,.0f} {unit:<3} ratio {ours / floor:5.2f}"


if __name__ == "__main__":
    sys.exit(main())
