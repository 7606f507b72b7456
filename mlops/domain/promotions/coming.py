"""An attempt whose candidate comes from another environment: taken, scored on the rows of this one, and judged."""

from dataclasses import replace
from datetime import datetime

from mlops.domain import attempt as attempts
from mlops.domain.loop import Attempt, AttemptPhase, Change, Loop, Outcome
from mlops.domain.project import Project
from mlops.domain.promotions.offer import Origin
from mlops.domain.records.decision import Decision, Numbers, Subject
from mlops.domain.world import DatasetVersion, JobPlan, ModelVersion


def prepared(loop: Loop, attempt: Attempt, dataset: DatasetVersion, now: datetime) -> Change:
    """The rows to judge on are there: take the version."""
    change = attempts.prepared(loop, attempt, dataset, now)
    after = replace(attempt, dataset=dataset, phase=AttemptPhase.REGISTERING, entered=now)
    said = tuple(replace(each, why=f"to judge on, {each.why}") for each in change.decisions)
    return Change(loop=replace(loop, attempt=after), decisions=said)


def arrived(project: Project, loop: Loop, attempt: Attempt, model: ModelVersion, now: datetime) -> Change:
    """The version is in this workspace: score it, unless its bytes are not those that were approved."""
    origin = attempt.origin
    if origin is None:
        raise ValueError(f"attempt {attempt.number} was trained here")
    offer = origin.offer
    if model.digest != offer.digest:
        why = f"{model.reference} has the bytes {model.digest}, and {offer.digest} were approved"
        return refused(project, loop, attempt, why, now)
    after = replace(
        attempt,
        candidate=model,
        code_digest=origin.code_digest,
        runtime=origin.runtime,
        phase=AttemptPhase.EVALUATING,
        entered=now,
    )
    numbers = Numbers(model=model.reference, **told(origin))
    why = f"{model.reference} from {offer.source}: the bytes that were approved"
    said = _said(attempt, now, "candidate", why, numbers)
    return Change(loop=replace(loop, attempt=after), decisions=(said,))


def refused(project: Project, loop: Loop, attempt: Attempt, why: str, now: datetime) -> Change:
    """What came is not what was approved: nothing of it is registered or deployed."""
    origin = attempt.origin
    numbers = told(origin) if origin else Numbers()
    said = replace(_said(attempt, now, "refused", why, numbers), subject=Subject.PROMOTION)
    change = attempts.ended(project, loop, Outcome.REJECTED, why, now)
    return replace(change, decisions=(said, *change.decisions))


def evaluation_plan(project: Project, loop: Loop, attempt: Attempt) -> JobPlan:
    """The job that scores the candidate, and the champion, on the rows of this environment."""
    return replace(attempts.job_plan(project, loop, attempt), candidate=attempt.candidate, warm_start=False)


def evaluated(loop: Loop, attempt: Attempt, now: datetime) -> Change:
    """The scores are there: judge."""
    after = replace(attempt, phase=AttemptPhase.JUDGING, entered=now)
    said = _said(attempt, now, "evaluated", f"job {attempt.job}", Numbers(job=attempt.job))
    return Change(loop=replace(loop, attempt=after), decisions=(said,))


def told(origin: Origin) -> Numbers:
    """Where it came from, for a decision."""
    offer = origin.offer
    return Numbers(
        version=offer.reference,
        digest=offer.digest,
        record=offer.record,
        source=offer.source,
        target=offer.target,
        registry=origin.registry,
        approvedBy=", ".join(origin.approved),
        run=origin.run,
    )


def _said(attempt: Attempt, at: datetime, what: str, why: str, numbers: Numbers) -> Decision:
    return Decision(at=at, subject=Subject.ATTEMPT, what=what, why=why, numbers=numbers, attempt=attempt.number)
