"""A newer request takes the place of a rollout, where the project wants that and nothing else would hold it."""

from datetime import datetime

from mlops.domain import attempt as attempts
from mlops.domain.loop import Loop, Outcome, Request
from mlops.domain.records.decision import Numbers
from mlops.domain.rollouts import superseding
from mlops.domain.world import DeploymentPhase
from mlops.flows.context import NOTHING, Generation, Section, Step, Wait
from mlops.flows.sight import Sight
from mlops.flows.triggers import held_by


def give_way(generation: Generation, pinned: Generation, loop: Loop, now: datetime) -> Section:
    """End what is under way for what waits; `pinned` is the generation of the attempt, and says whether it may."""
    attempt, request = loop.attempt, loop.pending
    if attempt is None or request is None or not superseding.may_give_way(pinned.project.rollout, loop):
        return NOTHING
    held = held_by(generation, superseding.as_if_superseded(loop), request, now)
    if held is not None:
        return Wait(until=held.until)
    rollout = loop.rollout
    if rollout is not None:
        seen = pinned.backends.endpoints.observe(loop.endpoint)
        sight = Sight(generation=pinned, loop=loop, attempt=attempt, rollout=rollout, seen=seen, now=now)
        return _back(sight, request)
    change = attempts.ended(pinned.project, loop, Outcome.SUPERSEDED, superseding.words(request), now)
    return Step(change=change)


def _back(sight: Sight, request: Request) -> Section:
    """Only onto a champion that can serve, and never instead of saying that the candidate failed."""
    rollout = sight.rollout
    champion = sight.seen.deployment(rollout.champion) if rollout.champion else None
    failed = sight.candidate is not None and sight.candidate.phase is DeploymentPhase.FAILED
    if failed or champion is None or champion.phase is not DeploymentPhase.READY:
        return Wait(until=sight.now + sight.plan.measure_every)
    after = superseding.superseded(rollout, request, sight.now)
    numbers = Numbers(request=request.key, trigger=request.trigger, phase=rollout.phase.value)
    return sight.moved(after, sight.decided("superseded", after.why, numbers))
