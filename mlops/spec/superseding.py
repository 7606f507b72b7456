"""Rollouts that give way to newer candidates: that some of them still come to their end, and that newer ones come."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise
from pathlib import Path

from mlops.domain.declared.policy import OnBusy
from mlops.domain.declared.rollout import OnNewCandidate
from mlops.spec.document import Spec
from mlops.spec.document.rollout import Rollout, ShadowStep, WeightStep
from mlops.spec.document.trigger import Condition, CronCondition, EveryCondition
from mlops.spec.fields import written_duration
from mlops.spec.problem import Check, Found, Problem
from mlops.spec.tree import Where

_KEY: Where = ("spec", "rollout", "onNewCandidate")
_TICKS = 60  # of a cron that are looked at for its longest break


def _nothing_newer(spec: Spec, _: Path) -> Found:
    if _supersedes(spec) and spec.trigger_policy.concurrency.on_busy is OnBusy.DROP:
        what = "what triggers ask for during an attempt is forgotten (triggerPolicy.concurrency.onBusy: drop), so"
        yield Problem(f"{what} nothing newer comes: use coalesce there, or queueNewest here", _KEY)


def _never_promoted(spec: Spec, _: Path) -> Found:
    """A trigger by time alone that comes sooner than a rollout can end would end each of them."""
    policy = spec.trigger_policy
    if not _supersedes(spec) or policy.budget is not None:
        return
    takes = _shortest(spec.rollout)
    for at, trigger in enumerate(spec.triggers):
        gap = _longest_break(trigger.when)
        if gap is not None and max(gap + policy.debounce, policy.cooldown) < takes:
            what = f"a rollout takes {written_duration(takes)} at least, and this asks for a newer candidate sooner,"
            what += " which ends it (rollout.onNewCandidate: supersede): nothing would ever be promoted; ask more"
            yield Problem(f"{what} seldom, or raise triggerPolicy.cooldown", ("spec", "triggers", at, "when"))


def _supersedes(spec: Spec) -> bool:
    return spec.rollout.on_new_candidate is OnNewCandidate.SUPERSEDE


def _shortest(rollout: Rollout) -> timedelta:
    """The time that a rollout takes at least."""
    return sum(_holds(rollout), rollout.bake.for_)


def _holds(rollout: Rollout) -> Iterator[timedelta]:
    for step in rollout.steps:
        if isinstance(step, ShadowStep):
            yield step.shadow.for_
        elif isinstance(step, WeightStep):
            yield step.for_


def _longest_break(condition: Condition) -> timedelta | None:
    """Of a trigger that time alone fires; None: it waits for something else, too."""
    match condition:
        case EveryCondition():
            return condition.every
        case CronCondition():
            return _break_of(condition.cron)
        case _:
            return None


def _break_of(cron: str) -> timedelta | None:
    from croniter import CroniterBadDateError, croniter  # noqa: PLC0415 - only projects with a cron pay for it

    if not croniter.is_valid(cron):
        return None  # that is said elsewhere
    ticks = croniter(cron, datetime(2000, 1, 1, tzinfo=UTC), ret_type=datetime)
    try:
        return max(after - before for before, after in pairwise(islice(ticks, _TICKS)))
    except CroniterBadDateError:
        return None


CHECKS = (
    Check(("rollout", "trigger_policy"), _nothing_newer),
    Check(("rollout", "trigger_policy", "triggers"), _never_promoted),
)
