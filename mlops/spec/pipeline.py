"""What is wrong with a pipeline file before Azure ML sees it: a component or a seam that is not there."""

from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

_INPUTS = ("data",)
_OUTPUTS = ("model", "evaluation")


def pipeline_problem(path: Path) -> str:
    """The first thing wrong, with what to do; empty when nothing is."""
    try:
        tree = YAML(typ="safe").load(path)
    except YAMLError as error:
        return f"{path} is no YAML: {error}"
    if not isinstance(tree, dict) or not isinstance(tree.get("jobs"), dict):
        return f"{path} is no pipeline job: it needs type: pipeline and jobs"
    for part, names in (("inputs", _INPUTS), ("outputs", _OUTPUTS)):
        for name in names:
            if name not in (tree.get(part) or {}):
                return f"{path} has no {part[:-1]} {name!r}: the loop needs inputs data and outputs model, evaluation"
    return next((problem for name, job in tree["jobs"].items() if (problem := _job_problem(path, name, job))), "")


def _job_problem(path: Path, name: str, job: Any) -> str:  # noqa: ANN401 - as YAML has it
    component = job.get("component") if isinstance(job, dict) else None
    if not isinstance(component, str) or component.startswith("azureml:"):
        return ""
    found = (path.parent / component.removeprefix("file:")).resolve()
    if found.is_file():
        return ""
    return f"{path}: job {name!r} names the component {component}, but {found} does not exist"
