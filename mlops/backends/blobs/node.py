"""What a machine of Azure ML runs: it counts its part of a task's files, read by its own identity, and writes it down.

It needs numpy, pyarrow and Azure's storage SDK, and brings a few files at a time: its disk and memory may be small.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

from mlops.backends.blobs.container import blob_at, credential
from mlops.backends.blobs.files import bring
from mlops.backends.tables import engines, task
from mlops.domain.data.data_error import DataError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from mlops.backends.blobs.container import Blobs
    from mlops.backends.tables.pieces import Order
    from mlops.backends.tables.sources import Source

    Find = Callable[[str], tuple[Blobs, str]]

_AT_ONCE = 8
"""Files that lie on the machine's disk together."""


def main() -> None:
    """Count what the command line says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("task", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--part", type=int, default=0, help="which files: every so many …")
    parser.add_argument("--parts", type=int, default=1, help="… of so many parts")
    given = parser.parse_args()
    identity, known = credential(), dict[str, "Blobs"]()

    def find(address: str) -> tuple[Blobs, str]:
        container, name = blob_at(address, identity)
        return known.setdefault(container.address, container), unquote(name)

    with tempfile.TemporaryDirectory(prefix="mlops-") as here:
        order, sources = task.read(given.task, Path(here))
        mine = list(enumerate(sources))[given.part :: given.parts]
        task.keep(given.out, counted(mine, order, find))
    print(f"counted {len(mine)} of {len(sources)} files")


def counted(numbered: Sequence[tuple[int, Source]], order: Order, find: Find) -> Iterator[task.Counted]:
    """Bring files, count them and let them go, a few at a time.  Raise DataError by the name that people know."""
    engine = engines.Local()
    for start in range(0, len(numbered), _AT_ONCE):
        some = {source.path: (number, source) for number, source in numbered[start : start + _AT_ONCE]}
        sources = [source for _, source in some.values()]
        try:
            for source in sources:
                bring(*find(source.address), source)
            for source, by_hour in engines.by_source(sources, order, engine):
                yield some[source.path][0], by_hour
        except DataError as error:
            raise task.named(error, sources) from error
        finally:
            for source in sources:
                source.path.unlink(missing_ok=True)


if __name__ == "__main__":
    main()
