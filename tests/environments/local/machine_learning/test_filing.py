"""Collected data: spooled before it is acknowledged, filed once, kept until it is saved."""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from environments.local.machine_learning.collected_event import EventError, event_ids, folder_of, read_event
from environments.local.machine_learning.filing import Filing, GoneError, Pace
from environments.local.machine_learning.spool import Entry, Spool

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from pathlib import Path


class MemoryBlobs:
    """Append blobs in memory, which can fail, lose replies and forget their last seconds."""

    def __init__(self) -> None:
        self.blobs: dict[str, bytes] = defaultdict(bytes)
        self.fails = 0
        self.loses_replies = 0
        self.started = "first"

    async def append(self, blob: str, data: bytes, *, new: bool) -> None:
        assert new or blob in self.blobs
        if blob.startswith("deleted/"):
            raise GoneError("the account is gone")
        if self.fails:
            self.fails -= 1
            raise OSError("down")
        self.blobs[blob] += data
        if self.loses_replies:
            self.loses_replies -= 1
            raise OSError("the reply was lost")

    async def read(self, blob: str) -> bytes:
        return self.blobs.get(blob, b"")

    async def close(self) -> None:
        return

    def generation(self) -> Mapping[str, str]:
        return {} if self.fails else {"account": self.started}


_QUICK = Pace(look=0.01, seal=0.02, saved_after=0.2, retry=0.01)


def _entry(number: int, blob: str = "a/c/b.jsonl") -> Entry:
    return Entry(blob, json.dumps({"id": f"e{number}"}).encode() + b"\n")


def _ids(blobs: MemoryBlobs) -> list[str]:
    return [json.loads(line)["id"] for content in blobs.blobs.values() for line in content.splitlines()]


def _run(spool: Path, blobs: MemoryBlobs, story: Callable[[Filing], Awaitable[None]]) -> None:
    """Run a story beside the filing, then end the filing as a kill would."""

    async def beside() -> None:
        under_test = Filing(Spool(spool), blobs, _QUICK)
        task = asyncio.create_task(under_test.run())
        await asyncio.sleep(0)
        await story(under_test)
        task.cancel()

    asyncio.run(beside())


async def _until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not true():  # noqa: ASYNC110 - it looks at another's state
            await asyncio.sleep(0.005)


def test_each_line_is_filed_once_in_order(tmp_path: Path) -> None:
    blobs = MemoryBlobs()

    async def story(under_test: Filing) -> None:
        for number in range(50):
            under_test.take(_entry(number))
        await _until(lambda: under_test.pending == 0)

    _run(tmp_path, blobs, story)
    assert _ids(blobs) == [f"e{number}" for number in range(50)]


def test_a_store_that_fails_or_loses_a_reply_gets_every_line_once(tmp_path: Path) -> None:
    blobs = MemoryBlobs()
    blobs.fails, blobs.loses_replies = 3, 2

    async def story(under_test: Filing) -> None:
        for number in range(10):
            under_test.take(_entry(number))
            await asyncio.sleep(0.003)
        await _until(lambda: under_test.pending == 0)

    _run(tmp_path, blobs, story)
    assert sorted(_ids(blobs)) == sorted(f"e{number}" for number in range(10))


def test_what_was_acknowledged_before_a_kill_is_filed_after_it(tmp_path: Path) -> None:
    blobs = MemoryBlobs()
    blobs.fails = 10**6

    async def take(under_test: Filing) -> None:
        for number in range(5):
            under_test.take(_entry(number))

    _run(tmp_path, blobs, take)
    assert _ids(blobs) == []
    blobs.fails = 0

    async def wait(under_test: Filing) -> None:
        await _until(lambda: len(_ids(blobs)) == 5 and under_test.pending == 0)

    _run(tmp_path, blobs, wait)
    _run(tmp_path, blobs, wait)
    assert _ids(blobs) == [f"e{number}" for number in range(5)]


def test_what_a_killed_store_forgot_is_filed_again(tmp_path: Path) -> None:
    blobs = MemoryBlobs()

    async def story(under_test: Filing) -> None:
        for number in range(4):
            under_test.take(_entry(number))
        await _until(lambda: len(_ids(blobs)) == 4)
        lines = blobs.blobs["a/c/b.jsonl"].splitlines(keepends=True)
        await asyncio.sleep(0.05)
        blobs.blobs["a/c/b.jsonl"], blobs.started = b"".join(lines[:2]), "second"
        await _until(lambda: len(_ids(blobs)) == 4)

    _run(tmp_path, blobs, story)
    assert _ids(blobs) == ["e0", "e1", "e2", "e3"]


def test_what_a_store_forgot_is_filed_again_though_it_was_looked_after_while_it_was_down(tmp_path: Path) -> None:
    blobs = MemoryBlobs()

    async def story(under_test: Filing) -> None:
        for number in range(4):
            under_test.take(_entry(number))
        await _until(lambda: len(_ids(blobs)) == 4)
        await asyncio.sleep(0.05)
        blobs.fails = 10**6
        under_test.take(_entry(4))
        await asyncio.sleep(0.05)  # several looks, none of which can name the store
        blobs.blobs["a/c/b.jsonl"], blobs.started, blobs.fails = b"", "second", 0
        await _until(lambda: len(_ids(blobs)) == 5)

    _run(tmp_path, blobs, story)
    assert _ids(blobs) == ["e0", "e1", "e2", "e3", "e4"]


def test_what_is_bound_for_a_deleted_account_does_not_hold_up_the_rest(tmp_path: Path) -> None:
    blobs = MemoryBlobs()

    async def story(under_test: Filing) -> None:
        under_test.take(_entry(1, "deleted/c/b.jsonl"))
        under_test.take(_entry(2))
        await _until(lambda: under_test.pending == 0)

    _run(tmp_path, blobs, story)
    assert _ids(blobs) == ["e2"]


def test_the_spool_is_emptied_once_all_is_saved(tmp_path: Path) -> None:
    blobs = MemoryBlobs()

    async def story(under_test: Filing) -> None:
        under_test.take(_entry(1))
        await _until(lambda: under_test.pending == 0)
        await _until(lambda: not list(tmp_path.glob("*.jsonl")))

    _run(tmp_path, blobs, story)
    assert _ids(blobs) == ["e1"]


@given(st.lists(st.binary(max_size=40).filter(lambda b: b"\n" not in b), max_size=20))
def test_a_torn_last_line_of_the_spool_costs_nothing_else(
    tmp_path_factory: pytest.TempPathFactory, contents: list[bytes]
) -> None:
    folder = tmp_path_factory.mktemp("spool")
    spool = Spool(folder)
    list(spool.open())
    lines = [Entry("b", json.dumps(content.hex()).encode()) for content in contents]
    for line in lines:
        spool.add(line)
    with next(iter([*folder.glob("*.jsonl")]), folder / "000000000001.jsonl").open("ab") as torn:
        torn.write(b'["b", "half a li')
    assert list(Spool(folder).open()) == lines


_HEADERS = {"ce-type": "azureml.inference.model_inputs", "ce-time": "0", "trace-id": "t", "ce-x-request-id": "r"}


@pytest.mark.parametrize(
    ("headers", "body"),
    [({**_HEADERS, "ce-type": "other"}, b"[]"), ({**_HEADERS, "ce-time": "soon"}, b"[]"), (_HEADERS, b"[")],
    ids=["another type", "no time", "no JSON"],
)
def test_a_post_that_is_no_event_is_refused(headers: dict[str, str], body: bytes) -> None:
    with pytest.raises(EventError):
        read_event(headers, body, "source")


def test_an_event_is_one_line_even_when_its_body_has_several() -> None:
    event = read_event(_HEADERS, b'[{"a": 1},\n {"a": null}]', "source")
    assert (event.collection, event.request, event_ids(event.line)) == ("model_inputs", "r", frozenset({"t"}))
    assert event.line.count(b"\n") == 1


@pytest.mark.parametrize(
    ("rate", "folder"), [("Hour", "1985/07/01/03"), ("Day", "1985/07/01"), ("Minute", "1985/07/01/03/30")]
)
def test_the_rolling_rate_says_how_deep_folders_are(rate: str, folder: str) -> None:
    assert folder_of(datetime(1985, 7, 1, 3, 30, tzinfo=UTC), rate) == folder
