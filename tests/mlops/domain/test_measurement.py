"""Judging: the worst counts, absence never passes."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops.domain.data.measurement import Bound, Limit, Measurement, Verdict, judge, judge_one

LIMIT = Limit(
    monitor="errors",
    success=Bound(comparison="<=", offset=0.01),
    failure=Bound(comparison=">", offset=0.02),
    min_samples=500,
)


def measured(value: float | None, samples: int = 500) -> Measurement:
    return Measurement(monitor="errors", value=value, samples=samples)


@pytest.mark.parametrize(
    ("measurement", "verdict"),
    [
        (measured(0.01), Verdict.PASS),
        (measured(0.015), Verdict.INCONCLUSIVE),
        (measured(0.02), Verdict.INCONCLUSIVE),
        (measured(0.021), Verdict.FAIL),
        (measured(0.0, samples=499), Verdict.INCONCLUSIVE),
        (measured(1.0, samples=499), Verdict.INCONCLUSIVE),
        (measured(None), Verdict.ERROR),
        (measured(math.nan), Verdict.ERROR),
        (measured(math.inf), Verdict.ERROR),
        (None, Verdict.ERROR),
    ],
)
def test_one_number_against_its_limit(measurement: Measurement | None, verdict: Verdict) -> None:
    assert judge_one(measurement, LIMIT) is verdict


@pytest.mark.parametrize(
    ("value", "chance", "verdict"),
    [
        (0.03, 0.002, Verdict.FAIL),
        (0.03, 0.03, Verdict.INCONCLUSIVE),
        (0.03, 0.05, Verdict.INCONCLUSIVE),
        (0.005, 0.02, Verdict.PASS),
        (0.005, 0.021, Verdict.INCONCLUSIVE),
        (0.015, 0.001, Verdict.INCONCLUSIVE),
    ],
)
def test_a_failure_is_one_that_chance_does_not_make_and_a_pass_one_that_it_cannot_hide(
    value: float, chance: float, verdict: Verdict
) -> None:
    assert judge_one(Measurement(monitor="errors", value=value, samples=500, chance=chance), LIMIT) is verdict


def test_without_a_failure_bound_whatever_is_no_success_is_a_failure() -> None:
    limit = Limit(monitor="errors", success=Bound(comparison="<=", offset=0.01))

    assert judge_one(measured(0.011), limit) is Verdict.FAIL


def test_a_bound_on_the_champion_without_a_champion_is_an_error() -> None:
    limit = Limit(monitor="errors", success=Bound(comparison="<=", offset=0.0, factor=1.2))

    assert judge_one(measured(0.011), limit) is Verdict.ERROR
    assert judge_one(measured(0.011), limit, 0.01) is Verdict.PASS
    assert judge_one(measured(0.013), limit, 0.01) is Verdict.FAIL


def test_a_limit_that_nobody_measured_is_an_error() -> None:
    assert judge((), (LIMIT,)) is Verdict.ERROR


def test_judging_without_limits_is_refused() -> None:
    with pytest.raises(ValueError, match="would pass everything"):
        judge((measured(0.0),), ())


def test_an_unknown_comparison_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown comparison '=='"):
        Bound(comparison="==", offset=1.0)


@given(st.lists(st.sampled_from([0.0, 0.015, 0.5, None]), min_size=1, max_size=5))
def test_the_worst_verdict_counts(values: list[float | None]) -> None:
    limits = tuple(Limit(monitor=str(at), success=LIMIT.success, failure=LIMIT.failure) for at, _ in enumerate(values))
    measurements = tuple(Measurement(monitor=str(at), value=v, samples=1) for at, v in enumerate(values))
    each = [judge_one(m, limit) for m, limit in zip(measurements, limits, strict=True)]

    assert judge(measurements, limits) is max(each)
