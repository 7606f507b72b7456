"""What the platform never ends is waited for until the deadline, has a name then, and holds up nothing else."""

from dataclasses import replace

import pytest

from mlops.domain.loop import Outcome, RolloutPhase
from mlops.domain.world import DeploymentPhase, JobPhase, JobState
from mlops.flows import commands
from mlops.flows.reconcile import reconcile
from tests.mlops.flows.scenes import always, better, passes, serving
from tests.mlops.rig import DAY, Rig


def said(rig: Rig, what: str) -> list[str]:
    rows = [each.decision for each in rig.store.decisions("rain")]
    return [each.why for each in rows if f"{each.subject.value} {each.what}" == what]


def days(rig: Rig, count: int) -> None:
    """It never settles while something is under way."""
    for _ in range(count):
        rig.world.clock.advance(DAY)
        for _ in range(20):
            reconcile(rig.context)


def test_an_operation_on_an_endpoint_at_rest_is_named_once_and_the_monitors_go_on(rig: Rig) -> None:
    rig.world.updating = True
    days(rig, 8)
    asked = len(rig.world.asked)
    passes(rig, 40)
    days(rig, 8)

    (why,) = said(rig, "endpoint stuck")
    assert why.startswith("an operation on rain-local has not ended since ")
    assert why.endswith(", for more than 0:30:00: it is waited for")
    assert len(rig.world.asked) > asked
    rig.world.updating = False
    rig.days(1)
    assert said(rig, "endpoint goes on") == ["an operation on rain-local has ended"]
    assert rig.loop.busy is None


def test_a_deletion_that_never_ends_is_named(rig: Rig) -> None:
    champion = next(iter(rig.world.deployments.values()))
    rig.world.deployments["m-9-old"] = replace(champion, name="m-9-old", phase=DeploymentPhase.DELETING)
    days(rig, 8)
    passes(rig, 32)

    (why,) = said(rig, "endpoint stuck")
    assert why.startswith("the deletion of m-9-old on rain-local has not ended since ")


def test_a_champion_whose_update_never_ends_is_named(rig: Rig) -> None:
    (name, champion) = next(iter(rig.world.deployments.items()))
    rig.world.deployments[name] = replace(champion, phase=DeploymentPhase.CREATING)
    days(rig, 8)
    passes(rig, 32)

    assert len(said(rig, "endpoint stuck")) == 1


@pytest.mark.parametrize("times", [1, 2])
def test_a_step_whose_traffic_never_comes_goes_back_and_says_that_it_cannot(rig: Rig, times: int) -> None:
    """The write of the step's traffic never ends, so that neither the step nor the way back comes through."""
    serving(rig, times)
    position = rig.loop.rollout.position if rig.loop.rollout else 0
    while rig.loop.rollout is not None and rig.loop.rollout.position == position:
        rig.world.clock.advance(rig.project.rollout.measure_every)
        while reconcile(rig.context).acted and rig.loop.rollout.position == position:
            pass
    rig.world.updating = True
    passes(rig, 70)
    rollout = rig.loop.rollout

    assert rollout is not None
    assert rollout.phase is RolloutPhase.ROLLING_BACK
    assert "after 0:30:00" in rollout.why
    assert len(said(rig, "rollout rollback failed")) == 1
    rig.world.updating = False
    rig.settle()
    assert rig.store.attempts("rain")[-1].outcome is Outcome.ROLLED_BACK


def test_a_step_under_way_keeps_its_weights_and_goes_on_after(rig: Rig) -> None:
    serving(rig)
    split = dict(rig.world.traffic)
    rig.world.updating = True
    days(rig, 1)
    passes(rig, 40)
    days(rig, 3)

    assert len(said(rig, "endpoint stuck")) == 1
    assert rig.world.traffic == split
    rig.world.updating = False
    rig.until("champion promoted")


def test_a_rollback_that_a_person_ordered_is_given_up(rig: Rig) -> None:
    better(rig)
    serving(rig)
    rig.until("champion promoted")
    commands.roll_back(rig.context, "ada", "it was better")
    rig.world.updating = True
    passes(rig, 35)

    assert rig.loop.rollback is None
    assert any(
        "an operation on rain-local did not end within 0:30:00" in row.decision.why
        for row in rig.store.decisions("rain")
    )


def test_a_job_that_never_ends_is_cancelled_at_its_timeout_and_the_attempt_with_it(rig: Rig) -> None:
    rig.world.looks = 10**6
    rig.world.job_result = JobState(phase=JobPhase.RUNNING)
    rig.world.readings["drift"] = always(0.0)
    commands.trigger(rig.context, "ada", "new")
    passes(rig, 6 * 60 + 5)

    assert rig.store.attempts("rain")[-1].outcome is Outcome.FAILED
    assert rig.world.cancelled == {rig.world.submitted[-1].name}
