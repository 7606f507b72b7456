"""Before traffic goes back: is what it goes to well?  If not, what is best is held, and people are told."""

from dataclasses import replace

from mlops.domain.loop import Change
from mlops.domain.world import DeploymentPhase, DeploymentState
from mlops.flows.context import Section, Step, Wait
from mlops.flows.endpoint import bring_back
from mlops.flows.sight import Sight
from mlops.flows.smoke import requests_of, smoke, unanswered
from mlops.ports import OutsideError, RefusedError


def unwell(sight: Sight) -> Section | None:
    """Hold what serves while the champion could not take over; None: it can."""
    champion = sight.rollout.champion
    if champion is None:
        return None
    target = sight.seen.deployment(champion)
    if target is None or target.phase is not DeploymentPhase.READY:
        return _hold(sight, target, "is not ready")
    said = "" if sight.as_wanted else _silent(sight, champion)
    return _hold(sight, target, "does not answer", said) if said else None


def _silent(sight: Sight, champion: str) -> str:
    """What the champion did not answer; empty where it answers people already, or the candidate is no better.

    Only the candidate is known to be at fault: what cannot be asked counts for the champion.
    """
    step = requests_of(sight.plan)
    candidate = sight.candidate
    if not sight.plan.verify_target or step is None or sight.seen.traffic.get(champion):
        return ""
    if candidate is None or candidate.phase is not DeploymentPhase.READY:
        return ""
    try:
        said = unanswered(smoke(sight.generation, sight.loop.endpoint, champion, step))
        if not said or unanswered(smoke(sight.generation, sight.loop.endpoint, candidate.name, step)):
            return ""
    except (OutsideError, RefusedError, OSError):
        return ""
    return said


def _hold(sight: Sight, target: DeploymentState | None, is_so: str, said: str = "") -> Section:
    """Going back onto a champion that is not well would be worse: hold what serves, mend the champion."""
    text = f"cannot roll back yet: the champion {sight.rollout.champion} {is_so}"
    if sight.loop.drifted != text:
        told = sight.decided("held", f"{text}: {said}" if said else text)
        return Step(change=Change(loop=replace(sight.loop, drifted=text), decisions=(told,)))
    if target is None and sight.loop.champion is not None:
        return bring_back(sight.generation, sight.loop, sight.loop.champion)
    if target is not None and target.phase is DeploymentPhase.CREATING:
        return Wait(operation=True)
    return Wait(until=sight.now + sight.plan.measure_every)
