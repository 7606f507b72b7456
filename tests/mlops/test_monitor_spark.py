"""`--engine spark`: a real Spark of this machine counts what this machine does, to the last count."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.mlops.monitor_project import rows, run, write_project

if TYPE_CHECKING:
    from pathlib import Path


def test_without_pyspark_it_is_said_how_to_install_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_project(tmp_path)

    assert run(tmp_path, "--current", "@same.parquet", "--engine", "spark") == 2
    said = "mlops: --engine spark needs PySpark, which is not installed: pip install --require-hashes -r "
    assert capsys.readouterr() == ("", f"{said}requirements-spark.txt\n")


@pytest.mark.spark
@pytest.mark.timeout(900)
def test_spark_counts_what_this_machine_does(tmp_path: Path) -> None:
    """Hour by hour, byte by byte: a file of several row groups, small files, and one that cannot be read."""
    write_project(tmp_path)
    (tmp_path / "in").mkdir()
    for number, size in enumerate((250_000, 300, 301)):
        file = tmp_path / "in" / f"{number}.parquet"
        seconds = np.datetime64(f"2026-01-0{number + 1}") + np.arange(size) * np.timedelta64(1, "s")
        pq.write_table(pa.table({**rows(size), "at": seconds}), file, row_group_size=100_000)

    told = {engine: _cli(tmp_path, engine, "--states", str(tmp_path / engine)) for engine in ("local", "spark")}

    found = {engine: {**json.loads(done.stdout), "at": ""} for engine, done in told.items()}
    assert found["spark"] == found["local"]
    assert [one["value"] is not None for one in found["spark"]["monitors"]] == [True, True]
    kept = {engine: _profiles(tmp_path / engine) for engine in told}
    assert len(kept["local"]) == 72
    assert kept["spark"] == kept["local"]
    (tmp_path / "in" / "2.parquet").write_bytes(b"PAR1 and no more PAR1")
    failed = _cli(tmp_path, "spark")
    (line,) = (line for line in failed.stderr.splitlines() if line.startswith("mlops: "))
    assert (failed.returncode, failed.stdout) == (2, "")
    assert "2.parquet: cannot be read to its end" in line


def _profiles(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*.profile")}


def _cli(folder: Path, engine: str, *more: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "mlops", "monitor", "run", f"{folder}/project.yaml", "--current", f"{folder}/in"]
    chosen = ["--monitor", "drift", "--monitor", "sensor", "--output", "json"]
    return subprocess.run(
        [*command, "--engine", engine, *chosen, *more], capture_output=True, text=True, check=False, timeout=600
    )
