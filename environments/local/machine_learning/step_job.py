"""A pipeline's step as a job of its own: its component's command with the pipeline's inputs and outputs bound to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import yaml

from environments.local.machine_learning import assets, job_outputs
from environments.local.machine_learning.bindings import (
    BindingError,
    ParentInput,
    StepOutput,
    read_parent_output,
    read_reference,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from environments.local.arm.ids import ResourceId
    from environments.local.arm.resource_types import Body, Context, Resource

_DATA_TYPES = ("uri_file", "uri_folder", "mltable", "custom_model", "mlflow_model", "triton_model")


@dataclass(frozen=True, kw_only=True)
class _Step:
    context: Context
    pipeline: Resource
    name: str
    steps: Mapping[str, Any]
    child_of: Callable[[str], str]

    @property
    def workspace(self) -> ResourceId:
        assert self.pipeline.id.parent is not None  # noqa: S101 - a job lies in a workspace
        return self.pipeline.id.parent

    @property
    def step(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.steps[self.name]
        return found


def body_of(
    context: Context, pipeline: Resource, name: str, steps: Mapping[str, Any], child_of: Callable[[str], str]
) -> Body:
    """Write the child job's properties.

    Raises BindingError for an input that is missing or refers to nothing, ArmError for a component that is not there.
    """
    this = _Step(context=context, pipeline=pipeline, name=name, steps=steps, child_of=child_of)
    spec = component_of(context, this.workspace, this.step)
    kind = str(this.step.get("type") or spec.get("type") or "command").lower()
    base = _base(this)
    match kind:
        case "command":
            return {**base, **_command(this, spec)}
        case "sweep":
            return {**base, **_sweep(this, spec)}
        case "pipeline" | "pipeline_component":
            settings = {**(pipeline.properties.get("settings") or {}), **(this.step.get("settings") or {})}
            return {
                **base,
                "jobType": "Pipeline",
                "jobs": spec.get("jobs") or this.step.get("jobs") or {},
                "settings": settings,
                "inputs": _inputs(this, spec),
                "outputs": _outputs(this, spec),
            }
    return {**base, "jobType": kind.capitalize()}


def component_of(context: Context, workspace: ResourceId, step: Mapping[str, Any]) -> Mapping[str, Any]:
    """Read the specification of a step's component.  Raises ArmError where it does not exist."""
    reference = step.get("componentId") or (step.get("trial") or {}).get("componentId") or step.get("component")
    if isinstance(reference, dict):
        return reference
    if not reference:
        return step
    found = assets.find(context, workspace, str(reference), ("components",))
    spec = found.properties.get("componentSpec")
    read: Mapping[str, Any] = yaml.safe_load(spec) if isinstance(spec, str) else spec or {}
    return read


def check_inputs(step: str, spec: Mapping[str, Any], given: Mapping[str, Any]) -> None:
    """Raise BindingError where a required input of the component is not given, or an unknown one is."""
    declared: Mapping[str, Any] = spec.get("inputs") or {}
    for name, one in declared.items():
        optional = str(one.get("optional", "")).lower() == "true" or one.get("default") is not None
        if not optional and name not in given:
            raise BindingError(f"step {step} lacks the input {name} of its component.")
    if unknown := sorted(name for name in given if declared and name not in declared and "." not in name):
        raise BindingError(f"step {step}: its component has no input {unknown[0]}; it has: {', '.join(declared)}.")


def _base(this: _Step) -> Body:
    parent = this.pipeline.properties
    compute = this.step.get("computeId") or this.step.get("compute")
    settings = parent.get("settings") or {}
    return {
        "displayName": this.step.get("display_name") or this.step.get("displayName") or this.name,
        "experimentName": parent.get("experimentName") or "Default",
        "computeId": compute or parent.get("computeId") or settings.get("default_compute") or "",
        "status": "NotStarted",
        "isArchived": False,
        "tags": {},
        "properties": {"azureml.pipeline": this.pipeline.id.name, "azureml.nodeid": this.name},
        "services": {},
    }


def _command(this: _Step, spec: Mapping[str, Any]) -> Body:
    step = this.step
    resources = {**(spec.get("resources") or {}), **(step.get("resources") or {})}
    instances = resources.get("instance_count") or resources.get("instanceCount") or 1
    limits = {**(spec.get("limits") or {}), **(step.get("limits") or {})}
    variables = step.get("environment_variables") or step.get("environmentVariables") or {}
    return {
        "jobType": "Command",
        "command": spec["command"],
        "codeId": _code(spec.get("code")),
        "environmentId": step.get("environment") or spec.get("environment") or "",
        "environmentVariables": {**(spec.get("environment_variables") or {}), **variables},
        "resources": {"instanceCount": int(instances)},
        "limits": {"timeout": _timeout(limits.get("timeout"))},
        "inputs": _inputs(this, spec),
        "outputs": _outputs(this, spec),
    }


def _sweep(this: _Step, spec: Mapping[str, Any]) -> Body:
    step, limits = this.step, this.step.get("limits") or {}
    objective = step.get("objective") or {}
    algorithm = step.get("sampling_algorithm") or "random"
    command = str(spec["command"])
    space = {}
    for name, one in (step.get("search_space") or {}).items():
        space[name] = _distribution(one)
        command = command.replace(f"${{{{inputs.{name}}}}}", f"${{{{search_space.{name}}}}}")
    trial = _command(this, {**spec, "inputs": {k: v for k, v in (spec.get("inputs") or {}).items() if k not in space}})
    return {
        "jobType": "Sweep",
        "searchSpace": space,
        "samplingAlgorithm": {
            "samplingAlgorithmType": algorithm.get("type") if isinstance(algorithm, dict) else algorithm
        },
        "objective": {
            "goal": objective.get("goal", "maximize"),
            "primaryMetric": objective.get("primary_metric") or objective.get("primaryMetric"),
        },
        "limits": {
            "maxTotalTrials": limits.get("max_total_trials"),
            "maxConcurrentTrials": limits.get("max_concurrent_trials"),
            "timeout": _timeout(limits.get("timeout")),
            "trialTimeout": _timeout(limits.get("trial_timeout")),
        },
        "trial": {
            "command": command,
            **{key: trial[key] for key in ("codeId", "environmentId", "environmentVariables", "resources")},
        },
        "inputs": trial["inputs"],
        "outputs": trial["outputs"],
    }


def _distribution(one: Mapping[str, Any]) -> list[Any]:
    kind = str(one["type"])
    if kind == "choice":
        return ["choice", [one["values"]]]
    if kind == "randint":
        return ["randint", [one["upper"]]]
    names = ("mu", "sigma") if "normal" in kind else ("min_value", "max_value")
    arguments = [one[name] for name in names]
    return [kind, [*arguments, one["q"]] if kind.startswith("q") else arguments]


def _inputs(this: _Step, spec: Mapping[str, Any]) -> Body:
    given: Mapping[str, Any] = this.step.get("inputs") or {}
    check_inputs(this.name, spec, given)
    declared: Mapping[str, Any] = spec.get("inputs") or {}
    found: Body = {
        name: {"jobInputType": "literal", "value": _text(one["default"])}
        for name, one in declared.items()
        if one.get("default") is not None
    }
    for name, value in given.items():
        bound = _bind(this, value, str((declared.get(name) or {}).get("type", "")))
        if bound is not None:
            found[name] = bound
    return found


def _bind(this: _Step, value: object, kind: str) -> Body | None:
    """One input of the child; None for an optional one that the pipeline was not given."""
    entry: Mapping[str, Any] = value if isinstance(value, dict) else {"value": value}
    raw = next((entry[key] for key in ("value", "uri", "path") if entry.get(key) is not None), None)
    mode = {"mode": entry["mode"]} if entry.get("mode") else {}
    match read_reference(raw):
        case ParentInput(name=wanted):
            parent = this.pipeline.properties.get("inputs") or {}
            return {**parent[wanted], **mode} if wanted in parent else None
        case StepOutput(step=source, name=output):
            return {**_step_output(this, source, output), **mode}
    declared = str(entry.get("job_input_type") or entry.get("jobInputType") or entry.get("type") or "").lower()
    data = next((t for t in (declared, kind.lower()) if t in _DATA_TYPES), None)
    if data is not None:
        return {"jobInputType": data, "uri": str(raw), **mode}
    return {"jobInputType": "literal", "value": _text(raw)}


def _step_output(this: _Step, source: str, output: str) -> Body:
    """What another step wrote, or, for the rare reference to its input, what it was given."""
    spec = component_of(this.context, this.workspace, this.steps[source])
    declared = (spec.get("outputs") or {}).get(output)
    if declared is None:
        raise BindingError(
            f"step {this.name} reads output {output} of {source}, whose component has only: "
            f"{', '.join(spec.get('outputs') or {}) or 'none'}."
        )
    other = _Step(context=this.context, pipeline=this.pipeline, name=source, steps=this.steps, child_of=this.child_of)
    given = _outputs(other, spec)[output]
    kind = str(declared.get("type", "uri_folder"))
    return {
        "jobInputType": kind,
        "uri": job_outputs.address(this.workspace, this.child_of(source), output, given),
    }


def _outputs(this: _Step, spec: Mapping[str, Any]) -> Body:
    """Where the child writes: where the step says, where the pipeline's output lies, or its own place."""
    given: Mapping[str, Any] = this.step.get("outputs") or {}
    found: Body = {}
    for name, declared in (spec.get("outputs") or {}).items():
        raw = given.get(name) or {}
        entry: Mapping[str, Any] = raw if isinstance(raw, dict) else {"value": raw}
        kind = str((declared or {}).get("type", "uri_folder"))
        kind = kind if kind in _DATA_TYPES else "uri_folder"
        bound = read_parent_output(entry.get("value") or entry.get("path"))
        made: Body = {"jobOutputType": kind}
        if bound is not None:
            outer = dict((this.pipeline.properties.get("outputs") or {}).get(bound) or {})
            outer.setdefault("jobOutputType", kind)
            made["uri"] = job_outputs.address(
                this.workspace,
                this.pipeline.id.name,
                bound,
                {**outer, **made} | {key: outer[key] for key in ("uri",) if outer.get(key)},
            )
        elif entry.get("uri") or entry.get("path"):
            made["uri"] = str(entry.get("uri") or entry["path"])
        for source, target in (("assetName", "assetName"), ("assetVersion", "assetVersion"), ("name", "assetName"),
                               ("version", "assetVersion")):  # fmt: skip
            if entry.get(source):
                made[target] = entry[source]
        found[name] = made
    return found


def _code(value: object) -> str | None:
    return (
        str(value).removeprefix("azureml:")
        if value and str(value).startswith("azureml:/sub")
        else (str(value) if value else None)
    )


def _timeout(value: object) -> str | None:
    if value is None:
        return None
    return f"PT{int(value)}S" if isinstance(value, int | float) else str(value)


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
