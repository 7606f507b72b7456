"""A project as a value, for decisions that look at one or two of its parts."""

from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from mlops.domain.project import Project
from mlops.spec.read import parse_project
from tests.fakes.azure import write_project_folder
from tests.mlops.rig import PROJECT


@cache
def _plain() -> Project:
    with TemporaryDirectory() as folder:
        write_project_folder(Path(folder))
        return parse_project(PROJECT, Path(folder) / "project.yaml")


def project_with(**parts: Any) -> Project:  # noqa: ANN401 - parts of a project
    """The rig's project, with these parts instead."""
    return replace(_plain(), **parts)
