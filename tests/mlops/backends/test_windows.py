"""A window is the sum of kept days and of rows counted now, and nobody can tell the difference."""

from __future__ import annotations

import tempfile
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops.backends.blobs import rows
from mlops.backends.blobs.cache import Cache
from mlops.backends.blobs.container import Blob
from mlops.backends.blobs.formats import place_of
from mlops.backends.blobs.windows import Windows
from mlops.domain.world import Window
from mlops.monitors import profile, saved
from mlops.monitors.profile import Bounds, Schema
from tests.mlops.backends.collector import DATA, ROOT, blob, day, line

SCHEMA = Schema(
    centres=(("temperature", 0.5),),
    categorical=("wind",),
    bounds=(Bounds(name="cold", weights=(("temperature", 1.0),), high=2.0),),
)
WINDOW = Window(start=day("1969-12-28"), end=day("1970-01-06"))


def _take(cache: Cache, moment: str, temperatures: list[float | None], etag: str = "1") -> None:
    name = blob("m-1", "model_inputs", moment)
    place = place_of(name, f"{ROOT}/")
    assert place is not None
    found = [
        {"day": f"{moment}T12:00:{second:02}", "temperature": x, "wind": "n"} for second, x in enumerate(temperatures)
    ]
    events = b"".join(line("model_inputs", f"{moment}-{number}", [row]) for number, row in enumerate(found))
    cache.take_events(Blob(name=name, etag=etag), place, events)


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path / "c.sqlite3", DATA)


def _direct(cache: Cache, window: Window, without: tuple[Window, ...] = ()) -> profile.Profile:
    found = rows.inputs(cache, window, without)
    return profile.profile({name: [row.get(name) for row in found] for name in ("temperature", "wind")}, schema=SCHEMA)


values = st.lists(st.none() | st.floats(-5, 5), max_size=5)


@given(st.lists(values, min_size=1, max_size=8), st.booleans())
def test_kept_days_and_counted_rows_add_up_to_the_whole(days: list[list[float | None]], quarantined: bool) -> None:  # noqa: FBT001
    without = (Window(start=day("1969-12-30"), end=day("1970-01-01")),) if quarantined else ()
    with tempfile.TemporaryDirectory() as folder:
        cache = Cache(Path(folder) / "c.sqlite3", DATA)
        dates = ["1969-12-29", "1969-12-30", "1969-12-31", *(f"1970-01-{n:02}" for n in range(1, 6))]
        for date, temperatures in zip(dates, days, strict=False):
            _take(cache, date, temperatures)
        for _ in range(2):  # the second time from what was kept
            found = Windows(cache, large=3).profile(WINDOW, without, SCHEMA)
            assert replace(found, sources=()) == _direct(cache, WINDOW, without)
        kept = Counter(key.split()[0] for (key,) in cache.execute("select key from profile"))
        large = [date for date, found_there in zip(dates, days, strict=False) if len(found_there) >= 3]
        assert kept == Counter(date for date in large if not (quarantined and date in {"1969-12-30", "1969-12-31"}))
        cache.close()


def test_a_day_whose_blob_was_written_again_is_counted_again(cache: Cache) -> None:
    windows = Windows(cache, large=2)
    _take(cache, "1970-01-01", [1.0, 2.0])
    assert windows.profile(WINDOW, (), SCHEMA).rules["cold"].broken == 0
    _take(cache, "1970-01-01", [1.0, 3.0], etag="2")
    assert windows.profile(WINDOW, (), SCHEMA).rules["cold"].broken == 1
    cache.close()


def test_a_kept_day_that_cannot_be_read_is_counted_again(cache: Cache) -> None:
    windows = Windows(cache, large=2)
    _take(cache, "1970-01-01", [1.0, 3.0])
    windows.profile(WINDOW, (), SCHEMA)
    ((key, marker),) = cache.execute("select key, marker from profile")
    cache.keep(key, marker, b"from another release")
    assert windows.profile(WINDOW, (), SCHEMA).rows == 2
    cache.close()


def test_a_kept_day_is_what_answers(cache: Cache) -> None:
    windows = Windows(cache, large=2)
    _take(cache, "1970-01-01", [1.0, 3.0])
    windows.profile(WINDOW, (), SCHEMA)
    ((key, marker),) = cache.execute("select key, marker from profile")
    other = profile.profile({"temperature": [0.0] * 7, "wind": ["s"] * 7}, schema=SCHEMA)
    cache.keep(key, marker, saved.to_bytes(other))
    assert windows.profile(WINDOW, (), SCHEMA).rows == 7
    cache.close()
