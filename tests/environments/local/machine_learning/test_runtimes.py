"""The Python part of Azure ML environments: read, refused by name, built once."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from environments.local.machine_learning.runtime_build import build, find_python
from environments.local.machine_learning.runtime_spec import (
    RuntimeRefusedError,
    RuntimeSpec,
    read_curated,
    read_environment,
)

if TYPE_CHECKING:
    from pathlib import Path

_IMAGE = "mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu22.04:latest"
_CONDA = """
channels: [conda-forge]
dependencies:
  - python=3.11
  - pip=24
  - numpy=1.26
  - conda-forge::scikit-learn=1.5.*
  - pandas>=2
  - pytorch==2.2.1
  - matplotlib-base=3.8.2=py311_0
  - pip:
      - six
      - --extra-index-url https://example.com/simple
"""


def test_a_conda_file_becomes_what_pip_installs() -> None:
    assert read_environment("e:1", {"image": _IMAGE, "condaFile": _CONDA}) == RuntimeSpec(
        python="3.11",
        requirements=(
            "numpy==1.26.*",
            "scikit-learn==1.5.*",
            "pandas>=2",
            "torch==2.2.1",
            "matplotlib==3.8.2",
            "six",
            "--extra-index-url https://example.com/simple",
        ),
        image=_IMAGE,
    )


@pytest.mark.parametrize(
    ("image", "python"),
    [
        ("python:3.12-slim", "3.12"),
        ("python", "3.10"),
        (_IMAGE, "3.10"),
        ("mcr.microsoft.com/azureml/minimal-ubuntu22.04-py39-cpu-inference:latest", "3.9"),
    ],
)
def test_a_known_image_says_which_python_it_has(image: str, python: str) -> None:
    assert read_environment("e:1", {"image": image}).python == python


@pytest.mark.parametrize(
    ("properties", "says"),
    [
        ({"build": {"contextUri": "x"}}, "environment e:1: a Dockerfile"),
        ({"image": "example.com/own:1"}, "image example.com/own:1 is not among the images"),
        (
            {"image": _IMAGE, "condaFile": "dependencies: [cudatoolkit, r-base, numpy]"},
            "only conda has cudatoolkit, r-base",
        ),
        (
            {"image": _IMAGE, "condaFile": "dependencies: [{pip: [-r requirements.txt]}]"},
            "`-r requirements.txt` names a file",
        ),
        ({"image": _IMAGE, "condaFile": "dependencies: numpy"}, "has no list `dependencies`"),
        ({"image": _IMAGE, "condaFile": "{"}, "its conda file is not YAML"),
    ],
    ids=["Dockerfile", "unknown image", "conda-only", "a file of the context", "no list", "no YAML"],
)
def test_what_cannot_be_built_is_refused_by_name(properties: dict[str, Any], says: str) -> None:
    with pytest.raises(RuntimeRefusedError) as caught:
        read_environment("e:1", properties)
    assert says in str(caught.value)


def test_a_curated_environment_is_one_of_a_declared_list() -> None:
    assert "scikit-learn==1.5.*" in read_curated("sklearn-1.5").requirements
    with pytest.raises(RuntimeRefusedError, match="curated environment AzureML-TensorFlow is not known here; allowed"):
        read_curated("AzureML-TensorFlow")


def test_the_same_python_part_is_one_runtime_whatever_the_order_and_the_image() -> None:
    one = RuntimeSpec(python="3.11", requirements=("a", "b"), image="x")
    other = RuntimeSpec(python="3.11", requirements=("b", "a"), image="y")
    different = RuntimeSpec(python="3.11", requirements=("a", "c"), image="x")
    assert one.digest == other.digest != different.digest


def test_a_runtime_is_built_once_and_holds_what_was_asked_for(tmp_path: Path) -> None:
    spec = RuntimeSpec(python=".".join(map(str, sys.version_info[:2])), requirements=("six==1.17.0",))
    built = build(spec, tmp_path)
    said = subprocess.run(
        [built.programs / "python", "-c", "import six; print(six.__version__)"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert said.stdout == "1.17.0\n"
    marker = built.folder / "marker"
    marker.touch()
    assert (build(spec, tmp_path), marker.exists()) == (built, True)


def test_what_pip_cannot_have_is_named_and_nothing_half_built_stays(tmp_path: Path) -> None:
    spec = RuntimeSpec(python=".".join(map(str, sys.version_info[:2])), requirements=("surely-no-such-package-xq",))
    with pytest.raises(RuntimeRefusedError, match="pip cannot have surely-no-such-package-xq"):
        build(spec, tmp_path)
    assert [path for path in tmp_path.iterdir() if path.is_dir()] == []


def test_the_nearest_python_is_used_with_a_warning() -> None:
    own = ".".join(map(str, sys.version_info[:2]))
    assert find_python(own)[1] == ""
    python, warning = find_python("3.99")
    assert (
        warning
        == f"warning: Python 3.99 is not on this machine; {'.'.join(map(str, python.version))} is used instead.\n"
    )
