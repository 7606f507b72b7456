"""From the written conditions of triggers to the domain's."""

from mlops.domain.declared import trigger as declared
from mlops.spec.document.trigger import (
    AddedCondition,
    AllOf,
    AnyOf,
    ChangedCondition,
    Condition,
    CronCondition,
    EventCondition,
    EveryCondition,
    ManualCondition,
    MonitorCondition,
    NotOf,
    ReadyCondition,
    RowsCondition,
)


def condition_of(part: Condition) -> declared.Condition:  # noqa: PLR0911, C901 - one a variant
    """A condition in which nothing was found wrong."""
    match part:
        case MonitorCondition():
            windows = part.for_
            at_least, of = (windows, windows) if isinstance(windows, int) else (windows.at_least, windows.of)
            return declared.MonitorCondition(
                monitor=part.monitor, enter=part.enter, exit=part.exit, at_least=at_least, of=of
            )
        case EveryCondition():
            return declared.EveryCondition(period=part.every)
        case CronCondition():
            return declared.CronCondition(cron=part.cron, timezone=part.timezone, catchup=part.catchup)
        case RowsCondition():
            return declared.RowsCondition(at_least=part.labelled_rows)
        case AddedCondition():
            return declared.RowsCondition(at_least=part.data_added.at_least, rows=part.data_added.asset)
        case ReadyCondition():
            return declared.ReadyCondition(share=part.share, over=part.over)
        case ChangedCondition():
            return declared.ChangedCondition(assets=part.asset_changed)
        case EventCondition():
            return declared.EventCondition(source=part.event)
        case ManualCondition():
            return declared.ManualCondition(require_reason=part.manual.require_reason)
        case AllOf():
            return declared.AllOf(conditions=tuple(map(condition_of, part.all)))
        case AnyOf():
            return declared.AnyOf(conditions=tuple(map(condition_of, part.any)))
        case NotOf():
            return declared.Not(condition=condition_of(part.not_))
