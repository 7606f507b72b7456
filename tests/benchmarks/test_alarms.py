"""False alarms are counted and judged; the samples they are counted on are as they should be."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.monitors import alarms, judge
from benchmarks.monitors.alarms import Setting, Share
from benchmarks.monitors.columns import KINDS, Kind, population, resampled, sample
from mlops.monitors.categorical import CategoricalState
from mlops.monitors.numeric import NumericState
from mlops.monitors.profile import DoesNotFitError

NORMAL, POISSON, LEVELS = KINDS[0], Kind(name="Poisson"), Kind(name="5 levels", levels=5)
PSI, KS = "population_stability_index", "kolmogorov_smirnov_distance"


def _share(fired: int, draws: int = 1000, metric: str = PSI, kind: Kind = NORMAL) -> Share:
    return Share(setting=Setting(kind=kind, reference=100, current=100), metric=metric, fired=fired, draws=draws)


@pytest.mark.parametrize(
    ("share", "missed"),
    [
        (_share(15), ""),
        (_share(16), "fires more than 1.5%"),
        (_share(3), ""),
        (_share(2), "fires less than 0.3%"),
        (_share(0, metric=KS), ""),
        (_share(0, kind=POISSON), ""),
        (_share(16, metric=KS, kind=POISSON), "fires more than 1.5%"),
    ],
    ids=["most", "more", "least", "less", "KS has no least", "ties have no least", "all have a most"],
)
def test_each_bar_is_judged(share: Share, missed: str) -> None:
    assert share.missed == missed


def test_only_what_chance_may_have_done_is_drawn_again() -> None:
    assert [_share(fired).near(alarms.MOST) for fired in (16, 30, 31, 100)] == [True, True, False, False]


@pytest.mark.parametrize("kind", [NORMAL, LEVELS], ids=lambda kind: kind.name)
def test_every_metric_is_quiet_without_drift_and_speaks_with_it(kind: Kind) -> None:
    moved = 0.3 if kind.levels else 0.5
    quiet, loud = (
        alarms.measure(Setting(kind=kind, reference=1000, current=1000, moved=by), draws=40, seed=3)
        for by in (0.0, moved)
    )

    assert [one.metric for one in quiet if one.share > 0.05] == []
    assert [one.metric for one in loud if one.share < 0.9] == []
    assert {one.metric for one in quiet} == {m for m in judge.METRICS if judge.applies(m, numbers=not kind.levels)}


def test_a_column_of_numbers_is_never_judged_by_levels_nor_the_other_way_around() -> None:
    random = np.random.default_rng(0)

    with pytest.raises(DoesNotFitError, match="one side is of numbers and the other of levels"):
        judge.fires(sample(NORMAL, 100, random), sample(LEVELS, 100, random), PSI, 0.01)


def test_samples_from_counts_are_like_samples_from_rows() -> None:
    whole = population(NORMAL, 0.0)

    drawn = resampled(whole, 100_000, np.random.default_rng(0))

    assert drawn.finite == 100_000
    assert drawn.mean == pytest.approx(whole.mean, abs=0.02)
    assert drawn.deviation == pytest.approx(whole.deviation, rel=0.02)


def test_a_moved_sample_is_moved_by_as_much_as_said() -> None:
    random = np.random.default_rng(0)

    still, moved = (sample(NORMAL, 100_000, random, by) for by in (0.0, 0.5))
    before, after = (sample(LEVELS, 100_000, random, by) for by in (0.0, 0.1))

    assert isinstance(still, NumericState)
    assert isinstance(moved, NumericState)
    assert moved.mean - still.mean == pytest.approx(0.5, abs=0.02)
    assert isinstance(before, CategoricalState)
    assert isinstance(after, CategoricalState)
    gone = dict(before.levels)["level 000"] - dict(after.levels)["level 000"]
    assert gone == pytest.approx(10_000, abs=1_000)


def test_a_row_has_the_share_of_each_metric_that_is_for_its_kind_of_column() -> None:
    line = alarms.row([_share(10), _share(20, metric=KS)])

    assert line == "| normal | 100 | 100 | 0 | 1.00 |  |  | 2.00 |  |  |"
    assert [each.count("|") for each in alarms.heading().split("\n")] == [line.count("|")] * 2
