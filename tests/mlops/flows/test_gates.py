"""What stands between a new model and the traffic: gates and people; each test fails when its control is taken away."""

from pathlib import Path

import pytest

from mlops.domain.loop import AttemptPhase, Outcome
from mlops.domain.world import Signature
from mlops.flows import commands
from mlops.flows.release_numbers import measurements
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


def test_approval_of_one_gate_is_none_of_the_next_which_knows_more(tmp_path: Path) -> None:
    second = "type: approval, expires: P3D}\n    - {name: owner, type: approval, expires: P3D}\n"
    two = APPROVAL.replace("name: owner, type: approval, expires: P3D}\n", f"name: risk, {second}")
    rig = Rig(folder=tmp_path, text=two)
    rig.settle()
    commands.approve(rig.context, "ada", "fine", granted=True)
    rig.settle()
    assert rig.loop.champion is None

    commands.approve(rig.context, "ada", "still fine", granted=True)
    rig.settle()
    assert [result.gate for result in rig.store.attempts("rain")[0].gates] == ["evaluation", "risk", "owner"]


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


CONTRACT = PROJECT.replace("  gates:\n", "  gates:\n    - {name: contract, type: contract}\n")
SLICES = PROJECT.replace(
    "  rollout:\n",
    "    - name: fair\n      type: slices\n      by: [station]\n      minPerSlice: 100\n"
    "      metrics: [{name: accuracy, atLeast: 0.6}, {name: demographic_parity_difference, atMost: 0.2}]\n  rollout:\n",
)
CARD = "---\nstatus: approved\nversion: 1\nupdated: 2026-01-01\n---\n"
SAID = "{name: rain, owner: weather, intendedUse: umbrellas, risk: {tier: low}}"


def test_gate_a_model_that_takes_other_columns_gets_no_traffic(tmp_path: Path) -> None:
    (tmp_path / "card.md").write_text(CARD, encoding="utf-8")
    text = CONTRACT.replace("model: {name: rain}", "model: {name: rain, card: card.md}").replace(
        "{name: rain}\ns", f"{SAID}\ns"
    )
    rig = Rig(folder=tmp_path, text=text)
    rig.world.signature = Signature(required=("temperature", "minimum", "humidity"))
    rig.settle()
    (ended,) = rig.store.attempts("rain")

    assert ended.outcome is Outcome.REJECTED
    assert "the model needs 'humidity', which is no feature" in ended.why
    assert rig.world.created == []
    rig.world.signature = Signature(required=("temperature", "minimum", "maximum"))
    commands.trigger(rig.context, "ada", "mended")
    rig.settle()
    assert rig.loop.champion is not None


def test_gate_a_model_without_a_card_gets_no_traffic(tmp_path: Path) -> None:
    rig = Rig(folder=tmp_path, text=CONTRACT)
    rig.world.signature = Signature(required=("temperature", "minimum", "maximum"))
    rig.settle()

    assert "there is no model card" in rig.store.attempts("rain")[0].why
    assert rig.world.created == []


def test_gate_a_model_that_fails_a_group_gets_no_traffic(tmp_path: Path) -> None:
    rig = Rig(folder=tmp_path, text=SLICES)
    rig.world.groups = lambda at: {"station": "hill" if (at * 37) % 100 < 66 else "valley"}  # right on the hill
    rig.settle()
    (ended,) = rig.store.attempts("rain")

    assert ended.outcome is Outcome.REJECTED
    assert "station=valley: accuracy" in ended.why
    assert "demographic_parity_difference[station]" in ended.why
    assert rig.world.created == []


def test_gate_what_each_group_got_stands_in_the_releases_record(tmp_path: Path) -> None:
    rig = Rig(folder=tmp_path, text=SLICES)
    rig.world.groups = lambda at: {"station": "hill" if at % 2 else "valley"}
    rig.settle()
    (attempt,) = rig.store.attempts("rain")
    found = [one for one in measurements(rig.project, attempt, "rows:1") if one["kind"] != "performance"]

    assert [(one["kind"], one["metric"], one["limit"], one["groupedBy"], one["samples"]) for one in found] == [
        ("cohort", "accuracy[station=hill]", ">= 0.6", "station", 150),
        ("cohort", "accuracy[station=valley]", ">= 0.6", "station", 150),
        ("fairness", "demographic_parity_difference", "<= 0.2", "station", 150),
    ]


def test_gate_without_a_champion_a_project_may_ask_for_one(tmp_path: Path) -> None:
    rig = Rig(folder=tmp_path, text=PROJECT.replace("type: compare,", "type: compare, onNoBaseline: inconclusive,"))
    rig.settle()

    assert "there is no champion to compare with" in rig.store.attempts("rain")[0].why
    assert rig.world.created == []
