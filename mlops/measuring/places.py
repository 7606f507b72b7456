"""Places of files, here and in blob storage; what is elsewhere is brought here for as long as the command runs."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from mlops.backends.blobs import folder as folders
from mlops.backends.blobs.files import BlobFiles, is_elsewhere
from mlops.backends.tables import places
from mlops.backends.tables.sources import refuse_twice
from mlops.domain.data.data_error import DataError
from mlops.ports import OutsideError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from types import TracebackType
    from typing import Self

    from mlops.backends.tables.sources import Source


class Places:
    """Finds and brings files; on leaving, what was brought is removed."""

    def __init__(self, platform: Path | None) -> None:
        self._platform = platform
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._files: BlobFiles | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._folder is not None:
            self._folder.cleanup()

    def resolve(self, names: Sequence[str], folder: Path) -> tuple[Source, ...]:
        """Find files; a relative path begins at the folder.  Raise DataError, also for one that is named twice."""
        found = [
            source
            for name in names
            for source in (self._elsewhere(name) if is_elsewhere(name) else places.resolve([name], folder))
        ]
        refuse_twice(found)
        return tuple(found)

    def fetch(self, sources: Sequence[Source]) -> None:
        """Bring files that are elsewhere.  Raise DataError."""
        if self._files is not None:
            try:
                self._files.fetch(sources)
            except OutsideError as error:
                raise DataError(str(error)) from error

    @contextmanager
    def states(self, place: str) -> Iterator[Path | None]:
        """Give the folder that keeps profiles by the hour; one in blob storage is brought here, and sent back after.

        Raise DataError.
        """
        if not is_elsewhere(place):
            yield Path(place) if place else None
            return
        with ExitStack() as stack:
            try:
                container, path = self._opened().find(place)
                here = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="mlops-states-")))
                folder = stack.enter_context(folders.kept(container, path, here))
            except OutsideError as error:
                raise DataError(str(error)) from error
            yield folder

    def _elsewhere(self, name: str) -> tuple[Source, ...]:
        try:
            return self._opened().sources(name)
        except OutsideError as error:
            raise DataError(str(error)) from error

    def _opened(self) -> BlobFiles:
        """Connect once there is something to connect for: Azure's SDKs take a second to load."""
        if self._files is None:
            from mlops.backends.azure_ml import finder  # noqa: PLC0415
            from mlops.spec.platform import read_platform  # noqa: PLC0415

            self._folder = tempfile.TemporaryDirectory(prefix="mlops-")
            platform = read_platform(self._platform) if self._platform else None
            self._files = BlobFiles(finder(platform), Path(self._folder.name))
        return self._files
