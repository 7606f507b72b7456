"""Going back by order: capacity first, traffic after, the pointer last; a target that cannot serve moves nothing."""

from dataclasses import replace
from datetime import timedelta

import pytest

from mlops.domain.loop import Outcome
from mlops.domain.rollouts.history import Reign, good_versions, reigns
from mlops.domain.world import DeploymentPhase, DeploymentState
from mlops.flows import commands
from mlops.flows.reconcile import reconcile
from mlops.ports import RefusedError
from tests.mlops.flows.scenes import better, drifts
from tests.mlops.rig import DAY, PROJECT, Rig


@pytest.fixture
def second(rig: Rig) -> Rig:
    """The second champion serves; the first one's deployment has been deleted long since."""
    drifts(rig)
    better(rig)
    rig.until("champion promoted")
    rig.world.readings.pop("drift")
    rig.days(4)
    assert list(rig.world.deployments) == list(rig.world.traffic)
    rig.world.shifts.clear()
    rig.world.created.clear()
    rig.decisions.clear()
    return rig


def names(rig: Rig) -> tuple[str, str]:
    first, other = (each.candidate for each in rig.store.attempts("rain"))
    assert first is not None
    assert other is not None
    return first.reference, other.reference


def test_the_version_before_gets_capacity_then_all_traffic_then_the_pointer(second: Rig) -> None:
    old, new = names(second)
    serving = next(iter(second.world.traffic))
    commands.roll_back(second.context, "ada", "complaints")
    moments = []
    for _ in range(60):
        done = reconcile(second.context)
        champion = second.loop.champion
        assert champion is not None
        ready = sorted(d.name for d in second.world.deployments.values() if d.phase is DeploymentPhase.READY)
        moments.append((len(ready), dict(second.world.traffic), champion.model.reference))
        if not done.acted and done.waiting_for != "operation":
            break
    back = next(iter(second.world.traffic))

    assert list(dict.fromkeys((n, tuple(t.items()), c) for n, t, c in moments)) == [
        (1, ((serving, 100),), new),  # the old one comes up; ready, it …
        (2, ((back, 100),), new),  # … gets the traffic …
        (2, ((back, 100),), old),  # … and only what serves is the champion
    ]
    assert second.story()[-2:] == ["champion rollback ordered", "champion rolled back"]
    second.days(3)
    assert list(second.world.deployments) == [back]  # what was gone back from is collected


def test_what_was_gone_back_from_is_not_good_and_its_bytes_are_not_promoted_again(second: Rig) -> None:
    old, new = names(second)
    commands.roll_back(second.context, "ada", "complaints")
    second.settle()

    assert good_versions(second.loop, second.store.attempts("rain")) == ()
    with pytest.raises(commands.NotPossibleError, match="2 is no good version of rain; there are: none"):
        commands.roll_back(second.context, "ada", "no, forward", "2")
    found = reigns(second.loop, second.store.attempts("rain"), second.store.decisions("rain"))
    assert [(each.model, each.how, each.now) for each in found] == [
        (old, "promoted", "serves"),
        (new, "promoted", "gone back from"),
        (old, "rolled back", "serves"),
    ]
    assert found[-1] == Reign(
        model=old, since=found[1].until or second.world.clock.now(), until=None, how="rolled back", now="serves"
    )
    drifts(second)
    second.world.same_bytes = True  # the next training gives the bytes of version 2
    second.world.models[f"rain:{second.loop.attempts + 1}"] = second.world.models["rain:2"]
    said = second.until("attempt rejected")
    assert "the bytes of a model that failed" in said.why


def test_what_is_under_way_ends_first_and_nothing_new_begins_before_the_target_serves(second: Rig) -> None:
    old, _ = names(second)
    drifts(second)
    better(second, "3", 0.95)
    second.until("rollout serving")
    commands.roll_back(second.context, "ada", "complaints", old)
    second.settle()
    champion = second.loop.champion

    assert champion is not None
    assert champion.model.reference == old
    assert second.store.attempts("rain")[-1].outcome is Outcome.ABORTED
    assert second.world.traffic == {champion.deployment: 100}
    assert second.world.mirror == {}
    later = second.story()[second.story().index("champion rollback ordered") :]
    assert later.index("attempt aborted") < later.index("champion rolled back")
    assert "attempt started" not in later[: later.index("champion rolled back")]


@pytest.mark.parametrize(
    "trouble", ["deployment fails", "refused", "another version serves", "does not answer", "late"]
)
def test_a_target_that_cannot_serve_gets_nothing_and_what_served_goes_on(second: Rig, trouble: str) -> None:
    old, new = names(second)
    world, before = second.world, dict(second.world.traffic)
    match trouble:
        case "deployment fails":
            world.deploy_result = DeploymentPhase.FAILED
        case "refused":
            world.trouble["ensure_deployment"] = [RefusedError("no quota for 1 x Standard_DS3_v2")]
        case "does not answer":
            world.smoke_errors = 1.0
        case "another version serves":
            name = good_versions(second.loop, second.store.attempts("rain"))[0].deployment
            world.deployments[name] = DeploymentState(name=name, phase=DeploymentPhase.READY, model=new, ours=True)
        case _:
            world.looks = 10_000
    commands.roll_back(second.context, "ada", "complaints")
    if trouble == "late":
        for _ in range(20):
            reconcile(second.context)
        world.clock.advance(DAY)
        reconcile(second.context)
        assert second.loop.rollback is None
        world.looks = 1
        world.pending_looks = dict.fromkeys(world.pending_looks, 0)
    second.settle()

    assert world.traffic == before
    assert second.loop.rollback is None
    assert second.loop.champion is not None
    assert second.loop.champion.model.reference == new
    said = next(row.decision for row in second.store.decisions("rain") if row.decision.what == "rollback given up")
    assert said.why.startswith(f"{old} cannot take over: ")
    world.deploy_result, world.smoke_errors = DeploymentPhase.READY, 0.0
    commands.roll_back(second.context, "ada", "once more")
    if trouble != "another version serves":
        second.settle()
        assert second.loop.champion.model.reference == old


def test_a_person_may_think_better_of_it(second: Rig) -> None:
    before = dict(second.world.traffic)
    commands.roll_back(second.context, "ada", "complaints")
    with pytest.raises(commands.NotPossibleError, match="is going back to azureml:rain:1 already, by ada"):
        commands.roll_back(second.context, "bob", "complaints")
    reconcile(second.context)
    reconcile(second.context)
    commands.abort(second.context, "ada", "it was the network")
    second.days(3)

    assert second.world.traffic == before
    assert list(second.world.deployments) == list(before)
    assert second.story()[-1] == "champion rollback aborted"


def test_a_pause_does_not_hold_it(second: Rig) -> None:
    old, _ = names(second)
    commands.pause(second.context, "ada", "looking into it")
    commands.roll_back(second.context, "ada", "found it")
    second.settle()

    assert second.loop.champion is not None
    assert second.loop.champion.model.reference == old


@pytest.mark.parametrize(
    ("to", "said"),
    [
        ("2", "azureml:rain:2 serves already"),
        ("7", "7 is no good version of rain; there are: 1"),
        ("azureml:rain:", "azureml:rain: is no good version of rain; there are: 1"),
    ],
)
def test_only_a_good_version_of_before_will_do(second: Rig, to: str, said: str) -> None:
    with pytest.raises(commands.NotPossibleError, match=said):
        commands.roll_back(second.context, "ada", "complaints", to)
    assert second.loop.rollback is None


def test_there_may_be_nothing_to_go_back_to(rig: Rig) -> None:
    with pytest.raises(commands.NotPossibleError, match="rain has no good version of before to go back to"):
        commands.roll_back(rig.context, "ada", "complaints")


def test_a_version_that_is_still_warm_takes_over_at_once(rig: Rig) -> None:
    drifts(rig)
    better(rig)
    rig.until("champion promoted")
    rig.world.readings.pop("drift")
    rig.world.created.clear()
    commands.roll_back(rig.context, "ada", "complaints")
    rig.settle()
    champion = rig.loop.champion

    assert champion is not None
    assert (champion.model.version, rig.world.created) == ("1", [])
    assert champion.deployment not in {each.deployment for each in rig.loop.retired}
    rig.days(10)
    assert list(rig.world.deployments) == [champion.deployment]


def test_a_job_that_trains_is_cancelled_first(second: Rig) -> None:
    drifts(second)
    second.world.looks = 10_000
    second.world.clock.advance(90 * DAY)
    for _ in range(60):
        reconcile(second.context)
    assert second.loop.attempt is not None
    job = second.loop.attempt.job
    assert job in second.world.jobs
    second.world.looks = 1
    commands.roll_back(second.context, "ada", "complaints")
    second.settle()

    assert second.world.cancelled == {job}
    assert second.store.attempts("rain")[-1].outcome is Outcome.ABORTED
    assert second.story()[-1] == "champion rolled back"


def test_a_candidate_that_was_rejected_is_no_good_version(second: Rig) -> None:
    drifts(second)
    better(second, "3", 0.3)
    second.until("attempt rejected")

    assert [champion.model.version for champion in good_versions(second.loop, second.store.attempts("rain"))] == ["1"]


def test_nothing_new_begins_and_nothing_is_collected_while_the_target_comes_up(second: Rig) -> None:
    second.apply(PROJECT.replace("checkEvery: P7D", "checkEvery: PT1M"))
    second.world.deleted.clear()
    second.world.looks = 10_000
    commands.roll_back(second.context, "ada", "complaints")
    commands.trigger(second.context, "bob", "now")
    for _ in range(20):  # the endpoint's own look falls due, too
        second.world.clock.advance(timedelta(seconds=80))
        reconcile(second.context)

    assert second.world.deleted == []
    assert second.loop.attempt is None
    assert second.loop.pending is not None
    second.world.looks = 1
    second.world.pending_looks = dict.fromkeys(second.world.pending_looks, 0)
    second.until("attempt started")


def test_a_rollout_that_cannot_go_back_since_its_champion_is_ill_does_not_hold_it(second: Rig) -> None:
    old, _ = names(second)
    champion = next(iter(second.world.traffic))
    drifts(second)
    better(second, "3", 0.95)
    second.until("rollout serving")
    second.until("rollout serving")
    ill = second.world.deployments[champion]
    second.world.deployments[champion] = replace(ill, phase=DeploymentPhase.FAILED)
    commands.abort(second.context, "ada", "complaints")
    second.settle()
    held = second.loop.attempt  # what serves goes on serving: the champion is no better
    assert held is not None
    commands.roll_back(second.context, "ada", "complaints")
    second.settle()

    assert second.loop.champion is not None
    assert second.loop.champion.model.reference == old
    assert second.loop.attempt is None
    assert second.world.traffic == {second.loop.champion.deployment: 100}
    assert second.story()[-2:] == ["attempt aborted", "champion rolled back"]


def test_what_is_said_of_a_champion_starts_afresh(second: Rig) -> None:
    drifts(second)
    second.days(1)
    commands.roll_back(second.context, "ada", "complaints")
    second.settle()

    assert all(state.flags == () and not state.inside for state in second.loop.conditions.values())
