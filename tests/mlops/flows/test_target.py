"""Traffic goes back only to what can serve it; champions of before stay warm, as many as the project wants."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mlops.domain.loop import Outcome, Retired, RolloutPhase
from mlops.domain.rollouts.history import kept
from mlops.flows import commands
from mlops.flows.forecast import capacity
from mlops.ports import OutsideError
from tests.mlops.flows.test_interference import reasons, rolling
from tests.mlops.rig import DAY, PROJECT, Rig

KEY = "    keepFailed: P1D\n"
BLIND = PROJECT.replace(KEY, KEY + "    rollback: {verifyTarget: false, onTargetUnhealthy: hold-best}\n")
NOW = datetime(2026, 3, 2, tzinfo=UTC)


def warm(number: int) -> str:
    text = PROJECT.replace(KEY, f"{KEY}    retention: {{warmPrevious: {number}}}\n")
    return text.replace("keepPrevious: P2D", "keepPrevious: P900D")


def aborted(rig: Rig) -> str:
    """A person ends the rollout; the champion answers nothing.  The champion's deployment."""
    champion = rig.loop.champion
    assert champion is not None
    rig.world.silent.add(champion.deployment)
    commands.abort(rig.context, "ada", "complaints")
    return champion.deployment


def test_a_champion_that_does_not_answer_gets_nothing_until_it_does_and_people_are_told_once(tmp_path: Path) -> None:
    rig = rolling(tmp_path, PROJECT, RolloutPhase.BAKING)
    before = dict(rig.world.traffic)
    champion = aborted(rig)
    rig.days(2)

    assert rig.world.traffic == before
    (why,) = reasons(rig, "rollout held")
    assert why.startswith(f"cannot roll back yet: the champion {champion} does not answer: smoke: 100% of ")
    rig.world.silent.clear()
    rig.days(1)
    assert rig.world.traffic == {champion: 100}
    assert rig.store.attempts("rain")[-1].outcome is Outcome.ABORTED


def test_a_candidate_that_answers_no_better_is_no_reason_to_wait(tmp_path: Path) -> None:
    rig = rolling(tmp_path, PROJECT, RolloutPhase.BAKING)
    rig.world.silent |= set(rig.world.traffic)
    champion = aborted(rig)
    rig.settle()

    assert rig.world.traffic == {champion: 100}


def test_a_champion_that_answers_people_is_asked_nothing(tmp_path: Path) -> None:
    rig = rolling(tmp_path, PROJECT, RolloutPhase.CANARY)
    champion = aborted(rig)
    rig.settle()

    assert rig.world.traffic == {champion: 100}


def test_what_cannot_be_asked_holds_nothing_up(tmp_path: Path) -> None:
    rig = rolling(tmp_path, PROJECT, RolloutPhase.BAKING)
    champion = aborted(rig)
    rig.world.trouble["smoke"] = [OutsideError("too many requests")] * 9
    rig.settle()

    assert rig.world.traffic == {champion: 100}


def test_a_project_may_go_back_to_what_is_ready_without_asking_it(tmp_path: Path) -> None:
    rig = rolling(tmp_path, BLIND, RolloutPhase.BAKING)
    champion = aborted(rig)
    rig.settle()

    assert rig.world.traffic == {champion: 100}


def test_an_ordered_rollback_asks_its_target_where_the_project_wants_that(tmp_path: Path) -> None:
    rig = rolling(tmp_path, warm(1).replace(KEY, KEY + "    rollback: {verifyTarget: false}\n"), RolloutPhase.BAKING)
    champion = rig.loop.champion
    assert champion is not None
    rig.decisions.clear()
    rig.until("champion promoted")
    rig.world.silent.add(champion.deployment)
    commands.roll_back(rig.context, "ada", "complaints")
    rig.settle()

    assert rig.world.traffic == {champion.deployment: 100}


@pytest.mark.parametrize("number", [0, 1, 2])
def test_so_many_champions_of_before_stay_warm(tmp_path: Path, number: int) -> None:
    rig = rolling(tmp_path, warm(number), RolloutPhase.BAKING)
    served = []
    rig.world.accuracy["3"] = 0.95
    for _ in range(2):
        assert rig.loop.champion is not None
        served.append(rig.loop.champion.deployment)
        rig.decisions.clear()
        rig.until("champion promoted")
        rig.world.clock.advance(70 * DAY)
        commands.trigger(rig.context, "ada", "new")
        rig.settle()
    rig.days(1)

    there = [name for name in served if name in rig.world.deployments]
    assert there == served[len(served) - number :]


def test_what_is_kept_to_be_looked_at_is_no_champion_of_before() -> None:
    first, second = (Retired(deployment=f"m-{n}", until=NOW + DAY, good=True) for n in (1, 2))
    failed = Retired(deployment="m-3", until=NOW + DAY)
    over = replace(second, deployment="m-4", until=NOW)

    assert kept((first, failed, second, over), 1, NOW) == (failed, second)
    assert kept((first, failed, second, over), 2, NOW) == (first, failed, second)
    assert kept((first, failed, second, over), 0, NOW) == (failed,)


def test_plan_says_what_that_makes(tmp_path: Path) -> None:
    rig = Rig(folder=tmp_path, text=warm(2))
    project = rig.project
    none = replace(project, rollout=replace(project.rollout, warm_previous=0, keep_previous=timedelta(0)))

    assert list(capacity(project)) == [
        (
            "serves: the champion, 2 of before for 900 days each, and a candidate: up to 4 deployments of "
            "1 x Standard_DS3_v2 at once"
        )
    ]
    assert list(capacity(none)) == [
        "serves: the champion, and a candidate: up to 2 deployments of 1 x Standard_DS3_v2 at once"
    ]
