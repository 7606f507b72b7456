"""How many threads trees may take: on tables of usual size they mostly wait for each other."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_LARGE = 5_000_000
"""Values from which a second thread is worth its while."""


@contextmanager
def threads_for(values: int) -> Iterator[None]:
    """Limit scikit-learn's threads.  It is imported first: a limit holds for what is loaded by then, and no more."""
    import sklearn.ensemble  # noqa: PLC0415  only signals on rows pay for it
    from threadpoolctl import threadpool_limits  # noqa: PLC0415  comes with scikit-learn; as there

    del sklearn
    with threadpool_limits(None if values > _LARGE else 1):
        yield
