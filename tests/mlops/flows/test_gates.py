"""What stands between a new model and the traffic: gates and people; each test fails when its control is taken away."""

from pathlib import Path

import pytest

from mlops.domain.loop import AttemptPhase, Outcome
from mlops.flows import commands
from tests.mlops.flows.scenes import better, drifts
from tests.mlops.rig import PROJECT, Rig


def test_the_first_model_is_trained_judged_and_served_at_once(tmp_path: Path) -> None:
    rig = Rig(folder=tmp_path)
    rig.settle()

    champion = rig.loop.champion
    assert champion is not None
    assert champion.model.version == "1"
    assert rig.world.traffic == {champion.deployment: 100}
    assert rig.world.lineage["1"]["dataset"] == "azureml:rain-training:1"
    assert rig.world.lineage["1"]["code-digest"] == "c0de"
    assert rig.world.lineage["1"]["runtime"] == "runtime:1"
    assert rig.world.lineage["1"]["job"] == rig.world.submitted[0].name


def test_gate_a_candidate_that_is_not_better_gets_no_traffic(rig: Rig) -> None:
    drifts(rig)
    better(rig, accuracy=0.6)
    said = rig.until("gate rejected")

    assert said.numbers["accuracy.candidate"] == 0.6
    assert said.numbers["accuracy.champion"] == 0.7
    assert rig.world.created == [f"{next(iter(rig.world.traffic))}"]
    assert rig.store.attempts("rain")[-1].outcome is Outcome.REJECTED


def test_gate_a_candidate_that_may_be_better_by_chance_gets_no_traffic(rig: Rig) -> None:
    drifts(rig)
    better(rig, accuracy=0.71)
    said = rig.until("gate rejected")

    assert said.numbers["verdict"] == "inconclusive"
    assert float(said.numbers["accuracy.delta"] or 0) > 0
    assert len(rig.world.created) == 1


def test_gate_too_few_held_out_rows_are_not_a_pass(rig: Rig) -> None:
    drifts(rig)
    better(rig, accuracy=1.0)
    rig.world.holdout = 199
    said = rig.until("gate rejected")

    assert "199 labelled rows held out, 200 needed" in said.why
    assert len(rig.world.created) == 1


APPROVAL = PROJECT.replace("  rollout:\n", "    - {name: owner, type: approval, expires: P3D}\n  rollout:\n")


@pytest.fixture
def asking(tmp_path: Path) -> Rig:
    rig = Rig(folder=tmp_path, text=APPROVAL)
    rig.settle()
    return rig


def test_approval_the_rollout_waits_for_somebody_who_is_not_the_author(asking: Rig) -> None:
    attempt = asking.loop.attempt
    assert attempt is not None
    assert attempt.phase is AttemptPhase.APPROVING
    for name in ("author", "Author"):
        with pytest.raises(commands.NotPossibleError, match=f"{name} asked for this candidate"):
            commands.approve(asking.context, name, "fine", granted=True)
    commands.approve(asking.context, "ada", "fine", granted=True)
    asking.settle()

    assert asking.loop.champion is not None


def test_approval_of_two_takes_two_people_about_the_same_record(tmp_path: Path) -> None:
    rig = Rig(folder=tmp_path, text=APPROVAL.replace("type: approval,", "type: approval, count: 2,"))
    rig.settle()
    records = {"one": "sha256:1", "another": "sha256:2"}

    def says(name: str, record: str) -> bool:
        commands.approve(rig.context, name, "fine", granted=True, subject=lambda _: records[record])
        rig.settle()
        return rig.loop.champion is not None

    assert not says("ada", "one")
    assert not says("Ada", "one")
    assert not says("grace", "another")
    assert says("grace", "one")


def test_approval_expires(asking: Rig) -> None:
    asking.days(3)

    first = asking.store.attempts("rain")[0]
    assert first.outcome is Outcome.REJECTED
    assert "nobody approved" in first.why


def test_approval_is_refused_by_one_word(asking: Rig) -> None:
    commands.approve(asking.context, "ada", "no", granted=False)
    asking.settle()

    assert asking.store.attempts("rain")[0].outcome is Outcome.REJECTED


def test_a_model_that_failed_in_a_rollout_is_tried_again_only_by_a_person(rig: Rig) -> None:
    rig.world.same_bytes = True
    rig.world.smoke_errors = 1.0
    better(rig, "2")
    better(rig, "3")
    better(rig, "4")
    commands.trigger(rig.context, "ada", "bad model")
    rig.settle()
    rig.world.smoke_errors = 0.0
    drifts(rig)
    rig.until("attempt rejected")
    assert "bytes of a model that failed in a rollout" in rig.store.attempts("rain")[-1].why

    commands.trigger(rig.context, "ada", "the fault was elsewhere")
    rig.until("champion promoted")
