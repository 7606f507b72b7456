"""Who may say yes, how many must, and to exactly what; each test fails when its control is taken away."""

from pathlib import Path

import pytest

from mlops.domain.gates import approval
from mlops.flows import commands
from mlops.spec.errors import ProjectFileError
from rules.approvals import RULES
from tests.mlops.rig import PROJECT, Rig

OWNERS = (
    "    - {name: owner, type: approval, approvers: [owners]}\n  groups: {owners: [ada, grace, author]}\n  rollout:\n"
)


def asking(folder: Path, gate: str = OWNERS, risk: str = "") -> Rig:
    text = PROJECT.replace("  rollout:\n", gate).replace("{name: rain}\nspec", f"{{name: rain{risk}}}\nspec")
    rig = Rig(folder=folder, text=text)
    rig.settle()
    return rig


def says(rig: Rig, name: str) -> bool:
    """Whether the candidate is served after that word."""
    commands.approve(rig.context, name, "fine", granted=True)
    rig.settle()
    return rig.loop.champion is not None


def test_only_people_of_the_group_are_heard(tmp_path: Path) -> None:
    rig = asking(tmp_path)

    with pytest.raises(commands.NotPossibleError, match=r"mallory is not of owners \(ada, grace, author\)"):
        commands.approve(rig.context, "mallory", "fine", granted=True)
    with pytest.raises(commands.NotPossibleError, match="author asked for this candidate"):
        commands.approve(rig.context, "author", "fine", granted=True)
    assert says(rig, "Ada")


def test_a_high_risk_takes_two_people_where_the_project_does_not_say_how_many(tmp_path: Path) -> None:
    rig = asking(tmp_path, risk=", risk: {tier: high}")

    assert not says(rig, "ada")
    assert not says(rig, "ADA")
    assert says(rig, "grace")


def test_the_gate_asks_for_as_many_as_the_rule_on_releases_does() -> None:
    (rule,) = [rule for rule in RULES if rule.name == "promotion-approvals"]

    assert {tier: approval.BY_TIER[tier] for tier in ("low", "medium", "high")} == rule.settings["approvers"].defaults[
        "prod"
    ]


def test_a_new_project_file_makes_what_was_said_void(tmp_path: Path) -> None:
    rig = asking(tmp_path, risk=", risk: {tier: high}")
    assert not says(rig, "ada")
    text = rig.store.applied("rain", 1).text
    rig.apply(text.replace("metadata: {name: rain", "metadata: {name: rain, owner: somebody"))

    assert not says(rig, "grace")
    assert says(rig, "ada")


@pytest.mark.parametrize(
    ("risk", "serves"),
    [(", risk: {tier: low}", True), (", risk: {tier: high}", False), ("", False)],
)
def test_an_approval_is_asked_for_at_the_risks_that_are_named_and_where_nobody_named_one(
    tmp_path: Path, risk: str, *, serves: bool
) -> None:
    gate = "    - {name: owner, type: approval, when: {risk: [medium, high]}}\n  rollout:\n"
    rig = asking(tmp_path, gate, risk)

    assert (rig.loop.champion is not None) is serves
    if serves:
        assert "owner: not asked for: the risk is low" in [each.decision.why for each in rig.store.decisions("rain")]


@pytest.mark.parametrize(
    ("gate", "said"),
    [
        ("approvers: [nobody]", "there is no group 'nobody': owners"),
        ("approvers: [owners], count: 2", "2 people must approve, and owners have 1: name more people"),
        ("approvers: [owners]", "only ada may approve, and never what they asked for or applied themselves"),
    ],
)
def test_an_approval_that_can_never_come_is_refused(tmp_path: Path, gate: str, said: str) -> None:
    part = f"    - {{name: owner, type: approval, {gate}}}\n  groups: {{owners: [ada]}}\n  rollout:\n"
    with pytest.raises(ProjectFileError, match=said):
        asking(tmp_path, part)
