"""Where the loop's memory is kept, a file or a server that several controllers share; and who seals it."""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from mlops.ports import GoneError, StateError, Store
from mlops.witness import Signer, Verifier

if TYPE_CHECKING:
    from mlops.domain.loop import Loop

STATE_FILE = "state.sqlite3"

Say = Callable[[str], None]


def open_store(home: Path, say: Say | None = None, url: str = "", *, own_time: bool = True) -> Store:
    """The state in a folder, or on the server at `url`, made if need be.  Raises StateError.

    With `say`, the state of an older program is brought up to date first, and a line is said; else it is refused.
    `own_time`: leases go by the server's clock, not by one that is driven.
    """
    done = _brought_up(home, url) if say is not None else ""
    if done and say is not None:
        say(done)
    if url:
        from mlops.backends.store.postgres import open_postgres  # noqa: PLC0415 - takes a while

        return open_postgres(url, own_time=own_time)
    from mlops.backends.store.database import open_sqlite  # noqa: PLC0415 - SQLAlchemy takes a while

    return open_sqlite(home / STATE_FILE)


def _brought_up(home: Path, url: str) -> str:
    if url:
        from mlops.backends.store.postgres import upgrade_postgres  # noqa: PLC0415

        return upgrade_postgres(url)
    path = home / STATE_FILE
    if not path.is_file() or not _is_older(path):
        return ""
    from mlops.backends.store.database import upgrade_sqlite  # noqa: PLC0415

    with only_controller(home):  # an older controller must not be at work on it
        return upgrade_sqlite(path)


def _is_older(path: Path) -> bool:
    from mlops.backends.store.reading import read_revision  # noqa: PLC0415
    from mlops.backends.store.revisions import Shape, shape  # noqa: PLC0415

    return shape(read_revision(path)) is Shape.OLDER


def read_loop(home: Path, project: str | None = None, url: str = "") -> "Loop":
    """Where a loop stands, quickly and without writing anything.  Raises StateError."""
    loops = {loop.project: loop for loop in read_loops(home, url)}
    return loops[named(tuple(loops), project)]


def read_loops(home: Path, url: str = "") -> "tuple[Loop, ...]":
    """Where all loops stand, by name, without writing anything.  Raises StateError."""
    if url:
        store = open_store(home, url=url)
        loops = tuple(loop for loop in map(store.load, store.projects()) if loop is not None)
        return tuple(replace(loop, frozen=loop.frozen or store.frozen()) for loop in loops)
    from mlops.backends.store.reading import read_loops as read  # noqa: PLC0415

    must_exist(home)
    return read(home / STATE_FILE)


def must_exist(home: Path, url: str = "") -> None:
    """Raise StateError where no state ever was."""
    if not url and not (home / STATE_FILE).is_file():
        raise StateError(f"there is no state in {home}: run mlops apply -f project.yaml, or name its --home")


def named(names: tuple[str, ...], wanted: str | None) -> str:
    """The project that is meant.  Raises StateError."""
    if wanted in names or (wanted is None and len(names) == 1):
        return wanted or names[0]
    if not names:
        raise StateError("no project is applied here: run mlops apply -f project.yaml, or name its --home")
    asked = f"there is no project {wanted!r}" if wanted else "several projects are applied here"
    raise GoneError(f"{asked}: name one of {', '.join(names)} with --project")


@contextmanager
def only_controller(home: Path) -> Iterator[None]:
    """One controller a home at a time; the lock goes with its process, however that ends.  Raises StateError."""
    try:
        lock = os.open(home / "controller.lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise StateError(f"{home} cannot be written: {error.strerror}; free space or choose another --home") from error
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise StateError(f"another controller works in {home}: end it, or let it work") from error
        yield
    finally:
        os.close(lock)


def open_signer(place: str) -> Signer:
    """A private key in a file or a Key Vault.  Raises RefusedError, OutsideError."""
    from mlops.backends.signing import open_key  # noqa: PLC0415

    return open_key(place)


def open_verifier(path: Path) -> Verifier:
    """A public key in a file.  Raises RefusedError."""
    from mlops.backends.signing import open_public_key  # noqa: PLC0415

    return open_public_key(path)
