"""What a project declares of its triggers."""

import enum
from dataclasses import dataclass
from datetime import timedelta

from mlops.domain.data.measurement import Bound


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


class Catchup(enum.StrEnum):
    """What becomes of ticks at which nobody looked."""

    LATEST = "latest"  # they count as one
    NONE = "none"  # they are gone


@dataclass(frozen=True, kw_only=True)
class CronCondition:
    """True once a tick of the cron expression has passed that was not handled; missed ticks count as one, or not."""

    cron: str
    timezone: str = "UTC"
    catchup: Catchup = Catchup.LATEST


class Rows(enum.StrEnum):
    """Which rows are counted."""

    LABELS = "labels"  # with their label
    COLLECTED = "collected"  # as they came


@dataclass(frozen=True, kw_only=True)
class RowsCondition:
    """True when so many rows came that no attempt has used."""

    at_least: int
    rows: Rows = Rows.LABELS


@dataclass(frozen=True, kw_only=True)
class ReadyCondition:
    """True when labels have arrived past their delay: of the newest rows that should have one, enough do."""

    share: float
    over: timedelta


@dataclass(frozen=True, kw_only=True)
class ChangedCondition:
    """True when an asset is another than at the last attempt."""

    assets: tuple[str, ...]  # code, data:NAME, model:NAME, model:NAME@champion


@dataclass(frozen=True, kw_only=True)
class EventCondition:
    """True when a source of events was heard since the last attempt began."""

    source: str


@dataclass(frozen=True, kw_only=True)
class ManualCondition:
    """True when a person says so."""

    require_reason: bool = True


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


Leaf = (
    MonitorCondition
    | EveryCondition
    | CronCondition
    | RowsCondition
    | ReadyCondition
    | ChangedCondition
    | EventCondition
    | ManualCondition
)
Condition = Leaf | AllOf | AnyOf | Not


@dataclass(frozen=True, kw_only=True)
class Trigger:
    """A reason to train again.  It fires when its condition turns true, and again after `repeat` of staying true."""

    name: str
    when: Condition
    repeat: timedelta | None = None
