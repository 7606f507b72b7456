"""Champions, now and before: which versions were good, and how the pointer moves."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from mlops.domain.loop import Attempt, Champion, Change, ConditionState, Loop, Outcome, Retired, Rollback, TriggerState
from mlops.domain.names import deployment_name
from mlops.domain.records.decision import Decision, Number, Recorded, Subject

BACK = "rolled back"


def champion_of(attempt: Attempt, since: datetime) -> Champion:
    """The champion that an attempt makes.  Raises ValueError for an attempt without a candidate."""
    if attempt.candidate is None or attempt.dataset is None:
        raise ValueError(f"attempt {attempt.number} has no candidate")
    return Champion(
        model=attempt.candidate,
        deployment=deployment_name(attempt.candidate),
        dataset=attempt.dataset,
        attempt=attempt.number,
        since=since,
        metrics={metric.name: metric.candidate for result in attempt.gates for metric in result.metrics},
        came=attempt.origin.offer if attempt.origin else None,
    )


def crowned(loop: Loop, champion: Champion, keep_old: timedelta, *, good: bool = False) -> Loop:
    """Move the pointer; what is said of a champion starts afresh.

    The old one's deployment is kept for a while: as a `good` one to go back to, or to be looked at.
    """
    old = loop.champion
    retired = tuple(each for each in loop.retired if each.deployment != champion.deployment)
    if old is not None and old.deployment != champion.deployment:
        retired += (Retired(deployment=old.deployment, until=champion.since + keep_old, good=good),)
    return replace(
        loop,
        champion=champion,
        retired=retired,
        # The new model has another reference and another record: its conditions start afresh.
        conditions=dict.fromkeys(loop.conditions, ConditionState()),
        triggers={name: TriggerState(fired=state.fired, since=state.since) for name, state in loop.triggers.items()},
    )


def kept(retired: Sequence[Retired], warm: int, now: datetime) -> tuple[Retired, ...]:
    """What is not collected yet: of champions of before the newest `warm`, of all else whatever is not over."""
    left = [each for each in retired if each.until > now]
    good = [each for each in left if each.good]
    over = good[: max(len(good) - warm, 0)]  # the newest came last
    return tuple(each for each in left if each not in over)


def good_versions(loop: Loop, attempts: Sequence[Attempt]) -> tuple[Champion, ...]:
    """What may be gone back to: champions of before that were not themselves gone back from, newest first."""
    now = loop.champion.model.digest if loop.champion else ""
    bad = {now, *loop.failed_digests}
    found: dict[str, Champion] = {}
    for attempt in attempts:
        if attempt.outcome is Outcome.PROMOTED and attempt.ended is not None:
            champion = champion_of(attempt, attempt.ended)
            found[champion.model.digest] = champion
    good = [champion for champion in found.values() if champion.model.digest not in bad]
    return tuple(sorted(good, key=lambda champion: champion.attempt, reverse=True))


@dataclass(frozen=True, kw_only=True)
class Reign:
    """A stretch of time in which one version was the champion."""

    model: str  # azureml:NAME:VERSION
    since: datetime
    until: datetime | None  # None: it serves
    how: str  # it came: promoted, or rolled back (to)
    now: str  # what it is now: serves, good, gone back from
    came: str = ""  # the environment that it came from; empty: it was trained here


def reigns(loop: Loop, attempts: Sequence[Attempt], log: Sequence[Recorded]) -> tuple[Reign, ...]:
    """Every stretch, oldest first."""
    good = {champion.model.reference for champion in good_versions(loop, attempts)}
    sources = {
        each.candidate.reference: each.origin.offer.source for each in attempts if each.candidate and each.origin
    }
    serving = loop.champion.model.reference if loop.champion else ""
    came = [
        (str(said.numbers["model"]), said.at, said.what)
        for said in (row.decision for row in log)
        if said.subject is Subject.CHAMPION and said.what in {"promoted", BACK}
    ]
    ends = [*(at for _, at, _ in came[1:]), None]
    return tuple(
        Reign(
            model=model,
            since=at,
            until=until,
            how=how,
            came=sources.get(model, ""),
            now="serves" if model == serving else "good" if model in good else "gone back from",
        )
        for (model, at, how), until in zip(came, ends, strict=False)
    )


def rolled_back_to(loop: Loop, rollback: Rollback, keep_failed: timedelta, now: datetime) -> Change:
    """The target serves: it is the champion, and what was gone back from will not be promoted again by itself."""
    old, target = loop.champion, replace(rollback.target, since=now)
    back = crowned(loop, target, keep_failed)
    failed = (old.model.digest,) if old else ()
    done = replace(
        back,
        rollback=None,
        checked=None,
        drifted="",
        failed_digests=tuple(dict.fromkeys((*loop.failed_digests, *failed))),
    )
    was = f", after {old.model.reference}" if old else ""
    why = f"{target.model.reference} is the champion again{was}: {rollback.word.reason}"
    numbers: dict[str, Number] = {
        "model": target.model.reference,
        "deployment": target.deployment,
        "from": old.model.reference if old else None,
    }
    return Change(loop=done, decisions=(_decision(now, BACK, why, numbers, rollback),))


def rollback_given_up(loop: Loop, rollback: Rollback, why: str, now: datetime) -> Change:
    """The target cannot serve: what serves goes on serving, and a person is told."""
    numbers: dict[str, Number] = {"model": rollback.target.model.reference, "deployment": rollback.target.deployment}
    left = replace(loop, rollback=None, checked=None)
    said = f"{rollback.target.model.reference} cannot take over: {why}; what served goes on serving"
    return Change(loop=left, decisions=(_decision(now, "rollback given up", said, numbers, rollback),))


def _decision(now: datetime, what: str, why: str, numbers: dict[str, Number], rollback: Rollback) -> Decision:
    actor = rollback.word.actor
    return Decision(at=now, subject=Subject.CHAMPION, what=what, why=why, numbers={**numbers, "orderedBy": actor})
