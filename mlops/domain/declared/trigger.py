"""What a project declares of its triggers."""

from dataclasses import dataclass
from datetime import timedelta

from mlops.domain.measurement import Bound


@dataclass(frozen=True, kw_only=True)
class MonitorCondition:
    """True from when a monitor entered until it left: `enter` and `exit` differ, so that it does not flap."""

    monitor: str
    enter: Bound
    exit: Bound
    at_least: int = 1  # windows …
    of: int = 1  # … of the last so many


@dataclass(frozen=True, kw_only=True)
class EveryCondition:
    """True when this long has passed since the last attempt began (or since the champion was promoted)."""

    period: timedelta


@dataclass(frozen=True, kw_only=True)
class CronCondition:
    """True once a tick of the cron expression has passed that was not handled; missed ticks count as one."""

    cron: str
    timezone: str = "UTC"


@dataclass(frozen=True, kw_only=True)
class RowsCondition:
    """True when so many labelled rows came that no attempt has used."""

    at_least: int


@dataclass(frozen=True, kw_only=True)
class AllOf:
    """True when all are."""

    conditions: tuple["Condition", ...]


@dataclass(frozen=True, kw_only=True)
class AnyOf:
    """True when one is."""

    conditions: tuple["Condition", ...]


@dataclass(frozen=True, kw_only=True)
class Not:
    """True when it is not."""

    condition: "Condition"


Condition = MonitorCondition | EveryCondition | CronCondition | RowsCondition | AllOf | AnyOf | Not


@dataclass(frozen=True, kw_only=True)
class Trigger:
    """A reason to train again.  It fires when its condition turns true, and again after `repeat` of staying true."""

    name: str
    when: Condition
    repeat: timedelta | None = None
