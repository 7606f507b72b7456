"""Back to a good version: capacity, then traffic, then the pointer; a target that cannot serve changes nothing."""

from dataclasses import replace
from datetime import datetime

from mlops.domain.loop import Change, Loop, Rollback
from mlops.domain.rollouts.ending import rolled_back
from mlops.domain.rollouts.history import rollback_given_up, rolled_back_to
from mlops.domain.rollouts.rollout import FULL, Desired, same
from mlops.domain.world import DeploymentPhase, DeploymentState
from mlops.flows.comparison import stopped
from mlops.flows.context import Generation, Section, Step, Wait
from mlops.flows.endpoint import bring_back
from mlops.flows.smoke import requests_of, smoke, unanswered
from mlops.ports import RefusedError


def may_begin(loop: Loop) -> bool:
    """An attempt without a rollout ends first, since its job may have to be cancelled; a rollout ends with this."""
    return loop.attempt is None or loop.rollout is not None


def go_back(generation: Generation, loop: Loop, rollback: Rollback, now: datetime) -> Section:
    """Bring the rollback on by at most one effect or one decision."""
    if rollback.entered is None:
        return Step(change=Change(loop=replace(loop, rollback=replace(rollback, entered=now))))
    seen = generation.backends.endpoints.observe(loop.endpoint)
    if seen.updating:
        return _endless(generation, loop, rollback, now) or Wait(operation=True)
    found = seen.deployment(rollback.target.deployment)
    if found is None or found.phase is not DeploymentPhase.READY:
        return _capacity(generation, loop, rollback, found, now)
    served = Desired(traffic=seen.traffic, mirror=seen.mirror)
    if found.model == rollback.target.model.reference and same(served, Desired(traffic={found.name: FULL})):
        return stopped(generation, loop) or Step(change=_done(generation, loop, rollback, now))
    return _traffic(generation, loop, rollback, found, now)


def _endless(generation: Generation, loop: Loop, rollback: Rollback, now: datetime) -> Step | None:
    deadline = generation.project.rollout.progress_deadline
    if rollback.entered is None or now - rollback.entered <= deadline:
        return None
    why = f"an operation on {loop.endpoint} did not end within {deadline}"
    return Step(change=rollback_given_up(loop, rollback, why, now))


def _done(generation: Generation, loop: Loop, rollback: Rollback, now: datetime) -> Change:
    ended = rolled_back(generation.project, loop, now) if loop.attempt else Change(loop=loop)
    back = rolled_back_to(ended.loop, rollback, generation.project.rollout.keep_failed, now)
    return replace(back, decisions=(*ended.decisions, *back.decisions), ended=ended.ended)


def _traffic(generation: Generation, loop: Loop, rollback: Rollback, found: DeploymentState, now: datetime) -> Step:
    broken = f"{found.name} serves {found.model}" if found.model != rollback.target.model.reference else ""
    broken = broken or _does_not_answer(generation, loop, found)
    if broken:
        return Step(change=rollback_given_up(loop, rollback, broken, now))
    generation.backends.endpoints.set_traffic(loop.endpoint, {found.name: FULL}, {})
    return Step(did=f"all traffic back to {found.name}")


def _capacity(
    generation: Generation, loop: Loop, rollback: Rollback, found: DeploymentState | None, now: datetime
) -> Section:
    if found is not None and found.phase is DeploymentPhase.FAILED:
        return Step(change=rollback_given_up(loop, rollback, f"{found.name} failed: {found.reason}", now))
    deadline = generation.project.rollout.progress_deadline
    if rollback.entered is not None and now - rollback.entered > deadline:
        why = f"{rollback.target.deployment} did not come up within {deadline}"
        return Step(change=rollback_given_up(loop, rollback, why, now))
    if found is not None:
        return Wait(operation=True)
    try:
        return bring_back(generation, loop, rollback.target)
    except RefusedError as error:
        return Step(change=rollback_given_up(loop, rollback, str(error), now))


def _does_not_answer(generation: Generation, loop: Loop, found: DeploymentState) -> str:
    """What the project's smoke requests say of the target before it gets traffic; empty when all are answered."""
    plan = generation.project.rollout
    step = requests_of(plan) if plan.verify_target else None
    return unanswered(smoke(generation, loop.endpoint, found.name, step)) if step else ""
