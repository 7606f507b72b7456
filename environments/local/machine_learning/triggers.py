"""When a schedule is due: Azure ML's cron and recurrence triggers, as moments of time."""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from croniter import croniter

from environments.local.machine_learning.windows_zones import ZONES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_STEPS = {"minute": "minutes", "hour": "hours", "day": "days", "week": "weeks", "month": "months"}
_SEARCH_DAYS = 366 * 8


class TriggerError(ValueError):
    """A trigger that cannot be read; the text says what is wrong with it."""


def check(trigger: Mapping[str, Any]) -> None:
    """Raise TriggerError for a trigger that `next_due` could not follow."""
    next_due(trigger, datetime(2000, 1, 1, tzinfo=UTC), first=datetime(2000, 1, 1, tzinfo=UTC))


def next_due(trigger: Mapping[str, Any], after: datetime, *, first: datetime) -> datetime | None:
    """Find the first due moment later than `after`; None when the trigger has ended.

    `first` stands in for `startTime` where the trigger has none: the moment at which the schedule was made.
    Raises TriggerError.
    """
    zone = _zone(str(trigger.get("timeZone") or "UTC"))
    start = _local(trigger.get("startTime"), zone) or first.astimezone(zone)
    end = _local(trigger.get("endTime"), zone)
    after = max(after.astimezone(zone), start - timedelta(microseconds=1))
    due: datetime | None
    match str(trigger.get("triggerType", "")).lower():
        case "cron":
            due = _next_cron(str(trigger.get("expression", "")), after)
        case "recurrence":
            due = _next_recurrence(trigger, start, after)
        case other:
            raise TriggerError(f"there is no trigger {other or '(none)'}; allowed: Cron, Recurrence.")
    if due is None or (end is not None and due > end):
        return None
    return due.astimezone(UTC)


def _next_cron(expression: str, after: datetime) -> datetime:
    if len(expression.split()) != 5 or not croniter.is_valid(expression):  # noqa: PLR2004 - Azure's five fields
        raise TriggerError(f"`{expression}` is no cron expression of five fields (minute hour day month weekday).")
    found: datetime = croniter(expression, after).get_next(datetime)
    return found


def _next_recurrence(trigger: Mapping[str, Any], start: datetime, after: datetime) -> datetime | None:
    frequency = str(trigger.get("frequency", "")).lower()
    if frequency not in _STEPS:
        raise TriggerError(f"there is no frequency {frequency or '(none)'}; allowed: {', '.join(_STEPS)}.")
    interval = int(trigger.get("interval") or 0)
    if interval < 1:
        raise TriggerError("the interval of a recurrence must be 1 or more.")
    schedule = trigger.get("schedule") or {}
    if frequency in {"minute", "hour"} or not schedule:
        return _next_plain(_STEPS[frequency], interval, start, after)
    return next((due for due in _patterned(frequency, interval, schedule, start, after) if due > after), None)


def _next_plain(unit: str, interval: int, start: datetime, after: datetime) -> datetime:
    if unit == "months":
        count = max(0, (after.year - start.year) * 12 + after.month - start.month) // interval
        while (due := _add_months(start, count * interval)) <= after:
            count += 1
        return due
    step = timedelta(**{unit: interval})
    passed = (after - start) // step
    return start + step * max(0, passed + 1)


def _add_months(moment: datetime, months: int) -> datetime:
    """The same day so many months later, or the last of that month where it is shorter."""
    year, month = divmod(moment.year * 12 + moment.month - 1 + months, 12)
    return moment.replace(year=year, month=month + 1, day=min(moment.day, monthrange(year, month + 1)[1]))


def _patterned(
    frequency: str, interval: int, schedule: Mapping[str, Any], start: datetime, after: datetime
) -> Iterator[datetime]:
    """Yield the moments of the days from `after` on that the pattern names."""
    hours, minutes = _numbers(schedule, "hours") or [start.hour], _numbers(schedule, "minutes") or [start.minute]
    midnight = after.replace(hour=0, minute=0, second=0, microsecond=0)
    for ahead in range(_SEARCH_DAYS):
        day = midnight + timedelta(days=ahead)
        if _names_day(frequency, interval, schedule, start, day):
            for hour, minute in product(sorted(hours), sorted(minutes)):
                yield day.replace(hour=hour, minute=minute)


def _names_day(frequency: str, interval: int, schedule: Mapping[str, Any], start: datetime, day: datetime) -> bool:
    match frequency:
        case "day":
            return (day.date() - start.date()).days % interval == 0
        case "week":
            weekdays = [_weekday(str(name)) for name in schedule.get("weekDays") or ()] or [start.weekday()]
            weeks = (day.date() - (start.date() - timedelta(days=start.weekday()))).days // 7
            return day.weekday() in weekdays and weeks % interval == 0
        case _:
            days = _numbers(schedule, "monthDays")
            months = (day.year - start.year) * 12 + day.month - start.month
            if not days and schedule.get("weekDays"):
                return day.weekday() in [_weekday(str(name)) for name in schedule["weekDays"]]
            return day.day in (days or [start.day]) and months % interval == 0


def _weekday(name: str) -> int:
    if name.lower() not in _WEEKDAYS:
        raise TriggerError(f"there is no weekday {name}.")
    return _WEEKDAYS.index(name.lower())


def _numbers(schedule: Mapping[str, Any], key: str) -> list[int]:
    return [int(number) for number in schedule.get(key) or ()]


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(ZONES.get(name, name))
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise TriggerError(f"there is no time zone {name}.") from error


def _local(text: object, zone: ZoneInfo) -> datetime | None:
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError as error:
        raise TriggerError(f"`{text}` is no time; write it as 2026-01-31T00:00:00.") from error
    return moment.astimezone(zone) if moment.tzinfo else moment.replace(tzinfo=zone)
