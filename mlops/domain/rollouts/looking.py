"""One look at a candidate that serves: count, hold or roll back; and when has it been looked at enough?"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from mlops.domain.data.measurement import Measurement, Verdict
from mlops.domain.declared.rollout import Analysis, OnMetricLoss
from mlops.domain.declared.rollout import Rollout as Plan
from mlops.domain.loop import Hold, Rollout, RolloutPhase, Tally
from mlops.domain.rollouts.rollout import resumed, roll_back, stage


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
