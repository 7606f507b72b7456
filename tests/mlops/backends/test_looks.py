"""Looking again and again: each blob is read once, what comes late is found, and a steady look lists little."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from typing import TYPE_CHECKING

from mlops.backends.blobs.cache import Cache
from mlops.domain.declared.monitor import Signal
from mlops.domain.project import DAY
from mlops.ports import ServedQuestion
from tests.mlops.backends.collected import World, ask, span
from tests.mlops.backends.collector import DATA, ROOT, blob, collect, day, line

if TYPE_CHECKING:
    from pathlib import Path


def test_each_blob_is_read_once_also_by_the_next_process(world: World) -> None:
    for number in range(1, 11):
        collect(world.blobs, f"1975-01-{number:02}", temperature=1.0, wind=1)
    count = ask(Signal.DATA_QUALITY, "row_count")
    assert world.data().measure(DATA, count).value == 10
    assert len([name for name in world.blobs.reads if name.startswith(ROOT)]) == 20
    world.again()
    assert world.data().measure(DATA, count).value == 10
    assert len([name for name in world.blobs.reads if name.startswith(ROOT)]) == 20


def test_a_blob_that_grew_replaces_what_was_known_of_it(world: World) -> None:
    data = world.data()
    collect(world.blobs, "1975-01-31", temperature=1.0, wind=1)
    count = ask(Signal.DATA_QUALITY, "row_count")
    assert data.measure(DATA, count).value == 1
    grown = line("model_inputs", "second", [{"day": "1975-01-30", "temperature": 2.0, "wind": 1}])
    world.blobs.append(blob("m-1", "model_inputs", "1975-01-31"), grown)
    world.clock.moment += DAY
    assert data.measure(DATA, count).value == 2
    assert world.cache.execute("select count(*) from input").__next__() == (2,)


def test_a_project_that_reads_its_rows_in_another_way_starts_over(world: World, tmp_path: Path) -> None:
    collect(world.blobs, "1975-01-01", temperature=1.0, wind=1)
    world.data().measure(DATA, ask(Signal.DATA_QUALITY, "row_count"))
    other = Cache(tmp_path / "collected.sqlite3", replace(DATA, key="id"))
    assert other.etags("") == {}
    other.close()


def test_a_file_of_another_release_is_emptied_and_filled_again(world: World) -> None:
    collect(world.blobs, "1975-01-01", temperature=1.0, wind=1)
    world.cache.close()
    path = world.path / "collected.sqlite3"
    path.unlink()
    with sqlite3.connect(path) as old:
        old.execute("create table input (blob text, data text)")
    old.close()
    world.again()
    assert world.data().measure(DATA, ask(Signal.DATA_QUALITY, "row_count")).value == 1


def test_a_steady_look_lists_the_newest_months_of_deployments_in_use_only(world: World) -> None:
    for year in range(1970, 1975):
        collect(world.blobs, f"{year}-06-01", deployment=f"m-{year}", temperature=1.0, wind=1)
    collect(world.blobs, "1975-01-31", deployment="m-9", temperature=1.0, wind=1)
    data, count = world.data(under_way=0), ask(Signal.DATA_QUALITY, "row_count")
    data.measure(DATA, count)
    world.blobs.listings.clear()
    world.clock.moment += DAY
    data.measure(DATA, count)
    assert world.blobs.listings == [
        f"{ROOT}/m-9/{collection}/1975/{month}/"
        for collection in ("model_inputs", "model_outputs")
        for month in ("01", "02")
    ]


def test_what_is_filed_a_moment_late_is_found_though_the_clock_went_on_for_months(world: World) -> None:
    data, count = world.data(), ask(Signal.DATA_QUALITY, "row_count", span("1975-01-01", "1976-01-01"))
    collect(world.blobs, "1975-01-31", temperature=1.0, wind=1)
    assert data.measure(DATA, count).value == 1
    world.clock.moment = day("1975-04-01")
    assert data.measure(DATA, count).value == 1
    for number in range(1, 29):
        collect(world.blobs, f"1975-02-{number:02}", temperature=1.0, wind=1)
    world.clock.moment = day("1975-10-01")
    assert data.measure(DATA, count).value == 29


def test_a_canary_with_a_request_a_month_is_still_seen(world: World) -> None:
    data = world.data()
    world.clock.moment = day("1975-01-02")
    collect(world.blobs, "1975-01-01", deployment="m-2", temperature=1.0, wind=1)
    question = ServedQuestion(
        metric="requests", endpoint="rain-local", deployment="m-2", since=day("1975-01-01"), against="m-1"
    )
    assert data.served(DATA, question).value == 1
    count = ask(Signal.DATA_QUALITY, "row_count", span("1975-01-01", "1976-01-01"))
    for month in range(2, 6):
        collect(world.blobs, f"1975-{month:02}-01", deployment="m-2", temperature=1.0, wind=1)
        collect(world.blobs, f"1975-{month:02}-01", deployment="m-1", temperature=1.0, wind=1)
        world.clock.moment = day(f"1975-{month:02}-20")
        data.measure(DATA, count)
    world.clock.moment = day("1975-06-01")
    assert data.served(DATA, question).value == 5


def test_what_came_while_nobody_asked_is_there_when_somebody_does(world: World) -> None:
    data = world.data()
    collect(world.blobs, "1975-01-01", deployment="m-2", temperature=1.0, wind=1)

    def served(deployment: str, moment: str) -> float | None:
        world.clock.moment = day(moment)
        question = ServedQuestion(
            metric="requests", endpoint="rain-local", deployment=deployment, since=day("1975-01-01"), against="m-1"
        )
        return data.served(DATA, question).value

    assert served("m-2", "1975-01-02") == 1
    served("m-3", "1975-02-20")
    collect(world.blobs, "1975-02-21", deployment="m-2", temperature=1.0, wind=1)
    served("m-3", "1975-04-01")
    assert served("m-2", "1975-04-02") == 2


def test_what_was_filed_late_is_found_by_the_next_full_look(world: World) -> None:
    data, count = world.data(), ask(Signal.DATA_QUALITY, "row_count", span("1974-12-01", "1975-02-01"))
    collect(world.blobs, "1975-01-31", temperature=1.0, wind=1)
    assert data.measure(DATA, count).value == 1
    collect(world.blobs, "1974-12-02", temperature=1.0, wind=1)
    world.clock.moment += DAY
    assert data.measure(DATA, count).value == 1
    assert world.data().measure(DATA, count).value == 2
