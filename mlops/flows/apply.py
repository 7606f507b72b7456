"""Apply a project file: check it against the platform, and remember it as a generation."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from mlops.domain.declared.rollout import Approve, Compare, SetWeight, Shadow, Smoke
from mlops.domain.declared.source import QueueSource
from mlops.domain.loop import Change, Loop
from mlops.domain.project import Kind, Platform, Project
from mlops.domain.records.decision import Decision, Numbers, Subject
from mlops.domain.records.inputs import Inputs
from mlops.flows.forecast import capacity, forecast
from mlops.flows.inbox import addresses
from mlops.flows.outbox import tellings
from mlops.ports import Applied, ConflictError, StateError, Store


class PlatformMismatchError(Exception):
    """The project asks for something that the platform does not have; one line each."""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """A project file with what it is applied to."""

    project: Project
    text: str
    path: str
    platform: Platform
    actor: str


def check(wanted: Wanted) -> None:
    """Raise PlatformMismatchError when the platform lacks what the project names."""
    project, platform = wanted.project, wanted.platform
    problems = []
    known, kind = platform.endpoints_for(project.deployment), project.deployment.kind
    if project.deployment.endpoint not in known:
        problems.append(_unknown("endpoint", project.deployment.endpoint, f"{kind.value}Endpoints", list(known)))
    if project.deployment.compute and project.deployment.compute not in platform.compute:
        problems.append(_unknown("compute", project.deployment.compute, "computeClusters", list(platform.compute)))
    if project.pipeline.compute not in platform.compute:
        problems.append(_unknown("compute", project.pipeline.compute, "computeClusters", list(platform.compute)))
    problems += [
        _unknown("queue", source.place.key, "queues", list(platform.queues))
        for source in project.sources
        if isinstance(source.place, QueueSource) and source.place.key and source.place.key not in platform.queues
    ]
    problems += _promoting(project, platform)
    if problems:
        raise PlatformMismatchError("\n".join(problems))


def _promoting(project: Project, platform: Platform) -> Iterator[str]:
    """An environment that the order does not have would train for itself, and offer what nobody could take."""
    promotion, here = project.promotion, platform.environment
    if promotion is None:
        return
    if here not in promotion.order:
        order = " -> ".join(promotion.order)
        yield f"environment {here!r} is not in promotion.order ({order}): name it there, or leave promotion out here"
    if not promotion.registry and not platform.registry:
        yield "promotion needs a registry: name it in promotion.via.registry, or give the platform one (registryName)"


def _unknown(what: str, name: str, where: str, known: list[str]) -> str:
    has = ", ".join(sorted(known)) or "none"
    return f"{what} {name!r} is not among the platform's {where} ({has}): add it there or name another"


def plan(wanted: Wanted, store: Store, now: datetime) -> tuple[str, ...]:
    """What applying would do, what its triggers wait for and what comes next, in lines to print."""
    check(wanted)
    loop = store.load(wanted.project.name)
    came = wanted.project.comes_from(wanted.platform.environment)
    coming = (f"  {line}" for line in (*capacity(wanted.project), *forecast(wanted.project, loop, now, came)))
    return (*_lines(wanted, loop, store), *coming)


def _lines(wanted: Wanted, loop: Loop | None, store: Store) -> Iterator[str]:
    project = wanted.project
    if loop is None:
        yield f"+ project {project.name} on the endpoint {_endpoint(wanted)}"
    elif _same(store.applied(project.name, loop.generation), wanted):
        yield f"= project {project.name}: nothing changes (generation {loop.generation})"
    else:
        busy = f"; attempt {loop.attempt.number} keeps generation {loop.attempt.generation}" if loop.attempt else ""
        yield f"~ project {project.name}: generation {loop.generation} -> {loop.generation + 1}{busy}"
    names = ", ".join(monitor.name for monitor in project.monitors) or "none"
    yield f"  monitors: {names}"
    if project.sources:
        yield f"  events from: {', '.join(source.name for source in project.sources)}"
    if project.notifications:
        yield f"  tells: {', '.join(each.name for each in project.notifications)}"
    yield from _way(wanted)
    yield f"  gates: {' -> '.join(gate.name for gate in project.gates)}"
    yield f"  rollout: {' -> '.join(_steps(project))}; at least {least_duration(project)}"


def _way(wanted: Wanted) -> Iterator[str]:
    promotion, here = wanted.project.promotion, wanted.platform.environment
    if promotion is None:
        return
    came, order = promotion.before(here), " -> ".join(promotion.order)
    what = f"models come here from {came}, and are judged on the rows of {here}" if came else "models are trained here"
    yield f"  promotion: {order} through {promotion.registry or wanted.platform.registry}; {what}"


def _endpoint(wanted: Wanted) -> str:
    return wanted.platform.endpoints_for(wanted.project.deployment)[wanted.project.deployment.endpoint]


def _steps(project: Project) -> Iterator[str]:
    for step in project.rollout.steps:
        match step:
            case Smoke():
                yield "smoke"
            case Shadow(percent=percent):
                yield f"shadow {percent} %"
            case SetWeight(weight=weight):
                yield "the default" if project.deployment.kind is Kind.BATCH else f"{weight} %"
            case Compare(runs=runs, input=data):
                yield f"{runs} comparison(s) on {data}"
            case Approve(approvers=who):
                yield f"{who.count} approval(s)"
    yield "bake"


def least_duration(project: Project) -> timedelta:
    """How long a rollout takes at least: each step's own time, and its looks."""
    rollout = project.rollout
    compared = (
        (step.every or rollout.measure_every) * (step.runs - 1) for step in rollout.steps if isinstance(step, Compare)
    )
    if project.deployment.kind is Kind.BATCH:
        return sum(compared, rollout.bake)
    looks = rollout.measure_every * rollout.consecutive_success
    steps = [step.hold for step in rollout.steps if isinstance(step, Shadow | SetWeight)]
    return sum((max(hold, looks) for hold in (*steps, rollout.bake)), timedelta())


def apply(wanted: Wanted, store: Store, now: datetime) -> Loop:
    """Remember the project as a new generation, unless nothing changed.  What is under way keeps its own."""
    check(wanted)
    name = wanted.project.name
    loop = store.load(name)
    endpoint = _endpoint(wanted)
    if loop is not None and loop.removed is None and _same(store.applied(name, loop.generation), wanted):
        return loop
    if loop is not None and loop.endpoint != endpoint:
        raise PlatformMismatchError(
            f"{name} serves on {loop.endpoint}; it cannot move to {endpoint}: choose another name or another --home"
        )
    generation = loop.generation + 1 if loop else 1
    fresh = Loop(project=name, endpoint=endpoint, started=now, generation=1, applied=now, author=wanted.actor)
    after = replace(loop or fresh, generation=generation, applied=now, author=wanted.actor, removed=None)
    said = Decision(
        at=now,
        subject=Subject.PROJECT,
        what="applied",
        why=f"generation {generation} of {wanted.path}",
        numbers=Numbers(generation=generation, endpoint=endpoint),
        actor=wanted.actor,
    )
    applied = Applied(
        project=name,
        generation=generation,
        text=wanted.text,
        path=wanted.path,
        platform=wanted.platform,
        actor=wanted.actor,
        at=now,
        listening=addresses(wanted.project, wanted.platform),
        telling=tellings(wanted.project),
    )
    asked = Inputs(loop=loop, at=now, by=wanted.actor)
    try:
        return store.apply(applied, Change(loop=after, decisions=(said,), inputs=asked))
    except ConflictError as error:
        raise StateError(f"{name} was not applied: {error}; use another endpoint, or look with mlops status") from error


def _same(applied: Applied, wanted: Wanted) -> bool:
    return (applied.text, applied.path, applied.platform) == (wanted.text, wanted.path, wanted.platform)
