"""What an Azure ML environment asks of Python: read from its image and conda file, without building anything."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import yaml

from environments.local.machine_learning import curated

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_FORM = 2
"""Counts how runtimes are built: another number builds all anew."""
_CONDA_SPEC = re.compile(r"^(?:(?P<channel>[\w.-]+)::)?(?P<name>[A-Za-z0-9_.-]+)\s*(?P<rest>.*)$")
_EXACT = re.compile(r"^\d[\w.!+]*$")

# Conda's name -> pip's, where they differ.
_RENAMED = {
    "matplotlib-base": "matplotlib",
    "msgpack-python": "msgpack",
    "opencv": "opencv-python-headless",
    "py-opencv": "opencv-python-headless",
    "py-xgboost": "xgboost",
    "python-graphviz": "graphviz",
    "pytorch": "torch",
    "pytables": "tables",
    "seaborn-base": "seaborn",
}
# Programs, compilers and drivers that only conda (or an image) brings; by prefix where a family is meant.
_CONDA_ONLY = re.compile(
    r"^(cuda.*|cudatoolkit|cudnn|nccl|mkl|blas|openmpi|mpich|nodejs|openjdk|r|r-.*|rust|go|compilers|gcc.*|gxx.*|"
    r"libgcc.*|libstdcxx.*|libgomp|libblas.*|libcblas.*|liblapack.*|openblas|gfortran.*|make|git|git-lfs|curl|wget|"
    r"ffmpeg|graphviz|gdal|openssl|sqlite|zlib|perl|bash|_libgcc_mutex|_openmp_mutex|ca-certificates)$"
)
# What conda lists beside the packages and a virtual environment has, or does not need.
_BUILT_IN = {"pip", "python"}
_REFUSED_OPTIONS = ("-r", "--requirement", "-c", "--constraint", "-e", "--editable")


class RuntimeRefusedError(Exception):
    """An environment that cannot be built here; the text names what, and what is allowed."""


@dataclass(frozen=True, kw_only=True)
class RuntimeSpec:
    """The Python part of an environment."""

    python: str
    """Wanted version, `3.10` or `3.10.4`."""
    requirements: tuple[str, ...]
    """Lines of a requirements file, options such as `--extra-index-url` included."""
    image: str = ""

    @property
    def digest(self) -> str:
        """Name the built environment: the same Python part, whatever the image, is built once."""
        content = json.dumps([_FORM, self.python, sorted(self.requirements)])
        return hashlib.sha256(content.encode()).hexdigest()[:24]


def read_environment(name: str, properties: Mapping[str, Any]) -> RuntimeSpec:
    """Read an environment version's `properties`.

    Raises RuntimeRefusedError where the environment holds what a virtual environment cannot: a Dockerfile, packages
    that only conda has, or an image of which nothing is known.
    """
    if properties.get("build"):
        raise RuntimeRefusedError(
            f"environment {name}: a Dockerfile (build context) is not built here; give `image` and `conda_file`."
        )
    image = str(properties.get("image") or "")
    conda = properties.get("condaFile")
    base = curated.python_of_image(image)
    if conda:
        return _read_conda(name, str(conda), image=image, base=base)
    if base is None:
        raise RuntimeRefusedError(
            f"environment {name}: image {image or '(none)'} is not among the images whose Python part is known here "
            f"({', '.join(curated.known_images())}); give it a `conda_file`."
        )
    return RuntimeSpec(python=base.python, requirements=base.requirements, image=image)


def read_curated(name: str) -> RuntimeSpec:
    """Read a curated environment of the `azureml` registry.  Raises RuntimeRefusedError for one not on the list."""
    known = curated.ENVIRONMENTS.get(name.lower())
    if known is None:
        raise RuntimeRefusedError(
            f"curated environment {name} is not known here; allowed: {', '.join(sorted(curated.ENVIRONMENTS))}."
        )
    return RuntimeSpec(python=known.python, requirements=known.requirements, image=f"curated:{name}")


def _read_conda(name: str, text: str, *, image: str, base: curated.Curated | None) -> RuntimeSpec:
    try:
        content = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise RuntimeRefusedError(f"environment {name}: its conda file is not YAML ({error}).") from error
    dependencies = content.get("dependencies") if isinstance(content, dict) else None
    if not isinstance(dependencies, list):
        raise RuntimeRefusedError(f"environment {name}: its conda file has no list `dependencies`.")
    python = base.python if base else curated.DEFAULT_PYTHON
    requirements: list[str] = []
    refused: list[str] = []
    for entry in dependencies:
        if isinstance(entry, dict):
            requirements += _pip_lines(name, entry.get("pip") or [])
            continue
        package, version = _conda_package(name, str(entry))
        if package == "python":
            python = re.sub(r"[^\d.]", "", version.split(",")[0]).strip(".") or python
        elif _CONDA_ONLY.match(package):
            refused.append(package)
        elif package not in _BUILT_IN:
            requirements.append(_RENAMED.get(package, package) + version)
    if refused:
        raise RuntimeRefusedError(
            f"environment {name}: only conda has {', '.join(sorted(refused))}; a virtual environment is built here, "
            "so every package must be one that pip can install."
        )
    return RuntimeSpec(python=python, requirements=tuple(requirements), image=image)


def _conda_package(name: str, entry: str) -> tuple[str, str]:
    """`conda-forge::numpy=1.26=py310_0` -> (`numpy`, `==1.26.*`), as conda reads a match specification."""
    found = _CONDA_SPEC.match(entry.strip())
    if found is None:
        raise RuntimeRefusedError(f"environment {name}: `{entry}` in its conda file is no package.")
    package, rest = found["name"].lower(), found["rest"].replace(" ", "")
    if not rest:
        return package, ""
    if rest.startswith("=") and not rest.startswith("=="):
        version = rest[1:].split("=")[0]
        if version.endswith("*"):
            return package, f"=={version.rstrip('*').rstrip('.')}.*"
        # One `=` is fuzzy: 1.26 means any 1.26.x.
        return package, f"=={version}.*" if _EXACT.match(version) and version.count(".") < 2 else f"=={version}"  # noqa: PLR2004 - major.minor.patch
    return package, rest.split("=py")[0]


def _pip_lines(name: str, lines: Iterable[object]) -> list[str]:
    checked: list[str] = []
    for line in lines:
        text = str(line).strip()
        if text.startswith(_REFUSED_OPTIONS) or text.startswith((".", "/")):
            raise RuntimeRefusedError(
                f"environment {name}: `{text}` names a file of a build context, which is not built here; "
                "list the packages themselves."
            )
        if text and not text.startswith("#"):
            checked.append(text)
    return checked
