"""Why one thing was decided: the decision, what it was made on, and what led to it; or all of an attempt."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from mlops.domain.data.measurement import Measurement
from mlops.domain.loop import Attempt, Loop
from mlops.domain.project import Platform, Project
from mlops.domain.records.decision import Recorded, Subject
from mlops.domain.records.inputs import Answer, Recording
from mlops.domain.world import EndpointState
from mlops.flows import why
from mlops.flows.commands import NotPossibleError
from mlops.flows.why import Because, Standing, moment
from mlops.ports import StateError, Store

_BEFORE = 6  # decisions about the same monitor, trigger or subject that are shown before one without an attempt
ASKED = "a decision's number, `attempt N`, `champion`, `trigger NAME`, `rollout`, or nothing"


@dataclass(frozen=True, kw_only=True)
class Question:
    """What somebody wants to know, and where it is told from."""

    stands: Standing
    inputs: Callable[[int], Recording | None]


def standing(
    store: Store, project: str, now: datetime, generation: Callable[[int], tuple[Project, Platform]]
) -> Standing:
    """What a store remembers of a project.  Raises StateError."""
    loop = store.load(project)
    if loop is None:
        raise StateError(f"there is no project {project!r} here")
    newest, platform = generation(loop.generation)
    pinned = generation(loop.attempt.generation)[0] if loop.attempt else newest
    return Standing(
        project=newest,
        pinned=pinned,
        loop=replace(loop, frozen=loop.frozen or store.frozen()),
        log=store.decisions(project),
        attempts=store.attempts(project),
        now=now,
        comes_from=newest.comes_from(platform.environment),
    )


def answer(question: Question, subject: tuple[str, ...]) -> tuple[Because, ...]:
    """Tell why.  Raises NotPossibleError where nothing is known by that name."""
    stands = question.stands
    match subject:
        case ():
            return tuple(why.whole(stands))
        case (number,) if number.lstrip("#").isdecimal():
            return tuple(_decision(question, int(number.lstrip("#"))))
        case ("champion",):
            made_by = stands.loop.champion.attempt if stands.loop.champion else None
            return (*why.champion(stands), *_of(stands, made_by))
        case ("rollout",):
            return tuple(_rollout(stands))
        case ("attempt", number) if number.isdecimal():
            return tuple(_attempt(stands, int(number)))
        case ("trigger", name):
            return tuple(_trigger(stands, name))
    raise NotPossibleError(f"nobody knows why {' '.join(subject)!r}: ask for {ASKED}")


def _decision(question: Question, number: int) -> Iterator[Because]:
    log = question.stands.log
    row = next((row for row in log if row.sequence == number), None)
    if row is None:
        newest = log[-1].sequence if log else 0
        raise NotPossibleError(f"there is no decision {number}: there are {newest}, mlops decisions list shows them")
    said = row.decision
    yield _line(row, "decision")
    yield Because(about="decided by", says=said.actor)
    for name, value in said.numbers.items():
        yield Because(about="number", says=f"{name} = {value}")
    yield from _made_on(question.inputs(number))
    before = _chain(question.stands, row)
    for each in before:
        yield _line(each, "led to it")


def _line(row: Recorded, about: str = "") -> Because:
    said = row.decision
    says = f"{moment(said.at)} {said.subject.value} {said.what}: {said.why}"
    return Because(about=about, says=says, decision=row.sequence)


def _made_on(found: Recording | None) -> Iterator[Because]:
    if found is None:
        yield Because(about="made on", says="not recorded: it is from before inputs were kept")
        return
    if found.by:
        yield Because(about="made on", says=f"an order of {found.by}")
    if found.loop is not None:
        yield Because(about="state before", says=_state(found.loop))
    for each in found.asked:
        if not (each.port in {"inbox", "store"} and not each.answer):  # nothing waited, nothing was set
            yield Because(about="asked", says=f"{each.name} ({each.about}): {_told(each)}")


def _state(loop: Loop) -> str:
    parts = [f"champion {loop.champion.model.reference}" if loop.champion else "no champion"]
    parts += [f"attempt {loop.attempt.number} {loop.attempt.phase.value}"] if loop.attempt else []
    parts += [f"rollout {loop.rollout.phase.value}"] if loop.rollout else []
    parts += [f"{loop.pending.trigger} waits"] if loop.pending else []
    parts += ["paused"] if loop.paused else []
    parts += ["frozen"] if loop.frozen else []
    return ", ".join(parts)


def _told(answer: Answer) -> str:
    if answer.error:
        return f"{answer.error}: {answer.why}"
    if answer.size:
        return f"{answer.size} characters, too large to keep (sha256 {answer.digest[:12]})"
    return _brief(answer.answer)


def _brief(value: object) -> str:
    match value:
        case None:
            return "done"
        case Measurement():
            why_not = f" ({value.why})" if value.why else ""
            return f"{'nothing' if value.value is None else f'{value.value:.4g}'} of {value.samples} samples{why_not}"
        case EndpointState(traffic=traffic, mirror=mirror, deployments=deployments):
            there = ", ".join(f"{each.name} {each.phase.value}" for each in deployments)
            return f"traffic {dict(traffic)}, mirror {dict(mirror)}; {there or 'no deployments'}"
        case tuple() as rows:
            return f"{len(rows)} rows"
        case _:
            return str(getattr(value, "reference", None) or getattr(value, "phase", value))[:200]


def _chain(stands: Standing, row: Recorded) -> tuple[Recorded, ...]:
    """What led to a decision: of an attempt all before it, from the request on; else the last about the same."""
    said = row.decision
    before = [each for each in stands.log if each.sequence < row.sequence]
    if said.attempt is not None:
        return _of_attempt(stands, said.attempt, row.sequence)
    named = {name: said.numbers[name] for name in ("monitor", "trigger", "key") if name in said.numbers}
    same = [each for each in before if any(each.decision.numbers.get(name) == value for name, value in named.items())]
    alike = same if named else [each for each in before if each.decision.subject is said.subject]
    return tuple(alike[-_BEFORE:])


def _of_attempt(stands: Standing, number: int, before: int | None = None) -> tuple[Recorded, ...]:
    found = next((each for each in stands.attempts if each.number == number), None)
    key = found.request.key if found else ""
    return tuple(
        row
        for row in stands.log
        if (before is None or row.sequence < before)
        and (row.decision.attempt == number or (key and row.decision.numbers.get("key") == key))
    )


def _of(stands: Standing, number: int | None) -> Iterator[Because]:
    if number is not None:
        yield from (_line(row) for row in _of_attempt(stands, number))


def _attempt(stands: Standing, number: int) -> Iterator[Because]:
    found = next((each for each in stands.attempts if each.number == number), None)
    if found is None:
        known = f"1 to {len(stands.attempts)}" if stands.attempts else "none yet"
        raise NotPossibleError(f"there is no attempt {number}; there are: {known}")
    yield Because(about="asked for by", says=f"{found.request.trigger} ({found.request.actor}): {found.request.why}")
    yield Because(about="trained on", says=f"{found.train}, held out {found.holdout}{_without(found)}")
    yield from _of(stands, number)
    ended = f"{found.outcome.value}: {found.why}" if found.outcome else f"under way: {found.phase.value}"
    yield Because(about="came to", says=ended)


def _without(found: Attempt) -> str:
    return f", without {', '.join(map(str, found.without))}" if found.without else ""


def _rollout(stands: Standing) -> Iterator[Because]:
    if stands.loop.rollout is not None and stands.loop.attempt is not None:
        yield from why.rollout(stands, stands.loop.rollout)
        number = stands.loop.attempt.number
    else:
        row = stands.last(Subject.ROLLOUT)
        if row is None or row.decision.attempt is None:
            raise NotPossibleError(f"nothing of {stands.loop.project} was ever rolled out")
        number = row.decision.attempt
        yield Because(about="rollout", says=f"none under way; the last was that of attempt {number}")
    yield from (_line(row) for row in _of_attempt(stands, number) if row.decision.subject in _ROLLED)


_ROLLED = {Subject.ROLLOUT, Subject.CHAMPION, Subject.ATTEMPT}


def _trigger(stands: Standing, name: str) -> Iterator[Because]:
    found = next((each for each in stands.project.triggers if each.name == name), None)
    rows = [row for row in stands.log if row.decision.numbers.get("trigger") == name]
    if found is None and not rows:
        known = ", ".join(each.name for each in stands.project.triggers) or "none"
        raise NotPossibleError(f"there is no trigger {name}; there are: {known}")
    if found is not None:
        yield from why.trigger(stands, found)
    yield from (_line(row) for row in rows[-20:])
