"""The slices gate: no group is served badly behind a good average, and a small one is no pass."""

from collections.abc import Mapping, Sequence

import pytest

from mlops.domain.data.measurement import Measurement, Verdict
from mlops.domain.declared.gate import OnSmallSlice, SliceMetric, SlicesGate
from mlops.domain.gates.slices import judge_slices
from mlops.domain.world import ScoredRow
from mlops.flows.gates import between_groups


def rows(count: int, right: float, *, champion: float | None = None, **groups: str) -> list[ScoredRow]:
    def score(at: int, share: float) -> float:
        label, hit = at % 2, (at * 37) % 100 < share * 100
        return 0.9 if bool(label) == hit else 0.1

    return [
        ScoredRow(
            key=f"{groups}{at}",
            label=float(at % 2),
            candidate=score(at, right),
            champion=None if champion is None else score(at, champion),
            groups=groups,
        )
        for at in range(count)
    ]


def gate(metric: SliceMetric, by: tuple[str, ...] = ("region",), **more: object) -> SlicesGate:
    return SlicesGate(name="slices", by=by, metrics=(metric,), min_per_slice=100, resamples=300, **more)  # type: ignore[arg-type]


def say(_: str, groups: Mapping[str, Sequence[ScoredRow]]) -> Measurement:
    raise AssertionError(f"not asked for: {list(groups)}")


def judged(asked: SlicesGate, found: list[ScoredRow], *, baseline: bool = False) -> tuple[str, str]:
    result = judge_slices(asked, found, baseline=baseline, seed="s", fairness=say)
    return result.verdict.word, result.why


FLOOR = SliceMetric(name="accuracy", at_least=0.6)


def test_one_slice_below_the_floor_fails_whatever_the_average_says() -> None:
    found = [*rows(900, 0.9, region="north"), *rows(100, 0.5, region="south")]

    assert judged(gate(FLOOR), found) == ("fail", "region=south: accuracy 0.5 is below 0.6")
    assert judged(gate(FLOOR), rows(900, 0.9, region="north"))[0] == "pass"


def test_a_small_slice_is_no_pass_unless_the_project_leaves_it_out() -> None:
    found = [*rows(200, 0.9, region="north"), *rows(99, 0.9, region="south")]

    assert judged(gate(FLOOR), found) == (
        "inconclusive",
        "1 numbers over region within their limits; fewer than 100 rows: region=south (99)",
    )
    assert judged(gate(FLOOR, on_small_slice=OnSmallSlice.LEAVE_OUT), found)[0] == "pass"
    only = judged(gate(FLOOR, on_small_slice=OnSmallSlice.LEAVE_OUT), rows(99, 0.9, region="south"))
    assert only[0] == "inconclusive"


def test_the_gap_between_slices_is_limited() -> None:
    found = [*rows(100, 0.9, region="north"), *rows(100, 0.7, region="south")]
    verdict, why = judged(gate(SliceMetric(name="accuracy", max_gap=0.1)), found)

    assert verdict == "fail"
    assert why == "accuracy gap[region] 0.2, 0.1 allowed; worst is accuracy[region=south]"
    assert judged(gate(SliceMetric(name="accuracy", max_gap=0.21)), found)[0] == "pass"


def test_a_slice_that_is_worse_than_the_champions_fails() -> None:
    asked = gate(SliceMetric(name="accuracy", min_delta=-0.05))
    found = [*rows(300, 0.9, champion=0.7, region="north"), *rows(300, 0.5, champion=0.9, region="south")]

    assert judged(asked, found, baseline=True)[0] == "fail"
    assert judged(asked, found, baseline=False)[0] == "pass"  # the first model has none to be worse than
    assert judged(asked, rows(300, 0.9, champion=0.7, region="north"), baseline=True)[0] == "pass"


def test_numbers_are_cut_into_slices() -> None:
    asked = gate(FLOOR, cuts={"age": (18.0, 65.0)}, by=("age",))
    found = [*rows(100, 0.9, age="17.9"), *rows(100, 0.9, age="18"), *rows(100, 0.5, age="65")]

    assert judged(asked, found) == ("fail", "65<=age: accuracy 0.5 is below 0.6")
    assert judged(asked, rows(100, 0.9, age="old"))[0] == "error"


def test_a_column_that_the_evaluation_lacks_is_an_error_and_rows_without_a_value_are_named() -> None:
    found = rows(100, 0.9, region="north")

    assert judged(gate(FLOOR, by=("age",)), found) == (
        "error",
        "the evaluation has no column age beside its scores; it has region",
    )
    assert judged(gate(FLOOR), [*found, *rows(2, 0.9, region="")])[1].endswith("; 2 rows have no region")
    assert judged(gate(FLOOR), [])[0] == "error"


@pytest.mark.parametrize(("right", "verdict"), [(0.9, "pass"), (0.83, "inconclusive"), (0.4, "fail")])
def test_groups_are_compared_as_the_monitors_do(right: float, verdict: str) -> None:
    metric = SliceMetric(name="equal_opportunity_difference", at_most=0.05)
    found = [*rows(400, 0.9, region="north"), *rows(400, right, region="south")]
    result = judge_slices(gate(metric), found, baseline=False, seed="s", fairness=between_groups)

    assert result.verdict.word == verdict, result.why
    assert result.metrics[0].samples == 200  # positives of the smaller group


def test_a_single_group_cannot_be_compared() -> None:
    metric = SliceMetric(name="accuracy_difference", at_most=0.05)
    result = judge_slices(gate(metric), rows(200, 0.9, region="n"), baseline=False, seed="s", fairness=between_groups)

    assert result.verdict is Verdict.INCONCLUSIVE


def test_many_slices_together_are_wrong_no_more_often_than_one() -> None:
    asked = gate(SliceMetric(name="accuracy", min_delta=-0.5))
    north = rows(200, 0.8, champion=0.7, region="north")
    more = [row for name in "abcdefgh" for row in rows(200, 0.8, champion=0.7, region=name)]

    def low(found: list[ScoredRow]) -> float:
        result = judge_slices(asked, found, baseline=True, seed="s", fairness=say)
        (one,) = [each for each in result.metrics if each.name == "accuracy[region=north]"]
        return one.low or 0.0

    assert low([*north, *more]) < low(north)
