"""One look at an attempt: training set, job, candidate, gates; each made by name, so that nothing is made twice."""

from dataclasses import replace
from datetime import datetime

from mlops.domain import attempt as attempts
from mlops.domain.data.measurement import Verdict
from mlops.domain.declared.gate import ApprovalGate, EvaluationGate, SlicesGate
from mlops.domain.gates import approval, judging
from mlops.domain.loop import Attempt, AttemptPhase, Change, GateResult, Loop, Outcome
from mlops.domain.promotions import coming
from mlops.domain.promotions.offer import Origin
from mlops.domain.records.decision import Decision, Subject
from mlops.domain.world import JobPhase, JobPlan, JobState
from mlops.flows.context import NOTHING, Generation, Section, Step, Wait
from mlops.flows.gates import judge
from mlops.flows.rollout import roll
from mlops.ports import RefusedError, WrongBytesError

_WITH_A_JOB = {AttemptPhase.TRAINING, AttemptPhase.EVALUATING}


def bring_on(generation: Generation, loop: Loop, attempt: Attempt, now: datetime) -> Section:
    """Bring the attempt on by at most one effect or one decision; what is refused ends it."""
    try:
        return _phase(generation, loop, attempt, now)
    except RefusedError as error:
        if loop.rollout is not None:
            raise
        return _fail(generation, loop, f"{attempt.phase.value}: {error}", now)


def _phase(generation: Generation, loop: Loop, attempt: Attempt, now: datetime) -> Section:
    if loop.rollout is not None:
        return roll(generation, loop, attempt, loop.rollout, now)
    if loop.abort is not None:
        return _abort(generation, loop, attempt, now)
    return _working(generation, loop, attempt, now)


def _working(generation: Generation, loop: Loop, attempt: Attempt, now: datetime) -> Section:
    if loop.frozen is not None and attempt.phase not in _WITH_A_JOB:
        return NOTHING  # a job that runs is watched, for what it costs
    match attempt.phase:
        case AttemptPhase.PREPARING:
            return _prepare(generation, loop, attempt, now)
        case AttemptPhase.TRAINING | AttemptPhase.EVALUATING:
            return _train(generation, loop, attempt, now)
        case AttemptPhase.REGISTERING:
            return _register(generation, loop, attempt, now)
        case AttemptPhase.JUDGING:
            return judge(generation, loop, attempt, now)
        case AttemptPhase.APPROVING | AttemptPhase.ROLLING_OUT:
            return _approve(generation, loop, attempt, now)


def _abort(generation: Generation, loop: Loop, attempt: Attempt, now: datetime) -> Section:
    if attempt.phase in _WITH_A_JOB:
        generation.backends.training.cancel(attempt.job)  # a finished or missing job is left alone
    why = f"aborted by {loop.abort.actor}: {loop.abort.reason}" if loop.abort else "aborted"
    return Step(did="aborting", change=attempts.ended(generation.project, loop, Outcome.ABORTED, why, now))


def _fail(generation: Generation, loop: Loop, why: str, now: datetime) -> Section:
    return Step(change=attempts.ended(generation.project, loop, Outcome.FAILED, why, now))


def _prepare(generation: Generation, loop: Loop, attempt: Attempt, now: datetime) -> Section:
    plan = attempts.dataset_plan(generation.project, attempt)
    dataset = generation.backends.datasets.ensure(generation.project.data, plan)
    if attempt.origin is not None:
        return Step(did=f"built {dataset.reference}", change=coming.prepared(loop, attempt, dataset, now))
    needed = generation.project.pipeline.min_rows
    if dataset.train_rows < needed:
        why = f"{dataset.reference} has {dataset.train_rows} rows to train on ({attempt.train}), {needed} needed"
        return _fail(generation, loop, why, now)
    judged_on_rows = [gate.name for gate in generation.project.gates if isinstance(gate, EvaluationGate | SlicesGate)]
    if judged_on_rows and not dataset.holdout_rows:
        why = (
            f"{dataset.reference} has no rows to be judged on ({attempt.holdout}), which {judged_on_rows[0]} wants: "
            "nothing was trained; do labels of these days come in?"
        )
        return _fail(generation, loop, why, now)
    return Step(did=f"built {dataset.reference}", change=attempts.prepared(loop, attempt, dataset, now))


def _train(generation: Generation, loop: Loop, attempt: Attempt, now: datetime) -> Section:
    training = generation.backends.training
    job = training.state(attempt.job)
    match job.phase:
        case JobPhase.MISSING if loop.frozen is not None:
            return NOTHING
        case JobPhase.MISSING:
            training.submit(_job_plan(generation, loop, attempt))
            return Step(did=f"submitted the job {attempt.job}")
        case JobPhase.SUCCEEDED:
            return Step(change=_done(generation, loop, attempt, job, now))
        case JobPhase.FAILED | JobPhase.CANCELLED:
            return _fail(
                generation, loop, f"job {attempt.job} {job.phase.value}: {job.reason or 'no reason given'}", now
            )
        case JobPhase.RUNNING:
            pass
    if now - attempt.entered > generation.project.pipeline.timeout:
        training.cancel(attempt.job)
        why = f"job {attempt.job} took longer than {generation.project.pipeline.timeout}"
        change = attempts.ended(generation.project, loop, Outcome.FAILED, why, now)
        return Step(did=f"cancelling the job {attempt.job}", change=change)
    return Wait(operation=True)


def _job_plan(generation: Generation, loop: Loop, attempt: Attempt) -> JobPlan:
    if attempt.phase is AttemptPhase.EVALUATING:
        return coming.evaluation_plan(generation.project, loop, attempt)
    return attempts.job_plan(generation.project, loop, attempt)


def _done(generation: Generation, loop: Loop, attempt: Attempt, job: JobState, now: datetime) -> Change:
    if attempt.phase is AttemptPhase.EVALUATING:
        return coming.evaluated(loop, attempt, now)
    return attempts.trained(generation.project, loop, attempt, job, now)


def _register(generation: Generation, loop: Loop, attempt: Attempt, now: datetime) -> Section:
    if attempt.origin is not None:
        return _take(generation, loop, attempt, attempt.origin, now)
    model = generation.backends.models.ensure(attempts.model_plan(generation.project, attempt))
    change = attempts.registered(generation.project, loop, attempt, model, now)
    return Step(did=f"registered {model.reference}", change=change)


def _take(generation: Generation, loop: Loop, attempt: Attempt, origin: Origin, now: datetime) -> Section:
    """Copy what was offered into this workspace; other bytes end the attempt before anything is deployed."""
    registry = generation.backends.registry
    if registry is None:
        raise RefusedError(f"the project has no registry any more to take {origin.offer.reference} from")
    try:
        model = registry.take(origin.offer)
    except WrongBytesError as error:
        return Step(change=coming.refused(generation.project, loop, attempt, str(error), now))
    change = coming.arrived(generation.project, loop, attempt, model, now)
    return Step(did=f"took {model.reference} from {origin.registry}", change=change)


def _approve(generation: Generation, loop: Loop, attempt: Attempt, now: datetime) -> Section:
    gate = judging.next_gate(generation.project, attempt)
    if not isinstance(gate, ApprovalGate):
        return Step(change=judging.past_gates(generation.project, loop, attempt, now))
    digest = approval.digest_of(attempt, loop.generation)
    words = approval.counted(gate.approvers, attempt, attempt.approvals, digest)
    refused = approval.declined(words)
    if refused is not None:
        result = GateResult(gate=gate.name, verdict=Verdict.FAIL, why=f"declined by {refused.actor}: {refused.reason}")
        return Step(change=judging.judged(generation.project, loop, attempt, result, now))
    people = approval.agreed(words)
    if len(people) >= gate.approvers.count:
        result = GateResult(gate=gate.name, verdict=Verdict.PASS, why=f"approved by {', '.join(people)}")
        return Step(change=judging.judged(generation.project, loop, attempt, result, now))
    until = attempt.entered + gate.expires
    if now >= until:
        said = f"{len(people)} of {gate.approvers.count} approved" if people else "nobody approved"
        result = GateResult(gate=gate.name, verdict=Verdict.FAIL, why=f"{said} before {until:%Y-%m-%d %H:%M}")
        expired = Decision(at=now, subject=Subject.APPROVAL, what="expired", why=result.why, attempt=attempt.number)
        change = judging.judged(generation.project, loop, attempt, result, now)
        return Step(change=replace(change, decisions=(expired, *change.decisions)))
    return Wait(until=until)
