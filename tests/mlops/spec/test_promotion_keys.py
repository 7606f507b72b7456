"""What `validate` finds in the way between environments, and what it reads there."""

from datetime import timedelta
from pathlib import Path

import pytest

from mlops.domain.declared.gate import Approvers
from mlops.domain.declared.promotion import Asked, Promotion
from mlops.spec.errors import ProjectFileError
from mlops.spec.read import parse_project
from tests.fakes.azure import write_project_folder
from tests.mlops.rig import PROJECT

LEAST = """\
  promotion:
    order: [dev, prod]
    evaluate: evaluate.yml
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_project_folder(tmp_path)
    return tmp_path


def found(folder: Path, part: str) -> list[str]:
    with pytest.raises(ProjectFileError) as caught:
        parse_project(PROJECT + part, folder / "project.yaml")
    return [str(each).replace(f"{folder}/", "") for each in caught.value.findings]


def test_what_is_not_said_has_the_default_of_a_careful_engineer(folder: Path) -> None:
    project = parse_project(PROJECT + LEAST, folder / "project.yaml")

    assert project.promotion == Promotion(
        order=("dev", "prod"),
        evaluate=folder / "evaluate.yml",
        registry="",
        check_every=timedelta(minutes=15),
        asked=Asked(approvers=Approvers(count=1, not_author=True), expires=timedelta(days=3)),
    )
    assert [project.comes_from(name) for name in ("dev", "prod", "elsewhere")] == [None, "dev", None]


def test_nobody_is_asked_where_the_file_says_so(folder: Path) -> None:
    text = f"{PROJECT}{LEAST}    requires: {{approval: null}}\n"

    promotion = parse_project(text, folder / "project.yaml").promotion
    assert promotion
    assert promotion.asked is None


@pytest.mark.parametrize(
    ("part", "said"),
    [
        (LEAST.replace("[dev, prod]", "[dev]"), "spec.promotion.order: tuple should have at least 2 items"),
        (LEAST.replace("[dev, prod]", "[dev, prod, dev]"), "spec.promotion: dev stands twice in the order"),
        (LEAST.replace("evaluate.yml", "none.yml"), "spec.promotion.evaluate: none.yml does not exist"),
        (LEAST.replace("evaluate.yml", "pipeline.yml"), "pipeline.yml:2: inputs: has no input 'candidate'"),
        (
            f"{LEAST}    checkEvery: P4D\n",
            "a word is good for P3D, and the registry is asked every P4D",
        ),
        (
            f"{LEAST}    requires: {{approval: {{approvers: [owners]}}}}\n",
            "spec.promotion.requires.approval.approvers: there is no group 'owners'",
        ),
        (
            f"{LEAST}    requires: {{approval: {{approvers: [owners], count: 2}}}}\n  groups: {{owners: [ada]}}\n",
            "spec.promotion.requires.approval: 2 people must approve, and owners have 1",
        ),
        (
            f"{LEAST}    requires: {{approval: {{approvers: [owners]}}}}\n  groups: {{owners: [ada]}}\n",
            "spec.promotion.requires.approval: only ada may approve, and never what they asked for",
        ),
        (f"{LEAST}    via: {{regstry: shared}}\n", "did you mean 'registry'?"),
    ],
)
def test_what_can_never_be_met_is_found_before_anything_waits_for_it(folder: Path, part: str, said: str) -> None:
    assert any(said in line for line in found(folder, part)), found(folder, part)
