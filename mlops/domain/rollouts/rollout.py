"""The rollout: what the endpoint should look like in each phase, and how one look at the candidate moves it on.

deploying -> verifying -> shadowing -> canary (each weight) -> baking -> promoted; from each of them -> rolling back.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from mlops.domain.data.measurement import Measurement, Verdict
from mlops.domain.declared.rollout import Analysis, Approve, Compare, OnMetricLoss, SetWeight, Shadow, Smoke, Step
from mlops.domain.declared.rollout import Rollout as Plan
from mlops.domain.loop import Hold, Loop, Rollout, RolloutPhase, Tally
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


@dataclass(frozen=True, kw_only=True)
class Look:
    """One look at the candidate: what each analysis said, and how many requests it was sent since the step began."""

    at: datetime
    samples: int
    judged: tuple[tuple[Analysis, Measurement, Verdict], ...]

    @property
    def verdict(self) -> Verdict:
        """The worst of those that count."""
        return max((verdict for analysis, _, verdict in self.judged if not analysis.dry_run), default=Verdict.PASS)


def look(plan: Plan, rollout: Rollout, seen: Look) -> Rollout:
    """Take one look into account: count, hold, or roll back.  Weights never move here."""
    before = rollout.seen or rollout.applied or seen.at
    # A tick adds two intervals at most: a clock that jumps does not replace looking.
    tick = min(max(seen.at - before, timedelta()), 2 * plan.measure_every)
    lost = any(verdict is Verdict.ERROR for analysis, _, verdict in seen.judged if not analysis.dry_run)
    counted = replace(rollout, seen=seen.at, elapsed=rollout.elapsed + tick, samples=seen.samples)
    counted = replace(counted, cleared=seen.at if seen.verdict <= Verdict.INCONCLUSIVE else None)
    counted = replace(counted, lost=counted.lost + tick if lost else timedelta())
    is_due = counted.elapsed >= stage(plan, rollout).hold
    tallies = {tally.metric: tally for tally in rollout.tallies}
    for analysis, _, verdict in seen.judged:
        if not analysis.dry_run:
            tallies[analysis.metric] = _tallied(
                tallies.get(analysis.metric, Tally(metric=analysis.metric)), verdict, due=is_due
            )
    counted = replace(counted, tallies=tuple(tallies.values()))
    return _concluded(plan, counted, seen)


def _tallied(tally: Tally, verdict: Verdict, *, due: bool) -> Tally:
    match verdict:
        case Verdict.PASS:
            return replace(tally, errors=0)
        case Verdict.INCONCLUSIVE:
            return replace(tally, errors=0, inconclusive=tally.inconclusive + (1 if due else 0))
        case Verdict.ERROR:
            return replace(tally, errors=tally.errors + 1)
        case Verdict.FAIL:
            return replace(tally, errors=0, failures=tally.failures + 1)


def _concluded(plan: Plan, rollout: Rollout, seen: Look) -> Rollout:
    hit = _limit_hit(rollout, seen) or _lost_too_long(plan, rollout)
    if hit is not None:
        return _stopped(plan, rollout, *hit, seen.at)
    measurable = all(verdict is not Verdict.ERROR for _, _, verdict in seen.judged)
    if rollout.hold is Hold.METRICS and measurable:
        return replace(resumed(rollout), seen=rollout.seen, samples=rollout.samples)
    match seen.verdict:
        case Verdict.PASS:
            return replace(rollout, successes=rollout.successes + 1)
        case Verdict.FAIL:
            return replace(rollout, successes=0)
        case Verdict.INCONCLUSIVE | Verdict.ERROR:
            return rollout


def _stopped(plan: Plan, rollout: Rollout, hold: Hold, why: str, now: datetime) -> Rollout:
    if hold is Hold.FAILURE and plan.automatic_rollback:
        return roll_back(rollout, why, now)
    if hold is Hold.METRICS and plan.on_metric_loss is OnMetricLoss.ROLLBACK:
        return roll_back(rollout, why, now, blameless=True)
    return replace(rollout, successes=0, hold=rollout.hold or hold)


def _limit_hit(rollout: Rollout, seen: Look) -> tuple[Hold, str] | None:
    """The first analysis past what is tolerated, failures before the rest."""
    tallies = {tally.metric: tally for tally in rollout.tallies}
    judged = [
        (analysis, measured, tallies[analysis.metric]) for analysis, measured, _ in seen.judged if not analysis.dry_run
    ]
    for analysis, measured, tally in judged:
        if tally.failures > analysis.failure_limit:
            broken = analysis.failure or analysis.success
            side = "is" if analysis.failure else "is not"
            of = f"{measured.samples} {'rows' if rollout.phase is RolloutPhase.COMPARING else 'requests'}"
            why = f": {measured.why}" if measured.why else ""
            return Hold.FAILURE, f"{analysis.metric} {_number(measured)} {side} {broken} ({of}){why}"
    for analysis, _, tally in judged:
        if tally.errors > analysis.error_limit:
            return Hold.METRICS, f"{analysis.metric} could not be measured {tally.errors} times in a row"
        if analysis.inconclusive_limit is not None and tally.inconclusive > analysis.inconclusive_limit:
            return Hold.INCONCLUSIVE, f"{analysis.metric} was inconclusive {tally.inconclusive} times"
    return None


def _lost_too_long(plan: Plan, rollout: Rollout) -> tuple[Hold, str] | None:
    after = plan.metric_loss_after
    if after is None or not rollout.lost or rollout.lost < after:
        return None
    return Hold.METRICS, f"nothing could be measured for {rollout.lost}"


def _number(measured: Measurement) -> str:
    return "none" if measured.value is None else f"{measured.value:.3g}"


def may_advance(plan: Plan, rollout: Rollout) -> bool:
    """Long enough, often enough, and on enough requests; time alone never is."""
    asked = stage(plan, rollout)
    if rollout.skipped is not None and rollout.hold is None and rollout.applied is not None:
        return rollout.cleared is not None  # a person will not wait; what is wrong still counts
    return (
        rollout.hold is None
        and rollout.applied is not None
        and rollout.successes >= asked.passes
        and rollout.elapsed >= asked.hold
        and rollout.samples >= asked.min_samples
    )
