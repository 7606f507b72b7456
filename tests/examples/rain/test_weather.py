import csv
import itertools
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

from examples.rain.weather import SensorFault, read_days, write_labelled

DAYS = read_days()
FAULT = SensorFault(start=date(1977, 5, 1), end=date(1977, 11, 1))


def _from_middle(day_features: dict[str, float]) -> float:
    middle = (day_features["minimum_temperature"] + day_features["maximum_temperature"]) / 2
    return day_features["temperature"] - middle


def test_the_days_are_consecutive_and_all_there() -> None:
    assert (len(DAYS), DAYS[0].day, DAYS[-1].day) == (18159, date(1950, 1, 1), date(1999, 9, 19))
    assert all(after.day - before.day == timedelta(days=1) for before, after in itertools.pairwise(DAYS))


def test_the_sensor_fault_changes_the_temperature_of_its_days_and_nothing_else() -> None:
    for day in DAYS:
        sent = FAULT.on(day)
        if FAULT.start <= day.day < FAULT.end:
            wrong = round(0.56 * day.features["temperature"] - 1.84, 5)
            assert sent == replace(day, features={**day.features, "temperature": wrong})
        else:
            assert sent == day


def test_the_quality_rule_sees_every_faulty_summer_day_and_no_day_of_fifty_years_without_the_fault() -> None:
    assert max(abs(_from_middle(day.features)) for day in DAYS) < 1.2
    faulty = [FAULT.on(day) for day in DAYS if FAULT.start <= day.day < FAULT.end]
    assert len(faulty) == 184
    assert sum(1 for day in faulty if abs(_from_middle(day.features)) > 1.2) / len(faulty) > 0.95


def test_history_is_written_as_the_project_reads_it(tmp_path: Path) -> None:
    write_labelled(DAYS[:2], tmp_path / "history.csv")

    with (tmp_path / "history.csv").open(newline="") as file:
        lines = list(csv.reader(file))
    assert lines[0] == ["day", *DAYS[0].features, "rain"]
    assert lines[1][0] == "1950-01-01"
    assert [float(value) for value in lines[1][1:-1]] == list(DAYS[0].features.values())
    assert [line[-1] for line in lines[1:]] == ["0", "0"]
