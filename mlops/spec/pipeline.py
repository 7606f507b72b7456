"""What is wrong with a pipeline file before Azure ML sees it: a component, an input or a seam that is not there."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlops.spec.component import Component, component_findings, read_component
from mlops.spec.errors import Finding, ProjectFileError
from mlops.spec.tree import Where, dotted, line_of, parse_tree, read_text

TRAINS = (("inputs", ("data",)), ("outputs", ("model", "evaluation")))
SCORES = (("inputs", ("data", "candidate", "champion")), ("outputs", ("evaluation",)))
"""What the loop gives and takes, of a pipeline that trains and of one that scores what comes from elsewhere."""
Seams = tuple[tuple[str, tuple[str, ...]], ...]
_INPUT = re.compile(r"\$\{\{\s*parent\.inputs\.([\w.-]+)\s*\}\}")
_OUTPUT = re.compile(r"\$\{\{\s*parent\.outputs\.([\w-]+)\s*\}\}")
_OTHER = re.compile(r"\$\{\{\s*parent\.jobs\.([\w-]+)\.outputs\.([\w-]+)\s*\}\}")


@dataclass(frozen=True, kw_only=True)
class _Pipeline:
    """A pipeline file with the components that it has beside it, by job."""

    path: Path
    tree: Any  # as YAML has it
    components: Mapping[str, Component]

    def finding(self, what: str, *where: str | int) -> Finding:
        return Finding(file=self.path, line=line_of(self.tree, where), key=dotted(where), what=what)

    def names(self, part: str) -> list[str]:
        found = self.tree.get(part)
        return list(found) if isinstance(found, dict) else []


def pipeline_findings(path: Path, seams: Seams = TRAINS) -> Iterator[Finding]:
    """Everything wrong with a pipeline file and the components beside it."""
    try:
        tree = parse_tree(read_text(path), path, "is no pipeline job: it needs type: pipeline and jobs")
    except ProjectFileError as error:
        yield from error.findings
        return
    jobs = tree.get("jobs")
    if not isinstance(jobs, dict) or not jobs:
        what = "is no pipeline job: it needs type: pipeline and jobs"
        yield Finding(file=path, line=line_of(tree, ("jobs",)), key="", what=what)
        return
    files = {name: file for name, job in jobs.items() if (file := _component_file(path, job)) is not None}
    sound = {name: read for name, file in files.items() if file.is_file() and (read := read_component(file))}
    pipeline = _Pipeline(path=path, tree=tree, components=sound)
    yield from _seams(pipeline, seams)
    for name, job in jobs.items():
        yield from _job(pipeline, name, job, files.get(name))
    for file in dict.fromkeys(file for file in files.values() if file.is_file()):
        yield from component_findings(file)


def pipeline_inputs(path: Path) -> tuple[str, ...]:
    """The inputs that a pipeline file declares; none when it cannot be read, which `pipeline_findings` says."""
    try:
        tree = parse_tree(read_text(path), path, "")
    except ProjectFileError:
        return ()
    return tuple(_Pipeline(path=path, tree=tree, components={}).names("inputs"))


def _component_file(path: Path, job: object) -> Path | None:
    component = job.get("component") if isinstance(job, dict) else None
    if not isinstance(component, str) or component.startswith("azureml:"):
        return None
    return (path.parent / component.removeprefix("file:")).resolve()


def _seams(pipeline: _Pipeline, seams: Seams) -> Iterator[Finding]:
    """What the loop gives and takes is there; each output is some job's."""
    needs = " and ".join(f"{part} {', '.join(names)}" for part, names in seams)
    for part, names in seams:
        for name in names:
            if name not in pipeline.names(part):
                what = f"has no {part[:-1]} {name!r}: the loop needs {needs}"
                yield pipeline.finding(what, part)
    written = set(_OUTPUT.findall(str(pipeline.tree["jobs"])))
    for name in pipeline.names("outputs"):
        if name not in written:
            what = f"no job writes it: give one the output ${{{{parent.outputs.{name}}}}}"
            yield pipeline.finding(what, "outputs", name)


def _job(pipeline: _Pipeline, name: str, job: object, file: Path | None) -> Iterator[Finding]:
    where: Where = ("jobs", name)
    if not isinstance(job, dict):
        yield pipeline.finding("is no job: it needs type, component, inputs and outputs", *where)
        return
    if file is not None and not file.is_file():
        what = f"job {name!r} names the component {job['component']}, but {file} does not exist"
        yield pipeline.finding(what, *where, "component")
    component = pipeline.components.get(name)
    for part in ("inputs", "outputs"):
        given = job.get(part) or {}
        if not isinstance(given, dict):
            yield pipeline.finding(f"is no mapping of {part}", *where, part)
            continue
        if component is not None:
            yield from _agreement(pipeline, (*where, part), component, part, list(given))
        for key, value in given.items():
            yield from _bindings(pipeline, (*where, part, key), str(value))


def _agreement(
    pipeline: _Pipeline, where: Where, component: Component, part: str, given: list[str]
) -> Iterator[Finding]:
    known = component.inputs if part == "inputs" else component.outputs
    for name in given:
        if name not in known:
            what = f"{component.path.name} has no {part[:-1]} {name!r}: {', '.join(known) or 'none'}"
            yield pipeline.finding(what, *where, name)
    for name in component.required if part == "inputs" else ():
        if name not in given:
            what = f"the input {name!r} of {component.path.name} is missing: give it here, or a default there"
            yield pipeline.finding(what, *where)


def _bindings(pipeline: _Pipeline, where: Where, value: str) -> Iterator[Finding]:
    """`${{parent.…}}` must lead to something of this pipeline."""
    for part, names in (("inputs", _INPUT.findall(value)), ("outputs", _OUTPUT.findall(value))):
        for name in names:
            if name.split(".")[0] not in pipeline.names(part):
                known = ", ".join(pipeline.names(part)) or "none"
                yield pipeline.finding(f"the pipeline has no {part[:-1]} {name!r}: {known}", *where)
    for job, output in _OTHER.findall(value):
        if job not in pipeline.tree["jobs"]:
            what = f"there is no job {job!r}: {', '.join(pipeline.tree['jobs'])}"
            yield pipeline.finding(what, *where)
        elif job in pipeline.components and output not in pipeline.components[job].outputs:
            known = ", ".join(pipeline.components[job].outputs) or "none"
            yield pipeline.finding(f"job {job!r} has no output {output!r}: {known}", *where)
