"""Copy blobs to folders of this machine and back."""

from __future__ import annotations

import contextlib
import shutil
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from azure.core.exceptions import AzureError, ResourceNotFoundError

from environments.local.arm.errors import ArmError

if TYPE_CHECKING:
    from pathlib import Path

    from azure.storage.blob import ContainerClient

    from environments.local.accounts import Accounts
    from environments.local.machine_learning.assets import Location

_AT_ONCE = 4


class TransferError(ArmError):
    """Blobs that could not be read or written; the text says which."""

    def __init__(self, message: str) -> None:
        super().__init__(400, "UserError", message)


def download(accounts: Accounts, location: Location, folder: Path) -> Path:
    """Copy a blob, or all below a path, into `folder`, and return the file or folder that `location` names.

    Raises TransferError where there is nothing.
    """
    folder.mkdir(parents=True, exist_ok=True)
    container = _container(accounts, location)
    try:
        if location.path and _is_blob(container, location.path):
            target = folder / location.path.rsplit("/", 1)[-1]
            _download_one(container, location.path, target)
            return target
        prefix = f"{location.path}/" if location.path else ""
        names = [name for name in container.list_blob_names(name_starts_with=prefix) if name != prefix]
        if not names:
            raise TransferError(f"there is nothing at {location.url}.")
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            list(pool.map(lambda name: _download_one(container, name, _inside(folder, name[len(prefix) :])), names))
    except AzureError as error:
        raise TransferError(f"{location.url} cannot be read: {_first_line(error)}") from error
    return folder


def download_named(accounts: Accounts, location: Location, folder: Path) -> Path:
    """As `download`, but a folder keeps its own name below `folder`, as Azure mounts models."""
    container = _container(accounts, location)
    try:
        single = bool(location.path) and _is_blob(container, location.path)
    except AzureError as error:
        raise TransferError(f"{location.url} cannot be read: {_first_line(error)}") from error
    name = location.path.rsplit("/", 1)[-1]
    return download(accounts, location, folder if single or not name else folder / name)


def upload(accounts: Accounts, source: Path, location: Location) -> int:
    """Copy a file, or all files below a folder, to `location`; returns how many.  Raises TransferError."""
    files = [source] if source.is_file() else sorted(path for path in source.rglob("*") if path.is_file())
    container = _container(accounts, location)

    def one(path: Path) -> None:
        name = location.path if path == source else f"{location.path}/{path.relative_to(source).as_posix()}"
        with path.open("rb") as content:
            container.upload_blob(name.strip("/"), content, overwrite=True)

    try:
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            list(pool.map(one, files))
    except AzureError as error:
        raise TransferError(f"{location.url} cannot be written: {_first_line(error)}") from error
    return len(files)


def write(accounts: Accounts, content: bytes, location: Location) -> None:
    """Write one blob.  Raises TransferError."""
    try:
        _container(accounts, location).upload_blob(location.path, content, overwrite=True)
    except AzureError as error:
        raise TransferError(f"{location.url} cannot be written: {_first_line(error)}") from error


def signed(accounts: Accounts, location: Location) -> str:
    """An address at which a blob can be read without further credentials, for a day."""
    return f"{location.url}?{accounts.container_sas(location.account, location.container, 'rl')}"


def present(accounts: Accounts, location: Location) -> bool:
    """Whether there is a blob at `location`, or anything below it."""
    container = _container(accounts, location)
    with contextlib.suppress(AzureError):
        return next(iter(container.list_blob_names(name_starts_with=location.path)), None) is not None
    return False


def forget(folder: Path) -> None:
    """Remove a folder of this machine."""
    shutil.rmtree(folder, ignore_errors=True)


def _container(accounts: Accounts, location: Location) -> ContainerClient:
    try:
        return accounts.client(location.account).get_container_client(location.container)
    except KeyError as error:
        raise TransferError(f"there is no storage account {location.account}.") from error


def _is_blob(container: ContainerClient, name: str) -> bool:
    try:
        found = container.get_blob_client(name).get_blob_properties()
    except ResourceNotFoundError:
        return False
    return not (found.metadata or {}).get("hdi_isfolder")


def _download_one(container: ContainerClient, name: str, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("wb") as file:
        container.download_blob(name).readinto(file)


def _inside(folder: Path, name: str) -> Path:
    """A blob's name may hold `..`: it must not lead out of the folder."""
    target = (folder / name).resolve()
    if not target.is_relative_to(folder.resolve()):
        raise TransferError(f"the blob {name} would be written outside of its folder.")
    return target


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__
