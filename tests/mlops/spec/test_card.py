"""A model card says its status, version and day in its front matter; what is wrong there is told by line."""

import hashlib
from pathlib import Path

import pytest

from mlops.domain.declared.facts import Card
from mlops.spec.card import read_card
from mlops.spec.errors import ProjectFileError
from mlops.spec.read import parse_project
from tests.fakes.azure import write_project_folder
from tests.mlops.rig import PROJECT


def card(folder: Path, text: str) -> Path:
    path = folder / "card.md"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("front", "status", "version", "updated"),
    [
        ("status: approved\nversion: 3\nupdated: 2026-05-21T10:00:00+02:00", "approved", "3", "2026-05-21T08:00:00Z"),
        ("status: draft\nversion: '1.0'\nupdated: 2026-05-21", "draft", "1.0", "2026-05-21T00:00:00Z"),
        ("license: mit", None, None, None),
    ],
    ids=["all", "a day", "nothing of ours"],
)
def test_a_card_says_what_its_front_matter_says(
    front: str, status: str | None, version: str | None, updated: str | None, tmp_path: Path
) -> None:
    path = card(tmp_path, f"---\n{front}\n---\n# A card\n")

    digest = "sha256:" + hashlib.sha256(path.read_bytes()).hexdigest()
    assert read_card(path) == Card(digest=digest, status=status, version=version, updated=updated)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("# A card\n", ["card.md:1: a model card begins with front matter"]),
        ("---\nstatus: fine\nversion: 1\nupdated: soon\n---\n",
         ["card.md:2: status: is 'fine'; it may be draft, pending, approved, archived",
          "card.md:4: updated: is 'soon'; it is a day or a moment"]),
        ("---\nstatus: [\n---\n", ["card.md:3: no YAML"]),
    ],
    ids=["no front matter", "two wrong words", "no YAML"],
)  # fmt: skip
def test_a_card_that_is_none_is_found_when_the_project_file_is_checked(
    text: str, said: list[str], tmp_path: Path
) -> None:
    write_project_folder(tmp_path)
    card(tmp_path, text)
    project = PROJECT.replace("model: {name: rain}", "model: {name: rain, card: card.md}")

    with pytest.raises(ProjectFileError) as refused:
        parse_project(project, tmp_path / "project.yaml")

    lines = str(refused.value).splitlines()
    assert [expected in line for expected, line in zip(said, lines, strict=True)] == [True] * len(said), lines


def test_a_card_that_is_missing_is_found(tmp_path: Path) -> None:
    write_project_folder(tmp_path)

    with pytest.raises(ProjectFileError, match=r"card\.md: cannot be read: No such file"):
        parse_project(
            PROJECT.replace("{name: rain}\n  data", "{name: rain, card: card.md}\n  data"), tmp_path / "p.yaml"
        )
