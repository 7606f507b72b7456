"""Expressions in commands and pipelines."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from environments.local.machine_learning import bindings, graph
from environments.local.machine_learning.bindings import BindingError


def test_a_command_is_filled_in_and_an_optional_part_goes_with_its_input() -> None:
    command = "python x.py --n ${{inputs.n}} $[[--opt ${{ inputs.opt }}]] --o ${{outputs.out}}"
    assert bindings.fill_in(command, {"inputs.n": "3", "outputs.out": "/o"}) == "python x.py --n 3  --o /o"
    assert bindings.fill_in(command, {"inputs.n": "3", "inputs.opt": "y", "outputs.out": "/o"}) == (
        "python x.py --n 3 --opt y --o /o"
    )


def test_a_reference_to_nothing_is_refused_by_name() -> None:
    with pytest.raises(BindingError, match=re.escape("`${{inputs.b}}` refers to nothing; there is inputs.a.")):
        bindings.fill_in("x ${{inputs.b}}", {"inputs.a": "1"})


@given(st.text(alphabet=st.characters(exclude_characters="$"), max_size=50))
def test_text_without_expressions_stays_as_it_is(text: str) -> None:
    assert bindings.fill_in(text, {}) == text


def _step(**inputs: str) -> dict[str, object]:
    return {"inputs": {name: {"value": value} for name, value in inputs.items()}}


_CHAIN = {
    "prepare": _step(raw="${{parent.inputs.raw}}"),
    "train": _step(data="${{parent.jobs.prepare.outputs.data}}"),
    "evaluate": _step(model="${{parent.jobs.train.outputs.model}}", data="${{parent.jobs.prepare.outputs.data}}"),
}


def test_steps_start_when_all_that_they_need_is_done() -> None:
    waits = graph.needs(_CHAIN)
    assert waits == {
        "prepare": frozenset(),
        "train": frozenset({"prepare"}),
        "evaluate": frozenset({"prepare", "train"}),
    }
    assert graph.ready(waits, frozenset(), frozenset()) == ("prepare",)
    assert graph.ready(waits, frozenset({"prepare"}), frozenset({"prepare"})) == ("train",)
    assert graph.ready(waits, frozenset({"prepare", "train"}), frozenset({"prepare", "train"})) == ("evaluate",)


def test_a_missing_step_a_circle_and_a_missing_input_are_refused() -> None:
    with pytest.raises(BindingError, match="step b needs step a, which is not there"):
        graph.needs({"b": _step(x="${{parent.jobs.a.outputs.o}}")})
    with pytest.raises(BindingError, match="in a circle"):
        graph.needs({"a": _step(x="${{parent.jobs.b.outputs.o}}"), "b": _step(x="${{parent.jobs.a.outputs.o}}")})
    with pytest.raises(BindingError, match="step prepare refers to the pipeline's input raw; it has: other"):
        graph.check_inputs(_CHAIN, {"other": 1})
