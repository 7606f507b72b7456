"""What holds a rollout that is served well: people, hours, frozen days.  Each test fails without its control."""

from dataclasses import replace
from pathlib import Path

import pytest

from mlops.domain.declared.rollout import Windows
from mlops.domain.loop import Hold, Outcome, RolloutPhase
from mlops.domain.project import Project
from mlops.flows import commands
from mlops.spec.errors import ProjectFileError
from mlops.spec.moments import freeze
from tests.mlops.flows.scenes import always, better, drifts
from tests.mlops.rig import DAY, PROJECT, Rig

GROUPS = "  groups: {on-call: [ada, grace]}\n  rollout:\n"
ASKING = PROJECT.replace("  rollout:\n", GROUPS).replace(
    "      - {setWeight: 50,", "      - {approve: {approvers: [on-call], expires: P10D}}\n      - {setWeight: 50,"
)


def rolling(folder: Path, text: str) -> Rig:
    rig = Rig(folder=folder, text=text)
    rig.world.readings["accuracy"] = always(0.7)
    rig.settle()
    rig.world.clock.advance(30 * DAY)
    rig.settle()
    rig.decisions.clear()
    drifts(rig)
    better(rig)
    return rig


def asked(folder: Path) -> Rig:
    """A rollout that stands at 10 % and asks."""
    rig = rolling(folder, ASKING)
    for _ in range(60):
        rig.days(1)
        if rig.loop.rollout is not None and rig.loop.rollout.position == 3:
            return rig
    raise AssertionError(rig.story())


def test_the_weights_stay_until_somebody_of_the_group_says_yes(tmp_path: Path) -> None:
    rig = asked(tmp_path)
    split = dict(rig.world.traffic)
    rig.days(5)
    assert rig.world.traffic == split
    assert rig.loop.rollout is not None
    assert rig.loop.rollout.phase is RolloutPhase.CANARY
    with pytest.raises(commands.NotPossibleError, match="mallory is not of on-call"):
        commands.approve(rig.context, "mallory", "fine", granted=True)
    commands.approve(rig.context, "ada", "fine", granted=True)
    rig.settle()

    assert sorted(rig.world.traffic.values()) == [50, 50]
    rig.until("champion promoted")


def test_a_failure_rolls_back_while_people_are_asked(tmp_path: Path) -> None:
    rig = asked(tmp_path)
    assert rig.loop.rollout is not None
    rig.world.error_rate[rig.loop.rollout.deployment] = 1.0
    rig.days(3)

    assert rig.store.attempts("rain")[-1].outcome is Outcome.ROLLED_BACK
    assert "error_rate" in rig.store.attempts("rain")[-1].why


def test_nobody_in_time_rolls_back_and_the_model_may_be_tried_again(tmp_path: Path) -> None:
    rig = asked(tmp_path)
    rig.days(11)

    ended = rig.store.attempts("rain")[-1]
    assert ended.outcome is Outcome.ROLLED_BACK
    assert "nobody approved before" in ended.why
    assert rig.loop.failed_digests == ()


def test_one_word_against_it_rolls_back(tmp_path: Path) -> None:
    rig = asked(tmp_path)
    commands.approve(rig.context, "grace", "not on a Friday", granted=False)
    rig.settle()

    assert rig.store.attempts("rain")[-1].why == "declined by grace: not on a Friday"
    assert rig.loop.failed_digests != ()


def test_a_word_of_before_a_new_project_file_does_not_count(tmp_path: Path) -> None:
    rig = asked(tmp_path)
    commands.approve(rig.context, "ada", "fine", granted=True)
    rig.apply(ASKING.replace("keepFailed: P1D", "keepFailed: P2D"))
    rig.days(2)
    assert rig.loop.rollout is not None
    assert rig.loop.rollout.position == 3
    commands.approve(rig.context, "ada", "still fine", granted=True)
    rig.settle()

    assert sorted(rig.world.traffic.values()) == [50, 50]


def test_a_step_that_asks_before_anything_is_served_is_refused(tmp_path: Path) -> None:
    text = PROJECT.replace("      - {shadow", "      - {approve: {}}\n      - {shadow")
    with pytest.raises(ProjectFileError, match="people are asked before anything was served"):
        Rig(folder=tmp_path, text=text)


def frozen(rig: Rig, days: int) -> str:
    first = rig.world.clock.now().date()
    return PROJECT.replace(
        "    measureEvery", f"    windows: {{freeze: [{first}/{first + days * DAY}]}}\n    measureEvery"
    )


def test_in_frozen_days_no_weight_moves_and_measuring_goes_on(tmp_path: Path) -> None:
    rig = rolling(tmp_path, PROJECT)
    rig.apply(frozen(rig, 60))
    rig.until("rollout waits")
    shifts = len(rig.world.shifts)
    rig.days(20)
    assert len(rig.world.shifts) == shifts
    assert rig.story().count("rollout waits") == 1

    rig.until("champion promoted")


def test_a_rollback_waits_for_no_window(tmp_path: Path) -> None:
    rig = rolling(tmp_path, PROJECT)
    rig.until("rollout serving")
    attempt, rollout = rig.loop.attempt, rig.loop.rollout
    assert attempt is not None
    assert rollout is not None
    rig.parsed[attempt.generation] = _closed_for_ever(rig)
    rig.days(10)
    assert rig.world.mirror == {rollout.deployment: 50}
    rig.world.error_rate[rollout.deployment] = 1.0
    rig.days(2)

    assert rig.world.mirror == {}
    assert rig.store.attempts("rain")[-1].outcome is Outcome.ROLLED_BACK


def _closed_for_ever(rig: Rig) -> Project:
    windows = Windows(freeze=(freeze("1900-01-01/2100-01-01"),))
    return replace(rig.project, rollout=replace(rig.project.rollout, windows=windows))


def test_a_failure_that_the_champion_shows_too_is_nobodys(tmp_path: Path) -> None:
    text = PROJECT.replace('failure: "> 0.2", minSamples: 5', 'failure: "> 0.2", minSamples: 5, compareWith: champion')
    rig = rolling(tmp_path, text)
    champion = next(iter(rig.world.traffic))
    rig.until("rollout serving")
    rollout = rig.loop.rollout
    assert rollout is not None
    rig.world.error_rate = {champion: 1.0, rollout.deployment: 1.0}
    rig.days(10)
    assert rig.loop.rollout is not None
    assert rig.loop.rollout.hold is Hold.INCONCLUSIVE
    rig.world.error_rate = {rollout.deployment: 1.0}
    rig.days(2)

    assert rig.store.attempts("rain")[-1].outcome is Outcome.ROLLED_BACK


def test_lost_metrics_roll_back_where_the_project_says_so(tmp_path: Path) -> None:
    text = PROJECT.replace("    measureEvery", "    onMetricLoss: {action: rollback, after: P2D}\n    measureEvery")
    rig = rolling(tmp_path, text)
    rig.until("rollout serving")
    rig.world.metrics_gone = True
    rig.days(4)

    assert "nothing could be measured for 2 days" in rig.store.attempts("rain")[-1].why
    assert rig.loop.failed_digests == ()


def test_lost_metrics_hold_after_the_time_that_the_project_says(tmp_path: Path) -> None:
    text = PROJECT.replace("    measureEvery", "    onMetricLoss: {after: P2D}\n    measureEvery")
    rig = rolling(tmp_path, text)
    rig.until("rollout serving")
    rig.world.metrics_gone = True
    rig.days(3)

    assert rig.loop.rollout is not None
    assert rig.loop.rollout.hold is Hold.METRICS
