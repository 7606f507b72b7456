"""The gate: is the candidate better than the champion on the same rows, beyond what chance explains?"""

import math
import random
from collections.abc import Callable, Mapping, Sequence

from mlops.domain.data.measurement import Verdict
from mlops.domain.declared.gate import EvaluationGate, GateMetric, NoBaseline
from mlops.domain.loop import GateResult, MetricResult
from mlops.domain.world import ScoredRow

Loss = Callable[[float, float], float]  # of one row: label, prediction

_CLIP = 1e-15  # log_loss of a certain and wrong prediction is large, not infinite


def _log_loss(label: float, prediction: float) -> float:
    sure = min(max(prediction, _CLIP), 1 - _CLIP)
    return -math.log(sure if label else 1 - sure)


ROW_METRICS: Mapping[str, Loss] = {  # the metric is the mean over rows
    "accuracy": lambda label, prediction: float((prediction >= 0.5) == bool(label)),  # noqa: PLR2004 - a probability
    "brier_score": lambda label, prediction: (prediction - label) ** 2,
    "log_loss": _log_loss,
    "mean_absolute_error": lambda label, prediction: abs(prediction - label),
    "mean_squared_error": lambda label, prediction: (prediction - label) ** 2,
}
BIGGER_IS_BETTER = frozenset({"accuracy", "roc_auc"})
METRICS = frozenset({*ROW_METRICS, "roc_auc"})


def evaluate(gate: EvaluationGate, rows: Sequence[ScoredRow], *, baseline: bool, seed: str) -> GateResult:
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
    results = tuple(judge_metric(gate, metric, rows, baseline=baseline, seed=seed) for metric in gate.metrics)
    why = "; ".join(result.why for result in results)
    return GateResult(gate=gate.name, verdict=max(result.verdict for result in results), metrics=results, why=why)


def judge_metric(
    gate: EvaluationGate, metric: GateMetric, rows: Sequence[ScoredRow], *, baseline: bool, seed: str
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
    return _compared(gate, metric, rows, alone, seed)


def _floor(metric: GateMetric, value: float) -> str:
    if metric.at_least is not None and value < metric.at_least:
        return f"{metric.name} {value:.4g} is below {metric.at_least:g}"
    if metric.at_most is not None and value > metric.at_most:
        return f"{metric.name} {value:.4g} is above {metric.at_most:g}"
    return ""


def _compared(
    gate: EvaluationGate, metric: GateMetric, rows: Sequence[ScoredRow], alone: MetricResult, seed: str
) -> MetricResult:
    champion = [row.champion for row in rows if row.champion is not None]
    if len(champion) < len(rows):
        return _with(alone, Verdict.ERROR, f"the champion scored {len(champion)} of {len(rows)} rows")
    sign = 1.0 if metric.name in BIGGER_IS_BETTER else -1.0
    labels, candidate = [row.label for row in rows], [row.candidate for row in rows]
    theirs = metric_value(metric.name, labels, champion)
    deltas = sorted(
        sign * delta for delta in _resampled(metric.name, labels, candidate, champion, gate=gate, seed=seed)
    )
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
        return _roc_auc(labels, predictions, [1] * len(labels))
    loss = ROW_METRICS[name]
    return sum(map(loss, labels, predictions)) / len(labels) if labels else math.nan


def _resampled(
    name: str,
    labels: Sequence[float],
    candidate: Sequence[float],
    champion: Sequence[float],
    *,
    gate: EvaluationGate,
    seed: str,
) -> list[float]:
    draw = random.Random(seed)  # noqa: S311 - a bootstrap, not a secret
    size, block = len(labels), min(gate.block, len(labels))
    blocks = math.ceil(size / block)
    if name == "roc_auc":
        return _resampled_auc(labels, candidate, champion, draw=draw, block=block, resamples=gate.resamples)
    loss = ROW_METRICS[name]
    deltas = [loss(y, a) - loss(y, b) for y, a, b in zip(labels, candidate, champion, strict=True)]
    around = [*deltas, *deltas[:block]]
    sums = [math.fsum(around[at : at + block]) for at in range(size)]
    # Whole blocks: a few rows more than there are, so divide by what was drawn.
    return [math.fsum(draw.choices(sums, k=blocks)) / (blocks * block) for _ in range(gate.resamples)]


def _resampled_auc(
    labels: Sequence[float],
    candidate: Sequence[float],
    champion: Sequence[float],
    *,
    draw: random.Random,
    block: int,
    resamples: int,
) -> list[float]:
    size = len(labels)
    deltas = []
    for _ in range(resamples):
        counts = [0] * size
        for start in draw.choices(range(size), k=math.ceil(size / block)):
            for at in range(start, start + block):
                counts[at % size] += 1
        delta = _roc_auc(labels, candidate, counts) - _roc_auc(labels, champion, counts)
        if math.isfinite(delta):  # a draw with one class only says nothing
            deltas.append(delta)
    return deltas or [math.nan]


def _roc_auc(labels: Sequence[float], predictions: Sequence[float], counts: Sequence[int]) -> float:
    """The share of (positive, negative) pairs in the right order, ties counting half; rows weighted by counts."""
    below = positives = negatives = pairs = 0.0
    order = sorted(range(len(labels)), key=predictions.__getitem__)
    at = 0
    while at < len(order):
        tied_positive = tied_negative = 0.0
        score = predictions[order[at]]
        while at < len(order) and predictions[order[at]] == score:
            row = order[at]
            if labels[row]:
                tied_positive += counts[row]
            else:
                tied_negative += counts[row]
            at += 1
        pairs += tied_positive * (below + tied_negative / 2)
        below += tied_negative
        positives += tied_positive
        negatives += tied_negative
    return pairs / (positives * negatives) if positives and negatives else math.nan


def _quantile(ordered: Sequence[float], share: float) -> float:
    """Linear between neighbours."""
    at = share * (len(ordered) - 1)
    low = math.floor(at)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (at - low)
