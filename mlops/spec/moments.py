"""How hours of the week and frozen days are written in a project file."""

import re
from datetime import date, time
from zoneinfo import ZoneInfo

from mlops.domain.declared.rollout import Freeze, Hours

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_HOURS = re.compile(r"(?P<days>[A-Za-z,-]+) (?P<start>\d\d:\d\d)-(?P<end>\d\d:\d\d)(?: (?P<zone>\S+))?")
_FREEZE = re.compile(r"(?P<first>\d{4}-\d\d-\d\d)(?:/(?P<last>\d{4}-\d\d-\d\d))?(?: (?P<zone>\S+))?")


def hours(text: object) -> Hours:
    """`Mon-Thu 08:00-16:00 Europe/Berlin`: days of the week, from and to, an IANA time zone (none: UTC)."""
    found = _HOURS.fullmatch(text.strip()) if isinstance(text, str) else None
    if found is None:
        raise ValueError(
            f"{text!r} are no hours: write 'Mon-Thu 08:00-16:00 Europe/Berlin' or 'Sat,Sun 22:00-04:00 UTC'"
        )
    start, end = _clock(found["start"]), _clock(found["end"])
    if start == end:
        raise ValueError(f"{text!r} begins and ends at the same time: end it a minute earlier")
    zone = _zone(found["zone"] or "UTC")
    return Hours(days=_days(found["days"]), start=start, end=end, zone=zone, text=str(text).strip())


def freeze(text: object) -> Freeze:
    """`2026-12-20/2027-01-04 Europe/Berlin`: days, both included, and an IANA time zone (none: UTC)."""
    written = text.isoformat() if isinstance(text, date) else text  # YAML reads a single day as a date
    found = _FREEZE.fullmatch(written.strip()) if isinstance(written, str) else None
    if found is None:
        raise ValueError(f"{text!r} are no days: write '2026-12-20/2027-01-04 Europe/Berlin', or a single day")
    try:
        first, last = date.fromisoformat(found["first"]), date.fromisoformat(found["last"] or found["first"])
    except ValueError as error:
        raise ValueError(f"{text!r} names no day of the calendar: {error}") from error
    if last < first:
        raise ValueError(f"{text!r} ends before it begins: exchange them")
    return Freeze(first=first, last=last, zone=_zone(found["zone"] or "UTC"))


def _clock(text: str) -> time:
    try:
        return time.fromisoformat(text)
    except ValueError as error:
        raise ValueError(f"{text!r} is no time of day: write 08:00") from error


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, OSError, ValueError) as error:
        raise ValueError(f"{name!r} is no time zone: use a name such as UTC or Europe/Berlin") from error
    return name


def _days(text: str) -> frozenset[int]:
    """`Mon-Thu`, `Sat,Sun`, `Fri-Mon`."""
    found: set[int] = set()
    for part in text.split(","):
        names = [name.capitalize() for name in part.split("-")]
        if len(names) > 2 or not set(names) <= set(_DAYS):  # noqa: PLR2004 - from and to
            raise ValueError(f"{part!r} is no day of the week: {', '.join(_DAYS)}")
        first, last = _DAYS.index(names[0]), _DAYS.index(names[-1])
        found |= {day % 7 for day in range(first, last + (7 if last < first else 0) + 1)}
    return frozenset(found)
