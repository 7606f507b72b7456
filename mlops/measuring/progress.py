"""How far a long command is, on a terminal."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def progress(after: float = 2.0) -> Iterator[Callable[[int, int], None]]:
    """Show how far a long command is, on a terminal only, once it has taken so many seconds."""
    began, bar = time.monotonic(), None

    def tell(done: int, total: int) -> None:
        nonlocal bar
        if not sys.stderr.isatty() or time.monotonic() - began < after:
            return
        if bar is None:
            from rich.console import Console  # noqa: PLC0415
            from rich.progress import Progress  # noqa: PLC0415

            bar = Progress(console=Console(stderr=True), transient=True)
            bar.start()
            bar.add_task("counting columns", total=total)
        bar.update(bar.task_ids[0], completed=done)

    try:
        yield tell
    finally:
        if bar is not None:
            bar.stop()
