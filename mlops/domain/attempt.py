"""An attempt: from a request over training set, job, candidate and gates to its end."""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from mlops.domain.data.measurement import Verdict
from mlops.domain.data.windows import TrainingWindows
from mlops.domain.declared.gate import ApprovalGate, Gate, LoadGate
from mlops.domain.gates import approval
from mlops.domain.loop import (
    Attempt,
    AttemptPhase,
    Change,
    Ended,
    GateResult,
    Loop,
    Outcome,
    Request,
    Retired,
    Rollout,
)
from mlops.domain.names import deployment_name
from mlops.domain.project import Project
from mlops.domain.records.decision import Decision, Number, Subject
from mlops.domain.rollouts import rollout as rollouts
from mlops.domain.rollouts.history import champion_of, crowned
from mlops.domain.triggers import budget, policy
from mlops.domain.world import DatasetPlan, DatasetVersion, JobPlan, JobState, ModelPlan, ModelVersion


def request_key(loop: Loop, trigger: str, asked: datetime) -> str:
    """The same trigger at the same moment of the same generation asks once, until an attempt has begun."""
    text = f"{loop.project}|{trigger}|{asked.isoformat()}|{loop.generation}|{loop.attempts}"
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def start(project: Project, loop: Loop, request: Request, windows: TrainingWindows, now: datetime) -> Change:
    """Let a request through: it becomes the attempt, and the next in the queue takes its place."""
    number = loop.attempts + 1
    attempt = Attempt(
        number=number,
        request=request,
        generation=loop.generation,
        author=_author(loop, request),
        started=now,
        entered=now,
        phase=AttemptPhase.PREPARING,
        train=windows.train,
        holdout=windows.holdout,
        without=windows.without,
        job=f"{loop.project}-{number:04d}-{request.key[:8]}",
    )
    why = f"attempt {number} for {request.trigger}: {request.why}"
    numbers: dict[str, Number] = {
        "trigger": request.trigger,
        "train": str(windows.train),
        "holdout": str(windows.holdout),
        "without": ", ".join(map(str, windows.without)),
        "generation": loop.generation,
    }
    # What comes from elsewhere was trained there: it is no run of this budget.
    ledger = loop.ledger if request.origin else budget.opened(project, loop, number, now)
    begun = replace(policy.taken(loop), attempt=attempt, attempts=number, ledger=ledger)
    return Change(
        loop=begun, decisions=(_decision(attempt, now, Subject.ATTEMPT, "started", why=why, numbers=numbers),)
    )


def _author(loop: Loop, request: Request) -> str:
    """Whoever asked; for what comes from elsewhere who asked for it there, so that they approve it nowhere."""
    if request.origin is not None:
        return request.origin.author
    return request.actor if request.manual else loop.author


def dataset_plan(project: Project, attempt: Attempt) -> DatasetPlan:
    """The training set of an attempt."""
    return DatasetPlan(
        name=f"{project.name}-training",
        version=str(attempt.number),
        train=attempt.train,
        holdout=attempt.holdout,
        without=attempt.without,
    )


def prepared(loop: Loop, attempt: Attempt, dataset: DatasetVersion, now: datetime) -> Change:
    """The training set is there: train."""
    why = f"{dataset.reference}: {dataset.train_rows} rows to train on, {dataset.holdout_rows} held out"
    numbers: dict[str, Number] = {
        "dataset": dataset.reference,
        "digest": dataset.digest,
        "trainRows": dataset.train_rows,
        "holdoutRows": dataset.holdout_rows,
    }
    after = replace(attempt, dataset=dataset, phase=AttemptPhase.TRAINING, entered=now)
    return _moved(loop, after, _decision(attempt, now, Subject.ATTEMPT, "training set built", why=why, numbers=numbers))


def job_plan(project: Project, loop: Loop, attempt: Attempt) -> JobPlan:
    """The pipeline job of an attempt.  Raises ValueError before its training set is known."""
    if attempt.dataset is None:
        raise ValueError(f"attempt {attempt.number} has no training set yet")
    return JobPlan(
        name=attempt.job,
        dataset=attempt.dataset,
        champion=loop.champion.model if loop.champion else None,
        timeout=project.pipeline.timeout,
        tags=_tags(project, attempt),
        warm_start=project.pipeline.warm_start and loop.champion is not None,
    )


def trained(project: Project, loop: Loop, attempt: Attempt, job: JobState, now: datetime) -> Change:
    """The job succeeded: register what it made."""
    paid = replace(loop, ledger=budget.charged(project, loop, attempt, now))
    after = replace(
        attempt, phase=AttemptPhase.REGISTERING, entered=now, code_digest=job.code_digest, runtime=job.runtime
    )
    numbers: dict[str, Number] = {"job": attempt.job, "code": job.code_digest, "runtime": job.runtime}
    numbers |= _used(project, paid, attempt)
    return _moved(
        paid, after, _decision(attempt, now, Subject.ATTEMPT, "trained", why=f"job {attempt.job}", numbers=numbers)
    )


def model_plan(project: Project, attempt: Attempt) -> ModelPlan:
    """The candidate with its lineage: data version, code, runtime and run."""
    lineage = {
        "dataset": attempt.dataset.reference if attempt.dataset else "",
        "dataset-digest": attempt.dataset.digest if attempt.dataset else "",
        "code-digest": attempt.code_digest,
        "runtime": attempt.runtime,
        "job": attempt.job,
        "trigger": attempt.request.trigger,
    }
    return ModelPlan(
        name=project.model,
        version=str(attempt.number),
        job=attempt.job,
        tags={**_tags(project, attempt), **lineage},
    )


def registered(project: Project, loop: Loop, attempt: Attempt, model: ModelVersion, now: datetime) -> Change:
    """The candidate has a name and a digest: judge it, unless it is known to fail or to be the champion."""
    numbers: dict[str, Number] = {
        "model": model.reference,
        "digest": model.digest,
        "dataset": attempt.dataset.reference if attempt.dataset else "",
        "code": attempt.code_digest,
        "runtime": attempt.runtime,
        "job": attempt.job,
    }
    after = replace(attempt, candidate=model, phase=AttemptPhase.JUDGING, entered=now)
    made = _decision(attempt, now, Subject.ATTEMPT, "candidate", why=f"candidate {model.reference}", numbers=numbers)
    if model.digest in loop.failed_digests and not attempt.request.manual:
        why = f"{model.reference} has the bytes of a model that failed in a rollout; only a person may try it again"
        return _and(made, ended(project, replace(loop, attempt=after), Outcome.REJECTED, why, now))
    return _moved(loop, after, made)


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
    said = _decision(attempt, now, Subject.GATE, what, why=f"{result.gate}: {result.why}", numbers=numbers)
    held = replace(loop, attempt=after)
    if result.verdict is not Verdict.PASS:
        if any(isinstance(gate, LoadGate) and gate.name == result.gate for gate in project.gates):
            held = _kept_to_look_at(project, held, after, result, now)
        return _and(
            said, ended(project, held, Outcome.REJECTED, f"{result.gate} {result.verdict.word}: {result.why}", now)
        )
    return _and(said, past_gates(project, held, after, now))


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
    return _moved(loop, after, _decision(attempt, now, Subject.APPROVAL, "asked", why=why, numbers=numbers))


def _roll_out(loop: Loop, attempt: Attempt, now: datetime) -> Change:
    if attempt.candidate is None:
        raise ValueError(f"attempt {attempt.number} has no candidate to roll out")
    name = deployment_name(attempt.candidate)
    champion = loop.champion.deployment if loop.champion else None
    after = replace(attempt, phase=AttemptPhase.ROLLING_OUT, entered=now)
    why = f"{attempt.candidate.reference} as {name}" + (f" against {champion}" if champion else ", the first")
    numbers: dict[str, Number] = {"deployment": name, "model": attempt.candidate.reference, "champion": champion}
    said = _decision(attempt, now, Subject.ROLLOUT, "started", why=why, numbers=numbers)
    return Change(loop=replace(loop, attempt=after, rollout=rollouts.begin(name, champion, now)), decisions=(said,))


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
    said = _decision(attempt, now, Subject.CHAMPION, "promoted", why=why, numbers=numbers)
    served = replace(crowned(loop, champion, project.rollout.keep_previous, good=True), rollout=None)
    return _and(said, ended(project, served, Outcome.PROMOTED, why, now))


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
    return ended(project, back, outcome, rollout.why, now)


def _how_it_ended(loop: Loop, rollout: Rollout) -> Outcome:
    if loop.abort is not None:  # a person's word comes first
        return Outcome.ABORTED
    return Outcome.SUPERSEDED if rollout.superseded_by else Outcome.ROLLED_BACK


def ended(project: Project, loop: Loop, outcome: Outcome, why: str, now: datetime) -> Change:
    """Close the attempt.  Failures in a row open the breaker; cool-down runs from here whatever the outcome."""
    attempt = loop.attempt
    if attempt is None:
        raise ValueError("no attempt to end")
    closed = replace(attempt, outcome=outcome, ended=now, why=why)
    failures = loop.failures + 1 if outcome in {Outcome.FAILED, Outcome.ROLLED_BACK} else loop.failures
    failures = 0 if outcome is Outcome.PROMOTED else failures
    opens = failures > loop.failures and failures >= project.policy.breaker_failures
    until = now + project.policy.breaker_hold if opens else None
    last = Ended(number=attempt.number, outcome=outcome, started=attempt.started, ended=now, used=attempt.holdout.end)
    after = replace(
        loop,
        attempt=None,
        last=last,
        failures=failures,
        breaker_until=until,
        breaker_code="",
        ledger=budget.charged(project, loop, attempt, now),
        abort=None,
        labelled=None,
        labelled_at=None,
        collected=None,
    )
    numbers: dict[str, Number] = {"failuresInARow": failures, **_used(project, after, attempt)}
    decisions = [_decision(attempt, now, Subject.ATTEMPT, outcome.value, why=why, numbers=numbers)]
    if until is not None:
        held = f"{failures} attempts failed in a row: only a person starts one before {until:%Y-%m-%d %H:%M}"
        decisions.append(
            _decision(attempt, now, Subject.TRIGGER, "breaker open", why=held, numbers={"failures": failures})
        )
    return Change(loop=after, decisions=tuple(decisions), ended=closed)


def _used(project: Project, loop: Loop, attempt: Attempt) -> dict[str, Number]:
    """What the training took of the budget, where the project states a price."""
    found, price = budget.spent(loop, attempt.number), project.pipeline.price
    if found is None or price is None:
        return {}
    return {"cost": found.cost, "currency": price.currency, "gpuHours": found.gpu_hours}


def _tags(project: Project, attempt: Attempt) -> dict[str, str]:
    return {
        "aml-kit-project": project.name,
        "aml-kit-attempt": str(attempt.number),
        "aml-kit-generation": str(attempt.generation),
    }


def _moved(loop: Loop, attempt: Attempt, *decisions: Decision) -> Change:
    return Change(loop=replace(loop, attempt=attempt), decisions=decisions)


def _and(first: Decision, change: Change) -> Change:
    return replace(change, decisions=(first, *change.decisions))


def _decision(
    attempt: Attempt, at: datetime, subject: Subject, what: str, *, why: str, numbers: Mapping[str, Number]
) -> Decision:
    return Decision(at=at, subject=subject, what=what, why=why, numbers=dict(numbers), attempt=attempt.number)
