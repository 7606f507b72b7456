"""Says at once when a part of the local environment has ended; Azure's SDKs would try again for minutes first."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from environments.local import supervisor
from environments.local.home import Home

_SECONDS = 1.0  # from one look to the next
_COMES_AND_GOES = ("deployment-", "job-")  # the loop's business: a deployment that crashes is to be rolled back


class PartEndedError(BaseException):
    """A process of the local environment is dead; not an Exception, so that nobody's retry swallows it."""


@contextmanager
def watching(home: Home) -> Iterator[None]:
    """Raise PartEndedError in the main thread, whatever it waits for, as soon as a part is dead."""
    dead: list[str] = []

    def say(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 - as signals are told
        raise PartEndedError(dead[0])

    def watch() -> None:
        while not over.wait(_SECONDS):
            dead.extend(ended(home))
            if dead:
                os.kill(os.getpid(), signal.SIGUSR1)
                return

    over = threading.Event()
    before = signal.signal(signal.SIGUSR1, say)
    watcher = threading.Thread(target=watch, name="watch", daemon=True)
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join()
        signal.signal(signal.SIGUSR1, before)


def ended(home: Home) -> list[str]:
    """Name the parts that were started, were not ended by anybody, and are dead."""
    parts = supervisor.known(home).items()
    return [name for name, process in parts if not name.startswith(_COMES_AND_GOES) and not process.alive]
