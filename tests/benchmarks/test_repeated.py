"""A large file is the same rows again and again, in every form the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pytest

from benchmarks.monitors import repeated
from benchmarks.monitors.large import FORMS
from mlops.backends.tables.count import profile

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("form", FORMS)
def test_a_file_of_any_form_is_as_large_as_asked_and_holds_the_rows_that_are_said(tmp_path: Path, form: str) -> None:
    block = pa.table({"x": np.arange(1000) / 7, "level": ["a", None] * 500})
    file = tmp_path / f"large.{form}"

    rows = repeated.write(file, 100_000, block)

    found = profile([file])
    assert (file.stat().st_size >= 100_000, rows % 1000, found.rows) == (True, 0, rows)
    assert (found.columns["x"].present, found.columns["level"].present) == (rows, rows // 2)
