"""What a project waits for, and what would happen next: evaluated on the state as it is, changing nothing."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from mlops.domain.declared.policy import Budget
from mlops.domain.declared.trigger import (
    AllOf,
    AnyOf,
    ChangedCondition,
    Condition,
    CronCondition,
    EventCondition,
    EveryCondition,
    Leaf,
    ManualCondition,
    MonitorCondition,
    Not,
    ReadyCondition,
    Rows,
    RowsCondition,
    Trigger,
)
from mlops.domain.loop import Loop, TriggerState
from mlops.domain.project import Kind, Project
from mlops.domain.triggers import conditions, policy, triggers
from mlops.flows.schedule import next_tick, previous_tick


def forecast(project: Project, loop: Loop | None, now: datetime, comes_from: str | None = None) -> Iterator[str]:
    """Lines to print: each trigger with how it stands, the policy, and what comes next.

    `comes_from` is the environment that models come from; None: they are trained here.
    """
    if comes_from is not None:
        under_way = loop is not None and (loop.attempt is not None or loop.pending is not None)
        yield f"triggers: none fires here, since models come from {comes_from}"
        yield f"next: {_next(project, loop, now) if under_way else f'what {comes_from} offers'}"
        return
    for trigger in project.triggers:
        stands = "" if loop is None or loop.champion is None else f"; now: {_truth(trigger, loop, now).why}"
        yield f"trigger {trigger.name}: {words(trigger.when)}{stands}"
    yield f"policy: {', '.join(_policy(project))}"
    yield f"next: {_next(project, loop, now)}"


def capacity(project: Project) -> Iterator[str]:
    """What is paid for at once: nothing where jobs have machines only while they run."""
    served, rollout = project.deployment, project.rollout
    if served.kind is Kind.ONLINE:
        warm, each = rollout.warm_previous, f"{served.instances} x {served.instance_type}"
        kept = f", {warm} of before for {_span(rollout.keep_previous)} each" if warm else ""
        yield f"serves: the champion{kept}, and a candidate: up to {2 + warm} deployments of {each} at once"


def _truth(trigger: Trigger, loop: Loop, now: datetime) -> conditions.Truth:
    return conditions.truth(trigger, loop, now, previous_tick)


def words(condition: Condition) -> str:
    """A condition as people say it."""
    match condition:
        case AllOf():
            return " and ".join(map(_inner, condition.conditions))
        case AnyOf():
            return " or ".join(map(_inner, condition.conditions))
        case Not():
            return f"not {_inner(condition.condition)}"
        case _:
            return _leaf(condition)


def _inner(condition: Condition) -> str:
    return f"({words(condition)})" if isinstance(condition, (AllOf, AnyOf)) else words(condition)


def _leaf(leaf: Leaf) -> str:  # noqa: PLR0911 - one a condition
    match leaf:
        case MonitorCondition():
            count = f" in {leaf.at_least} of {leaf.of} windows" if leaf.of > 1 else ""
            return f"{leaf.monitor} {leaf.enter}{count}, until {leaf.exit}"
        case EveryCondition():
            return f"every {_span(leaf.period)}"
        case CronCondition():
            return f"'{leaf.cron}' in {leaf.timezone}"
        case RowsCondition():
            return f"{leaf.at_least} new {'labelled ' if leaf.rows is Rows.LABELS else ''}rows"
        case ReadyCondition():
            return f"{leaf.share:.0%} of the labels of {_span(leaf.over)} have come"
        case ChangedCondition():
            return f"{' or '.join(leaf.assets)} changed"
        case EventCondition():
            return f"{leaf.source} is heard"
        case ManualCondition():
            return "a person asks" + (" and says why" if leaf.require_reason else "")


def _policy(project: Project) -> Iterator[str]:
    rules = project.policy
    yield f"cool-down {_span(rules.cooldown)}" if rules.cooldown else "no cool-down"
    if rules.debounce:
        yield f"debounce {_span(rules.debounce)}"
    yield f"{rules.on_busy.value} while busy"
    yield f"{rules.breaker_failures} failures in a row hold for {_span(rules.breaker_hold)}"
    yield f"at most {_limits(rules.budget)}" if rules.budget else "no budget"


def _limits(budget: Budget) -> str:
    limits = [f"{budget.runs} runs"] * (budget.runs is not None)
    limits += [f"{budget.cost:g} {budget.currency}"] if budget.cost is not None else []
    limits += [f"{budget.gpu_hours:g} GPU hours"] if budget.gpu_hours is not None else []
    return f"{' and '.join(limits)} in {_span(budget.per)}"


def _span(span: timedelta) -> str:
    days, hours = span.days, span.seconds / 3600
    if not days:
        return f"{hours:g} hours" if hours != 1 else "1 hour"
    return (f"{days} days" if days != 1 else "1 day") + (f" {hours:g} hours" if hours else "")


def _next(project: Project, loop: Loop | None, now: datetime) -> str:
    if loop is None:
        return "the first training, since there is no champion yet"
    if loop.attempt is not None:
        attempt = loop.attempt
        return f"attempt {attempt.number} goes on: {attempt.phase.value} since {attempt.entered:%Y-%m-%d %H:%M}"
    if loop.pending is not None:
        held = policy.hold(project, loop, loop.pending, now)
        return f"{loop.pending.trigger} waits: {held.why}" if held else f"an attempt for {loop.pending.trigger}"
    if loop.champion is None:
        return "the first training, since there is no champion yet"
    for trigger in project.triggers:
        found = _truth(trigger, loop, now)
        state = loop.triggers.get(trigger.name, TriggerState())
        if triggers.fires(trigger, state, holds=found.holds, loop=loop, now=now):
            return f"{trigger.name} fires: {found.why}"
    until = triggers.next_time(project, loop, now, next_tick)
    waits = "nothing before a measurement, an event or a person"
    return f"{waits}; by time alone {until:%Y-%m-%d %H:%M}" if until else waits
