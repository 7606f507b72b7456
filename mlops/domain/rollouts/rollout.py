"""The rollout: what the endpoint should look like in each phase, and how one look at the candidate moves it on.

deploying -> verifying -> shadowing -> canary (each weight) -> baking -> promoted; from each of them -> rolling back.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from mlops.domain.declared.rollout import Analysis, Approve, Compare, SetWeight, Shadow, Smoke, Step
from mlops.domain.declared.rollout import Rollout as Plan
from mlops.domain.loop import Hold, Loop, Rollout, RolloutPhase
from mlops.domain.project import Project
from mlops.domain.rollouts import comparison

FULL = 100


@dataclass(frozen=True, kw_only=True)
class Desired:
    """What the endpoint should look like."""

    traffic: Mapping[str, int] = field(default_factory=dict)
    mirror: Mapping[str, int] = field(default_factory=dict)


def steps_of(plan: Plan, champion: str | None) -> tuple[Step, ...]:
    """The steps of a rollout; without a champion there is nothing to shift from: it must only work, then serves all."""
    if champion is not None:
        return plan.steps
    return tuple(
        step
        for step in plan.steps
        if isinstance(step, Smoke | Compare) or (isinstance(step, SetWeight) and step.weight == FULL)
    )


def desired(project: Project, loop: Loop) -> Desired:
    """Derive what the endpoint should look like from the state alone."""
    rollout = loop.rollout
    if rollout is None:
        return Desired(traffic={loop.champion.deployment: FULL} if loop.champion else {})
    back = {rollout.champion: FULL} if rollout.champion else {}
    match rollout.phase:
        case RolloutPhase.DEPLOYING | RolloutPhase.VERIFYING | RolloutPhase.ROLLING_BACK:
            return Desired(traffic=back)
        case RolloutPhase.BAKING:
            return Desired(traffic={rollout.deployment: FULL})
        case RolloutPhase.SHADOWING | RolloutPhase.COMPARING | RolloutPhase.CANARY:
            steps = steps_of(project.rollout, rollout.champion)
            return _at_step(steps[_standing(steps, rollout.position)], rollout, back)


def same(one: Desired, other: Desired) -> bool:
    """Whether both are the same traffic and the same mirror."""
    return (dict(one.traffic), dict(one.mirror)) == (dict(other.traffic), dict(other.mirror))


def desired_before(project: Project, loop: Loop) -> Desired:
    """What the endpoint looked like in the step before the present one."""
    rollout = loop.rollout
    if rollout is None:
        return desired(project, loop)
    position = rollout.position - 1
    steps = steps_of(project.rollout, rollout.champion)
    phase = _phase(steps[_standing(steps, position)]) if position >= 0 else RolloutPhase.DEPLOYING
    return desired(project, replace(loop, rollout=replace(rollout, position=position, phase=phase)))


def _standing(steps: tuple[Step, ...], position: int) -> int:
    """The step that says what is served: while people are asked, the one before."""
    while position > 0 and isinstance(steps[position], Approve):
        position -= 1
    return position


def _phase(step: Step) -> RolloutPhase:
    match step:
        case Smoke() | Approve():
            return RolloutPhase.VERIFYING
        case Shadow():
            return RolloutPhase.SHADOWING
        case Compare():
            return RolloutPhase.COMPARING
        case SetWeight():
            return RolloutPhase.CANARY


def asking(plan: Plan, rollout: Rollout) -> Approve | None:
    """The step at which people are asked, when it stands at one."""
    steps = steps_of(plan, rollout.champion)
    if rollout.phase is RolloutPhase.ROLLING_BACK or not 0 <= rollout.position < len(steps):
        return None
    step = steps[rollout.position]
    return step if isinstance(step, Approve) else None


def _at_step(step: Step, rollout: Rollout, back: Mapping[str, int]) -> Desired:
    match step:
        case Shadow():
            return Desired(traffic=back, mirror={rollout.deployment: step.percent})
        case SetWeight():
            split = {rollout.deployment: step.weight}
            if step.weight < FULL and rollout.champion:
                split[rollout.champion] = FULL - step.weight
            return Desired(traffic=split)
        case Smoke() | Approve() | Compare():
            return Desired(traffic=back)


def begin(deployment: str, champion: str | None, now: datetime) -> Rollout:
    """A rollout whose candidate is still to be deployed."""
    return Rollout(deployment=deployment, champion=champion, phase=RolloutPhase.DEPLOYING, position=-1, entered=now)


def advance(plan: Plan, rollout: Rollout, now: datetime) -> Rollout | None:
    """Go to the next step, after the last of them to baking; None: it has baked, so promote."""
    steps = steps_of(plan, rollout.champion)
    if rollout.phase is RolloutPhase.BAKING:
        return None
    position = rollout.position + 1
    if position < len(steps) and isinstance(steps[position], Approve):
        return replace(rollout, position=position, entered=now, waits="")  # what was counted goes on counting
    fresh = replace(_fresh(rollout), position=position, entered=now, applied=None)
    if position >= len(steps):
        # Without a champion there is nothing to go back to: baking would protect nobody.
        return None if rollout.champion is None else replace(fresh, phase=RolloutPhase.BAKING, position=len(steps))
    return replace(fresh, phase=_phase(steps[position]))


def roll_back(rollout: Rollout, why: str, now: datetime, *, blameless: bool = False) -> Rollout:
    """Everything back to the champion."""
    if rollout.phase is RolloutPhase.ROLLING_BACK:
        return rollout
    back = replace(_fresh(rollout), phase=RolloutPhase.ROLLING_BACK, entered=now, applied=None, why=why)
    return replace(back, blameless=blameless)


def resumed(rollout: Rollout) -> Rollout:
    """Go on after a hold, counting anew; traffic that somebody else changed is set anew first."""
    if rollout.hold is Hold.EXTERNAL:
        return replace(_fresh(rollout), applied=None)
    return replace(_fresh(rollout), seen=rollout.seen)  # one moment is measured once


def _fresh(rollout: Rollout) -> Rollout:
    zero = timedelta()
    again = replace(rollout, elapsed=zero, successes=0, samples=0, tallies=(), hold=None, seen=None)
    return replace(again, lost=zero, waits="", tries=0, again=None, cleared=None, skipped=None)


@dataclass(frozen=True, kw_only=True)
class Stage:
    """What the present phase asks before it is left."""

    hold: timedelta
    min_samples: int
    analyses: tuple[Analysis, ...]
    passes: int  # in a row


def stage(plan: Plan, rollout: Rollout) -> Stage:
    """The requirements of shadowing, of a canary's weight, or of baking."""
    if rollout.phase is RolloutPhase.BAKING:
        return _stage(plan, plan.bake, plan.bake_min_samples, plan.bake_analyses)
    steps = steps_of(plan, rollout.champion)
    step = steps[_standing(steps, rollout.position)]
    if isinstance(step, Compare):
        alone = tuple(one for one in step.analyses if not comparison.needs_two(one))
        judged = step.analyses if rollout.champion else alone
        return Stage(
            hold=timedelta(), min_samples=step.min_samples, analyses=judged, passes=step.runs if rollout.champion else 1
        )
    if isinstance(step, Smoke | Approve) or rollout.champion is None:  # nobody waits for the first model
        return _stage(plan, timedelta(), 0, ())
    return _stage(plan, step.hold, step.min_samples, step.analyses)


def _stage(plan: Plan, hold: timedelta, min_samples: int, analyses: tuple[Analysis, ...]) -> Stage:
    passes = plan.consecutive_success if min_samples else 0
    return Stage(hold=hold, min_samples=min_samples, analyses=analyses, passes=passes)
