"""A folder of small files that is kept in blob storage: brought here, changed here, and what changed sent back."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from mlops.backends.blobs.container import Blobs

_THREADS = 8
_NOTES = "files/"
"""Notes are sent when what they speak of is there, and what they replace is removed after that."""


@contextmanager
def kept(container: Blobs, path: str, here: Path) -> Iterator[Path]:
    """Give a folder here that holds what lies below a path; when it is left, also by an error, changes are sent back.

    Two that run at the same time do no harm: files are never changed in place but for notes, and a note is sent after
    the files that it names, which are removed only by who replaced it.
    """
    root = f"{path.rstrip('/')}/"
    before = {
        blob.name.removeprefix(root): content
        for blob, content in container.read(blob.name for blob in container.blobs(root))
    }
    for name, content in before.items():
        file = here / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    try:
        yield here
    finally:
        _send(container, root, here, before)


def _send(container: Blobs, root: str, here: Path, before: Mapping[str, bytes]) -> None:
    after = {file.relative_to(here).as_posix(): file for file in here.rglob("*") if file.is_file()}
    contents = ((name, file.read_bytes()) for name, file in after.items())
    changed = [(name, content) for name, content in contents if content and content != before.get(name)]
    with ThreadPoolExecutor(_THREADS) as threads:
        for notes in (False, True):
            some = [one for one in changed if one[0].startswith(_NOTES) is notes]
            list(threads.map(lambda one: container.put(f"{root}{one[0]}", one[1]), some))
        list(threads.map(lambda name: container.delete(f"{root}{name}"), before.keys() - after.keys()))
