"""A newer candidate ends a rollout where the project says so: traffic first, then what is new; an abort comes first."""

from dataclasses import replace
from pathlib import Path

import pytest

from mlops.domain.loop import Hold, Outcome, RolloutPhase
from mlops.domain.world import DeploymentPhase
from mlops.flows import commands
from mlops.flows.frozen import freeze
from mlops.flows.reconcile import reconcile
from tests.mlops.flows.test_interference import reasons, rolling
from tests.mlops.rig import DAY, PROJECT, Rig

SUPERSEDE = PROJECT.replace("    keepFailed: P1D\n", "    keepFailed: P1D\n    onNewCandidate: supersede\n")
APPROVED = SUPERSEDE.replace(
    "  rollout:\n", "    - {name: approval, type: approval, expires: P30D, notAuthor: false}\n  rollout:\n"
)
PHASES = [RolloutPhase.DEPLOYING, RolloutPhase.SHADOWING, RolloutPhase.CANARY, RolloutPhase.BAKING]


def ask(rig: Rig) -> None:
    """A person wants a newer one, some time after the attempt under way began."""
    rig.world.clock.advance(DAY / 1440)
    commands.trigger(rig.context, "ada", "there is better data")
    rig.decisions.clear()
    rig.world.accuracy["3"] = 0.95


def outcomes(rig: Rig) -> list[Outcome | None]:
    return [each.outcome for each in rig.store.attempts("rain")]


@pytest.mark.parametrize("phase", PHASES)
def test_in_each_phase_traffic_goes_back_then_it_is_deleted_and_the_newer_one_is_trained(
    tmp_path: Path, phase: RolloutPhase
) -> None:
    rig = rolling(tmp_path, SUPERSEDE, phase)
    champion, old = rig.loop.champion, rig.loop.rollout
    assert champion is not None
    assert old is not None
    ask(rig)
    served = set()
    while rig.loop.attempt is None or rig.loop.attempt.number == 2:
        reconcile(rig.context)
        rolling_back = rig.loop.rollout is not None and rig.loop.rollout.phase is RolloutPhase.ROLLING_BACK
        served.add((rolling_back, tuple(rig.world.traffic.items())))

    assert outcomes(rig)[:2] == [Outcome.PROMOTED, Outcome.SUPERSEDED]
    assert {traffic for back, traffic in served if not back and traffic != ((champion.deployment, 100),)} <= {
        ((old.deployment, 100),),  # until it was said
        ((old.deployment, 10), (champion.deployment, 90)),
    }
    assert rig.world.traffic == {champion.deployment: 100}
    assert rig.world.mirror == {}
    (why,) = reasons(rig, "rollout superseded")
    assert why.startswith("gives way to a newer candidate: manual asked for it on ")
    assert rig.loop.failed_digests == ()  # it did nothing wrong
    rig.until("champion promoted")
    assert outcomes(rig) == [Outcome.PROMOTED, Outcome.SUPERSEDED, Outcome.PROMOTED]
    assert old.deployment not in rig.world.deployments


def test_by_default_the_newest_waits_for_the_end(tmp_path: Path) -> None:
    rig = rolling(tmp_path, PROJECT, RolloutPhase.CANARY)
    ask(rig)
    rig.until("champion promoted")

    assert outcomes(rig)[:2] == [Outcome.PROMOTED, Outcome.PROMOTED]
    assert reasons(rig, "rollout superseded") == []


def test_a_candidate_that_waits_for_people_gives_way(tmp_path: Path) -> None:
    rig = Rig(folder=tmp_path, text=APPROVED)
    rig.world.accuracy = {"2": 0.9}
    rig.settle()
    commands.approve(rig.context, "ada", "first", granted=True)
    rig.settle()
    rig.world.clock.advance(70 * DAY)
    rig.decisions.clear()
    commands.trigger(rig.context, "ada", "new")
    rig.until("approval asked")
    ask(rig)
    rig.settle()

    assert outcomes(rig) == [Outcome.PROMOTED, Outcome.SUPERSEDED, None]


@pytest.mark.parametrize("held", ["paused", "frozen", "too little data"])
def test_what_would_hold_the_newer_one_leaves_the_rollout_alone(tmp_path: Path, held: str) -> None:
    rig = rolling(tmp_path, SUPERSEDE, RolloutPhase.CANARY)
    match held:
        case "paused":
            commands.pause(rig.context, "ada", "wait")
        case "too little data":
            rig.world.rows_a_day = 0
        case _:
            freeze(rig.context, "ada", "wait")
    before = dict(rig.world.traffic)
    ask(rig)
    rig.settle()

    assert reasons(rig, "rollout superseded") == []
    assert rig.world.traffic == before


def test_it_does_not_go_back_onto_a_champion_that_cannot_serve(tmp_path: Path) -> None:
    rig = rolling(tmp_path, SUPERSEDE, RolloutPhase.CANARY)
    before = dict(rig.world.traffic)
    champion = rig.loop.champion
    assert champion is not None
    sound = rig.world.deployments[champion.deployment]
    rig.world.deployments[champion.deployment] = replace(sound, phase=DeploymentPhase.FAILED)
    ask(rig)
    rig.settle()
    assert rig.world.traffic == before
    assert reasons(rig, "rollout superseded") == []
    rig.world.deployments[champion.deployment] = sound
    rig.days(1)
    assert outcomes(rig)[1] is Outcome.SUPERSEDED


def test_an_abort_comes_first_before_and_after(tmp_path: Path) -> None:
    rig = rolling(tmp_path, SUPERSEDE, RolloutPhase.CANARY)
    ask(rig)
    commands.abort(rig.context, "bob", "it is wrong")
    rig.settle()
    assert outcomes(rig)[1] is Outcome.ABORTED
    assert reasons(rig, "rollout superseded") == []


def test_an_abort_of_what_is_giving_way_is_an_abort(tmp_path: Path) -> None:
    rig = rolling(tmp_path, SUPERSEDE, RolloutPhase.CANARY)
    ask(rig)
    while rig.loop.rollout is not None and rig.loop.rollout.phase is not RolloutPhase.ROLLING_BACK:
        reconcile(rig.context)
    commands.abort(rig.context, "bob", "it is wrong")
    rig.settle()
    assert outcomes(rig)[1] is Outcome.ABORTED


def test_never_after_the_promotion(tmp_path: Path) -> None:
    """Whoever asks in the pass in which it is promoted comes too late, or in time: never both."""
    rig = rolling(tmp_path, SUPERSEDE, RolloutPhase.BAKING)
    rig.decisions.clear()
    rig.until("champion promoted")
    ask(rig)
    rig.settle()
    champion = rig.loop.champion
    assert champion is not None
    assert champion.model.version == "2"
    assert outcomes(rig)[:2] == [Outcome.PROMOTED, Outcome.PROMOTED]


def test_a_rollout_in_which_a_person_decides_about_the_traffic_is_left_to_them(tmp_path: Path) -> None:
    text = SUPERSEDE.replace("onNewCandidate", "onExternalChange: pause\n    onNewCandidate")
    rig = rolling(tmp_path, text, RolloutPhase.CANARY)
    champion = rig.loop.champion
    assert champion is not None
    rig.world.traffic = {champion.deployment: 100}
    rig.settle()
    assert rig.loop.rollout is not None
    assert rig.loop.rollout.hold is Hold.EXTERNAL
    ask(rig)
    rig.settle()
    assert reasons(rig, "rollout superseded") == []
