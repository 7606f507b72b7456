"""What people may order: each is one decision with their name on it, saved with compare and swap."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from mlops.domain import attempt as attempts
from mlops.domain.declared.gate import ApprovalGate, Approvers
from mlops.domain.declared.policy import TriggerPolicy
from mlops.domain.gates import approval, judging
from mlops.domain.loop import Approval, Attempt, AttemptPhase, Champion, Change, Hold, Loop, Request, Rollback, Word
from mlops.domain.records.decision import Decision, Numbers, Subject
from mlops.domain.records.inputs import Inputs
from mlops.domain.rollouts import rollout as rollouts
from mlops.domain.rollouts.history import good_versions
from mlops.domain.triggers import triggers
from mlops.domain.triggers.policy import MANUAL
from mlops.flows.context import Context, must_be_here
from mlops.flows.triggers import ask
from mlops.ports import ConflictError, GoneError, StateError

_TRIES = 5


class NotPossibleError(Exception):
    """The order does not fit the state; the message says what would."""


def trigger(context: Context, actor: str, reason: str, *, break_glass: bool = False) -> tuple[Decision, ...]:
    """Ask for a new model; the policy says what a person's request need not wait for.

    With `break_glass` it need not wait for the budget either, if the project lets this person.
    """

    def order(loop: Loop, now: datetime) -> Change:
        generation = context.generation(loop.generation)
        project, here = generation.project, generation.platform.environment
        came = project.comes_from(here)
        if came is not None:
            raise NotPossibleError(f"models of {here} come from {came}: train there, and promote it")
        if triggers.manual(project).require_reason and not reason.strip():
            raise NotPossibleError(f"{loop.project} wants to know why: say it with --reason")
        rules = project.policy
        _may_break(rules, actor, reason, break_glass=break_glass)
        key = attempts.request_key(loop, f"manual {actor}", now)
        request = Request(
            key=key,
            trigger=MANUAL,
            why=reason,
            asked=now,
            first=now,
            actor=actor,
            manual=True,
            break_glass=break_glass,
        )
        return ask(rules, loop, request)

    return ordered(context, order)


def _may_break(rules: TriggerPolicy, actor: str, reason: str, *, break_glass: bool) -> None:
    """Raise NotPossibleError unless this person may go past the budget, and says why."""
    if not break_glass:
        return
    if rules.budget is None:
        raise NotPossibleError("the project has no budget: there is no glass to break; leave --break-glass out")
    allowed = rules.budget.break_glass
    if allowed and actor.lower() not in {name.lower() for name in allowed}:
        raise NotPossibleError(f"{actor} may not go past the budget; {', '.join(allowed)} may (budget.breakGlass)")
    if not reason.strip():
        raise NotPossibleError("going past the budget needs a reason: say it with --reason")


def approve(
    context: Context, actor: str, reason: str, *, granted: bool, subject: Callable[[Attempt], str] | None = None
) -> tuple[Decision, ...]:
    """Say yes or no to the candidate that waits, with exactly its gate results.

    `subject` tells the digest of what its release's record says, so that the word counts there, too.
    """

    def order(loop: Loop, now: datetime) -> Change:
        attempt = loop.attempt
        who = _approvers(context, loop)
        if attempt is None or who is None:
            raise NotPossibleError(f"no candidate of {loop.project} waits for approval")
        barred = approval.barred(who, attempt, actor)
        if barred:
            raise NotPossibleError(barred)
        digest = approval.digest_of(attempt, loop.generation, loop.rollout)
        read = subject(attempt) if subject else ""
        word = Approval(actor=actor, at=now, digest=digest, granted=granted, reason=reason, subject=read)
        said = said_by(
            loop, now, Subject.APPROVAL, "granted" if granted else "declined", Word(actor=actor, at=now, reason=reason)
        )
        numbers = Numbers(digest=digest, subject=read) if read else Numbers(digest=digest)
        said = replace(said, numbers=numbers, attempt=attempt.number)
        return Change(
            loop=replace(loop, attempt=replace(attempt, approvals=(*attempt.approvals, word))), decisions=(said,)
        )

    return ordered(context, order)


def _approvers(context: Context, loop: Loop) -> Approvers | None:
    """Who is asked now, by a gate or by a step of the rollout; None: nobody is."""
    attempt = loop.attempt
    if attempt is None:
        return None
    project = context.generation(attempt.generation).project
    if loop.rollout is not None:
        step = rollouts.asking(project.rollout, loop.rollout)
        return step.approvers if step else None
    gate = judging.next_gate(project, attempt)
    return gate.approvers if attempt.phase is AttemptPhase.APPROVING and isinstance(gate, ApprovalGate) else None


def pause(context: Context, actor: str, reason: str) -> tuple[Decision, ...]:
    """Nothing new begins and no weight moves forward; measuring goes on, and a failure still rolls back."""

    def order(loop: Loop, now: datetime) -> Change:
        if loop.paused is not None:
            raise NotPossibleError(f"{loop.project} is paused already by {loop.paused.actor}: {loop.paused.reason}")
        word = Word(actor=actor, at=now, reason=reason)
        return Change(loop=replace(loop, paused=word), decisions=(said_by(loop, now, Subject.PROJECT, "paused", word),))

    return ordered(context, order)


def resume(context: Context, actor: str, reason: str) -> tuple[Decision, ...]:
    """Go on after a pause, or after a rollout held itself; what was counted in its step is counted anew."""

    def order(loop: Loop, now: datetime) -> Change:
        held = loop.rollout is not None and loop.rollout.hold not in {None, Hold.TARGET}
        if loop.paused is None and not held:
            raise NotPossibleError(f"{loop.project} is not paused")
        rollout = rollouts.resumed(loop.rollout) if loop.rollout is not None and held else loop.rollout
        if rollout is not None and loop.rollout is not None and loop.rollout.hold is Hold.EXTERNAL:
            rollout = replace(rollout, entered=now)  # the deadline to set it back runs from here
        word = Word(actor=actor, at=now, reason=reason)
        said = said_by(loop, now, Subject.PROJECT, "resumed", word)
        return Change(loop=replace(loop, paused=None, rollout=rollout), decisions=(said,))

    return ordered(context, order)


def abort(context: Context, actor: str, reason: str) -> tuple[Decision, ...]:
    """End the attempt under way; a rollout goes back to the champion.  Wins over a promotion not yet saved."""

    def order(loop: Loop, now: datetime) -> Change:
        if loop.attempt is None and loop.rollback is None:
            raise NotPossibleError(f"nothing of {loop.project} is under way")
        word = Word(actor=actor, at=now, reason=reason)
        if loop.attempt is None:  # the endpoint's own pass sets back what traffic was moved
            left = replace(loop, rollback=None, checked=None)
            return Change(loop=left, decisions=(said_by(loop, now, Subject.CHAMPION, "rollback aborted", word),))
        said = said_by(loop, now, Subject.ATTEMPT, "abort ordered", word)
        return Change(loop=replace(loop, abort=word), decisions=(said,))

    return ordered(context, order)


def roll_back(context: Context, actor: str, reason: str, to: str | None = None) -> tuple[Decision, ...]:
    """Let a good version of before serve again: `to` names it (`7` or `azureml:rain:7`), else the newest is taken.

    What is under way is aborted first.  Neither a pause nor a freeze holds it.
    """
    attempts_made = context.store.attempts(context.name)

    def order(loop: Loop, now: datetime) -> Change:
        if loop.rollback is not None:
            target = loop.rollback.target.model.reference
            raise NotPossibleError(f"{loop.project} is going back to {target} already, by {loop.rollback.word.actor}")
        chosen = _target(loop, good_versions(loop, attempts_made), to)
        word = Word(actor=actor, at=now, reason=reason)
        whereto = replace(word, reason=f"to {chosen.model.reference}: {reason}")
        said = said_by(loop, now, Subject.CHAMPION, "rollback ordered", whereto)
        abort = word if loop.attempt else loop.abort
        back = Rollback(target=chosen, word=word)
        return Change(loop=replace(loop, rollback=back, abort=abort), decisions=(said,))

    return ordered(context, order)


def _target(loop: Loop, good: tuple[Champion, ...], to: str | None) -> Champion:
    known = ", ".join(champion.model.version for champion in good)
    if to is None:
        if not good:
            raise NotPossibleError(f"{loop.project} has no good version of before to go back to")
        return good[0]
    found = next((champion for champion in good if to in {champion.model.version, champion.model.reference}), None)
    if found is not None:
        return found
    if loop.champion is not None and to in {loop.champion.model.version, loop.champion.model.reference}:
        raise NotPossibleError(f"{loop.champion.model.reference} serves already")
    raise NotPossibleError(f"{to} is no good version of {loop.project}; there are: {known or 'none'}")


def release(context: Context, actor: str, reason: str, start: datetime) -> tuple[Decision, ...]:
    """Let the quarantined window that begins at `start` be used again: it was repaired, or the rule was wrong."""

    def order(loop: Loop, now: datetime) -> Change:
        found = next((q for q in loop.quarantines if q.window.start == start and q.released is None), None)
        if found is None:
            known = ", ".join(str(q.window) for q in loop.quarantines if q.released is None) or "nothing"
            raise NotPossibleError(f"no quarantine begins at {start:%Y-%m-%d}; set aside: {known}")
        word = Word(actor=actor, at=now, reason=reason)
        freed = replace(found, released=word, open=False)
        said = said_by(loop, now, Subject.QUARANTINE, "released", replace(word, reason=f"{found.window}: {reason}"))
        quarantines = tuple(freed if q is found else q for q in loop.quarantines)
        return Change(loop=replace(loop, quarantines=quarantines), decisions=(said,))

    return ordered(context, order)


def ordered(context: Context, order: Callable[[Loop, datetime], Change]) -> tuple[Decision, ...]:
    """Order on the newest state; when the controller saved in between, look at what it saved and order again."""
    for _ in range(_TRIES):
        loop = context.store.load(context.name)
        if loop is None:
            raise GoneError(f"there is no project {context.name!r} here: run mlops apply -f project.yaml")
        now = context.clock.now()
        must_be_here(loop)
        change = order(loop, now)
        by = change.decisions[0].actor if change.decisions else ""
        try:
            context.store.save(replace(change, inputs=Inputs(loop=loop, at=now, by=by)))
        except ConflictError:
            continue
        return change.decisions
    raise StateError(f"{context.name} was changed {_TRIES} times while ordering: try again")


def said_by(loop: Loop, now: datetime, subject: Subject, what: str, word: Word) -> Decision:
    """A decision with a person's name and reason on it."""
    number = loop.attempt.number if loop.attempt else None
    return Decision(at=now, subject=subject, what=what, why=word.reason, actor=word.actor, attempt=number)
