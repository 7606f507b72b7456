"""An attempt: from a request over training set and job to a candidate, and its end."""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from mlops.domain.data.windows import TrainingWindows
from mlops.domain.loop import (
    Attempt,
    AttemptPhase,
    Change,
    Ended,
    Loop,
    Outcome,
    Request,
)
from mlops.domain.project import Project
from mlops.domain.records.decision import Decision, Number, Subject
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
    return Change(loop=begun, decisions=(decided(attempt, now, Subject.ATTEMPT, "started", why=why, numbers=numbers),))


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
    return moved(loop, after, decided(attempt, now, Subject.ATTEMPT, "training set built", why=why, numbers=numbers))


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
    return moved(
        paid, after, decided(attempt, now, Subject.ATTEMPT, "trained", why=f"job {attempt.job}", numbers=numbers)
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
    made = decided(attempt, now, Subject.ATTEMPT, "candidate", why=f"candidate {model.reference}", numbers=numbers)
    if model.digest in loop.failed_digests and not attempt.request.manual:
        why = f"{model.reference} has the bytes of a model that failed in a rollout; only a person may try it again"
        return led_by(made, ended(project, replace(loop, attempt=after), Outcome.REJECTED, why, now))
    return moved(loop, after, made)


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
    decisions = [decided(attempt, now, Subject.ATTEMPT, outcome.value, why=why, numbers=numbers)]
    if until is not None:
        held = f"{failures} attempts failed in a row: only a person starts one before {until:%Y-%m-%d %H:%M}"
        decisions.append(
            decided(attempt, now, Subject.TRIGGER, "breaker open", why=held, numbers={"failures": failures})
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


def moved(loop: Loop, attempt: Attempt, *decisions: Decision) -> Change:
    """The attempt goes on, with the decisions that say why."""
    return Change(loop=replace(loop, attempt=attempt), decisions=decisions)


def led_by(first: Decision, change: Change) -> Change:
    """A change with a decision in front of its own."""
    return replace(change, decisions=(first, *change.decisions))


def decided(
    attempt: Attempt, at: datetime, subject: Subject, what: str, *, why: str, numbers: Mapping[str, Number]
) -> Decision:
    """A decision about this attempt."""
    return Decision(at=at, subject=subject, what=what, why=why, numbers=dict(numbers), attempt=attempt.number)
