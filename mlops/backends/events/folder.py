"""Files dropped into a folder: `.json` files are events, any other file is news by its being there."""

import hashlib
import json
import time
from collections.abc import Sequence
from pathlib import Path

from mlops.domain.declared.source import Kind
from mlops.ports import OutsideError
from mlops.post import Message

TAKEN = "taken"
"""The folder of what was read: nothing of a user's is deleted."""
_MOST = 100
_LARGEST = 1 << 20
_UNFINISHED = (".part", ".tmp", ".crdownload")


class Folder:
    """Keeps the promises of `post.EventSource`."""

    def __init__(self, path: Path, means: Kind = Kind.DATA, patience: float = 2.0) -> None:
        """`patience`: seconds for which a file must have been left alone, so that nothing is read half."""
        self._path = path
        self._means = means
        self._patience = patience

    def receive(self) -> Sequence[Message]:
        """Files that nobody writes to any more, by name."""
        try:
            files = sorted(each for each in self._path.iterdir() if each.is_file() and _finished(each))[:_MOST]
            return [self._message(file) for file in files if self._settled(file)]
        except FileNotFoundError as error:
            raise OutsideError(f"{error.filename or self._path} is not there: make the folder {self._path}") from error
        except OSError as error:
            raise OutsideError(f"{error.filename or self._path} cannot be read: {error.strerror}") from error

    def done(self, message: Message) -> None:
        """Move the file aside, under a name that no other has."""
        file = self._path / str(message.handle)
        taken = self._path / TAKEN
        try:
            taken.mkdir(exist_ok=True)
            file.replace(taken / f"{message.id[7:19]}-{file.name}")
        except FileNotFoundError:
            return  # somebody moved it already
        except OSError as error:
            raise OutsideError(f"{file} cannot be moved to {TAKEN}/: {error.strerror}") from error

    def _settled(self, file: Path) -> bool:
        return time.time() - file.stat().st_mtime >= self._patience

    def _message(self, file: Path) -> Message:
        state = file.stat()
        read = file.suffix == ".json" and state.st_size <= _LARGEST
        content = file.read_bytes() if read else f"{state.st_size} {state.st_mtime_ns}".encode()
        number = f"sha256:{hashlib.sha256(file.name.encode() + b'/' + content).hexdigest()}"
        if not read:
            said = {"specversion": "1.0", "type": f"aml-kit.{self._means.value}", "source": "folder", "id": number}
            content = json.dumps({**said, "subject": file.name}).encode()
        return Message(id=number, body=content, handle=file.name)


def _finished(file: Path) -> bool:
    return not file.name.startswith(".") and file.suffix not in _UNFINISHED
