"""A pipeline's steps in the order in which they can run."""

from __future__ import annotations

from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING, Any

from environments.local.machine_learning.bindings import BindingError, ParentInput, StepOutput, read_reference

if TYPE_CHECKING:
    from collections.abc import Mapping


def needs(steps: Mapping[str, Mapping[str, Any]]) -> dict[str, frozenset[str]]:
    """Name the steps that each step waits for.  Raises BindingError for a missing step or a cycle."""
    found: dict[str, frozenset[str]] = {}
    for name, step in steps.items():
        sources = {ref.step for ref in _references(step) if isinstance(ref, StepOutput)}
        if unknown := sorted(sources - steps.keys()):
            raise BindingError(f"step {name} needs step {unknown[0]}, which is not there; steps: {', '.join(steps)}.")
        found[name] = frozenset(sources)
    try:
        TopologicalSorter(found).prepare()
    except CycleError as error:
        raise BindingError(f"the steps wait for each other in a circle: {' -> '.join(error.args[1])}.") from error
    return found


def check_inputs(steps: Mapping[str, Mapping[str, Any]], inputs: Mapping[str, Any]) -> None:
    """Refuse a step that refers to an input that the pipeline does not have.  Raises BindingError."""
    for name, step in steps.items():
        for ref in _references(step):
            if isinstance(ref, ParentInput) and ref.name not in inputs:
                allowed = ", ".join(inputs) or "none"
                raise BindingError(f"step {name} refers to the pipeline's input {ref.name}; it has: {allowed}.")


def ready(waits: Mapping[str, frozenset[str]], done: frozenset[str], started: frozenset[str]) -> tuple[str, ...]:
    """Name the steps that can start now."""
    return tuple(name for name, sources in waits.items() if name not in started and sources <= done)


def _references(step: Mapping[str, Any]) -> list[ParentInput | StepOutput]:
    values = [_value(given) for given in (step.get("inputs") or {}).values()]
    return [ref for ref in map(read_reference, values) if ref is not None]


def _value(given: object) -> object:
    if isinstance(given, dict):
        return given.get("value", given.get("uri", given.get("path")))
    return given
