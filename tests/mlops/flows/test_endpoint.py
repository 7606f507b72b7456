"""What serves is kept as it should be, for ever, whoever else was at it."""

import pytest

from mlops.domain.world import DeploymentPhase, DeploymentState
from mlops.ports import OutsideError
from tests.mlops.flows.scenes import better, drifts
from tests.mlops.rig import DAY, Rig


def test_traffic_that_somebody_changed_is_set_back(rig: Rig) -> None:
    champion = next(iter(rig.world.traffic))
    rig.world.traffic = {}
    rig.days(8)

    assert rig.world.traffic == {champion: 100}
    assert rig.story()[-2:] == ["endpoint drifted", "endpoint repaired"]


def test_a_champion_that_somebody_deleted_is_deployed_again(rig: Rig) -> None:
    champion = next(iter(rig.world.traffic))
    rig.world.traffic = {}
    del rig.world.deployments[champion]
    rig.days(8)

    assert rig.world.traffic == {champion: 100}
    assert rig.world.deployments[champion].phase is DeploymentPhase.READY


@pytest.mark.parametrize("moment", ["rollout started", "rollout advanced", "rollout serving"])
def test_a_champion_that_somebody_deletes_during_a_rollout_comes_back_and_the_rollout_ends(
    rig: Rig, moment: str
) -> None:
    drifts(rig)
    better(rig)
    rig.until(moment)
    assert rig.loop.champion is not None
    champion = rig.loop.champion.deployment
    del rig.world.deployments[champion]
    rig.world.traffic, rig.world.mirror = {}, {}

    rig.settle()
    assert rig.world.deployments[champion].phase is DeploymentPhase.READY
    rig.until("champion promoted")

    assert rig.loop.attempt is None
    assert sum(rig.world.traffic.values()) == 100


def test_deployments_of_others_are_left_alone(rig: Rig) -> None:
    rig.world.deployments["theirs"] = DeploymentState(
        name="theirs", phase=DeploymentPhase.READY, model="azureml:x:1", ours=False
    )
    rig.days(10)

    assert "theirs" in rig.world.deployments


def test_a_deployment_that_a_dead_controller_left_is_collected(rig: Rig) -> None:
    rig.world.deployments["m-9-zombie"] = DeploymentState(
        name="m-9-zombie", phase=DeploymentPhase.READY, model="azureml:rain:9"
    )
    rig.days(10)

    assert rig.world.deleted == ["m-9-zombie"]


def test_trouble_at_one_place_does_not_stop_the_rest(rig: Rig) -> None:
    rig.world.trouble["measure"] = [OutsideError("blobs are away")] * 3
    rig.world.traffic = {}
    rig.world.clock.advance(8 * DAY)
    rig.settle()

    assert sum(rig.world.traffic.values()) == 100
