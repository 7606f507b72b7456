import math
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops.report.skill import ScoredDay, Skill, bought

START = datetime(1975, 1, 1, tzinfo=UTC)


def _days(labels: list[int], served: list[float], first: list[float] | None = None) -> list[ScoredDay]:
    return [
        ScoredDay(
            key=str(number),
            time=START + timedelta(days=number * 5),
            label=label,
            served=served[number],
            first=first[number] if first else None,
        )
        for number, label in enumerate(labels)
    ]


def test_skill_is_one_for_perfect_answers_and_zero_for_the_mean() -> None:
    labels = [1, 0, 0, 0] * 40

    found = bought(_days(labels, [float(label) for label in labels], [0.25] * 160))

    assert found.whole == Skill(name="all", rows=160, served=1.0, first=0.0)
    assert [year.name for year in found.years] == ["1975", "1976", "1977"]
    assert (found.gain, found.ahead, found.behind) == (1.0, 3, 0)
    assert found.sentence.startswith("The loop bought 1.00 of skill (skill +1.00 instead of +0.00;")


def test_a_loop_that_did_worse_is_said_to_cost() -> None:
    labels = [1, 0, 0, 0] * 40

    found = bought(_days(labels, [0.25] * 160, [float(label) for label in labels]))

    assert found.sentence.startswith("The loop cost 1.00 of skill: the first model left alone would have done better")


def test_equal_answers_bought_nothing() -> None:
    labels = [1, 0, 0, 0] * 40

    found = bought(_days(labels, [0.3] * 160, [0.3] * 160))

    assert (found.gain, found.low, found.high, found.ahead, found.behind) == (0.0, 0.0, 0.0, 0, 0)
    assert found.sentence.startswith("The loop bought nothing that chance does not explain")


def test_without_the_first_models_answers_nothing_is_claimed() -> None:
    found = bought(_days([1, 0, 1], [0.5, 0.5, 0.5]))

    assert (found.gain, found.low, found.high, found.whole.first) == (None, None, None, None)
    assert "nothing can be said" in found.sentence


def test_no_rows_are_an_error_and_not_a_skill_of_zero() -> None:
    with pytest.raises(ValueError, match="nothing to compare"):
        bought([])


@given(
    st.lists(st.tuples(st.integers(0, 1), st.floats(0, 1), st.floats(0, 1)), min_size=2, max_size=200),
)
def test_the_gain_is_the_difference_of_the_skills_and_lies_in_reach_of_its_interval(
    rows: list[tuple[int, float, float]],
) -> None:
    labels, served, first = (list(column) for column in zip(*rows, strict=True))

    found = bought(_days(labels, served, first))

    if found.whole.first is None:
        assert len(set(labels)) == 1  # without two kinds of labels the mean is perfect, and there is no skill
        return
    assert found.gain is not None
    assert math.isclose(found.gain, found.whole.served - found.whole.first)
    assert found.low is not None
    assert found.high is not None
    assert found.low <= found.high
