"""What the gates measured, as the numbers of a release's record."""

from collections.abc import Iterator
from typing import Any

from mlops.domain.declared.gate import EvaluationGate, GateMetric, SliceMetric, SlicesGate
from mlops.domain.gates.gate import BIGGER_IS_BETTER, METRICS
from mlops.domain.loop import Attempt, MetricResult
from mlops.domain.project import Project


def measurements(project: Project, attempt: Attempt, held_out: str | None) -> Iterator[dict[str, Any]]:
    """One entry for each number and each limit that it has."""
    gates = {gate.name: gate for gate in project.gates}
    for result in attempt.gates:
        gate = gates.get(result.gate)
        for one in result.metrics:
            if isinstance(gate, SlicesGate):
                yield from _of_slices(gate, one, held_out)
            else:
                yield from _measured(_asked(gate, one), one, held_out)


def _asked(gate: object, one: MetricResult) -> GateMetric | None:
    metrics = gate.metrics if isinstance(gate, EvaluationGate) else ()
    return next((metric for metric in metrics if metric.name == one.name), None)


def _measured(asked: GateMetric | None, one: MetricResult, held_out: str | None) -> Iterator[dict[str, Any]]:
    """One entry for each limit; without any the number stands alone, for whoever asks for a limit."""
    limits = _limits(asked.at_least, asked.at_most) if asked else []
    needed = one.min_delta or 0.0
    against = f">= {_number(needed)}" if one.name in BIGGER_IS_BETTER else f"<= {_number(-needed)}"
    for limit in limits or (None,):
        yield {
            **_said(kind="performance", metric=one.name, dataset=held_out, value=one.candidate, limit=limit),
            "champion": one.champion,
            "againstChampion": None if one.champion is None else against,
            "samples": one.samples,
        }


def _of_slices(gate: SlicesGate, one: MetricResult, held_out: str | None) -> Iterator[dict[str, Any]]:
    """A slice is a cohort; a number that compares groups, the gap between slices too, is one of fairness."""
    metric, _, rest = one.name.partition("[")
    where, base = rest.removesuffix("]"), metric.removesuffix(" gap")
    asked = next((each for each in gate.metrics if each.name == base), SliceMetric(name=base))
    is_gap = metric != base
    compares = is_gap or base not in METRICS
    limits = _limits(None, asked.max_gap) if is_gap else _limits(asked.at_least, asked.at_most)
    column = where if compares else max((name for name in gate.by if name in where), key=len, default=where)
    for limit in limits or (None,):
        yield _said(
            kind="fairness" if compares else "cohort",
            metric=metric if compares else one.name,
            dataset=held_out,
            value=one.candidate,
            limit=limit,
            groupedBy=column,
            smallestGroup=one.samples if compares else None,
            samples=one.samples,
        )


def _limits(least: float | None, most: float | None) -> list[str | None]:
    return [f"{sign} {_number(limit)}" for sign, limit in ((">=", least), ("<=", most)) if limit is not None]


def _number(value: float) -> str:
    return repr(value + 0.0).removesuffix(".0")  # no -0


def _said(**parts: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    """Only what says something."""
    return {name: value for name, value in parts.items() if value not in (None, "")}
