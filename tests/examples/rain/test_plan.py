from datetime import date

import pytest

from examples.rain.plan import Plan, plan
from examples.rain.weather import SensorFault, read_days


@pytest.mark.parametrize(
    ("years", "start", "end"),
    [
        (2, date(1981, 1, 1), date(1983, 1, 1)),
        (3, date(1981, 1, 1), date(1984, 1, 1)),
        (15, date(1975, 1, 1), date(1990, 1, 1)),
        (38, date(1952, 1, 1), date(1990, 1, 1)),
        (50, date(1952, 1, 1), date(1999, 9, 20)),
    ],
)
def test_every_replay_has_two_years_before_it_and_the_day_on_which_the_columns_moved(
    years: int, start: date, end: date
) -> None:
    made = plan(years)

    assert (made.start, made.end) == (start, end)
    assert read_days()[0].day.replace(year=1952) <= made.start
    assert made.start < date(1982, 11, 9) < made.end
    assert made.start < made.fault.start < made.fault.end < made.bug < made.end


def test_fifteen_years_have_both_interferences_in_the_third_year() -> None:
    assert plan(15) == Plan(
        years=15,
        start=date(1975, 1, 1),
        end=date(1990, 1, 1),
        fault=SensorFault(start=date(1977, 5, 1), end=date(1977, 11, 1)),
        bug=date(1977, 12, 1),
    )


def test_less_than_two_years_are_refused() -> None:
    with pytest.raises(ValueError, match="at least 2 years"):
        plan(1)
