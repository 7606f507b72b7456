"""May a rollout, or a candidate that waits for people's word, give way to a newer request?"""

from dataclasses import replace
from datetime import datetime

from mlops.domain.declared.rollout import OnNewCandidate
from mlops.domain.declared.rollout import Rollout as Plan
from mlops.domain.loop import Attempt, AttemptPhase, Ended, Hold, Loop, Outcome, Request, Rollout, RolloutPhase
from mlops.domain.rollouts.rollout import roll_back

_PEOPLE_DECIDE = {Hold.EXTERNAL, Hold.FAILURE}  # about the traffic, and nobody else moves it


def may_give_way(plan: Plan, loop: Loop) -> bool:
    """Whether what waits is newer than the attempt under way, and this is of the kind that gives way.

    An abort is on its way already, and the first model gives way to nothing: nothing else would serve.
    """
    attempt, request = loop.attempt, loop.pending
    return (
        plan.on_new_candidate is OnNewCandidate.SUPERSEDE
        and attempt is not None
        and request is not None
        and request.asked > attempt.started
        and loop.abort is None
        and loop.champion is not None
        and _replaceable(attempt, loop.rollout)
    )


def _replaceable(attempt: Attempt, rollout: Rollout | None) -> bool:
    if rollout is None:
        return attempt.phase is AttemptPhase.APPROVING
    return rollout.phase is not RolloutPhase.ROLLING_BACK and rollout.hold not in _PEOPLE_DECIDE


def as_if_superseded(loop: Loop) -> Loop:
    """As the state would be: what holds a request then, holds it now from taking the attempt's place."""
    attempt = loop.attempt
    if attempt is None:
        return loop
    last = Ended(
        number=attempt.number,
        outcome=Outcome.SUPERSEDED,
        started=attempt.started,
        ended=attempt.started,
        used=attempt.holdout.end,
    )
    return replace(loop, attempt=None, rollout=None, last=last)


def words(request: Request) -> str:
    """What is said of it."""
    return f"gives way to a newer candidate: {request.trigger} asked for it on {request.asked:%Y-%m-%d %H:%M}"


def superseded(rollout: Rollout, request: Request, now: datetime) -> Rollout:
    """Everything back to the champion, without blame: the same bytes may be tried again."""
    return replace(roll_back(rollout, words(request), now, blameless=True), superseded_by=request.key)
