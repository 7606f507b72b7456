"""When weights may move forward: hours of the week and days that are frozen, each in its own time zone."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from mlops.domain.declared.rollout import Freeze, Hours, Windows

_DAY = timedelta(days=1)
_AHEAD = 8  # days: hours of the week come again within seven


def closed(windows: Windows, now: datetime) -> str:
    """Why nothing may move forward now; empty when it may."""
    frozen = next((each for each in windows.freeze if _frozen(each, now)), None)
    if frozen is not None:
        return f"frozen from {frozen.first} to {frozen.last} {frozen.zone}"
    if windows.allow and not any(_within(hours, now) for hours in windows.allow):
        return f"outside {', '.join(hours.text for hours in windows.allow)}"
    return ""


def opens(windows: Windows, now: datetime) -> datetime | None:
    """When it is open next, at or after now; None when never."""
    if not closed(windows, now):
        return now
    moments = {_after(each) for each in windows.freeze}
    for base in (now, *moments):
        moments |= {start for hours in windows.allow for start in _starts(hours, base)}
    return min((each for each in moments if each > now and not closed(windows, each)), default=None)


def _frozen(freeze: Freeze, now: datetime) -> bool:
    return freeze.first <= now.astimezone(ZoneInfo(freeze.zone)).date() <= freeze.last


def _after(freeze: Freeze) -> datetime:
    return _moment(freeze.last + _DAY, time(), freeze.zone)


def _within(hours: Hours, now: datetime) -> bool:
    local = now.astimezone(ZoneInfo(hours.zone))
    today, clock = local.date(), local.time()
    if hours.start < hours.end:
        return today.weekday() in hours.days and hours.start <= clock < hours.end
    yesterday = (today - _DAY).weekday()  # over midnight: the hours belong to the day on which they begin
    return (today.weekday() in hours.days and clock >= hours.start) or (yesterday in hours.days and clock < hours.end)


def _starts(hours: Hours, base: datetime) -> Iterator[datetime]:
    first = base.astimezone(ZoneInfo(hours.zone)).date()
    for ahead in range(_AHEAD):
        day = first + ahead * _DAY
        if day.weekday() in hours.days:
            yield _moment(day, hours.start, hours.zone)


def _moment(day: date, clock: time, zone: str) -> datetime:
    return datetime.combine(day, clock, tzinfo=ZoneInfo(zone)).astimezone(UTC)
