"""What a gate's word means for an attempt: the next gate, people, the rollout, or its end."""

from dataclasses import replace
from datetime import datetime

from mlops.domain import attempt as attempts
from mlops.domain.data.measurement import Verdict
from mlops.domain.declared.gate import ApprovalGate, Gate, LoadGate
from mlops.domain.gates import approval
from mlops.domain.loop import (
    Attempt,
    AttemptPhase,
    Change,
    GateResult,
    Loop,
    Outcome,
    Retired,
)
from mlops.domain.names import deployment_name
from mlops.domain.project import Project
from mlops.domain.records.decision import Number, Subject
from mlops.domain.rollouts import rollout as rollouts


def next_gate(project: Project, attempt: Attempt) -> Gate | None:
    """The first gate without a result; None when all have passed."""
    passed = {result.gate for result in attempt.gates}
    return next((gate for gate in project.gates if gate.name not in passed), None)


def judged(project: Project, loop: Loop, attempt: Attempt, result: GateResult, now: datetime) -> Change:
    """A gate spoke: a pass goes on to the next gate or to the rollout, all else rejects the candidate."""
    after = replace(attempt, gates=(*attempt.gates, result))
    numbers: dict[str, Number] = {"gate": result.gate, "verdict": result.verdict.word}
    for metric in result.metrics:
        values = {
            "candidate": metric.candidate,
            "champion": metric.champion,
            "delta": metric.delta,
            "low": metric.low,
            "high": metric.high,
            "minDelta": metric.min_delta,
            "samples": metric.samples,
        }
        numbers |= {f"{metric.name}.{name}": value for name, value in values.items() if value is not None}
    what = "passed" if result.verdict is Verdict.PASS else "rejected"
    said = attempts.decided(attempt, now, Subject.GATE, what, why=f"{result.gate}: {result.why}", numbers=numbers)
    held = replace(loop, attempt=after)
    if result.verdict is not Verdict.PASS:
        if any(isinstance(gate, LoadGate) and gate.name == result.gate for gate in project.gates):
            held = _kept_to_look_at(project, held, after, result, now)
        return attempts.led_by(
            said,
            attempts.ended(project, held, Outcome.REJECTED, f"{result.gate} {result.verdict.word}: {result.why}", now),
        )
    return attempts.led_by(said, past_gates(project, held, after, now))


def _kept_to_look_at(project: Project, loop: Loop, attempt: Attempt, result: GateResult, now: datetime) -> Loop:
    """What did not load is kept as one that failed in a rollout is, and its bytes are not tried again unasked."""
    if attempt.candidate is None:
        return loop
    digest = (attempt.candidate.digest,) if result.verdict is Verdict.FAIL else ()
    kept = Retired(deployment=deployment_name(attempt.candidate), until=now + project.rollout.keep_failed)
    return replace(
        loop,
        retired=(*loop.retired, kept),
        failed_digests=tuple(dict.fromkeys((*loop.failed_digests, *digest))),
    )


def past_gates(project: Project, loop: Loop, attempt: Attempt, now: datetime) -> Change:
    """What follows a passed gate: the next one, or the rollout."""
    gate = next_gate(project, attempt)
    if isinstance(gate, ApprovalGate):
        return _ask(project, gate, loop, attempt, now)
    if gate is not None:
        return Change(loop=replace(loop, attempt=replace(attempt, phase=AttemptPhase.JUDGING, entered=now)))
    return _roll_out(loop, attempt, now)


def _ask(project: Project, gate: ApprovalGate, loop: Loop, attempt: Attempt, now: datetime) -> Change:
    tier, who = project.facts.tier, gate.approvers
    if not approval.asked(gate, tier):
        why = f"not asked for: the risk is {tier}"
        return judged(project, loop, attempt, GateResult(gate=gate.name, verdict=Verdict.PASS, why=why), now)
    digest = approval.digest_of(attempt, loop.generation)
    after = replace(attempt, phase=AttemptPhase.APPROVING, entered=now)
    of = f" of {' or '.join(who.groups)}" if who.groups else ""
    why = f"{gate.name}: {who.count} approval(s){of} needed until {now + gate.expires:%Y-%m-%d %H:%M}"
    numbers: dict[str, Number] = {"gate": gate.name, "digest": digest, "count": who.count}
    return attempts.moved(
        loop, after, attempts.decided(attempt, now, Subject.APPROVAL, "asked", why=why, numbers=numbers)
    )


def _roll_out(loop: Loop, attempt: Attempt, now: datetime) -> Change:
    if attempt.candidate is None:
        raise ValueError(f"attempt {attempt.number} has no candidate to roll out")
    name = deployment_name(attempt.candidate)
    champion = loop.champion.deployment if loop.champion else None
    after = replace(attempt, phase=AttemptPhase.ROLLING_OUT, entered=now)
    why = f"{attempt.candidate.reference} as {name}" + (f" against {champion}" if champion else ", the first")
    numbers: dict[str, Number] = {"deployment": name, "model": attempt.candidate.reference, "champion": champion}
    said = attempts.decided(attempt, now, Subject.ROLLOUT, "started", why=why, numbers=numbers)
    return Change(loop=replace(loop, attempt=after, rollout=rollouts.begin(name, champion, now)), decisions=(said,))
