"""Windows: which event time is measured, trained on and left out."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from mlops.domain.windows import last_boundary, reaching_back, subtract
from mlops.domain.world import Window

START = datetime(1970, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def window(first: int, last: int) -> Window:
    return Window(start=START + first * DAY, end=START + last * DAY)


holes = st.lists(st.tuples(st.integers(0, 300), st.integers(1, 40)), max_size=5).map(
    lambda pairs: tuple(window(first, first + length) for first, length in pairs)
)


def days(parts: tuple[Window, ...]) -> set[int]:
    return {at for part in parts for at in range((part.start - START) // DAY, (part.end - START) // DAY)}


@given(holes)
def test_what_is_left_of_a_window_is_the_window_without_its_holes(without: tuple[Window, ...]) -> None:
    whole = window(50, 250)

    assert days(subtract(whole, without)) == days((whole,)) - days(without)


@given(holes, st.integers(1, 200))
def test_a_window_that_reaches_back_has_its_length_outside_the_holes(without: tuple[Window, ...], length: int) -> None:
    found = reaching_back(START + 320 * DAY, length * DAY, without)

    assert found.end == START + 320 * DAY
    assert len(days(subtract(found, without))) == length


def test_boundaries_are_multiples_and_weeks_begin_on_monday() -> None:
    assert last_boundary(datetime(1975, 3, 6, 15, tzinfo=UTC), 7 * DAY) == datetime(1975, 3, 3, tzinfo=UTC)
    assert last_boundary(datetime(1949, 3, 6, 15, tzinfo=UTC), DAY) == datetime(1949, 3, 6, tzinfo=UTC)
