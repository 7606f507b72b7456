"""The runtime of a job or deployment: from the id of its environment to a built virtual environment."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from environments.local.machine_learning import assets
from environments.local.machine_learning.runtime_build import Runtime, build
from environments.local.machine_learning.runtime_spec import RuntimeRefusedError, read_curated, read_environment

if TYPE_CHECKING:
    from environments.local.arm.ids import ResourceId
    from environments.local.arm.resource_types import Context
    from environments.local.machine_learning.runtime_spec import RuntimeSpec

_CURATED = re.compile(r"^azureml://registries/azureml/environments/(?P<name>[^/]+)(?:/(?:versions|labels)/[^/]+)?$")


def runtime_of(context: Context, workspace: ResourceId, environment: str) -> Runtime:
    """Build the Python part of an environment, or find it built.

    Raises RuntimeRefusedError where it cannot be built here, and ArmError where there is no such environment.
    """
    return runtime_for(context, spec_of(context, workspace, environment))


def runtime_for(context: Context, spec: RuntimeSpec) -> Runtime:
    """Build what a specification asks for, or find it built.  Raises RuntimeRefusedError."""
    return build(spec, cache(), own_proxy=f"http://127.0.0.1:{context.ports.proxy}")


def spec_of(context: Context, workspace: ResourceId, environment: str) -> RuntimeSpec:
    """Read what an environment asks for.  Raises as `runtime_of` does."""
    if not environment:
        raise RuntimeRefusedError("no environment is given; name one that has an image and a conda file.")
    if curated := _CURATED.match(environment):
        return read_curated(curated["name"])
    found = assets.find(context, workspace, environment, ("environments",))
    name = f"{found.id.names[-2]}:{found.id.name}"
    return read_environment(name, found.properties)


def cache() -> Path:
    """Where runtimes are kept: outside of any checkout, shared by all."""
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "aml-kit" / "runtimes"
