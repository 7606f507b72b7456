"""Somebody else changes the traffic during a rollout: it is noticed, and set back or left for a person."""

from pathlib import Path

import pytest

from mlops.domain.loop import Hold, Outcome, RolloutPhase
from mlops.flows import commands
from mlops.flows.reconcile import reconcile
from tests.mlops.rig import DAY, PROJECT, Rig

PAUSE = PROJECT.replace("    keepFailed: P1D\n", "    keepFailed: P1D\n    onExternalChange: pause\n")


def rolling(folder: Path, text: str, phase: RolloutPhase) -> Rig:
    """A loop whose second model is being rolled out, and has just come to that phase."""
    rig = Rig(folder=folder, text=text)
    rig.world.accuracy = {"2": 0.9}
    rig.settle()
    rig.world.clock.advance(30 * DAY)
    rig.settle()
    commands.trigger(rig.context, "ada", "new")
    for _ in range(400):
        rollout = rig.loop.rollout
        if rollout is not None and rollout.phase is phase and (rollout.applied or rollout.position <= 0):
            return rig
        done = reconcile(rig.context)
        if not done.acted and done.waiting_for != "operation":
            rig.world.clock.advance(DAY)
    raise AssertionError(f"never {phase}")


def reasons(rig: Rig, what: str) -> list[str]:
    said = [each.decision for each in rig.store.decisions("rain")]
    return [each.why for each in said if f"{each.subject.value} {each.what}" == what]


def edit(rig: Rig) -> dict[str, int]:
    """Somebody takes the endpoint for the champion alone, or gives it to nobody."""
    champion = rig.loop.champion
    assert champion is not None
    rig.world.mirror = {}
    rig.world.traffic = {} if rig.world.traffic == {champion.deployment: 100} else {champion.deployment: 100}
    return dict(rig.world.traffic)


PHASES = [
    RolloutPhase.DEPLOYING,
    RolloutPhase.VERIFYING,
    RolloutPhase.SHADOWING,
    RolloutPhase.CANARY,
    RolloutPhase.BAKING,
]


@pytest.mark.parametrize("phase", PHASES)
def test_it_is_set_back_and_the_log_says_what_was_found_and_what_was_set(tmp_path: Path, phase: RolloutPhase) -> None:
    rig = rolling(tmp_path, PROJECT, phase)
    before = (dict(rig.world.traffic), dict(rig.world.mirror))
    edit(rig)
    for _ in range(3):
        reconcile(rig.context)

    assert (rig.world.traffic, rig.world.mirror) == before
    (found,) = reasons(rig, "endpoint drifted")
    (repaired,) = reasons(rig, "endpoint repaired")
    assert repaired == f"found {found}: set back to {found.split(', not ')[1]}"
    rig.until("champion promoted")


@pytest.mark.parametrize("phase", PHASES)
def test_where_the_project_says_so_the_attempt_pauses_until_a_person_decides(
    tmp_path: Path, phase: RolloutPhase
) -> None:
    rig = rolling(tmp_path, PAUSE, phase)
    edited = edit(rig)
    rig.settle()
    rig.days(10)

    rollout = rig.loop.rollout
    assert rollout is not None
    assert rollout.hold is Hold.EXTERNAL
    assert (rig.world.traffic, rig.world.mirror) == (edited, {})
    (said,) = reasons(rig, "rollout paused")
    assert "resume sets it back and goes on, abort goes back to the champion" in said
    commands.resume(rig.context, "ada", "it was me")
    rig.settle()
    rollout = rig.loop.rollout
    assert rollout is not None
    assert rollout.applied == rig.world.clock.moment  # what was served meanwhile does not count
    rig.until("champion promoted")
    assert reasons(rig, "rollout paused") == [said]


def test_a_paused_rollout_is_taken_back_by_abort(tmp_path: Path) -> None:
    rig = rolling(tmp_path, PAUSE, RolloutPhase.CANARY)
    champion = rig.loop.champion
    assert champion is not None
    rig.world.traffic = {champion.deployment: 50, rig.world.created[-1]: 50}
    rig.settle()
    commands.abort(rig.context, "ada", "enough")
    rig.settle()

    assert rig.world.traffic == {champion.deployment: 100}
    assert rig.store.attempts("rain")[-1].outcome is Outcome.ABORTED


def test_a_paused_rollout_that_fails_is_rolled_back(tmp_path: Path) -> None:
    rig = rolling(tmp_path, PAUSE, RolloutPhase.CANARY)
    champion, candidate = rig.loop.champion, rig.world.created[-1]
    assert champion is not None
    rig.world.traffic = {champion.deployment: 50, candidate: 50}
    rig.settle()
    rig.world.error_rate[candidate] = 1.0
    rig.days(5)

    assert rig.world.traffic == {champion.deployment: 100}
    assert rig.store.attempts("rain")[-1].outcome is Outcome.ROLLED_BACK


@pytest.mark.parametrize(("text", "row"), [(PROJECT, "endpoint drifted"), (PAUSE, "rollout paused")])
def test_a_change_between_two_steps_is_noticed_too(tmp_path: Path, text: str, row: str) -> None:
    """The next step is decided, its traffic is not set yet: what is there is neither the one step's nor the other's."""
    rig = rolling(tmp_path, text, RolloutPhase.SHADOWING)
    while rig.loop.rollout and rig.loop.rollout.phase is RolloutPhase.SHADOWING:
        if not reconcile(rig.context).acted:
            rig.world.clock.advance(DAY)
    rig.world.traffic, rig.world.mirror = {}, {}
    reconcile(rig.context)

    assert len(reasons(rig, row)) == 1


def test_an_undisturbed_rollout_says_nothing_of_others(tmp_path: Path) -> None:
    rig = rolling(tmp_path, PAUSE, RolloutPhase.DEPLOYING)
    rig.until("champion promoted")

    assert not {"endpoint drifted", "endpoint repaired", "rollout paused"} & set(rig.story())
