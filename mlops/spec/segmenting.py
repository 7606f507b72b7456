"""A monitor with segments is several monitors: one of all rows, and one of each segment, with a name of its own."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

from mlops.domain.declared import monitor as declared
from mlops.spec.document.monitor import Monitor, Segments


def segmented(part: Monitor, whole: declared.Monitor) -> Iterator[declared.Monitor]:
    """Give the monitor of all rows, then those of its segments.

    What leads to anything (quarantine, and triggers, by its name) is the whole; a segment is judged and shown.
    """
    found = [(segment, given.min_samples or part.min_samples) for given in part.segments for segment in _of(given)]
    family = 1 + len(found)
    yield replace(whole, family=family)
    for segment, least in found:
        name = f"{whole.name}[{segment}]"
        limit = whole.limit and replace(whole.limit, monitor=name, min_samples=least)
        yield replace(
            whole, name=name, segment=segment, family=family, min_samples=least, limit=limit, quarantine=False
        )


def _of(given: Segments) -> Iterator[declared.Segment]:
    for value in given.values:
        yield declared.Segment(column=given.column, value=str(int(value)) if isinstance(value, bool) else str(value))
    ends = (None, *given.cuts, None)
    for low, high in pairwise(ends) if given.cuts else ():
        yield declared.Segment(column=given.column, low=low, high=high)
