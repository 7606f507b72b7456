"""Azure ML's `${{…}}` expressions: what a command or a pipeline's step refers to, and what stands there instead."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_EXPRESSION = re.compile(r"\$\{\{\s*([\w.-]+)\s*\}\}")
_OPTIONAL = re.compile(r"\$\[\[(.*?)\]\]", re.DOTALL)
_PARENT_INPUT = re.compile(r"^\$\{\{\s*parent\.inputs\.([\w.-]+?)\s*\}\}$")
_PARENT_OUTPUT = re.compile(r"^\$\{\{\s*parent\.outputs\.([\w-]+)\s*\}\}$")
_STEP_OUTPUT = re.compile(r"^\$\{\{\s*parent\.jobs\.([\w-]+)\.(?:outputs|inputs)\.([\w-]+)\s*\}\}$")


class BindingError(Exception):
    """An expression that refers to nothing; the text names it and what there is."""


def fill_in(text: str, values: Mapping[str, str]) -> str:
    """Replace every `${{key}}` by its value; a `$[[…]]` part goes when something in it has none.

    Raises BindingError for a key without value outside `$[[…]]`.
    """

    def optional(found: re.Match[str]) -> str:
        return found[1] if all(key in values for key in _EXPRESSION.findall(found[1])) else ""

    def value(found: re.Match[str]) -> str:
        if found[1] not in values:
            raise BindingError(f"`{found[0]}` refers to nothing; there is {', '.join(sorted(values)) or 'nothing'}.")
        return values[found[1]]

    return _EXPRESSION.sub(value, _OPTIONAL.sub(optional, text))


@dataclass(frozen=True)
class ParentInput:
    """`${{parent.inputs.x}}`."""

    name: str


@dataclass(frozen=True)
class StepOutput:
    """`${{parent.jobs.step.outputs.x}}`."""

    step: str
    name: str


def read_reference(value: object) -> ParentInput | StepOutput | None:
    """Read where a step's input comes from; None for a plain value."""
    text = str(value)
    if found := _PARENT_INPUT.match(text):
        return ParentInput(found[1])
    if found := _STEP_OUTPUT.match(text):
        return StepOutput(found[1], found[2])
    return None


def read_parent_output(value: object) -> str | None:
    """Read which of the pipeline's outputs a step's output becomes; None for one of its own."""
    found = _PARENT_OUTPUT.match(str(value))
    return found[1] if found else None
