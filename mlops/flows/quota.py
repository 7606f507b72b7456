"""No room for a candidate: what nothing needs is given back first, then it is asked again, ever more seldom."""

import hashlib
from dataclasses import replace
from datetime import datetime, timedelta

from mlops.domain.loop import Change
from mlops.domain.rollouts.history import kept
from mlops.domain.world import DeploymentPhase
from mlops.flows.context import Step
from mlops.flows.sight import Sight

OUT_OF_QUOTA = "OutOfQuota"
_FIRST = timedelta(seconds=30)
_LONGEST = timedelta(minutes=10)


def not_yet(sight: Sight) -> datetime | None:
    """When it is asked again, while that is not due; at the deadline at the latest."""
    again = sight.rollout.again
    if again is None or not sight.now < again <= sight.now + 2 * _LONGEST:  # further off: the clock went back
        return None
    return min(again, sight.rollout.entered + sight.plan.progress_deadline + timedelta(seconds=1))


def make_room(sight: Sight, why: str) -> Step:
    """Delete one deployment of ours that nothing keeps; where there is none, remember when to ask again."""
    spare = _spare(sight)
    if spare is not None:
        sight.generation.backends.endpoints.delete_deployment(sight.loop.endpoint, spare)
        return Step(did=f"no room for {sight.rollout.deployment}: deleting {spare}, which nothing needs")
    tries = sight.rollout.tries + 1
    waiting = replace(
        sight.rollout,
        tries=tries,
        again=sight.now + _pause(sight.rollout.deployment, tries),
        waits=f"{OUT_OF_QUOTA}: {why}",
    )
    if sight.rollout.waits:  # said already
        return Step(change=Change(loop=replace(sight.loop, rollout=waiting)))
    deadline = sight.rollout.entered + sight.plan.progress_deadline
    return sight.moved(waiting, sight.decided("waits", f"{waiting.waits}; asked again until {deadline:%Y-%m-%d %H:%M}"))


def _spare(sight: Sight) -> str | None:
    """One of ours without traffic that is neither champion nor kept, warm or to look at."""
    needed = {sight.rollout.deployment, sight.rollout.champion}
    needed |= {each.deployment for each in kept(sight.loop.retired, sight.plan.warm_previous, sight.now)}
    served = {*sight.seen.traffic, *sight.seen.mirror}
    return next(
        (
            found.name
            for found in sight.seen.deployments
            if found.ours and found.name not in needed | served and found.phase is not DeploymentPhase.DELETING
        ),
        None,
    )


def _pause(name: str, tries: int) -> timedelta:
    """Twice as long each time, and up to a quarter longer, by the name: many that wait do not ask at one moment."""
    share = int(hashlib.sha256(f"{name}|{tries}".encode()).hexdigest()[:4], 16) / 0xFFFF / 4
    return min(_FIRST * float(2 ** min(tries - 1, 10)), _LONGEST) * (1 + share)
