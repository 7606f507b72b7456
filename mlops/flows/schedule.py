"""Ticks of cron expressions."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from mlops.domain.declared.trigger import CronCondition


def previous_tick(condition: CronCondition, now: datetime) -> datetime:
    """The newest tick that is not after `now`."""
    from croniter import croniter  # noqa: PLC0415 - only projects with a cron trigger pay for it

    local = now.astimezone(ZoneInfo(condition.timezone))
    if croniter.match(condition.cron, local):
        return local.replace(second=0, microsecond=0).astimezone(UTC)
    tick: datetime = croniter(condition.cron, local).get_prev(datetime)
    return tick.astimezone(UTC)


def next_tick(condition: CronCondition, now: datetime) -> datetime:
    """The first tick after `now`."""
    from croniter import croniter  # noqa: PLC0415

    tick: datetime = croniter(condition.cron, now.astimezone(ZoneInfo(condition.timezone))).get_next(datetime)
    return tick.astimezone(UTC)
