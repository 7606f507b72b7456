"""One look at a rollout: first make true what was decided, then measure, then decide the next step."""

from dataclasses import replace
from datetime import datetime

from mlops.domain.data.measurement import Measurement
from mlops.domain.declared.rollout import Approve, Compare, SetWeight, Shadow, Smoke
from mlops.domain.loop import Attempt, Change, Loop, Rollout, RolloutPhase
from mlops.domain.records.decision import Numbers
from mlops.domain.rollouts import looking
from mlops.domain.rollouts import rollout as rollouts
from mlops.domain.rollouts.ending import promoted, rolled_back
from mlops.domain.world import DeploymentPhase, DeploymentPlan
from mlops.flows.analysis import look
from mlops.flows.comparison import compare, stopped
from mlops.flows.context import Generation, Section, Step, Wait
from mlops.flows.endpoint import bring_back
from mlops.flows.forward import held_back, unwanted
from mlops.flows.frozen import stand_still
from mlops.flows.interference import interference
from mlops.flows.quota import OUT_OF_QUOTA, make_room, not_yet
from mlops.flows.sight import Sight, split
from mlops.flows.smoke import smoke, unanswered
from mlops.flows.target import unwell
from mlops.flows.under_way import over, under_way
from mlops.ports import OutsideError, QuotaError, RefusedError


def roll(generation: Generation, loop: Loop, attempt: Attempt, rollout: Rollout, now: datetime) -> Section:
    """Bring the rollout on by at most one effect or one decision."""
    seen = generation.backends.endpoints.observe(loop.endpoint)
    sight = Sight(generation=generation, loop=loop, attempt=attempt, rollout=rollout, seen=seen, now=now)
    if rollout.phase is RolloutPhase.ROLLING_BACK:
        return _back(sight)
    if loop.abort is not None:
        return sight.back(f"aborted by {loop.abort.actor}: {loop.abort.reason}")
    first = _still(sight) or _missing_champion(sight)
    if first is not None:
        return first
    if rollout.phase is RolloutPhase.DEPLOYING:
        return (None if seen.updating else interference(sight)) or _deploying(sight)
    lost = _lost(sight)
    if lost:
        return sight.back(lost)
    return _alive(sight)


def _still(sight: Sight) -> Section | None:
    """While all is frozen, in place of all that follows."""
    if sight.loop.frozen is None:
        return None
    lost = "" if sight.rollout.phase is RolloutPhase.DEPLOYING else _lost(sight)
    return sight.back(lost) if lost else stand_still(sight)


def _missing_champion(sight: Sight) -> Section | None:
    """Traffic cannot be set to a champion that somebody deleted: it comes back first, as it does without a rollout."""
    champion = sight.loop.champion
    if champion is None or sight.seen.updating:
        return None
    found = sight.seen.deployment(champion.deployment)
    if found is None:
        return bring_back(sight.generation, sight.loop, champion)
    wanted = sight.want.traffic.get(champion.deployment)
    return _busy(sight, f"an update of {found.name}") if wanted and found.phase is DeploymentPhase.CREATING else None


def _busy(sight: Sight, what: str) -> Section:
    return under_way(sight.loop, f"{what} on {sight.loop.endpoint}", sight.plan.progress_deadline, sight.now)


def _alive(sight: Sight) -> Section:
    creating = sight.candidate is not None and sight.candidate.phase is DeploymentPhase.CREATING
    if sight.seen.updating or creating:
        late = _not_set(sight) if sight.rollout.applied is None else None
        what = "an operation" if sight.seen.updating else f"an update of {sight.rollout.deployment}"
        return late or _busy(sight, what)
    freed = over(sight.loop, sight.now)
    if freed is not None:
        return freed
    interfered = interference(sight)
    if interfered is not None:
        return interfered
    if sight.rollout.phase is RolloutPhase.VERIFYING:
        return _verifying(sight)
    return unwanted(sight) or _serving(sight)


def _deploying(sight: Sight) -> Section:
    candidate = sight.candidate
    if candidate is None:
        return _deploy(sight)
    if candidate.phase is DeploymentPhase.READY:
        lost = _lost(sight)
        return sight.back(lost) if lost else _next_step(sight)
    if candidate.phase is DeploymentPhase.FAILED:
        why = candidate.reason or _log(sight)
        return sight.back(f"{candidate.name} did not come up: {why}", blameless=OUT_OF_QUOTA in why)
    return _overdue(sight) or Wait(operation=True)


def _overdue(sight: Sight) -> Step | None:
    if sight.now - sight.rollout.entered <= sight.plan.progress_deadline:
        return None
    if sight.rollout.waits:
        return sight.back(f"{sight.rollout.waits}, for {sight.plan.progress_deadline}", blameless=True)
    return sight.back(f"{sight.rollout.deployment} did not come up within {sight.plan.progress_deadline}")


def _deploy(sight: Sight) -> Section:
    overdue = _overdue(sight)
    if overdue is not None or sight.attempt.candidate is None:
        return overdue or sight.back("there is no candidate to deploy")
    plan = DeploymentPlan(
        endpoint=sight.loop.endpoint,
        name=sight.rollout.deployment,
        model=sight.attempt.candidate,
        tags={"aml-kit-project": sight.loop.project, "aml-kit-attempt": str(sight.attempt.number)},
    )
    until = not_yet(sight)
    if until is not None:
        return Wait(until=until)
    try:
        sight.generation.backends.endpoints.ensure_deployment(plan)
    except QuotaError as error:
        return make_room(sight, str(error))
    except RefusedError as error:
        return sight.back(f"{plan.name} was refused: {error}")
    return Step(did=f"deploying {plan.model.reference} as {plan.name}")


def _lost(sight: Sight) -> str:
    """Why the candidate can no longer serve; empty when it can.  'Succeeded' is not proof: what serves is compared."""
    candidate, name = sight.candidate, sight.rollout.deployment
    if candidate is None or candidate.phase is DeploymentPhase.DELETING:
        return f"candidate lost: {name} is gone"
    if candidate.phase is DeploymentPhase.FAILED:
        return f"candidate lost: {name} failed: {candidate.reason or _log(sight)}"
    expected = sight.attempt.candidate.reference if sight.attempt.candidate else ""
    if candidate.phase is DeploymentPhase.READY and candidate.model != expected:
        return f"{name} serves {candidate.model}, not {expected}"
    return ""


def _log(sight: Sight) -> str:
    try:
        return sight.generation.backends.endpoints.logs(sight.loop.endpoint, sight.rollout.deployment)[-500:]
    except OutsideError as error:
        return f"(no log: {error})"


def _verifying(sight: Sight) -> Section:
    step = rollouts.steps_of(sight.plan, sight.rollout.champion)[sight.rollout.position]
    if not isinstance(step, Smoke):
        return _next_step(sight)
    said = smoke(sight.generation, sight.loop.endpoint, sight.rollout.deployment, step)
    failed = unanswered(said)
    if failed:
        return sight.back(failed)
    return _next_step(sight, smoke=said)


def _serving(sight: Sight) -> Section:
    rollout = sight.rollout
    if rollout.applied is None:
        if not sight.as_wanted:
            return _not_set(sight) or sight.set_traffic("setting traffic")
        # From here on the step's time runs and its requests count.
        said = sight.decided("serving", f"{rollout.phase.value}: traffic is {split(sight.want)}", sight.want.traffic)
        return sight.moved(replace(rollout, applied=sight.now, traffic=dict(sight.want.traffic)), said)
    if sight.loop.paused is None and looking.may_advance(sight.plan, rollout):
        held = held_back(sight)
        if not isinstance(held, Wait):
            return held or _next_step(sight, clear=True)
    if rollout.phase is RolloutPhase.COMPARING:
        return compare(sight)
    if rollout.skipped is not None and rollout.seen is None:
        return look(sight)
    due = (rollout.seen or rollout.applied) + sight.plan.measure_every
    # A due time further off than one interval means that the clock went back: look now.
    return Wait(until=due) if sight.now < due <= sight.now + sight.plan.measure_every else look(sight)


def _not_set(sight: Sight) -> Step | None:
    """Give up a step whose traffic is not there by the deadline: refused, lost, or set back again and again."""
    if sight.now - sight.rollout.entered <= sight.plan.progress_deadline:
        return None
    found = rollouts.Desired(traffic=sight.seen.traffic, mirror=sight.seen.mirror)
    why = f"traffic is {split(found)}, not {split(sight.want)}, after {sight.plan.progress_deadline}"
    return sight.back(why, blameless=True)


def _not_back(sight: Sight) -> Step | None:
    """Tell people once that a rollback does not come through; it is tried for ever, and nothing else begins."""
    if sight.rollout.waits or sight.now - sight.rollout.entered <= sight.plan.progress_deadline:
        return None
    found = rollouts.Desired(traffic=sight.seen.traffic, mirror=sight.seen.mirror)
    why = f"rollback failed so far: traffic is {split(found)}, not {split(sight.want)}; it is tried for ever"
    return sight.moved(replace(sight.rollout, waits=why), sight.decided("rollback failed", why))


def _next_step(sight: Sight, smoke: Measurement | None = None, *, clear: bool = False) -> Section:
    rollout = sight.rollout
    if sight.loop.paused is not None or rollout.hold is not None:
        return Wait(until=sight.now + sight.plan.measure_every)
    held = None if clear else held_back(sight)
    if held is not None:
        return held
    after = rollouts.advance(sight.plan, rollout, sight.now)
    if after is None:
        return Step(change=_look_again(promoted(sight.generation.project, sight.loop, sight.now)))
    numbers = Numbers(
        samples=rollout.samples, successes=rollout.successes, elapsedSeconds=rollout.elapsed.total_seconds()
    )
    if smoke is not None:
        numbers |= {"smokeRequests": smoke.samples, "smokeErrors": smoke.value}
    return sight.moved(after, sight.decided("advanced", _whereto(sight, after), numbers))


def _whereto(sight: Sight, after: Rollout) -> str:
    name, rollout = after.deployment, sight.rollout
    of = "rows" if rollout.phase is RolloutPhase.COMPARING else "requests"
    left = f"{rollout.phase.value} done ({rollout.samples} {of}, {rollout.successes} passes in a row)"
    if after.phase is RolloutPhase.BAKING:
        return f"{left}: {name} bakes at 100 %"
    match rollouts.steps_of(sight.plan, rollout.champion)[after.position]:
        case SetWeight(weight=weight):
            return f"{left}: {name} to {weight} %"
        case Compare(input=data):
            beside = f"{name} beside {rollout.champion}" if rollout.champion else name
            return f"{left}: {beside} scores {data}, the default stays"
        case Shadow(percent=percent):
            return f"{left}: {percent} % of the traffic is mirrored to {name}"
        case Smoke():
            return f"{left}: smoke requests to {name}"
        case Approve(approvers=who, expires=expires):
            of = f" of {' or '.join(who.groups)}" if who.groups else ""
            until = f"{sight.now + expires:%Y-%m-%d %H:%M}"
            return f"{left}: {who.count} approval(s){of} needed until {until}, the weights stay"


def _back(sight: Sight) -> Section:
    """Traffic and mirror first, in one request; the deployment itself is collected later."""
    if sight.seen.updating:
        return _not_back(sight) or Wait(operation=True)
    held = unwell(sight)
    if held is not None:
        return held
    if not sight.as_wanted:
        return _not_back(sight) or sight.set_traffic("rolling back")
    stopping = stopped(sight.generation, sight.loop)
    if stopping is not None:
        return stopping
    return Step(change=_look_again(rolled_back(sight.generation.project, sight.loop, sight.now)))


def _look_again(change: Change) -> Change:
    """The endpoint is to be looked at again at once: something is left to collect."""
    return replace(change, loop=replace(change.loop, checked=None, drifted=""))
