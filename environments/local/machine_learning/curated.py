"""The images and curated environments of Azure ML whose Python part is known here: a short, declared list."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

DEFAULT_PYTHON = "3.10"
"""The Python of Azure ML's base images where neither image nor conda file names one."""

_SERVING = ("azureml-inference-server-http", "azureml-ai-monitoring")
_TRACKING = ("mlflow-skinny", "azureml-mlflow")


@dataclass(frozen=True, kw_only=True)
class Curated:
    """A declared Python part."""

    python: str = DEFAULT_PYTHON
    requirements: tuple[str, ...] = ()


_SKLEARN = Curated(requirements=("scikit-learn==1.5.*", "pandas", "joblib", *_TRACKING, *_SERVING))

ENVIRONMENTS: Mapping[str, Curated] = {
    "sklearn-1.5": _SKLEARN,
    "azureml-sklearn-1.5": _SKLEARN,
    "azureml-sklearn-1.0-ubuntu20.04-py38-cpu": _SKLEARN,
    "minimal-py311-inference": Curated(python="3.11", requirements=_SERVING),
    "minimal-py312-inference": Curated(python="3.12", requirements=_SERVING),
    "minimal-inference": Curated(requirements=_SERVING),
}
"""Name in the registry `azureml` (lower case) -> Python part."""

_CURATED_IMAGE = re.compile(r"^mcr\.microsoft\.com/azureml/curated/(?P<name>[\w.-]+?)(?::[\w.-]+)?$")
_BASE_IMAGE = re.compile(
    r"^mcr\.microsoft\.com/azureml/(?:openmpi|intelmpi|base|minimal-ubuntu|inference|o16n-base|inference-base)[\w./-]*(?::[\w.-]+)?$"
)
_IMAGE_PYTHON = re.compile(r"py(?:thon)?(\d)\.?(\d+)")
_PYTHON_IMAGE = re.compile(r"^(?:docker\.io/)?(?:library/)?python(?::(?P<version>\d+(?:\.\d+)*)?[\w.-]*)?$")


def python_of_image(image: str) -> Curated | None:
    """Find what is declared of an image; None where nothing is known of it."""
    if curated := _CURATED_IMAGE.match(image):
        return ENVIRONMENTS.get(curated["name"].lower())
    if python := _PYTHON_IMAGE.match(image):
        return Curated(python=python["version"] or DEFAULT_PYTHON)
    if _BASE_IMAGE.match(image):
        named = _IMAGE_PYTHON.search(image)
        serving = _SERVING if "inference" in image else ()
        return Curated(python=f"{named[1]}.{named[2]}" if named else DEFAULT_PYTHON, requirements=serving)
    return None


def known_images() -> tuple[str, ...]:
    """The families of images that are known, for an error message."""
    return (
        "mcr.microsoft.com/azureml/openmpi…",
        "mcr.microsoft.com/azureml/minimal-ubuntu…",
        "mcr.microsoft.com/azureml/curated/<listed>",
        "python:<version>",
    )
