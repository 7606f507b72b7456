"""What people do in the made-up world: they approve after a while, and end what waits for them for too long."""

from contextlib import suppress
from datetime import datetime

from mlops.domain import attempt as attempts
from mlops.domain.declared.gate import ApprovalGate
from mlops.domain.loop import Attempt, AttemptPhase, Hold, Loop
from mlops.flows import commands
from mlops.flows.commands import NotPossibleError
from mlops.flows.context import Context
from mlops.simulation.scenario import People

_DECIDED_BY_PEOPLE = frozenset({Hold.INCONCLUSIVE, Hold.FAILURE, Hold.EXTERNAL})
ON_CALL = "on-call (simulated)"


def act(context: Context, loop: Loop, people: People, now: datetime) -> None:
    """Whoever is asked for something answers once the time has come."""
    attempt, rollout = loop.attempt, loop.rollout
    if attempt is None:
        return
    if attempt.phase is AttemptPhase.APPROVING and now >= attempt.entered + people.approve_after:
        _approve(context, attempt)
    elif rollout is not None and rollout.hold in _DECIDED_BY_PEOPLE and loop.abort is None:
        since = rollout.seen or rollout.applied or rollout.entered
        if now >= since + people.decide_after or now >= rollout.entered + 2 * people.decide_after:
            why = f"{rollout.hold.value if rollout.hold else 'it waits'}: nobody else decided"
            with suppress(NotPossibleError):
                commands.abort(context, ON_CALL, why)


def _approve(context: Context, attempt: Attempt) -> None:
    gate = attempts.next_gate(context.generation(attempt.generation).project, attempt)
    if not isinstance(gate, ApprovalGate):
        return
    people = gate.approvers.people or tuple(f"person-{at} (simulated)" for at in range(1, gate.approvers.count + 2))
    said = {word.actor for word in attempt.approvals}
    for actor in people[: gate.approvers.count + 1]:
        if actor not in said:
            with suppress(NotPossibleError):
                commands.approve(context, actor, "looks good (simulated)", granted=True)
