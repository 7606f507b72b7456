"""The slices gate: the held-out rows by the values of columns, each slice judged as the whole is."""

import math
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from mlops.domain.data.measurement import Measurement, Verdict
from mlops.domain.declared.gate import EvaluationGate, GateMetric, OnSmallSlice, SliceMetric, SlicesGate
from mlops.domain.gates.gate import BIGGER_IS_BETTER, METRICS, judge_metric
from mlops.domain.gates.resampling import Resampled, resampled
from mlops.domain.loop import GateResult, MetricResult
from mlops.domain.world import ScoredRow

Fairness = Callable[[str, Mapping[str, Sequence[ScoredRow]]], Measurement]
"""Measures how differently a metric (a monitor's) finds groups of rows treated."""
_FEW = 2


@dataclass(frozen=True, kw_only=True)
class _Column:
    """One column's slices: those large enough, and what is said of the others."""

    name: str
    large: Mapping[str, Sequence[ScoredRow]]
    small: Mapping[str, int]
    without: int  # rows that have no value


def judge_slices(
    gate: SlicesGate,
    rows: Sequence[ScoredRow],
    *,
    baseline: bool,
    seed: str,
    fairness: Fairness,
    draw: Resampled = resampled,
) -> GateResult:
    """Judge every slice; with a `baseline` those metrics that ask for it are compared with the champion's, too."""
    known = set.intersection(*(set(row.groups) for row in rows)) if rows else set()
    missing = [name for name in gate.by if name not in known]
    if missing:
        has = ", ".join(sorted(known)) or "none"
        why = f"the evaluation has no column {', '.join(missing)} beside its scores; it has {has}"
        return GateResult(gate=gate.name, verdict=Verdict.ERROR, why=why)
    try:
        columns = [_column(gate, name, rows) for name in gate.by]
    except ValueError as error:
        return GateResult(gate=gate.name, verdict=Verdict.ERROR, why=str(error))
    results = tuple(
        each
        for column in columns
        for each in _judged(gate, column, columns, baseline=baseline, seed=seed, say=fairness, draw=draw)
    )
    small = "; ".join(text for column in columns if (text := _small(column)))
    notes = [f"{column.without} rows have no {column.name}" for column in columns if column.without]
    verdict = max((result.verdict for result in results), default=Verdict.INCONCLUSIVE)
    if small and gate.on_small_slice is OnSmallSlice.INCONCLUSIVE:
        verdict = max(verdict, Verdict.INCONCLUSIVE)
    telling = [result.why for result in results if result.verdict is not Verdict.PASS] or [_worst(gate, results)]
    why = "; ".join(
        part for part in (*telling, small and f"fewer than {gate.min_per_slice} rows: {small}", *notes) if part
    )
    return GateResult(gate=gate.name, verdict=verdict, metrics=results, why=why)


def _column(gate: SlicesGate, name: str, rows: Sequence[ScoredRow]) -> _Column:
    slices: dict[str, list[ScoredRow]] = {}
    without = 0
    for row in rows:
        value = row.groups[name].strip()
        if not value:
            without += 1
            continue
        slices.setdefault(_slice(name, value, gate.cuts.get(name, ())), []).append(row)
    large = {key: found for key, found in sorted(slices.items()) if len(found) >= gate.min_per_slice}
    small = {key: len(found) for key, found in sorted(slices.items()) if key not in large}
    return _Column(name=name, large=large, small=small, without=without)


def _slice(name: str, value: str, cuts: Sequence[float]) -> str:
    if not cuts:
        return f"{name}={value}"
    try:
        number = float(value)
    except ValueError as error:
        raise ValueError(f"{name} {value!r} is no number, and has cuts") from error
    at = bisect_right(cuts, number)
    low = f"{cuts[at - 1]:g}<=" if at else ""
    return f"{low}{name}" + (f"<{cuts[at]:g}" if at < len(cuts) else "")


def _judged(
    gate: SlicesGate,
    column: _Column,
    columns: Sequence[_Column],
    *,
    baseline: bool,
    seed: str,
    say: Fairness,
    draw: Resampled,
) -> Iterator[MetricResult]:
    family = sum(len(each.large) for each in columns)
    for metric in gate.metrics:
        if metric.name not in METRICS:
            yield _between_groups(metric, column, say(metric.name, column.large))
            continue
        found = [
            _of_slice(gate, metric, key, rows, baseline=baseline, seed=seed, family=family, draw=draw)
            for key, rows in column.large.items()
        ]
        yield from found
        if metric.max_gap is not None and found:
            yield _gap(metric, metric.max_gap, column, found)


def _of_slice(
    gate: SlicesGate,
    metric: SliceMetric,
    key: str,
    rows: Sequence[ScoredRow],
    *,
    baseline: bool,
    seed: str,
    family: int,
    draw: Resampled,
) -> MetricResult:
    """As the whole is judged; the comparisons of all slices together are wrong no more often than one of them says."""
    ci = 1 - (1 - metric.ci) / family
    asked = GateMetric(
        name=metric.name, min_delta=metric.min_delta or 0.0, ci=ci, at_least=metric.at_least, at_most=metric.at_most
    )
    whole = EvaluationGate(name=gate.name, metrics=(asked,), min_samples=1, block=gate.block, resamples=gate.resamples)
    compared = baseline and metric.min_delta is not None
    result = judge_metric(whole, asked, rows, baseline=compared, seed=f"{seed}|{key}", draw=draw)
    if result.verdict is Verdict.ERROR and not math.isfinite(result.candidate):
        result = replace(result, verdict=Verdict.INCONCLUSIVE)  # one class only: nobody can tell
    return replace(result, name=f"{metric.name}[{key}]", why=f"{key}: {result.why}")


def _gap(metric: SliceMetric, most: float, column: _Column, found: Sequence[MetricResult]) -> MetricResult:
    values = sorted((each.candidate, each.name) for each in found if math.isfinite(each.candidate))
    samples = min(each.samples for each in found)
    name = f"{metric.name} gap[{column.name}]"
    if len(values) < _FEW:
        why = f"{name}: fewer than two slices can be compared"
        return MetricResult(name=name, verdict=Verdict.INCONCLUSIVE, samples=samples, candidate=math.nan, why=why)
    gap = values[-1][0] - values[0][0]
    worst = values[0][1] if metric.name in BIGGER_IS_BETTER else values[-1][1]
    verdict = Verdict.FAIL if gap > most else Verdict.PASS
    why = f"{name} {gap:.4g}, {most:g} allowed; worst is {worst}"
    return MetricResult(name=name, verdict=verdict, samples=samples, candidate=gap, why=why)


def _between_groups(metric: SliceMetric, column: _Column, found: Measurement) -> MetricResult:
    """A limit that is broken for sure fails; one that chance may have broken, or kept nobody knows, is inconclusive."""
    name = f"{metric.name}[{column.name}]"
    if found.value is None:
        why = f"{name}: {found.why or 'cannot be measured'}"
        return MetricResult(name=name, verdict=Verdict.INCONCLUSIVE, samples=found.samples, candidate=math.nan, why=why)
    low = found.value if found.low is None else found.low
    high = found.value if found.high is None else found.high
    verdict = Verdict.PASS
    if metric.at_most is not None and found.value > metric.at_most:
        verdict = Verdict.FAIL if low > metric.at_most else Verdict.INCONCLUSIVE
    if metric.at_least is not None and found.value < metric.at_least:
        verdict = max(verdict, Verdict.FAIL if high < metric.at_least else Verdict.INCONCLUSIVE)
    limits = [f"at most {metric.at_most:g}"] if metric.at_most is not None else []
    limits += [f"at least {metric.at_least:g}"] if metric.at_least is not None else []
    why = f"{name} {found.value:.4g}, between {low:.4g} and {high:.4g}; {' and '.join(limits)} allowed"
    return MetricResult(
        name=name, verdict=verdict, samples=found.samples, candidate=found.value, low=low, high=high, why=why
    )


def _small(column: _Column) -> str:
    return ", ".join(f"{key} ({rows})" for key, rows in column.small.items())


def _worst(gate: SlicesGate, results: Sequence[MetricResult]) -> str:
    slices = len({result.name for result in results})
    return f"{slices} numbers over {', '.join(gate.by)} within their limits" if results else "no slice is large enough"
