"""What a rollout waits for before it moves forward, though it was served well: people, and an open window."""

from dataclasses import replace

from mlops.domain.declared.rollout import Approve, SetWeight, Shadow
from mlops.domain.gates import approval
from mlops.domain.loop import Approval
from mlops.domain.rollouts import rollout as rollouts
from mlops.domain.rollouts.calendar import closed, opens
from mlops.flows.context import Section, Step, Wait
from mlops.flows.sight import Sight


def unwanted(sight: Sight) -> Step | None:
    """Roll back what somebody declined, or nobody approved in time; looking goes on until then."""
    step = rollouts.asking(sight.plan, sight.rollout)
    if step is None:
        return None
    words = _words(sight, step)
    refused = approval.declined(words)
    if refused is not None:
        return sight.back(f"declined by {refused.actor}: {refused.reason}")
    people = approval.agreed(words)
    until = sight.rollout.entered + step.expires
    if len(people) < step.approvers.count and sight.now >= until:
        said = f"{len(people)} of {step.approvers.count} approved" if people else "nobody approved"
        return sight.back(f"{said} before {until:%Y-%m-%d %H:%M}", blameless=True)
    return None


def held_back(sight: Sight) -> Section | None:
    """Say once what it waits for; None: nothing, it may move."""
    step = rollouts.asking(sight.plan, sight.rollout)
    if step is not None:
        people = approval.agreed(_words(sight, step))
        if len(people) < step.approvers.count:
            return Wait(until=sight.rollout.entered + step.expires)
    why = closed(sight.plan.windows, sight.now) if _shifts(sight) else ""
    if not why:
        return None
    if sight.rollout.waits != why:
        said = sight.decided("waits", f"{why}: the weights stay, and a failure still rolls back")
        return sight.moved(replace(sight.rollout, waits=why), said)
    return Wait(until=opens(sight.plan.windows, sight.now))


def _words(sight: Sight, step: Approve) -> tuple[Approval, ...]:
    digest = approval.digest_of(sight.attempt, sight.loop.generation, sight.rollout)
    return approval.counted(step.approvers, sight.attempt, sight.attempt.approvals, digest)


def _shifts(sight: Sight) -> bool:
    """Whether the step after this one sends requests of people elsewhere: a promotion does not."""
    steps = rollouts.steps_of(sight.plan, sight.rollout.champion)
    after = sight.rollout.position + 1
    return after < len(steps) and isinstance(steps[after], SetWeight | Shadow)
