from __future__ import annotations

import sqlite3
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from environments.local.arm.ids import ResourceId
from environments.local.arm.store import Store

if TYPE_CHECKING:
    from pathlib import Path

A = ResourceId("/subscriptions/S/resourceGroups/RG/providers/Microsoft.X/boxes/A")
IN_A = A.child("items", "I")


def test_the_first_writers_case_is_kept_and_any_case_finds_it(tmp_path: Path) -> None:
    store = Store(tmp_path / "db")
    store.put(A, {"v": 1}, by="me")
    again = store.put(ResourceId(A.text.lower()), {"v": 2}, by="you")
    assert (again.id, again.body, again.created_by, again.version) == (A, {"v": 2}, "me", 2)


def test_a_deletion_takes_what_lies_below_and_nothing_beside_it(tmp_path: Path) -> None:
    store = Store(tmp_path / "db")
    neighbour = ResourceId(A.text + "B")
    for each in (A, IN_A, neighbour):
        store.put(each, {})
    assert store.delete(A)
    assert [each for each in (A, IN_A, neighbour) if store.get(each)] == [neighbour]
    assert not store.delete(A)


def test_a_failure_within_a_transaction_undoes_all_of_it(tmp_path: Path) -> None:
    store = Store(tmp_path / "db")

    def half_done() -> None:
        with store.transaction():
            store.put(A, {})
            store.put_document("kind", "name", {})
            raise RuntimeError

    with pytest.raises(RuntimeError):
        half_done()
    assert (store.get(A), store.document("kind", "name")) == (None, None)


def test_what_was_written_survives_a_kill_at_the_next_instruction(tmp_path: Path) -> None:
    program = f"""
import os, signal
from pathlib import Path
from environments.local.arm.store import Store
from environments.local.arm.ids import ResourceId
Store(Path({str(tmp_path / "db")!r})).put(ResourceId({A.text!r}), {{"v": 1}})
os.kill(os.getpid(), signal.SIGKILL)
"""
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == -9
    found = Store(tmp_path / "db").get(A)
    assert found is not None
    assert found.body == {"v": 1}


def test_a_full_disk_is_an_error_of_the_database_and_leaves_the_old_state(tmp_path: Path) -> None:
    store = Store(tmp_path / "db")
    store.put(A, {"v": 1})
    pages = store._db.execute("PRAGMA page_count").fetchone()[0]
    store._db.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(sqlite3.OperationalError, match="full"):
        store.put(IN_A, {"big": "x" * 1_000_000})
    found = store.get(A)
    assert found is not None
    assert found.body == {"v": 1}


_NAMES = st.text(alphabet="abAB-.0", min_size=1, max_size=4)


@given(names=st.lists(st.tuples(_NAMES, _NAMES), max_size=12), top=_NAMES)
def test_below_is_exactly_what_begins_with_the_id_and_a_slash(names: list[tuple[str, str]], top: str) -> None:
    store = Store(":memory:")  # type: ignore[arg-type]
    root = ResourceId("/subscriptions/S/resourceGroups/RG/providers/Microsoft.X")
    for outer, inner in names:
        store.put(ResourceId(f"{root}/boxes/{outer}/items/{inner}"), {})
    wanted = ResourceId(f"{root}/boxes/{top}")
    expected = {f"{wanted.key}/items/{inner.lower()}" for outer, inner in names if outer.lower() == top.lower()}
    assert {each.id.key for each in store.below(wanted)} == expected
    store.close()
