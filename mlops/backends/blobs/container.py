"""A blob container, as far as the loop reads and lists it: by prefix, in parallel, each version of a blob once."""

from __future__ import annotations

import os
import re
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from azure.core import MatchConditions
from azure.core.exceptions import ResourceModifiedError, ResourceNotFoundError
from azure.identity import DefaultAzureCredential
from azure.storage.blob import BlobPrefix, ContainerClient

from mlops.backends.errors import said
from mlops.ports import RefusedError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from azure.core.credentials import TokenCredential

_THREADS = 8
"""Reads under way at once; small blobs cost latency, not bandwidth."""
_BATCH = 200
_BLOB = re.compile(r"^(?P<account>https://[^/]+\.blob\.[^/]+)/(?P<container>[^/]+)/(?P<path>[^?]*)$")


@dataclass(frozen=True, kw_only=True)
class Blob:
    """A blob as it was listed or read; the etag changes with its content."""

    name: str
    etag: str


class Blobs(Protocol):
    """What the loop needs of a container."""

    @property
    def address(self) -> str:
        """Where it is: https://ACCOUNT.blob.core.windows.net/CONTAINER."""

    def blobs(self, prefix: str) -> tuple[Blob, ...]:
        """List all blobs below a prefix, by name.  A container that is not there is empty."""

    def folders(self, prefix: str) -> tuple[str, ...]:
        """List the names of the folders directly below a prefix that ends with a slash."""

    def read(self, names: Iterable[str]) -> Iterator[tuple[Blob, bytes]]:
        """Read blobs, in the order asked, each with the version that was read.

        One that was deleted or is being written just now is left out: the next look finds its new version.
        """

    def save(self, name: str, etag: str, path: Path) -> bool:
        """Write one version of a blob into a file, a little at a time; False when there is no such version any more."""

    def put(self, name: str, content: bytes) -> None:
        """Write a blob, whatever was there."""

    def delete(self, name: str) -> None:
        """Remove a blob; one that is not there is fine."""


class Container:
    """`Blobs` of Azure's storage."""

    def __init__(self, client: ContainerClient) -> None:
        self._client = client
        self._pool = ThreadPoolExecutor(_THREADS, "blobs")  # kept: to start threads takes longer than a small read

    @property
    def address(self) -> str:
        """See Blobs.address."""
        return str(self._client.url)

    def blobs(self, prefix: str) -> tuple[Blob, ...]:
        """See Blobs.blobs."""
        with said(f"listing {prefix}"):
            try:
                found = self._client.list_blobs(name_starts_with=prefix, results_per_page=5000)
                return tuple(Blob(name=str(one.name), etag=str(one.etag).strip('"')) for one in found)
            except ResourceNotFoundError:
                return ()

    def folders(self, prefix: str) -> tuple[str, ...]:
        """See Blobs.folders."""
        with said(f"listing {prefix}"):
            try:
                found = list(self._client.walk_blobs(name_starts_with=prefix, delimiter="/"))
            except ResourceNotFoundError:
                return ()
        names = (str(one.name) for one in found if isinstance(one, BlobPrefix))
        return tuple(name.removeprefix(prefix).rstrip("/") for name in names)

    def read(self, names: Iterable[str]) -> Iterator[tuple[Blob, bytes]]:
        """See Blobs.read; several are read at a time."""
        waiting = list(names)
        for start in range(0, len(waiting), _BATCH):  # so that a long list does not hold all contents at once
            for found in self._pool.map(self._read, waiting[start : start + _BATCH]):
                if found is not None:
                    yield found

    def save(self, name: str, etag: str, path: Path) -> bool:
        """See Blobs.save."""
        with said(f"reading {name}"), path.open("wb") as file:
            try:
                self._client.download_blob(name, etag=etag, match_condition=MatchConditions.IfNotModified).readinto(
                    file
                )
            except (ResourceNotFoundError, ResourceModifiedError):
                return False
        return True

    def put(self, name: str, content: bytes) -> None:
        """See Blobs.put."""
        with said(f"writing {name}"):
            self._client.upload_blob(name, content, overwrite=True)

    def delete(self, name: str) -> None:
        """See Blobs.delete."""
        with said(f"removing {name}"), suppress(ResourceNotFoundError):
            self._client.delete_blob(name)

    def _read(self, name: str) -> tuple[Blob, bytes] | None:
        with said(f"reading {name}"):
            try:
                stream = self._client.download_blob(name)
                content = stream.readall()
            except (ResourceNotFoundError, ResourceModifiedError):
                return None
        return Blob(name=name, etag=str(stream.properties.etag).strip('"')), content


def blob_at(address: str, credential: TokenCredential) -> tuple[Container, str]:
    """Give the container and the path of a blob's address.  Raise RefusedError where it is none."""
    found = _BLOB.match(address)
    if found is None:
        raise RefusedError(
            f"{address!r} is no place that is read: name a file here, azureml://datastores/NAME/paths/PATH, "
            "azureml:NAME:VERSION or https://ACCOUNT.blob.core.windows.net/CONTAINER/PATH (by identity, without a key)"
        )
    client = ContainerClient(found["account"], found["container"], credential=credential)
    return Container(client), found["path"]


def credential() -> TokenCredential:
    """Give the identity of whoever runs this; in a job of Azure ML that of its compute, which Azure ML names so."""
    named = os.environ.get("DEFAULT_IDENTITY_CLIENT_ID")
    return DefaultAzureCredential(managed_identity_client_id=named) if named else DefaultAzureCredential()
