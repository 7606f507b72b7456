"""A blob container in memory: every write makes a new version."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlops.backends.blobs.container import Blob

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path


class FakeBlobs:
    """Keeps the promises of `Blobs`; counts what was listed and read."""

    address = "https://account.blob.core.windows.net/fake"

    def __init__(self) -> None:
        self._contents: dict[str, tuple[str, bytes]] = {}
        self._writes = 0
        self.listings: list[str] = []
        self.reads: list[str] = []

    def put(self, name: str, content: bytes) -> None:
        self._writes += 1
        self._contents[name] = (f"0x{self._writes:X}", content)

    def append(self, name: str, content: bytes) -> None:
        self.put(name, self._contents.get(name, ("", b""))[1] + content)

    def delete(self, name: str) -> None:
        del self._contents[name]

    def blobs(self, prefix: str) -> tuple[Blob, ...]:
        self.listings.append(prefix)
        found = sorted((name, etag) for name, (etag, _) in self._contents.items() if name.startswith(prefix))
        return tuple(Blob(name=name, etag=etag) for name, etag in found)

    def folders(self, prefix: str) -> tuple[str, ...]:
        below = (name.removeprefix(prefix) for name in self._contents if name.startswith(prefix))
        return tuple(sorted({rest.split("/")[0] for rest in below if "/" in rest}))

    def read(self, names: Iterable[str]) -> Iterator[tuple[Blob, bytes]]:
        for name in names:
            self.reads.append(name)
            if name in self._contents:
                etag, content = self._contents[name]
                yield Blob(name=name, etag=etag), content

    def save(self, name: str, etag: str, path: Path) -> bool:
        self.reads.append(name)
        found, content = self._contents.get(name, ("", b""))
        path.write_bytes(content)
        return found == etag
