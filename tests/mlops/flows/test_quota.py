"""No room for a candidate: it is asked for again until the deadline, and the reason is kept."""

from datetime import timedelta

import pytest
from azure.core.exceptions import HttpResponseError

from mlops.backends.errors import said
from mlops.domain.loop import Outcome, Rollout
from mlops.domain.world import DeploymentPhase, DeploymentState
from mlops.flows import commands
from mlops.flows.quota import _pause
from mlops.flows.reconcile import reconcile
from mlops.ports import OutsideError, QuotaError, RefusedError
from tests.mlops.flows.scenes import better
from tests.mlops.rig import Rig

MINUTE = timedelta(minutes=1)
FULL = "the region has no capacity for Standard_DS3_v2"


def asks(rig: Rig, times: int) -> Rollout:
    """A candidate for which there is no room, so many times."""
    better(rig)
    rig.world.trouble["ensure_deployment"] = [QuotaError(FULL)] * times
    commands.trigger(rig.context, "ada", "new")
    rig.settle()
    assert rig.loop.rollout is not None
    return rig.loop.rollout


def minutes(rig: Rig, count: int) -> None:
    for _ in range(count):
        rig.world.clock.advance(MINUTE)
        rig.settle()


def test_case_12_no_room_until_the_deadline_rolls_back_with_the_reason_and_no_traffic_moved(rig: Rig) -> None:
    traffic = dict(rig.world.traffic)
    rollout = asks(rig, 1000)
    assert rollout.waits == f"OutOfQuota: {FULL}"
    minutes(rig, 33)
    ended = rig.store.attempts("rain")[-1]

    assert ended.outcome is Outcome.ROLLED_BACK
    assert ended.why == f"OutOfQuota: {FULL}, for 0:30:00"
    assert rig.world.traffic == traffic
    assert rig.story().count("rollout waits") == 1
    tries = 1000 - len(rig.world.trouble["ensure_deployment"])
    assert 3 < tries < 12  # ever more seldom
    assert rig.loop.failed_digests == ()  # no fault of the model


def test_case_12_room_that_comes_back_in_time_lets_it_go_on(rig: Rig) -> None:
    asks(rig, 3)
    minutes(rig, 6)
    rig.until("champion promoted")


def test_case_12_own_orphans_are_given_back_first(rig: Rig) -> None:
    for name, ours in (("m-9-zombie", True), ("theirs", False)):
        rig.world.deployments[name] = DeploymentState(
            name=name, phase=DeploymentPhase.READY, model="azureml:rain:9", ours=ours
        )
    champion = rig.loop.champion
    assert champion is not None
    asks(rig, 1)

    assert rig.world.deleted == ["m-9-zombie"]
    assert {"theirs", champion.deployment} < set(rig.world.deployments)
    assert rig.loop.rollout is not None
    assert rig.loop.rollout.waits == ""
    assert "rollout waits" not in rig.story()


def test_case_12_quota_that_is_a_setting_ends_it_at_once(rig: Rig) -> None:
    better(rig)
    rig.world.trouble["ensure_deployment"] = [RefusedError("OutOfQuota: raise the limit of cores")]
    commands.trigger(rig.context, "ada", "new")
    rig.settle()

    assert "was refused: OutOfQuota: raise the limit of cores" in rig.store.attempts("rain")[-1].why


def test_a_clock_that_goes_back_does_not_keep_it_from_asking(rig: Rig) -> None:
    asks(rig, 1)
    rig.world.clock.advance(-timedelta(days=2))
    for _ in range(5):
        reconcile(rig.context)

    assert len(rig.world.created) == 2


def test_the_pauses_grow_up_to_a_limit_and_differ_by_name() -> None:
    pauses = [_pause("m-1", tries) for tries in range(1, 30)]

    assert pauses[0] < pauses[1] < pauses[2] < pauses[3]
    assert max(pauses) <= timedelta(minutes=12.5)
    assert len({_pause(f"m-{at}", 5) for at in range(10)}) == 10


@pytest.mark.parametrize(
    ("code", "text", "kind"),
    [
        ("OutOfQuota", "not enough capacity in this region", QuotaError),
        ("OutOfQuota", "the limit of cores of the subscription is 10", RefusedError),
        ("InternalServerError", "the region is full of capacity", OutsideError),
    ],
)
def test_a_full_region_may_have_room_again_and_a_limit_is_a_setting(
    code: str, text: str, kind: type[OutsideError]
) -> None:
    error = HttpResponseError(message=text)
    error.status_code, error.error = 400, type("Inner", (), {"code": code, "message": text})()
    with pytest.raises(kind), said("deploying"):
        raise error
