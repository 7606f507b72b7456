"""The gate: better beyond chance on the same rows, or no traffic."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlops.domain.data.measurement import Verdict
from mlops.domain.declared.gate import EvaluationGate, GateMetric
from mlops.domain.gates.gate import evaluate, metric_value
from mlops.domain.world import ScoredRow


def gate(*metrics: GateMetric, min_samples: int = 100, block: int = 1) -> EvaluationGate:
    return EvaluationGate(name="evaluation", metrics=metrics, min_samples=min_samples, block=block, resamples=500)


def rows(count: int, candidate: float, champion: float | None, seed: int = 1) -> list[ScoredRow]:
    """Rows that each model gets right with its own probability."""
    draw = random.Random(seed)  # noqa: S311 - made-up rows

    def score(label: float, accuracy: float) -> float:
        return label if draw.random() < accuracy else 1 - label

    return [
        ScoredRow(
            key=str(at),
            label=(label := float(draw.random() < 0.4)),
            candidate=score(label, candidate),
            champion=None if champion is None else score(label, champion),
        )
        for at in range(count)
    ]


ACCURACY = GateMetric(name="accuracy")


@pytest.mark.parametrize(
    ("candidate", "champion", "verdict"),
    [(0.9, 0.7, Verdict.PASS), (0.7, 0.7, Verdict.INCONCLUSIVE), (0.7, 0.9, Verdict.FAIL)],
    ids=["better", "alike", "worse"],
)
def test_a_candidate_against_the_champion(candidate: float, champion: float, verdict: Verdict) -> None:
    assert evaluate(gate(ACCURACY), rows(400, candidate, champion), baseline=True, seed="s").verdict is verdict


def test_the_same_model_again_is_not_better() -> None:
    same = [ScoredRow(key=r.key, label=r.label, candidate=r.candidate, champion=r.candidate) for r in rows(400, 0.8, 0)]

    assert evaluate(gate(ACCURACY), same, baseline=True, seed="s").verdict is Verdict.INCONCLUSIVE


def test_a_small_loss_is_allowed_where_min_delta_says_so() -> None:
    same = [ScoredRow(key=r.key, label=r.label, candidate=r.candidate, champion=r.candidate) for r in rows(400, 0.8, 0)]
    metric = GateMetric(name="accuracy", min_delta=-0.02)

    assert evaluate(gate(metric), same, baseline=True, seed="s").verdict is Verdict.PASS


def test_few_rows_are_inconclusive_however_good_the_candidate() -> None:
    result = evaluate(gate(ACCURACY), rows(99, 1.0, 0.0), baseline=True, seed="s")

    assert result.verdict is Verdict.INCONCLUSIVE
    assert result.why == "99 labelled rows held out, 100 needed"


def test_a_champion_that_did_not_score_all_rows_is_an_error() -> None:
    scored = rows(200, 0.9, 0.5)
    missing = ScoredRow(key="x", label=1.0, candidate=1.0, champion=None)

    assert evaluate(gate(ACCURACY), [*scored, missing], baseline=True, seed="s").verdict is Verdict.ERROR


def test_floors_hold_with_and_without_a_champion() -> None:
    floor = GateMetric(name="accuracy", at_least=0.95)
    ceiling = GateMetric(name="brier_score", at_most=0.05)

    for metric in (floor, ceiling):
        assert evaluate(gate(metric), rows(400, 0.9, 0.5), baseline=True, seed="s").verdict is Verdict.FAIL
        assert evaluate(gate(metric), rows(400, 0.9, None), baseline=False, seed="s").verdict is Verdict.FAIL
        assert evaluate(gate(metric), rows(400, 1.0, None), baseline=False, seed="s").verdict is Verdict.PASS


def test_for_a_loss_less_is_better() -> None:
    result = evaluate(gate(GateMetric(name="brier_score")), rows(400, 0.9, 0.7), baseline=True, seed="s")
    (metric,) = result.metrics

    assert result.verdict is Verdict.PASS
    assert metric.champion is not None
    assert metric.delta is not None
    assert metric.delta == pytest.approx(metric.champion - metric.candidate)
    assert metric.delta > 0


def test_all_metrics_must_pass() -> None:
    both = gate(ACCURACY, GateMetric(name="brier_score", at_most=0.01))

    assert evaluate(both, rows(400, 0.9, 0.5), baseline=True, seed="s").verdict is Verdict.FAIL


def test_an_area_under_the_curve_of_one_class_is_an_error_not_a_pass() -> None:
    ones = [ScoredRow(key=str(at), label=1.0, candidate=0.9, champion=0.1) for at in range(200)]

    assert evaluate(gate(GateMetric(name="roc_auc")), ones, baseline=True, seed="s").verdict is Verdict.ERROR


def test_the_area_under_the_curve_counts_ties_as_half() -> None:
    assert metric_value("roc_auc", [0, 1], [0.2, 0.8]) == 1.0
    assert metric_value("roc_auc", [0, 1], [0.8, 0.2]) == 0.0
    assert metric_value("roc_auc", [0, 1, 0, 1], [0.5, 0.5, 0.5, 0.5]) == 0.5
    assert metric_value("roc_auc", [0, 1, 0, 1], [0.1, 0.4, 0.35, 0.8]) == 1.0


def test_a_log_loss_of_a_certain_and_wrong_prediction_is_finite() -> None:
    assert 30 < metric_value("log_loss", [1.0], [0.0]) < 40


def test_neighbours_that_agree_widen_the_interval() -> None:
    """Each row ten times: a tenth as much was seen, and only blocks of ten say so."""
    tenfold = [row for row in rows(40, 0.85, 0.7) for _ in range(10)]
    alone = evaluate(gate(ACCURACY), tenfold, baseline=True, seed="s").metrics[0]
    blocks = evaluate(gate(ACCURACY, block=10), tenfold, baseline=True, seed="s").metrics[0]

    assert alone.low is not None
    assert alone.high is not None
    assert blocks.low is not None
    assert blocks.high is not None
    assert blocks.high - blocks.low > 2 * (alone.high - alone.low)


def test_judging_twice_says_the_same() -> None:
    scored = rows(300, 0.8, 0.75)

    assert evaluate(gate(ACCURACY), scored, baseline=True, seed="s") == evaluate(
        gate(ACCURACY), scored, baseline=True, seed="s"
    )


def test_a_candidate_no_better_than_the_champion_seldom_passes() -> None:
    """At 95 % about one in forty may; of 80, more than 8 would be something else than chance (p < 0.001)."""
    passed = sum(
        evaluate(gate(ACCURACY), rows(300, 0.75, 0.75, seed=seed), baseline=True, seed=str(seed)).verdict
        is Verdict.PASS
        for seed in range(80)
    )
    assert passed <= 8


@given(st.integers(0, 10_000), st.sampled_from(["accuracy", "brier_score", "log_loss", "roc_auc"]))
@settings(max_examples=25, deadline=None)
def test_the_interval_lies_around_the_difference(seed: int, metric: str) -> None:
    (result,) = evaluate(
        gate(GateMetric(name=metric)), rows(150, 0.8, 0.7, seed=seed), baseline=True, seed=str(seed)
    ).metrics
    assert result.low is not None
    assert result.high is not None
    assert result.delta is not None
    assert result.low <= result.delta + 1e-9
    assert result.delta <= result.high + 1e-9
