"""Compiled or by numpy, a sweep over a chunk gives the same bits; what was built at set-up is what is used."""

from __future__ import annotations

import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlops.backends.azure_ml.package import ARCHIVE, archive
from mlops.monitors import kernel, sweeps
from mlops.monitors.cells import CELLS
from mlops.monitors.sweeps import Compiled, Numpy
from mlops.monitors.tally import FEW, NumericTally

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from mlops.monitors.sweeps import Sweeps

SPECIAL = (np.nan, np.inf, -np.inf, 1e300, -1e300, 1e39, 0.0, -0.0, -1e-60, 1e-42, 5.0)


@pytest.fixture(name="compiled", scope="module")
def _compiled() -> Compiled:
    library = kernel.library()
    assert library is not None, "no C compiler was here at set-up: install one, and run `make setup`"
    return Compiled(library)


@st.composite
def _chunk(draw: st.DrawFn) -> NDArray[np.float64]:
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    values = random.normal(3, draw(st.sampled_from([1e-9, 1.0, 1e150])), draw(st.integers(0, 3000)))
    if draw(st.booleans()):
        values = np.round(values)
    for one in draw(st.lists(st.sampled_from(SPECIAL), max_size=4)) if len(values) else ():
        values[random.integers(len(values))] = one
    return values


@settings(max_examples=200, deadline=None)
@given(chunk=_chunk(), centre=st.sampled_from([0.0, 3.0, -1e6]))
def test_both_count_a_chunk_to_the_same_bits(compiled: Compiled, chunk: NDArray[np.float64], centre: float) -> None:
    one, other = Numpy().count(chunk, centre), compiled.count(chunk, centre)

    assert other.counts.sum(axis=0).tolist() == one.counts.sum(axis=0).tolist()
    assert other.other == one.other
    if not one.other:
        assert _rest(other) == _rest(one)


def _rest(found: sweeps.Counted) -> tuple[float, ...]:
    return found.offsets, found.squares, found.low, found.high


@settings(max_examples=100, deadline=None)
@given(
    chunk=_chunk(),
    centre=st.sampled_from([0.0, 3.0]),
    known=st.dictionaries(st.sampled_from([0, 0x4040, 0x4080]), st.sampled_from([0.0, 3.0, np.nan]), max_size=3),
)
def test_both_know_which_cells_hold_one_value(
    compiled: Compiled, chunk: NDArray[np.float64], centre: float, known: dict[int, float]
) -> None:
    held = np.flatnonzero(Numpy().count(chunk, centre).counts[0])
    asked = {int(slot): np.nan for slot in held if not slot & 0x7FFF >= 0x7F80} | {
        slot: value for slot, value in known.items() if slot in held
    }

    assert compiled.alone(chunk, centre, asked) == Numpy().alone(chunk, centre, asked)


@settings(max_examples=50, deadline=None)
@given(chunk=_chunk(), crowded=st.integers(0, 20))
def test_both_add_a_chunk_once_and_say_which_cells_it_crowds_first(
    compiled: Compiled, chunk: NDArray[np.float64], crowded: int
) -> None:
    for how in (Numpy(), compiled):
        into, by_hand = np.zeros(CELLS, dtype=np.int64), np.zeros(CELLS, dtype=np.int64)
        for part in (chunk, chunk + 1.0, chunk[::2]):
            counts = how.count(part, 3.0).counts
            one = counts.sum(axis=0).astype(np.int64)
            expected = [slot for slot in np.flatnonzero(one > crowded).tolist() if not by_hand[slot]]
            by_hand += one

            assert how.settle(counts, into, crowded) == expected
            assert into.tolist() == by_hand.tolist()


@given(st.lists(st.integers(0, 4) | st.none(), max_size=40), st.integers(0, 9))
def test_both_count_codes_that_are_there(compiled: Compiled, codes: list[int | None], first: int) -> None:
    values = np.array([99 if code is None else code for code in codes], dtype=np.int32)
    bits = np.packbits(np.array([True] * first + [code is not None for code in codes], dtype=bool), bitorder="little")
    there = [code for code in codes if code is not None]

    for how in (Numpy(), compiled):
        assert how.codes(values, bits, first, 5).tolist() == [there.count(code) for code in range(5)]
        assert how.codes(np.array(there, dtype=np.int32), None, 0, 5).sum() == len(there)


@pytest.mark.parametrize("code", [-1, 5])
def test_neither_counts_a_code_beyond_the_dictionary(compiled: Compiled, code: int) -> None:
    for how in (Numpy(), compiled):
        with pytest.raises(ValueError, match="point beyond its end"):
            how.codes(np.array([0, code], dtype=np.int32), None, 0, 5)


@given(st.lists(st.booleans(), max_size=40), st.integers(0, 9))
def test_both_leave_out_nulls_wherever_a_chunk_begins(compiled: Compiled, there: list[bool], first: int) -> None:
    values = np.arange(len(there), dtype=np.float64)
    bits = np.packbits(np.array([True] * first + there, dtype=bool), bitorder="little")

    for how in (Numpy(), compiled):
        assert how.present(values, bits, first).tolist() == [at for at, here in enumerate(there) if here]


@pytest.mark.parametrize("how", [Numpy(), sweeps.best()])
def test_a_column_is_the_same_state_however_it_was_swept(how: Sweeps) -> None:
    random = np.random.default_rng(5)
    chunk = np.round(random.normal(3, 2, 3 * FEW), 1)
    chunk[::50] = np.nan
    by_numpy, tally = NumericTally(3.0, Numpy()), NumericTally(3.0, how)
    for one in (by_numpy, tally):
        one.add(chunk)
        one.add(chunk + 0.5)

    assert repr(tally.state()) == repr(by_numpy.state())


def test_what_set_up_built_is_what_counts() -> None:
    assert isinstance(sweeps.best(), Compiled if kernel.built().is_file() else Numpy)
    assert kernel.built().is_file() or not any(map(shutil.which, ("cc", "gcc", "clang")))


def test_without_a_compiler_set_up_says_so_in_one_line_and_goes_on(tmp_path: Path) -> None:
    """In an environment of its own, which has nothing built and a search path without programs."""
    made = tmp_path / "kernel.py"
    made.write_text(kernel.SOURCE.with_suffix(".py").read_text())
    made.with_suffix(".c").write_text(kernel.SOURCE.read_text() + "/* of another source */\n")

    ran = subprocess.run(
        [sys.executable, made], env={"PATH": str(tmp_path)}, capture_output=True, text=True, check=True
    )

    assert ran.stderr == (
        "setup: no C compiler is here (cc, gcc, clang); monitors count by numpy alone, which takes longer\n"
    )


def test_from_an_archive_which_has_no_source_it_is_numpy_that_counts(tmp_path: Path) -> None:
    """As a job of Azure ML carries this package."""
    archive(tmp_path)
    program = "from mlops.monitors import sweeps; print(type(sweeps.best()).__name__)"

    ran = subprocess.run(
        [sys.executable, "-c", program],
        env={"PYTHONPATH": str(tmp_path / ARCHIVE)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (ran.stdout, ran.stderr) == ("Numpy\n", "")
