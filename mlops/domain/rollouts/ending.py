"""How a rollout ends its attempt: promoted, or back on the champion."""

from dataclasses import replace
from datetime import datetime, timedelta

from mlops.domain import attempt as attempts
from mlops.domain.loop import (
    Change,
    Loop,
    Outcome,
    Retired,
    Rollout,
)
from mlops.domain.project import Project
from mlops.domain.records.decision import Number, Subject
from mlops.domain.rollouts.history import champion_of, crowned


def promoted(project: Project, loop: Loop, now: datetime) -> Change:
    """The candidate is the champion: pointer, end of attempt and the old deployment's retirement in one change."""
    attempt, rollout = loop.attempt, loop.rollout
    if attempt is None or rollout is None:
        raise ValueError("nothing is being rolled out")
    champion = replace(champion_of(attempt, now), deployment=rollout.deployment)
    old = loop.champion
    why = f"{champion.model.reference} is the champion" + (f", after {old.model.reference}" if old else ", the first")
    numbers: dict[str, Number] = {
        "model": champion.model.reference,
        "deployment": champion.deployment,
        **champion.metrics,
    }
    said = attempts.decided(attempt, now, Subject.CHAMPION, "promoted", why=why, numbers=numbers)
    served = replace(crowned(loop, champion, project.rollout.keep_previous, good=True), rollout=None)
    return attempts.led_by(said, attempts.ended(project, served, Outcome.PROMOTED, why, now))


def rolled_back(project: Project, loop: Loop, now: datetime) -> Change:
    """The endpoint is back on the champion: the candidate is kept to look at, and will not be tried again."""
    attempt, rollout = loop.attempt, loop.rollout
    if attempt is None or rollout is None:
        raise ValueError("nothing is being rolled back")
    at_fault = loop.abort is None and not rollout.blameless
    digest = (attempt.candidate.digest,) if attempt.candidate and at_fault else ()
    outcome = _how_it_ended(loop, rollout)
    # There is nothing to look at in what gave way: it makes room for what comes.
    keep = timedelta() if outcome is Outcome.SUPERSEDED else project.rollout.keep_failed
    back = replace(
        loop,
        rollout=None,
        retired=(*loop.retired, Retired(deployment=rollout.deployment, until=now + keep)),
        failed_digests=tuple(dict.fromkeys((*loop.failed_digests, *digest))),
    )
    return attempts.ended(project, back, outcome, rollout.why, now)


def _how_it_ended(loop: Loop, rollout: Rollout) -> Outcome:
    if loop.abort is not None:  # a person's word comes first
        return Outcome.ABORTED
    return Outcome.SUPERSEDED if rollout.superseded_by else Outcome.ROLLED_BACK
