"""Calibration: what probabilities promise and what came, and how much of the distance is chance."""

import numpy as np
import pytest

from mlops.monitors.binned import calibration_error


def test_each_bin_counts_by_its_rows() -> None:
    found = calibration_error(np.array([1.0, 0.0, 0.0, 0.0]), np.array([1.0, 0.95, 0.05, 0.05]))
    assert found.error == pytest.approx((2 * 0.475 + 2 * 0.05) / 4)
    assert dict(found.gaps) == pytest.approx({"0 to 0.1": 0.05, "0.9 to 1": 0.475})


def test_what_chance_makes_of_sound_probabilities_is_within_the_interval() -> None:
    draws = np.random.default_rng(1)
    scores = draws.random(300)
    found = calibration_error((draws.random(300) < scores).astype(float), scores)
    assert found.error > 0.02
    assert found.low == 0.0


@pytest.mark.parametrize("bent", [1.0, 2.0])
def test_the_interval_holds_the_true_error_at_its_rate_or_above(bent: float) -> None:
    draws = np.random.default_rng(2)
    held = 0
    for _ in range(200):
        scores = draws.random(400)
        true = scores**bent
        found = calibration_error((draws.random(400) < true).astype(float), scores)
        bins = np.minimum((scores * 10).astype(int), 9)
        truth = sum(abs((scores - true)[bins == at].sum()) for at in range(10)) / 400
        held += found.low <= truth <= found.high
    assert held / 200 >= 0.95
