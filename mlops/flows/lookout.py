"""Look at what triggers wait for beside monitors; truth is what the look finds, whatever an event said."""

from dataclasses import replace
from datetime import datetime, timedelta

from mlops.domain.declared.trigger import Rows
from mlops.domain.loop import Change, Loop
from mlops.domain.triggers import watched
from mlops.domain.triggers.triggers import assets_of
from mlops.flows.context import NOTHING, Context, Generation, Section, Step, Wait
from mlops.ports import Question


def count(generation: Generation, loop: Loop, now: datetime) -> Section:
    """Count, once a day, rows that no attempt has used and labels that have come, when a trigger asks for them."""
    project = generation.project
    labels, rows = watched.rows_asked(project, Rows.LABELS), watched.rows_asked(project, Rows.COLLECTED)
    shares = watched.arrivals_asked(project)
    if loop.champion is None or not (labels or rows or shares):
        return NOTHING
    if loop.labelled_at is not None and now < loop.labelled_at + watched.ROWS_EVERY:
        return Wait(until=loop.labelled_at + watched.ROWS_EVERY)
    data = generation.backends.data
    unused = watched.unused(loop, now)
    arrived = {key: _arrived(generation, each.over, now) for key, each in shares.items()}
    after = replace(
        loop,
        labelled=data.labelled(project.data, unused) if labels else None,
        collected=_collected(generation, loop, now) if rows else None,
        arrived={key: share for key, share in arrived.items() if share is not None},
        labelled_at=now,
    )
    return Step(change=Change(loop=after))


def _collected(generation: Generation, loop: Loop, now: datetime) -> int | None:
    window = watched.unused(loop, now)
    question = Question(monitor=watched.collected(window.end - window.start), window=window)
    found = generation.backends.data.measure(generation.project.data, question)
    return int(found.value) if found.value is not None and found.judgeable else None


def _arrived(generation: Generation, over: timedelta, now: datetime) -> float | None:
    project = generation.project
    question = Question(monitor=watched.arrived(over), window=watched.labels_due(project, over, now), task=project.task)
    found = generation.backends.data.measure(project.data, question)
    return found.value if found.judgeable else None


def look(context: Context, generation: Generation, loop: Loop, now: datetime) -> Section:
    """Look at the assets that triggers watch, once an hour."""
    names = assets_of(generation.project)
    if not names or loop.champion is None:
        return NOTHING
    known = set(names) <= set(loop.assets)
    if known and loop.assets_at is not None and now < loop.assets_at + watched.ASSETS_EVERY:
        return Wait(until=loop.assets_at + watched.ASSETS_EVERY)
    return Step(change=Change(loop=seen(context, generation, loop, now)))


def seen(context: Context, generation: Generation, loop: Loop, now: datetime) -> Loop:
    """The state with the watched assets as they are now."""
    names = assets_of(generation.project)
    if not names:
        return loop
    versions = {name: _version(context, generation, name) for name in names}
    return watched.seen(loop, versions, now)


def _version(context: Context, generation: Generation, name: str) -> str:
    if name.endswith(watched.CHAMPION):
        return _champion(context, name.removesuffix(watched.CHAMPION).removeprefix("model:"))
    return generation.backends.assets.version(name)


def _champion(context: Context, model: str) -> str:
    """The model of that name which serves, by whatever project of this state promotes it; none: empty."""
    loops = (context.store.load(name) for name in context.store.projects())
    champions = [loop.champion.model for loop in loops if loop is not None and loop.champion is not None]
    return next((each.reference for each in champions if each.name == model), "")
