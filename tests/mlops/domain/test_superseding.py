"""What gives way to a newer candidate, and what does not."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from mlops.domain.declared.policy import TriggerPolicy
from mlops.domain.declared.rollout import OnNewCandidate, Rollout, SetWeight
from mlops.domain.loop import Attempt, AttemptPhase, Champion, Ended, Hold, Loop, Outcome, Request, RolloutPhase, Word
from mlops.domain.loop import Rollout as Rolling
from mlops.domain.rollouts.superseding import as_if_superseded, may_give_way, superseded
from mlops.domain.triggers import policy
from mlops.domain.world import DatasetVersion, ModelVersion, Window
from tests.mlops.projects import project_with

NOW = datetime(2026, 3, 2, tzinfo=UTC)
DAY = timedelta(days=1)
YEAR = Window(start=NOW - 365 * DAY, end=NOW)
PLAN = Rollout(steps=(SetWeight(weight=100),), on_new_candidate=OnNewCandidate.SUPERSEDE)
NEWER = Request(key="new", trigger="weekly", why="a week", asked=NOW + DAY, first=NOW + DAY)
ROLLING = Rolling(deployment="m-2", champion="m-1", phase=RolloutPhase.CANARY, position=0, entered=NOW)
ATTEMPT = Attempt(
    number=2,
    request=Request(key="old", trigger="weekly", why="a week", asked=NOW, first=NOW),
    generation=1,
    author="ada",
    started=NOW,
    entered=NOW,
    phase=AttemptPhase.ROLLING_OUT,
    train=YEAR,
    holdout=YEAR,
    without=(),
    job="rain-2",
)
CHAMPION = Champion(
    model=ModelVersion(name="rain", version="1", digest="d1"),
    deployment="m-1",
    dataset=DatasetVersion(name="rows", version="1", digest="r1", train_rows=9, holdout_rows=9),
    attempt=1,
    since=NOW,
)
BARE = Loop(project="rain", endpoint="rain", started=NOW, generation=1, applied=NOW, author="ada", champion=CHAMPION)
LOOP = replace(BARE, attempt=ATTEMPT, rollout=ROLLING, pending=NEWER)


def phase(phase: RolloutPhase) -> Loop:
    return replace(LOOP, rollout=replace(ROLLING, phase=phase))


def held(hold: Hold) -> Loop:
    return replace(LOOP, rollout=replace(ROLLING, hold=hold))


def before(phase: AttemptPhase) -> Loop:
    return replace(LOOP, attempt=replace(ATTEMPT, phase=phase), rollout=None)


@pytest.mark.parametrize(
    ("loop", "gives_way"),
    [
        *((phase(each), each is not RolloutPhase.ROLLING_BACK) for each in RolloutPhase),
        *((held(each), each not in {Hold.EXTERNAL, Hold.FAILURE}) for each in Hold),
        *((before(each), each is AttemptPhase.APPROVING) for each in AttemptPhase),
        (replace(LOOP, abort=Word(actor="ada", at=NOW, reason="no")), False),
        (replace(LOOP, champion=None), False),
        (replace(LOOP, pending=None), False),
        (replace(LOOP, pending=replace(NEWER, asked=NOW - DAY)), False),  # it waited before the attempt began
        (replace(BARE, pending=NEWER), False),
    ],
)
def test_what_is_not_promoted_gives_way_unless_a_person_decides(loop: Loop, gives_way: bool) -> None:  # noqa: FBT001
    assert may_give_way(PLAN, loop) is gives_way
    assert not may_give_way(replace(PLAN, on_new_candidate=OnNewCandidate.QUEUE_NEWEST), loop)


def test_it_goes_back_to_the_champion_without_blame() -> None:
    gone = superseded(replace(ROLLING, successes=3, samples=900, hold=Hold.INCONCLUSIVE), NEWER, NOW + DAY)

    assert gone == replace(
        ROLLING,
        phase=RolloutPhase.ROLLING_BACK,
        entered=NOW + DAY,
        why="gives way to a newer candidate: weekly asked for it on 2026-03-03 00:00",
        superseded_by="new",
        blameless=True,
    )


def test_between_beginnings_lies_a_cool_down_at_least_and_after_giving_way_there_is_none() -> None:
    project = project_with(policy=TriggerPolicy(cooldown=3 * DAY))
    gone = as_if_superseded(LOOP)

    assert (gone.attempt, gone.rollout) == (None, None)
    early = policy.hold(project, gone, NEWER, NOW + 2 * DAY)
    assert early is not None
    assert (early.kind, early.until) == ("cool-down", NOW + 3 * DAY)
    assert policy.hold(project, gone, NEWER, NOW + 3 * DAY) is None
    ended = Ended(number=2, outcome=Outcome.SUPERSEDED, started=NOW, ended=NOW + 4 * DAY, used=NOW)
    assert policy.hold(project, replace(gone, last=ended), NEWER, NOW + 4 * DAY) is None
    promoted = replace(ended, outcome=Outcome.PROMOTED)
    assert policy.hold(project, replace(gone, last=promoted), NEWER, NOW + 4 * DAY) is not None
