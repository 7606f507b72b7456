"""What is wrong inside the files that a project file points at, as far as it shows without starting anything."""

import ast
import json
from collections.abc import Iterator
from pathlib import Path

from mlops.spec.card import read_card
from mlops.spec.conda import conda_findings
from mlops.spec.document import Spec
from mlops.spec.document.gate import LoadGate
from mlops.spec.document.rollout import SmokeStep
from mlops.spec.errors import Finding, ProjectFileError
from mlops.spec.pipeline import SCORES, pipeline_findings, pipeline_inputs
from mlops.spec.problem import Check, Found, Problem
from mlops.spec.tree import read_text

ENTRY_POINTS = ("init", "run")


def _pipeline(spec: Spec, folder: Path) -> Found:
    path = (folder / spec.pipeline.job).resolve()
    if path.exists():
        yield from pipeline_findings(path)


def _evaluate(spec: Spec, folder: Path) -> Found:
    path = (folder / spec.promotion.evaluate).resolve() if spec.promotion else None
    if path is not None and path.exists():
        yield from pipeline_findings(path, SCORES)


def _warm_start(spec: Spec, folder: Path) -> Found:
    """A pipeline that takes the champion's model only to compare with would train as though nobody had asked."""
    path = (folder / spec.pipeline.job).resolve()
    if not spec.pipeline.warm_start or not path.exists():
        return
    missing = [name for name in ("champion", "warm_start") if name not in pipeline_inputs(path)]
    if missing:
        what = f"{path.name} has no input {' and no input '.join(missing)}: training could not begin with the champion"
        yield Problem(f"{what}; declare it there and use it, or leave warmStart out", ("spec", "pipeline", "warmStart"))


def _scoring_script(spec: Spec, folder: Path) -> Found:
    path = (folder / spec.deployment.code / spec.deployment.scoring_script).resolve()
    if not path.is_file():
        return
    try:
        defined = _defined(ast.parse(read_text(path)))
    except ProjectFileError as error:
        yield from error.findings
        return
    except SyntaxError as error:
        yield Finding(file=path, line=error.lineno, key="", what=f"no Python: {error.msg}")
        return
    for name in ENTRY_POINTS:
        if not defined & {name, "*"}:
            what = f"defines no {name}(): Azure ML calls init() once and run(data) for each request"
            yield Finding(file=path, line=1, key="", what=what)


def _defined(module: ast.Module) -> set[str]:
    """The names that a module binds at its top level, `*` for those of another."""
    names: set[str] = set()
    for node in ast.walk(module):
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef() if node in module.body:
                names.add(node.name)
            case ast.ImportFrom():
                names |= {each.asname or each.name for each in node.names}
            case ast.Name(ctx=ast.Store()):
                names.add(node.id)
    return names


def _runtime(spec: Spec, folder: Path) -> Found:
    path = (folder / spec.deployment.runtime).resolve()
    if path.exists():
        yield from conda_findings(path)


def _smoke_requests(spec: Spec, folder: Path) -> Found:
    for step in spec.rollout.steps:
        if isinstance(step, SmokeStep):
            yield from _request_findings((folder / step.smoke.requests).resolve())


def _load_requests(spec: Spec, folder: Path) -> Found:
    for gate in spec.gates:
        if isinstance(gate, LoadGate):
            yield from _request_findings((folder / gate.requests).resolve())


def _request_findings(path: Path) -> Iterator[Finding]:
    if not path.exists():
        return
    try:
        lines = read_text(path).splitlines()
    except ProjectFileError as error:
        yield from error.findings
        return
    if not any(map(str.strip, lines)):
        yield Finding(file=path, line=1, key="", what="has no request: write one JSON body a line")
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            json.loads(line)
        except json.JSONDecodeError as error:
            yield Finding(file=path, line=number, key="", what=f"no JSON: {error.msg}; write one body a line")


def _card(spec: Spec, folder: Path) -> Found:
    if spec.model.card is None:
        return
    try:
        read_card((folder / spec.model.card).resolve())
    except ProjectFileError as error:
        yield from error.findings


CHECKS = (
    Check(("model",), _card),
    Check(("pipeline",), _pipeline),
    Check(("pipeline",), _warm_start),
    Check(("promotion",), _evaluate),
    Check(("deployment",), _scoring_script),
    Check(("deployment",), _runtime),
    Check(("rollout",), _smoke_requests),
    Check(("gates",), _load_requests),
)
