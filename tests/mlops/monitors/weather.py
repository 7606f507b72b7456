"""The weather of the rain example, as columns."""

from __future__ import annotations

import csv
import functools
import gzip
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_FILE = Path(__file__).parents[3] / "examples" / "rain" / "data" / "noaa_weather.csv.gz"
FEATURES = (
    "temperature",
    "dew_point",
    "sea_level_pressure",
    "visibility",
    "average_wind_speed",
    "max_sustained_wind_speed",
    "minimum_temperature",
    "maximum_temperature",
)


@functools.cache
def weather() -> dict[str, NDArray[np.float64]]:
    with gzip.open(_FILE, "rt") as lines:
        rows = list(csv.DictReader(lines))
    return {name: np.array([float(row[name]) for row in rows]) for name in rows[0]}


def days(first: int, after: int) -> dict[str, NDArray[np.float64]]:
    return {name: values[first:after] for name, values in weather().items()}
