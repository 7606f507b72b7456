"""What people do in the made-up world: they approve after a while, and end what waits for them for too long."""

from contextlib import suppress
from datetime import datetime

from mlops.domain.declared.gate import ApprovalGate, Approvers
from mlops.domain.gates import approval, judging
from mlops.domain.loop import AttemptPhase, Hold, Loop
from mlops.domain.rollouts import rollout as rollouts
from mlops.flows import commands
from mlops.flows.commands import NotPossibleError
from mlops.flows.context import Context
from mlops.simulation.scenario import People

_DECIDED_BY_PEOPLE = frozenset({Hold.INCONCLUSIVE, Hold.FAILURE, Hold.EXTERNAL})
ON_CALL = "on-call (simulated)"


def act(context: Context, loop: Loop, people: People, now: datetime) -> None:
    """Whoever is asked for something answers once the time has come."""
    due, rollout = answers_at(context, loop, people), loop.rollout
    if due is None or now < due:
        return
    asked = _asked(context, loop)
    if asked is not None:
        _approve(context, loop, asked)
    elif rollout is not None and rollout.hold is not None:
        with suppress(NotPossibleError):
            commands.abort(context, ON_CALL, f"{rollout.hold.value}: nobody else decided")


def answers_at(context: Context, loop: Loop, people: People) -> datetime | None:
    """When somebody answers what is asked now; None: nobody is asked."""
    attempt, rollout = loop.attempt, loop.rollout
    if attempt is None or loop.abort is not None:
        return None
    if _asked(context, loop) is not None:
        return (rollout.entered if rollout else attempt.entered) + people.approve_after
    if rollout is not None and rollout.hold in _DECIDED_BY_PEOPLE:
        return rollout.entered + people.decide_after
    return None


def _asked(context: Context, loop: Loop) -> Approvers | None:
    """Who is asked to approve, by a gate or by a step of the rollout."""
    attempt = loop.attempt
    if attempt is None:
        return None
    project = context.generation(attempt.generation).project
    if loop.rollout is not None:
        step = rollouts.asking(project.rollout, loop.rollout)
        return step.approvers if step else None
    gate = judging.next_gate(project, attempt) if attempt.phase is AttemptPhase.APPROVING else None
    return gate.approvers if isinstance(gate, ApprovalGate) else None


def _approve(context: Context, loop: Loop, asked: Approvers) -> None:
    attempt = loop.attempt
    if attempt is None:
        return
    digest = approval.digest_of(attempt, loop.generation, loop.rollout)
    said = {word.actor for word in attempt.approvals if word.digest == digest}
    people = asked.people or tuple(f"person-{at} (simulated)" for at in range(1, asked.count + 1))
    for actor in people:
        if actor not in said:
            with suppress(NotPossibleError):
                commands.approve(context, actor, "looks good (simulated)", granted=True)
