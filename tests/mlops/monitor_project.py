"""A project with monitors of many kinds, and files for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from mlops.__main__ import main
from tests.fakes.azure import write_project_folder
from tests.mlops.rig import PROJECT

if TYPE_CHECKING:
    from pathlib import Path

MONITORS = """\
  monitors:
    - {name: sensor, signal: data_quality, metric: out_of_bounds_rate, bounds: [-1.2, 1.2], window: P7D, every: P7D,
       expression: {temperature: 1, minimum: -0.5, maximum: -0.5}, minSamples: 5, limit: {success: "<= 0.1"}}
    - {name: drift, signal: data_drift, metric: population_stability_index, window: P28D, every: P7D, minSamples: 20,
       limit: {success: "< 0.2"}}
    - {name: accuracy, signal: model_performance, metric: accuracy, window: P28D, every: P7D, minSamples: 10,
       limit: {success: "> 0.8"}}
    - {name: rows, signal: data_quality, metric: row_count, window: P7D, every: P7D, minSamples: 1}
    - {name: twice, signal: data_quality, metric: duplicate_rate, window: P7D, every: P7D, minSamples: 1,
       limit: {success: "<= 0"}}
    - {name: columns, signal: data_quality, metric: schema_change_count, window: P7D, every: P7D, minSamples: 1,
       limit: {success: "<= 0"}}
    - {name: together, signal: multivariate_drift, metric: reconstruction_error, window: P7D, every: P7D,
       minSamples: 50, limit: {success: "< 1.5", falseAlarms: 0.01}}
"""


def rows(size: int, *, shift: float = 0.0, first: str = "2026-01-01") -> dict[str, Any]:
    """Return four rows a day, with answers that are mostly right."""
    random = np.random.default_rng(size)
    temperature = random.normal(shift, 1, size)
    rain = (temperature > shift).astype(np.int64)
    return {
        "day": np.array([f"{first}-{number}" for number in range(size)]),
        "at": np.datetime64(first) + np.arange(size) * np.timedelta64(6 * 3600, "s"),
        "temperature": temperature,
        "minimum": temperature - 0.5 + random.normal(0, 0.1, size),
        "maximum": temperature + 0.5 + random.normal(0, 0.1, size),
        "probability": np.where(rain == 1, 0.9, 0.1),
        "rain": rain,
    }


def write_project(tmp_path: Path) -> None:
    """Write a project's folder, with files beside it."""
    write_project_folder(tmp_path)
    begin, rest = PROJECT.split("  monitors:\n")
    _, rest = rest.split("  triggerPolicy")
    begin = begin.replace("time: day", "time: at") + "  files: {reference: [reference.parquet]}\n"
    routine = "  triggers:\n    - {name: routine, when: {every: P90D}}\n  triggerPolicy"
    (tmp_path / "project.yaml").write_text(begin + MONITORS + routine + rest)
    pq.write_table(pa.table(rows(4000, first="2020-01-01")), tmp_path / "reference.parquet")
    pq.write_table(pa.table(rows(400)), tmp_path / "same.parquet", row_group_size=90)
    pq.write_table(pa.table(rows(401, shift=2.0)), tmp_path / "moved.parquet")


def run(folder: Path, *arguments: str) -> int:
    """Run its monitors; `@` in an argument is the folder."""
    given = (one.replace("@", f"{folder}/") for one in arguments)
    return main(["monitor", "run", f"{folder}/project.yaml", *given])
