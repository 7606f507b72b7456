"""The gate: is the candidate better than the champion on the same rows, beyond what chance explains?"""

import math
from collections.abc import Sequence

from mlops.domain.data.measurement import Verdict
from mlops.domain.declared.gate import EvaluationGate, GateMetric, NoBaseline
from mlops.domain.gates.resampling import ROW_METRICS, Draws, Ranks, Resampled, resampled
from mlops.domain.loop import GateResult, MetricResult
from mlops.domain.world import ScoredRow

BIGGER_IS_BETTER = frozenset({"accuracy", "roc_auc"})
METRICS = frozenset({*ROW_METRICS, "roc_auc"})


def evaluate(
    gate: EvaluationGate, rows: Sequence[ScoredRow], *, baseline: bool, seed: str, draw: Resampled = resampled
) -> GateResult:
    """Judge the candidate.  With a `baseline` every metric compares with the champion; floors hold in any case.

    The interval is a paired percentile bootstrap over circular blocks of consecutive rows, drawn from `seed`, so that
    judging twice says the same.
    """
    if len(rows) < gate.min_samples:
        why = f"{len(rows)} labelled rows held out, {gate.min_samples} needed"
        return GateResult(gate=gate.name, verdict=Verdict.INCONCLUSIVE, why=why)
    if not baseline and gate.on_no_baseline is NoBaseline.INCONCLUSIVE:
        why = "there is no champion to compare with, and onNoBaseline asks for one"
        return GateResult(gate=gate.name, verdict=Verdict.INCONCLUSIVE, why=why)
    results = tuple(
        judge_metric(gate, metric, rows, baseline=baseline, seed=seed, draw=draw) for metric in gate.metrics
    )
    why = "; ".join(result.why for result in results)
    return GateResult(gate=gate.name, verdict=max(result.verdict for result in results), metrics=results, why=why)


def judge_metric(
    gate: EvaluationGate,
    metric: GateMetric,
    rows: Sequence[ScoredRow],
    *,
    baseline: bool,
    seed: str,
    draw: Resampled = resampled,
) -> MetricResult:
    """Judge one metric by its absolute limits and, with a `baseline`, against the champion."""
    labels = [row.label for row in rows]
    value = metric_value(metric.name, labels, [row.candidate for row in rows])
    alone = MetricResult(name=metric.name, verdict=Verdict.PASS, samples=len(rows), candidate=value)
    if not math.isfinite(value):
        return _with(alone, Verdict.ERROR, f"{metric.name} cannot be computed on these rows")
    floor = _floor(metric, value)
    if floor:
        return _with(alone, Verdict.FAIL, floor)
    if not baseline:
        if metric.at_least is None and metric.at_most is None:
            return _with(alone, Verdict.PASS, f"{metric.name} {value:.4g} (no champion to compare with)")
        return _with(alone, Verdict.PASS, f"{metric.name} {value:.4g} within its absolute limit")
    asked = Draws(
        metric=metric.name,
        labels=labels,
        candidate=[row.candidate for row in rows],
        champion=[row.champion for row in rows if row.champion is not None],
        block=gate.block,
        times=gate.resamples,
        seed=seed,
    )
    return _compared(metric, asked, alone, draw)


def _floor(metric: GateMetric, value: float) -> str:
    if metric.at_least is not None and value < metric.at_least:
        return f"{metric.name} {value:.4g} is below {metric.at_least:g}"
    if metric.at_most is not None and value > metric.at_most:
        return f"{metric.name} {value:.4g} is above {metric.at_most:g}"
    return ""


def _compared(metric: GateMetric, asked: Draws, alone: MetricResult, draw: Resampled) -> MetricResult:
    champion, rows = asked.champion, asked.labels
    if len(champion) < len(rows):
        return _with(alone, Verdict.ERROR, f"the champion scored {len(champion)} of {len(rows)} rows")
    sign = 1.0 if metric.name in BIGGER_IS_BETTER else -1.0
    theirs = metric_value(metric.name, rows, champion)
    deltas = sorted(sign * delta for delta in draw(asked))
    low, high = _quantile(deltas, (1 - metric.ci) / 2), _quantile(deltas, (1 + metric.ci) / 2)
    delta = sign * (alone.candidate - theirs)
    verdict = _verdict(low, high, metric.min_delta)
    why = (
        f"{metric.name} {alone.candidate:.4g} against {theirs:.4g}: better by {delta:.4g}, "
        f"{metric.ci:.0%} interval {low:.4g} to {high:.4g}, {metric.min_delta:g} needed"
    )
    return MetricResult(
        name=metric.name,
        verdict=verdict,
        samples=len(rows),
        candidate=alone.candidate,
        champion=theirs,
        delta=delta,
        low=low,
        high=high,
        min_delta=metric.min_delta,
        why=why,
    )


def _verdict(low: float, high: float, needed: float) -> Verdict:
    """Pass when even the near end clears what is needed, fail when not even the far end does."""
    if not math.isfinite(low) or not math.isfinite(high):
        return Verdict.ERROR
    # More, not as much: where few rows differ, the interval's end lies exactly on what chance gives.
    if low > needed:
        return Verdict.PASS
    return Verdict.FAIL if high < needed else Verdict.INCONCLUSIVE


def _with(result: MetricResult, verdict: Verdict, why: str) -> MetricResult:
    return MetricResult(name=result.name, verdict=verdict, samples=result.samples, candidate=result.candidate, why=why)


def metric_value(name: str, labels: Sequence[float], predictions: Sequence[float]) -> float:
    """One metric over all rows; NaN where it is not defined.  Raises KeyError for an unknown name."""
    if name == "roc_auc":
        return Ranks.of(labels, predictions).area([1] * len(labels))
    loss = ROW_METRICS[name]
    return sum(map(loss, labels, predictions)) / len(labels) if labels else math.nan


def _quantile(ordered: Sequence[float], share: float) -> float:
    """Linear between neighbours."""
    at = share * (len(ordered) - 1)
    low = math.floor(at)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (at - low)
