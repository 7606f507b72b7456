"""Which years are replayed, and what is done to the loop in them; all follows from the number of years."""

from dataclasses import dataclass
from datetime import date

from examples.rain.weather import SensorFault

_HISTORY_ENDS = 1952  # the first model learns from the two years before the replay
_WHOLE_END = 1990  # fewer years than all end here …
_LATEST_START = 1981  # … or begin here, so that the day in 1982 on which the columns moved is among them
_DATA_ENDS = date(1999, 9, 20)


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A replay from `start` until the day before `end`."""

    years: int
    start: date
    end: date
    fault: SensorFault
    bug: date  # on this day somebody commits a scoring script that fails after some requests


def plan(years: int) -> Plan:
    """Lay out a replay of so many years; 48 or more is all there is.

    Raises:
        ValueError: fewer than 2 years.
    """
    if years < 2:  # noqa: PLR2004 -- the two interferences and what follows from them need that long
        raise ValueError("at least 2 years are needed")
    first = max(_HISTORY_ENDS, min(_LATEST_START, _WHOLE_END - years))
    disturbed = first + min(2, years // 4)
    return Plan(
        years=years,
        start=date(first, 1, 1),
        end=min(date(first + years, 1, 1), _DATA_ENDS),
        fault=SensorFault(start=date(disturbed, 5, 1), end=date(disturbed, 11, 1)),
        bug=date(disturbed, 12, 1),
    )
