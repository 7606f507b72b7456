"""The weather: 18,159 days in order of time, and what a faulty sensor would have made of them."""

import csv
import gzip
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

DATA = Path(__file__).parent / "data" / "noaa_weather.csv.gz"
FIRST_DAY = date(1950, 1, 1)  # the source numbers its days; the dates are ours
LABEL = "rain"
_NUMBER = "day"


@dataclass(frozen=True, kw_only=True)
class Day:
    """One day's record and, known later, whether it rained."""

    day: date
    features: dict[str, float]
    rain: int

    @property
    def record(self) -> dict[str, str | float]:
        """As it is sent to be scored."""
        return {"day": self.day.isoformat(), **self.features}


@dataclass(frozen=True, kw_only=True)
class SensorFault:
    """From `start` until the day before `end`, `temperature` reports Celsius where Fahrenheit was.

    The features are standardised, so what arrives is 0.56 z - 1.84: 5/9 of the spread, and a mean that is lower by the
    32 degrees of the scales' offset.  The other sensors stay right.
    """

    start: date
    end: date

    def on(self, day: Day) -> Day:
        """The day as the sensor reports it."""
        if not self.start <= day.day < self.end:
            return day
        wrong = round(0.56 * day.features["temperature"] - 1.84, 5)
        return Day(day=day.day, features={**day.features, "temperature": wrong}, rain=day.rain)


def read_days(path: Path = DATA) -> tuple[Day, ...]:
    """All days, oldest first."""
    with gzip.open(path, "rt", newline="", encoding="utf-8") as file:
        return tuple(_days(csv.DictReader(file)))


def write_labelled(days: tuple[Day, ...], path: Path) -> None:
    """Write day, features and label, as the project's history wants them."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(("day", *days[0].features, LABEL))
        writer.writerows((day.day.isoformat(), *day.features.values(), day.rain) for day in days)


def _days(lines: "csv.DictReader[str]") -> Iterator[Day]:
    for line in lines:
        number, rain = int(line.pop(_NUMBER)), int(line.pop(LABEL))
        features = {name: float(value) for name, value in line.items()}
        yield Day(day=FIRST_DAY + timedelta(days=number), features=features, rain=rain)
