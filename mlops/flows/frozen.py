"""Frozen: nothing new begins, no weight moves forward, nothing is repaired or collected; looking goes on."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from mlops.domain.loop import AttemptPhase, Change, Loop, RolloutPhase, Word
from mlops.domain.records.decision import Decision, Subject
from mlops.domain.rollouts import rollout as rollouts
from mlops.domain.world import DeploymentPhase
from mlops.flows.analysis import look
from mlops.flows.commands import NotPossibleError, ordered, said_by
from mlops.flows.context import Context, Section, Step, Wait
from mlops.flows.endpoint import noted, unlike
from mlops.flows.sight import Sight

_SERVING = {RolloutPhase.SHADOWING, RolloutPhase.CANARY, RolloutPhase.BAKING}


def stand_still(sight: Sight) -> Section:
    """One look at a rollout that may not move forward; what fails still goes back."""
    rollout = sight.rollout
    later = Wait(until=sight.now + sight.plan.measure_every)
    if rollout.phase is RolloutPhase.DEPLOYING:
        return _not_deployed(sight) or later
    if sight.seen.updating or rollout.phase not in _SERVING or rollout.applied is None:
        return later
    strange = unlike(sight.seen, sight.want)
    if strange:
        return later if sight.loop.drifted else Step(change=noted(sight.loop, strange, "drifted", sight.now))
    due = (rollout.seen or rollout.applied) + sight.plan.measure_every
    return Wait(until=due) if sight.now < due <= sight.now + sight.plan.measure_every else look(sight)


def _not_deployed(sight: Sight) -> Step | None:
    candidate = sight.candidate
    if candidate is not None and candidate.phase is DeploymentPhase.FAILED:
        return sight.back(f"{candidate.name} did not come up: {candidate.reason}")
    return None


def freeze(context: Context, actor: str, reason: str) -> tuple[Decision, ...]:
    """Freeze one project."""

    def order(loop: Loop, now: datetime) -> Change:
        if loop.frozen is not None:
            raise NotPossibleError(f"{loop.project} is frozen already by {loop.frozen.actor}: {loop.frozen.reason}")
        word = Word(actor=actor, at=now, reason=reason)
        return Change(loop=replace(loop, frozen=word), decisions=(said_by(loop, now, Subject.PROJECT, "frozen", word),))

    return ordered(context, order)


def unfreeze(context: Context, actor: str, reason: str) -> tuple[Decision, ...]:
    """Let one project go on; the endpoint is looked at at once."""
    everywhere = context.store.frozen()

    def order(loop: Loop, now: datetime) -> Change:
        if loop.frozen is None:
            all_are = f", but all are, by {everywhere.actor}: mlops unfreeze --all" if everywhere else ""
            raise NotPossibleError(f"{loop.project} is not frozen{all_are}")
        word = Word(actor=actor, at=now, reason=reason)
        said = said_by(loop, now, Subject.PROJECT, "unfrozen", word)
        return Change(loop=replace(_thawed(loop, now), frozen=None), decisions=(said,))

    return ordered(context, order)


def _thawed(loop: Loop, now: datetime) -> Loop:
    """The endpoint is looked at at once, and what must be done in time has had none yet."""
    attempt, rollout = loop.attempt, loop.rollout
    if rollout is not None and rollout.phase is RolloutPhase.DEPLOYING:
        rollout = replace(rollout, entered=now)
    if attempt is not None and attempt.phase in {AttemptPhase.TRAINING, AttemptPhase.EVALUATING}:
        attempt = replace(attempt, entered=now)
    return replace(loop, attempt=attempt, rollout=rollout, checked=None)


_FROZEN, _UNFROZEN = "frozen with all", "unfrozen with all"


def freeze_all(contexts: Iterable[Context], actor: str, reason: str) -> tuple[Decision, ...]:
    """Freeze all projects of the store, then write it in each one's log.

    Who orders it again after a process died on the way completes the logs, in the first one's words.
    """
    contexts = tuple(contexts)
    store, now = contexts[0].store, contexts[0].clock.now()
    already = store.frozen()
    word = already or Word(actor=actor, at=now, reason=reason)
    missing = [each for each in contexts if already is None or not _noted(each, _FROZEN, already)]
    if not missing:
        raise NotPossibleError(f"all are frozen already by {word.actor}: {word.reason}")
    if already is None:
        store.freeze(word)
    return tuple(said for context in missing for said in _noted_in(context, _FROZEN, word))


def unfreeze_all(contexts: Iterable[Context], actor: str, reason: str) -> tuple[Decision, ...]:
    """Let all go on, but for those that are frozen by themselves.

    The logs come first: a process that dies on the way leaves all frozen, and who orders it again completes them.
    """
    contexts = tuple(contexts)
    store, now = contexts[0].store, contexts[0].clock.now()
    since = store.frozen()
    if since is None:
        raise NotPossibleError("not all are frozen: mlops unfreeze --project NAME lets one go on")
    word = Word(actor=actor, at=now, reason=reason)
    said = tuple(
        each
        for context in contexts
        for each in _noted_in(context, "" if _noted(context, _UNFROZEN, since) else _UNFROZEN, word)
    )
    store.freeze(None)
    return said


def _noted(context: Context, what: str, since: Word) -> bool:
    """Whether its log says so of this freeze."""
    rows = (each.decision for each in context.store.decisions(context.name))
    return any((each.subject, each.what) == (Subject.PROJECT, what) and each.at >= since.at for each in rows)


def _noted_in(context: Context, what: str, word: Word) -> tuple[Decision, ...]:
    """Its times run from now; without `what` its log has it already."""

    def order(loop: Loop, now: datetime) -> Change:
        still = f" (still frozen by itself, by {loop.frozen.actor})" if loop.frozen else ""
        whole = replace(word, reason=f"{loop.project}: {word.reason}{still}")
        said = (said_by(loop, now, Subject.PROJECT, what, whole),) if what else ()
        return Change(loop=_thawed(loop, now), decisions=said)

    return ordered(context, order)


def skip(context: Context, actor: str, reason: str) -> tuple[Decision, ...]:
    """End the waiting of the present step: it is left after one look that finds nothing wrong."""

    def order(loop: Loop, now: datetime) -> Change:
        rollout = loop.rollout
        if rollout is None:
            raise NotPossibleError(f"nothing of {loop.project} is rolled out")
        if rollout.phase not in _SERVING:
            raise NotPossibleError(f"the rollout is {rollout.phase.value}: that waits for Azure, not for time")
        if rollout.hold is not None:
            raise NotPossibleError(f"the rollout is held ({rollout.hold.value}): mlops resume or mlops abort")
        if rollout.skipped is not None:
            raise NotPossibleError(f"{rollout.skipped.actor} skipped this step already")
        plan = context.generation(loop.attempt.generation if loop.attempt else loop.generation).project.rollout
        asked, word = rollouts.stage(plan, rollout), Word(actor=actor, at=now, reason=reason)
        said = said_by(loop, now, Subject.ROLLOUT, "skipped", word)
        numbers = {
            "phase": rollout.phase.value,
            "elapsedSeconds": rollout.elapsed.total_seconds(),
            "ofSeconds": asked.hold.total_seconds(),
            "samples": rollout.samples,
            "ofSamples": asked.min_samples,
        }
        said = replace(said, numbers=numbers)
        return Change(loop=replace(loop, rollout=replace(rollout, skipped=word)), decisions=(said,))

    return ordered(context, order)
