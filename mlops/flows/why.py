"""Why the loop stands where it stands: told from its state and its log, in words for a tired person."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from mlops.domain.declared.rollout import SetWeight, Shadow
from mlops.domain.declared.trigger import ManualCondition, Trigger
from mlops.domain.loop import Attempt, AttemptPhase, Hold, Loop, Outcome, Rollout, RolloutPhase
from mlops.domain.project import Project
from mlops.domain.records.decision import Recorded, Subject
from mlops.domain.rollouts import rollout as rollouts
from mlops.domain.rollouts.rollout import steps_of
from mlops.domain.triggers import conditions, triggers
from mlops.flows.schedule import next_tick, previous_tick


@dataclass(frozen=True, kw_only=True)
class Because:
    """One line of an answer: what it is about, what is to be said of it, and the decision where it is on record."""

    about: str
    says: str
    decision: int | None = None


@dataclass(frozen=True, kw_only=True)
class Standing:
    """All that an answer is told from: nothing is asked of the outside, and nothing is decided anew."""

    project: Project  # the newest generation …
    pinned: Project  # … and that of the attempt under way
    loop: Loop
    log: tuple[Recorded, ...]
    attempts: tuple[Attempt, ...]
    now: datetime
    comes_from: str | None = None  # the environment that models come from; None: they are trained here

    def last(self, subject: Subject, *whats: str, **numbers: str) -> Recorded | None:
        """The newest decision of that kind."""
        return next((row for row in reversed(self.log) if _is(row, subject, whats, numbers)), None)


def _is(row: Recorded, subject: Subject, whats: Sequence[str], numbers: dict[str, str]) -> bool:
    said = row.decision
    fits = said.subject is subject and (not whats or said.what in whats)
    return fits and all(said.numbers.get(name) == value for name, value in numbers.items())


def whole(stands: Standing) -> Iterator[Because]:
    """Why everything is as it is."""
    yield from _held(stands)
    yield from champion(stands)
    yield from _going_back(stands)
    if stands.loop.rollout is not None:
        yield from rollout(stands, stands.loop.rollout)
    yield from _attempt(stands)
    yield from _requests(stands)
    yield from _offers(stands)
    for each in stands.project.triggers:
        yield from trigger(stands, each)
    yield from _not(stands)
    yield from endpoint(stands)


def moment(at: datetime) -> str:
    """As people write it."""
    return f"{at:%Y-%m-%d %H:%M}"


def _held(stands: Standing) -> Iterator[Because]:
    loop = stands.loop
    for what, word in (("frozen", loop.frozen), ("paused", loop.paused)):
        if word is not None:
            found = stands.last(Subject.PROJECT, what, f"{what} with all")
            says = f"{what} by {word.actor} since {moment(word.at)}: {word.reason}"
            yield Because(about="project", says=says, decision=found.sequence if found else None)
    if loop.breaker_until is not None and stands.now < loop.breaker_until:
        says = f"{loop.failures} attempts failed in a row: only a person starts one before {moment(loop.breaker_until)}"
        found = stands.last(Subject.TRIGGER, "breaker open")
        yield Because(about="breaker", says=says, decision=found.sequence if found else None)


def champion(stands: Standing) -> Iterator[Because]:
    """Why this model serves."""
    found = stands.loop.champion
    if found is None:
        yield Because(about="champion", says="none yet: the first model that passes its gates will be")
        return
    row = stands.last(Subject.CHAMPION, "promoted", "rolled back", model=found.model.reference)
    why = f": {row.decision.why}" if row else ""
    numbers = ", ".join(f"{name} {value:.4g}" for name, value in found.metrics.items())
    says = f"{found.model.reference} since {moment(found.since)}{why}" + (f" ({numbers})" if numbers else "")
    yield Because(about="champion", says=says, decision=row.sequence if row else None)
    if found.came is not None:
        taken = stands.last(Subject.PROMOTION, "taken", record=found.came.record)
        by = f", approved by {taken.decision.numbers['approvedBy']}" if taken else ""
        says = f"it came from {found.came.source} with the bytes sha256:{found.came.digest}{by}"
        yield Because(about="", says=says, decision=taken.sequence if taken else None)


def _going_back(stands: Standing) -> Iterator[Because]:
    back = stands.loop.rollback
    if back is not None:
        row = stands.last(Subject.CHAMPION, "rollback ordered")
        says = f"to {back.target.model.reference}, ordered by {back.word.actor}: {back.word.reason}"
        yield Because(about="rollback", says=says, decision=row.sequence if row else None)


def rollout(stands: Standing, found: Rollout) -> Iterator[Because]:
    """Why a rollout is where it is, and what it waits for."""
    row = stands.last(Subject.ROLLOUT)
    says = f"{found.deployment} is {found.phase.value} since {moment(found.entered)}"
    if found.why:
        says += f": {found.why}"
    split = ", ".join(f"{name} {share} %" for name, share in sorted(found.traffic.items()))
    yield Because(
        about="rollout", says=f"{says}; traffic {split or 'as before'}", decision=row.sequence if row else None
    )
    for text in _waits(stands, found):
        yield Because(about="", says=text)


def _waits(stands: Standing, found: Rollout) -> Iterator[str]:
    plan, loop = stands.pinned.rollout, stands.loop
    if found.hold is not None:
        then = "goes on by itself" if found.hold in {Hold.METRICS, Hold.TARGET} else "mlops resume, or mlops abort"
        yield f"held: {found.hold.value}; weights stay; {then}"
    if found.phase is RolloutPhase.DEPLOYING:
        yield f"waits for the deployment to come up, until {moment(found.entered + plan.progress_deadline)}"
    if found.phase is RolloutPhase.ROLLING_BACK:
        yield "waits until the endpoint is back on the champion"
    if found.phase not in {RolloutPhase.SHADOWING, RolloutPhase.COMPARING, RolloutPhase.CANARY, RolloutPhase.BAKING}:
        return
    if found.applied is None:
        yield "waits until the endpoint's traffic is as this step wants it"
        return
    asked = rollouts.stage(plan, found)
    open_points = [
        (found.elapsed < asked.hold, f"{found.elapsed} of {asked.hold} have passed"),
        (found.samples < asked.min_samples, f"{found.samples} of {asked.min_samples} requests have come"),
        (
            found.successes < asked.passes,
            f"{found.successes} of {asked.passes} looks in a row found it well",
        ),
        (found.skipped is not None, "the step is skipped: one look that finds nothing wrong will do"),
        (loop.paused is not None, "the project is paused"),
        (loop.frozen is not None, "the project is frozen"),
    ]
    yield f"waits: {'; '.join(text for holds, text in open_points if holds) or 'for the next pass'}"
    yield f"then: {_next(stands.pinned, found)}"
    bad = [
        f"{tally.metric}: {tally.failures} failures, {tally.errors} errors"
        for tally in found.tallies
        if tally.failures or tally.errors
    ]
    if bad:
        yield f"counted in this step: {'; '.join(bad)}"


def _next(project: Project, found: Rollout) -> str:
    steps = steps_of(project.rollout, found.champion)
    if found.phase is RolloutPhase.BAKING:
        return "it is the champion"
    if found.position + 1 >= len(steps):
        return "it bakes at 100 %" if found.champion else "it is the champion"
    match steps[found.position + 1]:
        case SetWeight(weight=weight):
            return f"{weight} % of the traffic"
        case Shadow(percent=percent):
            return f"{percent} % mirrored"
        case step:
            return type(step).__name__.lower()


def _attempt(stands: Standing) -> Iterator[Because]:
    under_way = stands.loop.attempt
    if under_way is not None:
        says = f"{under_way.number} is {under_way.phase.value} since {moment(under_way.entered)}"
        says += f", for {under_way.request.trigger}: {under_way.request.why}"
        row = stands.last(Subject.ATTEMPT)
        yield Because(about="attempt", says=says, decision=row.sequence if row else None)
        if under_way.phase is AttemptPhase.APPROVING:
            asked = stands.last(Subject.APPROVAL, "asked")
            yield Because(about="", says=asked.decision.why if asked else "waits for approval")
    for outcome, about in ((None, "last attempt"), (Outcome.REJECTED, "last rejected")):
        ended = [each for each in stands.attempts if each.outcome is not None and outcome in {None, each.outcome}]
        if ended and (outcome is None or ended[-1].outcome is not stands.attempts[-1].outcome):
            yield _ended(stands, ended[-1], about)


def _ended(stands: Standing, found: Attempt, about: str) -> Because:
    row = next((row for row in reversed(stands.log) if row.decision.attempt == found.number), None)
    outcome = found.outcome.value if found.outcome else ""
    says = f"{found.number} was {outcome} {moment(found.ended or found.entered)}: {found.why}"
    return Because(about=about, says=says, decision=row.sequence if row else None)


def _requests(stands: Standing) -> Iterator[Because]:
    for request in (stands.loop.pending, *stands.loop.queue):
        if request is None:
            continue
        until = f" until {moment(request.held_until)}" if request.held_until else ""
        held = f"held by {request.held}{until}: {request.held_why}" if request.held else "its turn is next"
        row = stands.last(Subject.TRIGGER, "held", "budget exhausted", trigger=request.trigger)
        says = f"{request.trigger} asks since {moment(request.first)} ({request.why}); {held}"
        yield Because(about="waiting", says=says, decision=row.sequence if row else None)


def _offers(stands: Standing) -> Iterator[Because]:
    """What was offered from elsewhere, and why it was not taken; what was offered to others."""
    row = stands.last(Subject.PROMOTION)
    if row is not None:
        says = f"{row.decision.what} {moment(row.decision.at)}: {row.decision.why}"
        yield Because(about="promotion", says=says, decision=row.sequence)


def trigger(stands: Standing, found: Trigger) -> Iterator[Because]:
    """Whether it holds and why, and what came of it."""
    row = stands.last(Subject.TRIGGER, trigger=found.name)
    about, number = f"trigger {found.name}", row.sequence if row else None
    if isinstance(found.when, ManualCondition):
        yield Because(about=about, says="people fire it: mlops trigger", decision=number)
        return
    if stands.comes_from is not None:
        yield Because(about=about, says=f"does not fire here: models come from {stands.comes_from}")
        return
    if stands.loop.champion is None:
        yield Because(about=about, says="not looked at before there is a champion")
        return
    truth = conditions.truth(found, stands.loop, stands.now, previous_tick)
    state = stands.loop.triggers.get(found.name)
    fired = f"; last fired {moment(state.fired)}" if state and state.fired else "; never fired"
    yield Because(
        about=about, says=f"{'holds' if truth.holds else 'does not hold'}: {truth.why}{fired}", decision=number
    )
    if truth.holds and row is not None and row.decision.what == "stays":
        yield Because(about="", says=f"holds, yet does not fire: {row.decision.why}", decision=number)


def _not(stands: Standing) -> Iterator[Because]:
    """Why nothing is trained."""
    loop = stands.loop
    if loop.attempt is not None or loop.champion is None:
        return
    since = f"no retraining since {moment(conditions.last_began(loop))}"
    if loop.pending is not None:
        because = f"{loop.pending.trigger} waits: {loop.pending.held_why or 'its turn comes with the next pass'}"
    elif stands.comes_from is not None:
        because = f"models come from {stands.comes_from}: mlops promote there"
    else:
        because = "no trigger asks for one"
        until = triggers.next_time(stands.project, loop, stands.now, next_tick)
        because += (
            f"; time alone may make one at {moment(until)}"
            if until
            else "; only a measurement, an event or a person will"
        )
    yield Because(about="why not", says=f"{since}, because {because}")


def endpoint(stands: Standing) -> Iterator[Because]:
    """The endpoint's conditions."""
    loop = stands.loop
    row = stands.last(Subject.ENDPOINT)
    number = row.sequence if row else None
    looked = f"looked at {moment(loop.checked)}" if loop.checked else "not looked at yet"
    drifted = f"true: {loop.drifted}" if loop.drifted else f"false: {looked}"
    busy = "rollout" if loop.rollout else "rollback" if loop.rollback else "attempt" if loop.attempt else ""
    lost = loop.rollout is not None and loop.rollout.hold is Hold.METRICS
    serving = f"true: {loop.champion.deployment}" if loop.champion else "false: no champion yet"
    yield Because(about="Ready", says=serving)
    yield Because(about="Drifted", says=drifted, decision=number if loop.drifted else None)
    yield Because(about="Progressing", says=f"true: {busy}" if busy else "false: nothing is under way")
    yield Because(about="MetricsAvailable", says="false: the rollout cannot be measured" if lost else "true")
