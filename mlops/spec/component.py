"""What is wrong with a component file: code, environment and the names in its command."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlops.spec.conda import conda_findings
from mlops.spec.errors import Finding, ProjectFileError
from mlops.spec.tree import Where, dotted, line_of, parse_tree, read_text

_USED = re.compile(r"\$\{\{\s*(inputs|outputs)\.([\w-]+)")
_SHAPE = "is no component: it needs type, inputs, outputs, code, environment and command"


@dataclass(frozen=True, kw_only=True)
class Component:
    """The seam of a component: names, and which inputs somebody must give."""

    path: Path
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    required: tuple[str, ...]


def read_component(path: Path) -> Component | None:
    """A component's seam; None when the file cannot be read, which `component_findings` says."""
    try:
        tree = parse_tree(read_text(path), path, _SHAPE)
    except ProjectFileError:
        return None
    inputs = _mapping(tree, "inputs")
    return Component(
        path=path,
        inputs=tuple(inputs),
        outputs=tuple(_mapping(tree, "outputs")),
        required=tuple(name for name, given in inputs.items() if not _may_be_left_out(given)),
    )


def _mapping(tree: Any, part: str) -> dict[str, Any]:  # noqa: ANN401 - as YAML has it
    found = tree.get(part)
    return found if isinstance(found, dict) else {}


def _may_be_left_out(given: object) -> bool:
    return isinstance(given, dict) and (given.get("optional") is True or "default" in given)


def component_findings(path: Path) -> Iterator[Finding]:
    """Everything wrong with one component file."""
    try:
        tree = parse_tree(read_text(path), path, _SHAPE)
    except ProjectFileError as error:
        yield from error.findings
        return

    def finding(what: str, *where: str | int) -> Finding:
        return Finding(file=path, line=line_of(tree, where), key=dotted(where), what=what)

    code = tree.get("code")
    if isinstance(code, str) and _is_here(code) and not (path.parent / code).exists():
        what = f"{(path.parent / code).resolve()} does not exist: paths are relative to the component file"
        yield finding(what, "code")
    for part, name in dict.fromkeys(_USED.findall(str(tree.get("command", "")))):
        if name not in _mapping(tree, part):
            known = ", ".join(_mapping(tree, part)) or "none"
            yield finding(f"uses ${{{{{part}.{name}}}}}, but its {part} are {known}", "command")
    if tree.get("type", "command") == "command" and not tree.get("command"):
        yield finding("has no command: write what is to be run", "command")
    yield from _environment(path, tree)


def _environment(path: Path, tree: Any) -> Iterator[Finding]:  # noqa: ANN401
    environment = tree.get("environment")
    where: Where = ("environment",)
    named = environment
    if isinstance(environment, dict):
        named, where = environment.get("conda_file"), ("environment", "conda_file")
    if not isinstance(named, str) or not _is_here(named):
        return
    file = (path.parent / named).resolve()
    if not file.is_file():
        what = f"{file} does not exist: paths are relative to the component file"
        yield Finding(file=path, line=line_of(tree, where), key=dotted(where), what=what)
    elif where[-1] == "conda_file":
        yield from conda_findings(file)


def _is_here(reference: str) -> bool:
    """Whether it names a path, not something of Azure's or of the web."""
    return ":" not in reference.removeprefix("file:")
