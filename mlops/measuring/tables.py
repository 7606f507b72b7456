"""What the commands print: a table for people, JSON for programs."""

import argparse
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mlops.monitors.compare import Compared, Comparison

_SHOWN: Mapping[str, tuple[str, ...]] = {
    "PSI": ("population_stability_index",),
    "distance": ("normalized_wasserstein_distance", "jensen_shannon_distance"),
}
"""Columns of the table: of several metrics the first that a column has."""


def plain(found: "Comparison") -> Mapping[str, Any]:
    """As JSON has it: verdicts by their words."""
    from dataclasses import asdict  # noqa: PLC0415

    columns = [{**asdict(one), "verdict": one.verdict.word} for one in found.columns]
    return {**asdict(found), "verdict": found.verdict.word, "columns": columns}


def comparison_table(found: "Comparison") -> str:
    """Lay a comparison out for people: what moved first."""
    from mlops.show import table  # noqa: PLC0415

    rows = [
        (
            one.column,
            one.kind,
            one.verdict.word,
            *(_size(one, metrics) for metrics in _SHOWN.values()),
            "" if one.adjusted is None else f"{one.adjusted:.2g}",
            _remark(one),
        )
        for one in sorted(found.columns, key=lambda one: -one.verdict)
    ]
    head = f"{found.reference:,} rows of reference, {found.current:,} now: {found.verdict.word}"
    new = f"\nnew columns, not compared: {', '.join(found.new_columns)}" if found.new_columns else ""
    return f"{head}\n{table(('column', 'kind', 'verdict', *_SHOWN, 'p', 'remarks'), rows)}{new}"


def _size(one: "Compared", metrics: Sequence[str]) -> str:
    """A distance, marked where it is past its limit."""
    by_metric = {value.metric: value for value in one.values}
    value = next((by_metric[metric] for metric in metrics if metric in by_metric), None)
    if value is None:
        return ""
    return f"{value.value:.3g}{' *' if value.limit is not None and value.value > value.limit else ''}"


def _remark(one: "Compared") -> str:
    return "; ".join((*((one.why,) if one.why and one.verdict.word != "fail" else ()), *one.findings))


def show(options: argparse.Namespace, value: object, text: str) -> None:
    """Print the table, or the value as JSON, as was asked."""
    if options.output == "table":
        print(text)
        return
    import json  # noqa: PLC0415

    print(json.dumps(value, indent=2, ensure_ascii=False))
